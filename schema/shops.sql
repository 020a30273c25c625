-- shops: who sells, what, to whom, and what happened to each order. Written by the shops room only.
-- People belong to the accounts room and images to the files room: rooms that stand side by side
-- do not refer to each other's tables, so buyer_id and image_file_id carry no foreign key.

CREATE TABLE shops (
    id             uuid PRIMARY KEY,
    name           text NOT NULL UNIQUE CHECK (name <> ''),
    region         text NOT NULL DEFAULT '',
    status         text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'banned', 'closed')),
    opened_at      timestamptz NOT NULL,
    return_address jsonb NOT NULL DEFAULT '{}',
    version        integer NOT NULL DEFAULT 1
);

CREATE INDEX shops_not_open ON shops (id) WHERE status <> 'open';

CREATE TABLE products (
    id            uuid PRIMARY KEY,
    shop_id       uuid NOT NULL REFERENCES shops,
    title         text NOT NULL CHECK (title <> ''),
    sku           text NOT NULL DEFAULT '',
    price_fen     bigint NOT NULL CHECK (price_fen >= 0),
    category      text NOT NULL DEFAULT '',
    tags          text[] NOT NULL DEFAULT '{}',
    image_file_id uuid,
    -- Products of one family are the same thing in another variant; without one it has no others.
    family        text NOT NULL DEFAULT '',
    variant       text NOT NULL DEFAULT '',
    stock         integer CHECK (stock >= 0), -- what may still be promised; null: nobody counts
    real_stock    integer CHECK (real_stock >= 0) -- what was counted last on the shelf
);
CREATE UNIQUE INDEX products_sku ON products (shop_id, sku) WHERE sku <> '';
CREATE INDEX products_of_shop ON products (shop_id, id);
CREATE INDEX products_of_family ON products (shop_id, family) WHERE family <> '';
CREATE INDEX products_by_stock ON products (shop_id, stock, id) WHERE stock IS NOT NULL;
CREATE INDEX products_that_differ ON products (shop_id, id) WHERE real_stock <> stock;

-- Units of a product that are set aside for somebody: an exchange, or a change not yet paid for.
-- They are out of the stock while the row is there.
CREATE TABLE stock_holds (
    holder     uuid PRIMARY KEY, -- the case, or the bill
    product_id uuid NOT NULL REFERENCES products,
    units      integer NOT NULL CHECK (units > 0),
    at         timestamptz NOT NULL
);

-- number, buyer_name and tracking are compared byte by byte, so that their indexes serve
-- prefix searches whatever the locale of the server is.
CREATE TABLE orders (
    id               uuid PRIMARY KEY,
    shop_id          uuid NOT NULL REFERENCES shops,
    buyer_id         uuid NOT NULL,
    number           text COLLATE "C" NOT NULL CHECK (number <> ''),
    placed_at        timestamptz NOT NULL,
    paid_at          timestamptz,
    lines            jsonb NOT NULL,
    terms            jsonb NOT NULL DEFAULT '{}', -- discounts, coupons, gifts, promises, free shipping
    freight_fen      bigint NOT NULL DEFAULT 0 CHECK (freight_fen >= 0),
    total_fen        bigint NOT NULL CHECK (total_fen >= 0), -- what the buyer has or had to pay
    paid_fen         bigint NOT NULL CHECK (paid_fen IN (0, total_fen)),
    refunded_fen     bigint NOT NULL DEFAULT 0,
    payment          text NOT NULL DEFAULT 'balance'
                     CHECK (payment IN ('balance', 'card', 'credit', 'cod', 'gift_card')),
    ship_within_s    integer NOT NULL CHECK (ship_within_s >= 0),
    shipped_at       timestamptz,
    carrier          text NOT NULL DEFAULT '',
    tracking         text COLLATE "C" NOT NULL DEFAULT '',
    signed_at        timestamptz,
    signed_by        text CHECK (signed_by IN ('self', 'proxy', 'placed')),
    confirmed_at     timestamptz,
    closed_at        timestamptz,
    closed_by        text CHECK (closed_by IN ('buyer', 'seller', 'timeout', 'refund')),
    -- Whether its money is in our ledger, or was paid and is settled outside of it.
    money            text NOT NULL DEFAULT 'here' CHECK (money IN ('here', 'elsewhere')),
    told             jsonb NOT NULL DEFAULT '{}', -- when the shop told of what lay in the past
    -- What the carrier said of the outbound parcel, oldest first: drawn from tracking_events in the
    -- same transaction, because every decision on the order reads it.
    track            jsonb NOT NULL DEFAULT '[]',
    state            text NOT NULL GENERATED ALWAYS AS (CASE
                         WHEN closed_at IS NOT NULL THEN 'closed'
                         WHEN confirmed_at IS NOT NULL THEN 'confirmed'
                         WHEN signed_at IS NOT NULL THEN 'signed'
                         WHEN shipped_at IS NOT NULL THEN 'shipped'
                         WHEN paid_at IS NOT NULL THEN 'paid'
                         ELSE 'unpaid' END) STORED,
    buyer_name       text COLLATE "C" NOT NULL DEFAULT '',
    receiver_name    text NOT NULL DEFAULT '',
    receiver_phone   text NOT NULL DEFAULT '',
    receiver_address text NOT NULL DEFAULT '',
    buyer_message    text NOT NULL DEFAULT '',
    seller_note      text NOT NULL DEFAULT '',
    version          integer NOT NULL DEFAULT 1,
    -- Whether the buyer confirmed receipt or the time for it ran out; null where nobody said.
    confirmed_by     text CHECK (confirmed_by IN ('buyer', 'system')),
    -- The flag of its newest remark (order_remarks); lists show it and are narrowed by it.
    flag             text COLLATE "C" NOT NULL DEFAULT ''
                     CHECK (flag IN ('', 'red', 'yellow', 'green', 'blue', 'purple')),
    -- The account outside that paid, where a refund goes back to; the guard makes a trait of it.
    payer_account    text NOT NULL DEFAULT '',
    UNIQUE (shop_id, number),
    CONSTRAINT no_refund_above_the_payment CHECK (refunded_fen BETWEEN 0 AND paid_fen),
    CONSTRAINT paid_once_it_is_paid CHECK (paid_fen = CASE WHEN paid_at IS NULL THEN 0 ELSE total_fen END),
    CONSTRAINT things_happen_in_order CHECK (
        (paid_at IS NULL OR paid_at >= placed_at)
        AND (shipped_at IS NULL OR shipped_at >= placed_at)
        AND (signed_at IS NULL OR (shipped_at IS NOT NULL AND signed_at >= shipped_at))
        AND (confirmed_at IS NULL OR (paid_at IS NOT NULL AND confirmed_at >= paid_at))
        AND (closed_at IS NULL OR closed_at >= placed_at)),
    CONSTRAINT who_closed_it CHECK ((closed_at IS NULL) = (closed_by IS NULL)),
    CONSTRAINT who_signed_it CHECK ((signed_at IS NULL) = (signed_by IS NULL))
);
CREATE INDEX orders_of_buyer ON orders (buyer_id, placed_at DESC, id DESC);
CREATE INDEX orders_of_shop ON orders (shop_id, placed_at DESC, id DESC);
CREATE INDEX orders_of_shop_by_state ON orders (shop_id, state, placed_at DESC, id DESC);
CREATE INDEX orders_by_tracking ON orders (tracking) WHERE tracking <> '';
CREATE INDEX orders_by_buyer_name ON orders (shop_id, buyer_name);
CREATE INDEX orders_of_shop_by_flag ON orders (shop_id, flag, placed_at DESC, id DESC)
    WHERE flag <> '';
CREATE INDEX orders_paid_in ON orders (shop_id, paid_at, id) WHERE paid_at IS NOT NULL;
CREATE INDEX orders_not_paid ON orders (shop_id, placed_at, id)
    WHERE paid_at IS NULL AND shipped_at IS NULL AND closed_at IS NULL;
CREATE INDEX orders_to_send ON orders (shop_id, buyer_id)
    WHERE shipped_at IS NULL AND confirmed_at IS NULL AND closed_at IS NULL;
CREATE INDEX orders_under_way ON orders (shop_id, shipped_at, id)
    WHERE shipped_at IS NOT NULL AND signed_at IS NULL AND confirmed_at IS NULL
      AND closed_at IS NULL;
CREATE INDEX orders_newest ON orders (placed_at DESC, id DESC);

-- One row per parcel: out to the buyer, or back to the shop. `next_look_at` is when the carrier is
-- asked about it again; null: no more.
CREATE TABLE shipments (
    id         uuid PRIMARY KEY,
    order_id   uuid NOT NULL REFERENCES orders,
    direction  text NOT NULL CHECK (direction IN ('out', 'back')),
    carrier    text NOT NULL CHECK (carrier <> ''),
    tracking   text COLLATE "C" NOT NULL CHECK (tracking <> ''),
    shipped_at timestamptz NOT NULL,
    signed_at  timestamptz CHECK (signed_at >= shipped_at),
    signed_by  text CHECK (signed_by IN ('self', 'proxy', 'placed')),
    next_look_at timestamptz,
    looks      integer NOT NULL DEFAULT 0,
    UNIQUE (order_id, direction, carrier, tracking)
);
CREATE INDEX shipments_by_tracking ON shipments (tracking);
CREATE INDEX shipments_to_look_at ON shipments (next_look_at) WHERE next_look_at IS NOT NULL;

-- What carriers said of parcels. Rows are added, never changed; the same said twice is one row.
CREATE TABLE tracking_events (
    position    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shipment_id uuid NOT NULL REFERENCES shipments,
    at          timestamptz NOT NULL,
    event       text NOT NULL CHECK (event IN (
                    'picked_up', 'in_transit', 'out_for_delivery', 'delivered', 'signed', 'refused',
                    'returned', 'lost', 'damaged', 'exception', 'no_such_number')),
    place       text NOT NULL DEFAULT '',
    said        text NOT NULL DEFAULT '', -- the carrier's own words
    source      text NOT NULL CHECK (source IN ('carrier', 'import')),
    noted_at    timestamptz NOT NULL,
    UNIQUE (shipment_id, at, event, place)
);

-- What happened to an order, who did it and when. Rows are added, never changed.
CREATE TABLE order_log (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders,
    at       timestamptz NOT NULL,
    by_id    uuid, -- the person; null for the system
    what     text NOT NULL CHECK (what IN ('imported', 'placed', 'paid', 'shipped', 'tracked', 'signed',
                                           'confirmed', 'closed', 'refunded', 'line_changed',
                                           'address_changed', 'payment_changed', 'urged',
                                           'extra_asked', 'extra_paid', 'extra_dropped')),
    detail   jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX order_log_of_order ON order_log (order_id, position);
CREATE INDEX order_log_in_time ON order_log USING brin (at);

CREATE FUNCTION shops_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER order_log_is_append_only BEFORE UPDATE OR DELETE ON order_log
    FOR EACH ROW EXECUTE FUNCTION shops_refuse_edit();
CREATE TRIGGER tracking_events_are_append_only BEFORE UPDATE OR DELETE ON tracking_events
    FOR EACH ROW EXECUTE FUNCTION shops_refuse_edit();

-- Adds to what was paid back on orders. Called inside the commit of the decision that pays it.
-- The constraint no_refund_above_the_payment fails the whole commit when it would be too much.
CREATE FUNCTION shops_note_refund(
    order_ids uuid[], amounts_fen bigint[], noted_at timestamptz DEFAULT transaction_timestamp()
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    wanted integer;
    found_rows integer;
BEGIN
    -- One order of locking for everybody, so that two bulk commits cannot wait for each other.
    PERFORM 1 FROM orders WHERE id = ANY (order_ids) ORDER BY id FOR NO KEY UPDATE;
    WITH sums AS (
        SELECT given.id, sum(given.fen)::bigint AS fen
          FROM unnest(order_ids, amounts_fen) AS given (id, fen) GROUP BY given.id
    ), noted AS (
        UPDATE orders o SET refunded_fen = o.refunded_fen + sums.fen, version = o.version + 1
          FROM sums WHERE o.id = sums.id AND sums.fen > 0 RETURNING o.id, sums.fen
    ), logged AS (
        INSERT INTO order_log (order_id, at, what, detail)
        SELECT id, noted_at, 'refunded', jsonb_build_object('amount_fen', fen) FROM noted
    )
    SELECT (SELECT count(*) FROM sums), (SELECT count(*) FROM noted) INTO wanted, found_rows;
    IF wanted <> found_rows THEN
        RAISE EXCEPTION 'a refund names an order that does not exist, or is not above zero';
    END IF;
END $$;

-- Takes off again what was noted as paid back and was only owed: nobody will pay it any more.
CREATE FUNCTION shops_note_no_refund(
    order_ids uuid[], amounts_fen bigint[], noted_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM orders WHERE id = ANY (order_ids) ORDER BY id FOR NO KEY UPDATE;
    WITH noted AS (
        UPDATE orders o SET refunded_fen = o.refunded_fen - given.fen, version = o.version + 1
          FROM (SELECT id, sum(fen)::bigint AS fen
                  FROM unnest(order_ids, amounts_fen) AS t (id, fen) GROUP BY id) AS given
         WHERE o.id = given.id AND given.fen > 0 RETURNING o.id, given.fen
    )
    INSERT INTO order_log (order_id, at, what, detail)
    SELECT id, noted_at, 'refunded', jsonb_build_object('amount_fen', -fen) FROM noted;
END $$;

-- Closes orders that are not closed yet, each for its own reason. Closing again changes nothing.
CREATE FUNCTION shops_close_orders(order_ids uuid[], closed_by text[], at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM orders WHERE id = ANY (order_ids) ORDER BY id FOR NO KEY UPDATE;
    WITH shut AS (
        UPDATE orders o SET closed_at = $3, closed_by = given.who, version = o.version + 1
          FROM unnest($1, $2) AS given (id, who)
         WHERE o.id = given.id AND o.closed_at IS NULL RETURNING o.id, o.closed_by
    )
    INSERT INTO order_log (order_id, at, what, detail)
    SELECT shut.id, $3, 'closed', jsonb_build_object('by', shut.closed_by) FROM shut;
END $$;

-- Sets units of a product aside for a holder, instead of what it held before. False where there are
-- not enough of them; then nothing has changed.
CREATE FUNCTION shops_hold_stock(for_holder uuid, wanted uuid, wanted_units integer, now timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    -- One order of locking for everybody.
    PERFORM 1 FROM products WHERE id = wanted
        OR id = (SELECT product_id FROM stock_holds WHERE holder = for_holder)
        ORDER BY id FOR NO KEY UPDATE;
    IF (SELECT stock FROM products WHERE id = wanted) + coalesce((
            SELECT units FROM stock_holds WHERE holder = for_holder AND product_id = wanted), 0)
       < wanted_units THEN
        RETURN FALSE;
    END IF;
    PERFORM shops_end_hold(for_holder, FALSE);
    UPDATE products SET stock = stock - wanted_units WHERE id = wanted;
    INSERT INTO stock_holds (holder, product_id, units, at)
    VALUES (for_holder, wanted, wanted_units, now);
    RETURN TRUE;
END $$;

-- Ends what a holder set aside: it has left for good, or it may be promised to others again.
CREATE FUNCTION shops_end_hold(for_holder uuid, used boolean) RETURNS void LANGUAGE sql AS $$
    WITH ended AS (
        DELETE FROM stock_holds WHERE holder = for_holder RETURNING product_id, units
    )
    UPDATE products p SET stock = p.stock + ended.units FROM ended
     WHERE p.id = ended.product_id AND NOT used;
$$;
