-- Orders that change before they are shipped, variants and their stock, what carriers say, gift cards,
-- and money that is asked for (docs/decisions/0015).
ALTER TABLE products
    ADD COLUMN family text NOT NULL DEFAULT '',
    ADD COLUMN variant text NOT NULL DEFAULT '',
    ADD COLUMN stock integer CHECK (stock >= 0);
CREATE INDEX products_of_family ON products (shop_id, family) WHERE family <> '';
CREATE TABLE stock_holds (
    holder     uuid PRIMARY KEY,
    product_id uuid NOT NULL REFERENCES products,
    units      integer NOT NULL CHECK (units > 0),
    at         timestamptz NOT NULL
);
ALTER TABLE orders
    DROP CONSTRAINT orders_payment_check,
    ADD CONSTRAINT orders_payment_check
        CHECK (payment IN ('balance', 'card', 'credit', 'cod', 'gift_card')),
    ADD COLUMN track jsonb NOT NULL DEFAULT '[]';
ALTER TABLE order_log
    DROP CONSTRAINT order_log_what_check,
    ADD CONSTRAINT order_log_what_check
        CHECK (what IN ('imported', 'placed', 'paid', 'shipped', 'tracked', 'signed', 'confirmed',
                        'closed', 'refunded', 'line_changed', 'address_changed', 'payment_changed',
                        'urged', 'extra_asked', 'extra_paid', 'extra_dropped'));
ALTER TABLE shipments
    DROP COLUMN events, -- nothing ever wrote it
    ADD COLUMN next_look_at timestamptz,
    ADD COLUMN looks integer NOT NULL DEFAULT 0;
CREATE INDEX shipments_to_look_at ON shipments (next_look_at) WHERE next_look_at IS NOT NULL;
-- Parcels that are under way are asked about; what has long arrived is not.
UPDATE shipments SET next_look_at = shipped_at WHERE signed_at IS NULL;
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
CREATE TRIGGER tracking_events_are_append_only BEFORE UPDATE OR DELETE ON tracking_events
    FOR EACH ROW EXECUTE FUNCTION shops_refuse_edit();

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

ALTER DOMAIN ledger_account_kind DROP CONSTRAINT ledger_account_kind_check;
ALTER DOMAIN ledger_account_kind ADD CONSTRAINT ledger_account_kind_check CHECK (VALUE IN (
    'order_escrow', 'shop_balance', 'shop_deposit', 'shop_frozen', 'shop_debt', 'buyer_refund',
    'platform_advance', 'platform_income', 'carrier', 'external', 'gift_card'
));
CREATE OR REPLACE FUNCTION ledger_fold() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed int;
    covered int;
    refunding boolean;
    cards uuid[];
BEGIN
    WITH change AS MATERIALIZED (
        SELECT side.kind, side.owner,
               sum(side.balance_fen)::bigint AS balance_fen, sum(side.held_fen)::bigint AS held_fen
        FROM inserted AS t CROSS JOIN LATERAL (VALUES
            (t.source_kind, t.source_owner,
             CASE t.state WHEN 'posted' THEN -t.amount_fen ELSE 0 END,
             CASE t.state WHEN 'pending' THEN t.amount_fen ELSE -t.released_fen END),
            (t.target_kind, t.target_owner,
             CASE t.state WHEN 'posted' THEN t.amount_fen ELSE 0 END, 0)
        ) AS side (kind, owner, balance_fen, held_fen)
        WHERE side.kind IN ('order_escrow', 'shop_balance', 'shop_deposit', 'shop_frozen',
                            'shop_debt', 'buyer_refund', 'gift_card')
        GROUP BY side.kind, side.owner
    ), folded AS (
        INSERT INTO ledger_accounts AS a (kind, owner, balance_fen, held_fen)
        SELECT kind, owner, balance_fen, held_fen FROM change ORDER BY kind, owner
        ON CONFLICT (kind, owner) DO UPDATE SET
            balance_fen = a.balance_fen + excluded.balance_fen,
            held_fen = a.held_fen + excluded.held_fen,
            version = a.version + 1
        WHERE a.kind = 'shop_debt'
           OR a.balance_fen + excluded.balance_fen >= a.held_fen + excluded.held_fen
        RETURNING a.held_fen >= 0
              AND (a.kind = 'shop_debt' OR a.balance_fen >= a.held_fen) AS covered
    )
    SELECT count(*), (SELECT count(*) FROM folded WHERE folded.covered),
           bool_or(kind = 'buyer_refund')
    INTO changed, covered, refunding FROM change;
    IF covered <> changed THEN
        RAISE EXCEPTION USING ERRCODE = 'GD001',
            MESSAGE = 'an account would fall below what it holds',
            DETAIL = (
                SELECT jsonb_build_object('accounts', jsonb_agg(DISTINCT jsonb_build_object(
                           'kind', t.source_kind, 'owner', t.source_owner)),
                       'cases', jsonb_agg(DISTINCT t.case_id))
                FROM inserted t LEFT JOIN ledger_accounts a
                  ON a.kind = t.source_kind AND a.owner = t.source_owner
                WHERE t.source_kind IN ('order_escrow', 'shop_balance', 'shop_deposit',
                                        'shop_frozen', 'buyer_refund', 'gift_card')
                  AND coalesce(a.balance_fen - a.held_fen, 0) < (
                      SELECT sum(o.amount_fen) FROM inserted o
                      WHERE o.source_kind = t.source_kind AND o.source_owner = t.source_owner)
            );
    END IF;
    IF refunding THEN
        -- What was paid with a gift card is on the card again at once; nobody carries it there. Only
        -- a refund goes there: what is paid on top is money.
        WITH due AS (
            SELECT t.*, CASE WHEN t.kind = 'refund' OR way.channel <> 'gift_card'
                             THEN way.channel ELSE 'balance' END AS way
            FROM inserted t CROSS JOIN LATERAL (
                SELECT coalesce(t.channel, (SELECT p.channel FROM ledger_transfers p
                    WHERE p.order_id = t.order_id AND p.kind = 'payment'
                    ORDER BY p.id LIMIT 1), 'balance') AS channel
            ) AS way
            WHERE t.target_kind = 'buyer_refund' AND t.state = 'posted'
        ), made AS (
            INSERT INTO payouts (person, case_id, order_id, purpose, channel, amount_fen,
                                 transfer_ids, state, next_attempt_at, created_at, sent_at,
                                 arrived_at)
            SELECT d.target_owner, d.case_id, d.order_id,
                   CASE d.kind WHEN 'refund' THEN 'refund' ELSE 'compensation' END,
                   d.way, sum(d.amount_fen), array_agg(d.id ORDER BY d.id),
                   CASE d.way WHEN 'gift_card' THEN 'arrived' ELSE 'queued' END,
                   CASE d.way WHEN 'gift_card' THEN NULL ELSE max(d.created_at) END,
                   max(d.created_at),
                   CASE d.way WHEN 'gift_card' THEN max(d.created_at) END,
                   CASE d.way WHEN 'gift_card' THEN max(d.created_at) END
            FROM due d
            GROUP BY 1, 2, 3, 4, 5
            RETURNING id, channel
        )
        SELECT array_agg(id) INTO cards FROM made WHERE channel = 'gift_card';
        IF cards IS NOT NULL THEN
            INSERT INTO ledger_transfers (
                kind, source_kind, source_owner, target_kind, target_owner, amount_fen, state,
                case_id, order_id, channel, payout_id, created_at
            )
            SELECT 'payout', 'buyer_refund', p.person, 'gift_card', p.person, p.amount_fen, 'posted',
                   p.case_id, p.order_id, p.channel, p.id, p.created_at
            FROM payouts p WHERE p.id = ANY (cards);
        END IF;
    END IF;
    RETURN NULL;
END
$$;

-- Money that somebody is asked for: a shop that tops up, a buyer who pays a difference. Nothing is in
-- the books before the channel (or, where it takes no money, the operator) says that it came in. The
-- id is the reference under which the channel knows it; the row is its own job.
CREATE TABLE bills (
    id uuid PRIMARY KEY,
    purpose text COLLATE "C" NOT NULL
        CHECK (purpose IN ('top_up', 'deposit', 'line_change', 'extra', 'exchange')),
    payer uuid NOT NULL, -- the buyer, or the shop
    shop_id uuid NOT NULL,
    order_id uuid,
    case_id uuid,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    channel text NOT NULL,
    -- open: asked for; sent: the payer has told the channel to pay; paid; void: nobody pays it now.
    state text COLLATE "C" NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'sent', 'paid', 'void')),
    key text NOT NULL, -- of whoever made it: asking again with the same key makes no second one
    note text NOT NULL DEFAULT '',
    detail jsonb NOT NULL DEFAULT '{}', -- what happens once it is paid
    made_by uuid,
    created_at timestamptz NOT NULL,
    expires_at timestamptz, -- nobody pays it after this
    sent_at timestamptz,
    next_attempt_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    ended_at timestamptz, -- paid or void
    reference text NOT NULL DEFAULT '', -- the channel's number, or the operator's
    returned boolean NOT NULL DEFAULT FALSE, -- it came too late, and went straight back
    settled_at timestamptz, -- an exchange: its money has gone to whom it belongs
    UNIQUE (shop_id, payer, key),
    CONSTRAINT bills_shape CHECK (
        (state IN ('paid', 'void')) = (ended_at IS NOT NULL)
        AND (next_attempt_at IS NULL OR state IN ('open', 'sent'))
        AND (purpose IN ('top_up', 'deposit')) = (order_id IS NULL)
        AND (purpose = 'exchange') = (case_id IS NOT NULL)
        AND (state = 'paid' OR NOT returned AND settled_at IS NULL))
);
CREATE INDEX bills_due ON bills (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX bills_of_order ON bills (order_id, created_at) WHERE order_id IS NOT NULL;
CREATE INDEX bills_of_case ON bills (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX bills_of_shop ON bills (shop_id, created_at DESC) WHERE order_id IS NULL;
CREATE INDEX bills_waiting ON bills (created_at) WHERE state IN ('open', 'sent');
CREATE INDEX bills_to_settle ON bills (case_id) WHERE purpose = 'exchange' AND state = 'paid'
    AND settled_at IS NULL;
CREATE TABLE channel_sim_collections (
    ref uuid PRIMARY KEY,
    channel text NOT NULL,
    amount_fen bigint NOT NULL,
    refused boolean NOT NULL,
    asked_at timestamptz NOT NULL,
    arrives_at timestamptz NOT NULL
);
CREATE TABLE carrier_sim_parcels (
    carrier    text NOT NULL,
    tracking   text COLLATE "C" NOT NULL,
    handed_at  timestamptz NOT NULL,
    asked      integer NOT NULL DEFAULT 1,
    PRIMARY KEY (carrier, tracking)
);
