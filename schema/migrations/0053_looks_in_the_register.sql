-- A look at where a customer can be reached, in the register, stands where their other looks stand.
ALTER TABLE customer_log DROP CONSTRAINT customer_log_what_check;
ALTER TABLE customer_log ADD CONSTRAINT customer_log_what_check CHECK (what IN (
    'revealed', 'complaint_shown', 'exported', 'asked_copy', 'asked_erasure', 'withdrew', 'refused',
    'erased'));
INSERT INTO customer_log (id, shop_id, buyer_id, by_id, at, what, why, order_id)
SELECT gen_random_uuid(), e.shop_id, o.buyer_id, v.person_id, v.at, 'complaint_shown',
       e.number::text, o.id
  FROM register_events v JOIN register_entries e ON e.id = v.entry_id
  JOIN orders o ON o.id = (e.state -> 'intake' ->> 'order_id')::uuid AND o.shop_id = e.shop_id
 WHERE v.type = 'contact_shown' AND v.person_id IS NOT NULL;
-- Complaints about an order, for the copy that a customer asks for.
CREATE INDEX register_of_order ON register_entries (((state -> 'intake' ->> 'order_id')::uuid))
    WHERE state -> 'intake' ? 'order_id';
