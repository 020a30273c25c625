-- shops, the working day around an order: remarks, what the receiver was asked, calls, additions,
-- merged parcels, notices of dispatch, wishes for what is sold out, and counts of the stock. Written
-- by the shops room only. People and conversations are of rooms beside: no foreign keys to them.

-- What the team noted of an order. Rows are added, never changed; the newest flag stands on the order.
CREATE TABLE order_remarks (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shop_id  uuid NOT NULL REFERENCES shops,
    order_id uuid NOT NULL REFERENCES orders,
    flag     text COLLATE "C" NOT NULL
             CHECK (flag IN ('', 'red', 'yellow', 'green', 'blue', 'purple')),
    agent_id uuid NOT NULL, -- whose sale it is: commission is computed from it
    reason   text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    key      text COLLATE "C", -- the same remark sent twice is one
    by_id    uuid NOT NULL,
    at       timestamptz NOT NULL,
    UNIQUE (order_id, by_id, key)
);
CREATE INDEX order_remarks_of_order ON order_remarks (order_id, position DESC);
CREATE TRIGGER order_remarks_are_append_only BEFORE UPDATE OR DELETE ON order_remarks
    FOR EACH ROW EXECUTE FUNCTION shops_refuse_edit();

-- Whether name, phone and address are right, as the buyer was asked and what they said. One question
-- at a time is open on an order; its answer is written once.
CREATE TABLE receiver_checks (
    id              uuid PRIMARY KEY,
    shop_id         uuid NOT NULL REFERENCES shops,
    order_id        uuid NOT NULL REFERENCES orders,
    asked_by        uuid NOT NULL,
    asked_at        timestamptz NOT NULL,
    conversation_id uuid NOT NULL,
    message_id      uuid NOT NULL, -- the client_id of the card
    answer          text COLLATE "C" CHECK (answer IN ('confirmed', 'changed')),
    answered_by     uuid,
    answered_at     timestamptz CHECK (answered_at >= asked_at),
    was             jsonb, -- the receiver before, where it was changed
    receiver        jsonb, -- as it was confirmed, or changed to
    CONSTRAINT answered_whole CHECK (
        (answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL)
        AND (answer IS NULL) = (receiver IS NULL))
);
CREATE INDEX receiver_checks_of_order ON receiver_checks (order_id, asked_at DESC);
CREATE UNIQUE INDEX receiver_checks_open ON receiver_checks (order_id) WHERE answer IS NULL;

-- What a buyer was written about an order: each kind of thing once. `said_at` is empty while the
-- message is on its way; who sends it again sends it under the same message_id.
CREATE TABLE order_contacts (
    order_id   uuid NOT NULL REFERENCES orders,
    kind       text COLLATE "C" NOT NULL CHECK (kind IN (
                   'unpaid', 'cut_off', 'duplicate', 'impulse', 'late_parcel', 'carrier')),
    shop_id    uuid NOT NULL REFERENCES shops,
    by_id      uuid NOT NULL,
    at         timestamptz NOT NULL,
    way        text COLLATE "C" NOT NULL CHECK (way IN ('chat', 'phone', 'carrier')),
    message_id uuid NOT NULL,
    said_at    timestamptz,
    note       text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    PRIMARY KEY (order_id, kind)
);

-- Calls to buyers who pay on delivery. Rows are added, never changed; the newest counts.
CREATE TABLE cod_calls (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shop_id  uuid NOT NULL REFERENCES shops,
    order_id uuid NOT NULL REFERENCES orders,
    result   text COLLATE "C" NOT NULL CHECK (result IN (
                 'confirmed', 'refused', 'no_answer', 'wrong_number', 'shipped_unconfirmed')),
    carrier  text NOT NULL DEFAULT '',
    told_fen bigint CHECK (told_fen >= 0), -- what the buyer was told to pay at the door
    again_at timestamptz,
    note     text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    key      text COLLATE "C", -- the same call sent twice is one
    by_id    uuid NOT NULL,
    at       timestamptz NOT NULL,
    UNIQUE (order_id, by_id, key),
    CONSTRAINT confirmed_with_a_sum CHECK (result <> 'confirmed' OR told_fen IS NOT NULL)
);
CREATE INDEX cod_calls_of_order ON cod_calls (order_id, position DESC);
CREATE TRIGGER cod_calls_are_append_only BEFORE UPDATE OR DELETE ON cod_calls
    FOR EACH ROW EXECUTE FUNCTION shops_refuse_edit();

-- How far whoever makes up the parcel is; an order without a row has not been read by them.
CREATE TABLE order_makings (
    order_id uuid PRIMARY KEY REFERENCES orders,
    shop_id  uuid NOT NULL REFERENCES shops,
    state    text COLLATE "C" NOT NULL CHECK (state IN ('read', 'packed')),
    by_id    uuid NOT NULL,
    at       timestamptz NOT NULL
);

-- What a buyer wants in the same parcel. `making` is how far the parcel was when it was asked.
CREATE TABLE order_additions (
    id        uuid PRIMARY KEY,
    shop_id   uuid NOT NULL REFERENCES shops,
    order_id  uuid NOT NULL REFERENCES orders,
    what      text NOT NULL CHECK (length(what) BETWEEN 1 AND 200),
    making    text COLLATE "C" NOT NULL CHECK (making IN ('unread', 'read', 'packed')),
    extra_fen bigint NOT NULL CHECK (extra_fen >= 0), -- postage that the buyer pays on top
    bill_id   uuid, -- the bill for it; null where the shop collects it elsewhere, or nothing is due
    key       text COLLATE "C", -- the same wish sent twice is one
    by_id     uuid NOT NULL,
    at        timestamptz NOT NULL,
    done_by   uuid,
    done_at   timestamptz,
    UNIQUE (order_id, by_id, key),
    CONSTRAINT done_by_somebody CHECK ((done_by IS NULL) = (done_at IS NULL)),
    CONSTRAINT unread_costs_nothing CHECK (making <> 'unread' OR extra_fen = 0)
);
CREATE INDEX order_additions_of_order ON order_additions (order_id, at DESC);
CREATE INDEX order_additions_open ON order_additions (shop_id, at) WHERE done_at IS NULL;

-- Orders that leave in one parcel: those of one merge_id.
CREATE TABLE order_merges (
    order_id uuid PRIMARY KEY REFERENCES orders,
    shop_id  uuid NOT NULL REFERENCES shops,
    merge_id uuid NOT NULL,
    by_id    uuid NOT NULL,
    at       timestamptz NOT NULL
);
CREATE INDEX order_merges_together ON order_merges (merge_id);

-- One notice a parcel that left: written with the dispatch, told by the worker.
CREATE TABLE dispatch_notices (
    id         uuid PRIMARY KEY,
    shop_id    uuid NOT NULL REFERENCES shops,
    order_id   uuid NOT NULL REFERENCES orders,
    order_ids  uuid[] NOT NULL, -- all that leave in the parcel
    carrier    text NOT NULL,
    tracking   text COLLATE "C" NOT NULL,
    made_at    timestamptz NOT NULL,
    due_at     timestamptz, -- when it is tried next; null once it is over
    tries      integer NOT NULL DEFAULT 0,
    way        text COLLATE "C" CHECK (way IN ('chat', 'mail', 'letter', 'sms', 'none')),
    sent_at    timestamptz,
    trouble    text NOT NULL DEFAULT '',
    UNIQUE (order_id, carrier, tracking)
);
CREATE INDEX dispatch_notices_due ON dispatch_notices (due_at) WHERE due_at IS NOT NULL;

-- Who wants to hear when something is there again.
CREATE TABLE restock_wishes (
    id         uuid PRIMARY KEY,
    shop_id    uuid NOT NULL REFERENCES shops,
    product_id uuid NOT NULL REFERENCES products,
    buyer_id   uuid NOT NULL,
    by_id      uuid NOT NULL,
    at         timestamptz NOT NULL,
    told_at    timestamptz,
    way        text COLLATE "C" CHECK (way IN ('chat', 'phone')),
    CONSTRAINT told_some_way CHECK ((told_at IS NULL) = (way IS NULL))
);
CREATE UNIQUE INDEX restock_wishes_once ON restock_wishes (product_id, buyer_id)
    WHERE told_at IS NULL;
CREATE INDEX restock_wishes_open ON restock_wishes (shop_id, at) WHERE told_at IS NULL;

-- How each change of the counted and the shown stock came about. Rows are added, never changed.
CREATE TABLE stock_counts (
    position   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shop_id    uuid NOT NULL REFERENCES shops,
    product_id uuid NOT NULL REFERENCES products,
    what       text COLLATE "C" NOT NULL CHECK (what IN ('real', 'shown')),
    was        integer,
    units      integer NOT NULL CHECK (units >= 0),
    how        text COLLATE "C" NOT NULL CHECK (how IN ('hand', 'import')),
    note       text NOT NULL DEFAULT '' CHECK (length(note) <= 200),
    by_id      uuid NOT NULL,
    at         timestamptz NOT NULL
);
CREATE INDEX stock_counts_of_product ON stock_counts (product_id, position DESC);
CREATE TRIGGER stock_counts_are_append_only BEFORE UPDATE OR DELETE ON stock_counts
    FOR EACH ROW EXECUTE FUNCTION shops_refuse_edit();
