-- customers: who bought from a shop or talked with it, what the shop keeps on them, who looked at what,
-- and what a person asked about their own data. Written by the customers room only.
-- People, shops, orders and talks belong to other rooms, so their ids carry no foreign keys.

-- One row for each buyer of a shop. `sounds` is how the name is pronounced: "limei lm", for the search;
-- null until somebody has looked it up.
CREATE TABLE customers (
    shop_id   uuid NOT NULL,
    buyer_id  uuid NOT NULL,
    name      text NOT NULL DEFAULT '',
    sounds    text COLLATE "C",
    first_at  timestamptz NOT NULL,
    last_at   timestamptz NOT NULL, -- of the newest order or talk
    -- What the shop kept on them, the name too, was erased then; a new order or talk makes them a
    -- customer again, under the name that they have then.
    erased_at timestamptz,
    PRIMARY KEY (shop_id, buyer_id)
);
-- Holds what is searched, so that a search through all customers reads no rows but those it shows.
CREATE INDEX customers_newest ON customers (shop_id, last_at DESC, buyer_id DESC)
    INCLUDE (name, sounds) WHERE erased_at IS NULL;
CREATE INDEX customers_without_sounds ON customers (shop_id, buyer_id) WHERE sounds IS NULL;

-- The groups that a shop has made itself; beside them stand those of customers/group.py.
CREATE TABLE customer_groups (
    id      uuid PRIMARY KEY,
    shop_id uuid NOT NULL,
    name    text NOT NULL CHECK (length(name) BETWEEN 1 AND 20),
    by_id   uuid NOT NULL,
    at      timestamptz NOT NULL
);
CREATE UNIQUE INDEX customer_groups_once ON customer_groups (shop_id, lower(name));

CREATE TABLE customer_members (
    shop_id  uuid NOT NULL,
    buyer_id uuid NOT NULL,
    grouped  text COLLATE "C" NOT NULL CHECK (length(grouped) BETWEEN 1 AND 40), -- a word, or an id
    by_id    uuid NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (shop_id, buyer_id, grouped)
);
CREATE INDEX customer_members_of_group ON customer_members (shop_id, grouped, buyer_id);

-- Notes are added and never changed; an erasure takes their words and leaves that there were some.
CREATE TABLE customer_notes (
    id        uuid PRIMARY KEY, -- made by the form: sent twice it is one
    shop_id   uuid NOT NULL,
    buyer_id  uuid NOT NULL,
    by_id     uuid NOT NULL,
    at        timestamptz NOT NULL,
    text      text NOT NULL CHECK (length(text) <= 1000),
    due_at    timestamptz, -- somebody gets in touch with them again until then
    done_at   timestamptz,
    done_by   uuid,
    erased_at timestamptz,
    CONSTRAINT customer_note_says_something CHECK ((text = '') = (erased_at IS NOT NULL)),
    CONSTRAINT customer_note_done CHECK ((done_at IS NULL) = (done_by IS NULL)),
    CONSTRAINT customer_note_was_due CHECK (done_at IS NULL OR due_at IS NOT NULL)
);
CREATE INDEX customer_notes_of_pair ON customer_notes (shop_id, buyer_id, at DESC);
CREATE INDEX customer_notes_due ON customer_notes (shop_id, due_at)
    WHERE due_at IS NOT NULL AND done_at IS NULL AND erased_at IS NULL;

-- What they like: sizes, colours, when to call. The newest word counts.
CREATE TABLE customer_preferences (
    shop_id  uuid NOT NULL,
    buyer_id uuid NOT NULL,
    name     text NOT NULL CHECK (length(name) BETWEEN 1 AND 20),
    value    text NOT NULL CHECK (length(value) BETWEEN 1 AND 100),
    by_id    uuid NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (shop_id, buyer_id, name)
);

-- What a person asked about their own data, and what the shop answered.
CREATE TABLE customer_requests (
    id          uuid PRIMARY KEY, -- made by the form: sent twice it is one
    shop_id     uuid NOT NULL,
    buyer_id    uuid NOT NULL,
    what        text COLLATE "C" NOT NULL CHECK (what IN ('copy', 'erasure')),
    words       text NOT NULL DEFAULT '' CHECK (length(words) <= 500),
    asked_at    timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    answer      text COLLATE "C" CHECK (answer IN ('done', 'refused', 'withdrawn')),
    ground      text NOT NULL DEFAULT '' CHECK (length(ground) <= 500), -- why it was refused
    answered_at timestamptz,
    answered_by uuid,
    CONSTRAINT customer_answer_is_whole CHECK (
        (answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL)),
    CONSTRAINT customer_refusal_has_a_ground CHECK (answer IS DISTINCT FROM 'refused' OR ground <> '')
);
CREATE UNIQUE INDEX customer_one_open_request ON customer_requests (shop_id, buyer_id, what)
    WHERE answer IS NULL;
CREATE INDEX customer_requests_of_buyer ON customer_requests (buyer_id, asked_at DESC);
CREATE INDEX customer_requests_of_shop ON customer_requests (shop_id, asked_at DESC);
CREATE INDEX customer_requests_open ON customer_requests (shop_id, due_at) WHERE answer IS NULL;

-- Who looked at what of a person, exported or erased it, when and why. Rows are added, never changed.
CREATE TABLE customer_log (
    id       uuid PRIMARY KEY, -- made by the form: sent twice it is one
    shop_id  uuid NOT NULL,
    buyer_id uuid NOT NULL,
    by_id    uuid NOT NULL,
    at       timestamptz NOT NULL,
    what     text COLLATE "C" NOT NULL CHECK (what IN (
                 'revealed', 'complaint_shown', 'exported', 'asked_copy', 'asked_erasure', 'withdrew',
                 'refused', 'erased')),
    -- the number of the complaint, where what was seen stands in the register
    why      text NOT NULL CHECK (length(why) <= 500),
    order_id uuid, -- whose phone and address were looked at
    counts   jsonb NOT NULL DEFAULT '{}' -- how much of what was erased or exported
);
CREATE INDEX customer_log_of_shop ON customer_log (shop_id, at DESC, id DESC);
CREATE INDEX customer_log_of_buyer ON customer_log (buyer_id, at DESC, id DESC);
CREATE INDEX customer_log_of_pair ON customer_log (shop_id, buyer_id, at DESC);

CREATE FUNCTION customers_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER customer_log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON customer_log
    EXECUTE FUNCTION customers_refuse_edit();
CREATE TRIGGER customer_notes_stay BEFORE DELETE OR TRUNCATE ON customer_notes
    EXECUTE FUNCTION customers_refuse_edit();
CREATE TRIGGER customer_notes_say_the_same BEFORE UPDATE ON customer_notes FOR EACH ROW
    WHEN (NEW.text <> OLD.text AND NEW.erased_at IS NULL
          OR (NEW.by_id, NEW.at, NEW.shop_id, NEW.buyer_id)
             IS DISTINCT FROM (OLD.by_id, OLD.at, OLD.shop_id, OLD.buyer_id))
    EXECUTE FUNCTION customers_refuse_edit();

-- Whoever buys from a shop or talks with it is a customer, whichever way the order or the talk came.
CREATE FUNCTION customers_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'orders' THEN
        INSERT INTO customers (shop_id, buyer_id, name, first_at, last_at)
        SELECT a.shop_id, a.buyer_id, coalesce(max(p.name), ''), min(a.placed_at), max(a.placed_at)
          FROM added a LEFT JOIN people p ON p.id = a.buyer_id GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (shop_id, buyer_id) DO UPDATE SET last_at = EXCLUDED.last_at, erased_at = NULL,
            name = CASE WHEN customers.erased_at IS NULL THEN customers.name ELSE EXCLUDED.name END,
            sounds = CASE WHEN customers.erased_at IS NULL THEN customers.sounds END
         WHERE customers.last_at < EXCLUDED.last_at;
    ELSE
        INSERT INTO customers (shop_id, buyer_id, name, first_at, last_at)
        SELECT a.shop_id, a.buyer_id, coalesce(max(p.name), ''), min(a.opened_at), max(a.opened_at)
          FROM added a LEFT JOIN people p ON p.id = a.buyer_id GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (shop_id, buyer_id) DO UPDATE SET last_at = EXCLUDED.last_at, erased_at = NULL,
            name = CASE WHEN customers.erased_at IS NULL THEN customers.name ELSE EXCLUDED.name END,
            sounds = CASE WHEN customers.erased_at IS NULL THEN customers.sounds END
         WHERE customers.last_at < EXCLUDED.last_at;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER orders_make_customers AFTER INSERT ON orders
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION customers_note();
CREATE TRIGGER talks_make_customers AFTER INSERT ON chat_conversations
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION customers_note();
