-- Searching customers and counting reviews is answered by these indexes alone.
DROP INDEX customers_newest;
CREATE INDEX customers_newest ON customers (shop_id, last_at DESC, buyer_id DESC)
    INCLUDE (name, sounds) WHERE erased_at IS NULL;
DROP INDEX reviews_of_shop;
CREATE INDEX reviews_of_shop ON reviews (shop_id, at DESC, id DESC) INCLUDE (stars, cause, buyer_id);
