-- register: complaints that a shop keeps for itself. Written by the register room only.

-- What the state says of a time always says its zone, so that it is the same instant everywhere.
CREATE FUNCTION register_instant(said text) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN said::timestamptz;

-- The state is the fold of the events, as with cases; the columns below it are drawn from it by the
-- database itself, the ones above are written with it and compared by gongdao verify.
CREATE TABLE register_entries (
    id            uuid PRIMARY KEY,
    number        bigint GENERATED ALWAYS AS IDENTITY (START WITH 200001) UNIQUE,
    shop_id       uuid NOT NULL,
    opened_at     timestamptz NOT NULL,
    due_at        timestamptz, -- of the first open instruction
    answer_due_at timestamptz, -- while the customer waits for an answer
    head          bytea NOT NULL CHECK (octet_length(head) = 32), -- the hash of the newest event
    words         text[] COLLATE "C" NOT NULL, -- what a search finds it by
    state         jsonb NOT NULL,
    version       integer NOT NULL GENERATED ALWAYS AS ((state ->> 'version')::integer) STORED,
    stage         text COLLATE "C" NOT NULL GENERATED ALWAYS AS (state ->> 'stage') STORED,
    reason        text COLLATE "C" NOT NULL
                  GENERATED ALWAYS AS (state -> 'intake' ->> 'reason') STORED,
    in_charge     uuid NOT NULL GENERATED ALWAYS AS ((state ->> 'in_charge')::uuid) STORED,
    link_sha256   text COLLATE "C" GENERATED ALWAYS AS (state -> 'link' ->> 'sha256') STORED,
    agreed_fen    bigint NOT NULL
                  GENERATED ALWAYS AS (coalesce((state ->> 'agreed_fen')::bigint, 0)) STORED,
    settled       boolean NOT NULL
                  GENERATED ALWAYS AS (coalesce(state ->> 'ended' = 'settled', false)) STORED,
    in_time       boolean -- whether the answer came in its time; null without an answer
                  GENERATED ALWAYS AS (register_instant(state ->> 'answered_at')
                                       <= register_instant(state ->> 'answer_due_at')) STORED,
    about_id      uuid
                  GENERATED ALWAYS AS ((state -> 'intake' ->> 'about_id')::uuid) STORED,
    unfounded     boolean NOT NULL GENERATED ALWAYS AS
                  (coalesce((state -> 'analysis' ->> 'unfounded')::boolean, false)) STORED,
    CONSTRAINT register_closed_is_over CHECK ((stage = 'closed') = (state ? 'ended')),
    CONSTRAINT register_link_waits_for_a_signature CHECK (link_sha256 IS NULL OR stage = 'agreement')
);

-- The figures of a shop are read from this index alone, and those of conduct from the next.
CREATE INDEX register_of_shop ON register_entries (shop_id, opened_at DESC, id DESC)
    INCLUDE (reason, agreed_fen, settled, in_time, answer_due_at);
CREATE INDEX register_conduct ON register_entries (shop_id, opened_at DESC) INCLUDE (about_id)
    WHERE reason = 'staff_conduct' AND NOT unfounded;
CREATE INDEX register_open ON register_entries (shop_id, opened_at DESC, id DESC)
    WHERE stage <> 'closed';
CREATE INDEX register_by_stage ON register_entries (shop_id, stage, opened_at DESC, id DESC);
CREATE INDEX register_by_reason ON register_entries (shop_id, reason, opened_at DESC, id DESC);
CREATE INDEX register_of_person ON register_entries (in_charge, opened_at DESC, id DESC);
CREATE INDEX register_words ON register_entries USING gin (words);
CREATE INDEX register_due ON register_entries (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX register_answer_due ON register_entries (answer_due_at)
    WHERE answer_due_at IS NOT NULL;
CREATE UNIQUE INDEX register_links ON register_entries (link_sha256)
    WHERE link_sha256 IS NOT NULL;
-- Complaints about an order, for the copy that a customer asks for.
CREATE INDEX register_of_order ON register_entries (((state -> 'intake' ->> 'order_id')::uuid))
    WHERE state -> 'intake' ? 'order_id';
-- In which entry a file stands, which decides who may see it.
CREATE INDEX register_files ON register_entries USING gin ((state -> 'files'))
    WHERE state ? 'files';

-- Every event of every entry, hash-chained per entry. Rows are added, never changed.
CREATE TABLE register_events (
    entry_id  uuid NOT NULL,
    version   integer NOT NULL CHECK (version > 0),
    type      text COLLATE "C" NOT NULL,
    at        timestamptz NOT NULL,
    by        text COLLATE "C" NOT NULL CHECK (by IN ('shop', 'customer')),
    person_id uuid,
    body      jsonb NOT NULL,
    hash      bytea NOT NULL,
    PRIMARY KEY (entry_id, version),
    CONSTRAINT register_customers_have_no_account CHECK ((by = 'customer') = (person_id IS NULL))
);
-- A link that was used says so.
CREATE UNIQUE INDEX register_links_made ON register_events ((body ->> 'sha256'))
    WHERE type = 'link_made';

CREATE FUNCTION register_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER register_events_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON register_events EXECUTE FUNCTION register_refuse_edit();

-- A command that was carried out, by the key that its sender gave it.
CREATE TABLE register_keys (
    person_id uuid NOT NULL,
    key       text COLLATE "C" NOT NULL CHECK (length(key) BETWEEN 1 AND 100),
    digest    bytea NOT NULL,
    entry_id  uuid NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (person_id, key)
);
CREATE INDEX register_keys_by_age ON register_keys (at);

-- Who is told of what: named people, not a side as in cases. A clock that ran out is told by the
-- event that set it.
CREATE TABLE register_notices (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid NOT NULL,
    entry_id  uuid NOT NULL,
    version   integer NOT NULL,
    about     text COLLATE "C" NOT NULL CHECK (about IN ('event', 'overdue', 'unanswered')),
    at        timestamptz NOT NULL,
    read_at   timestamptz,
    CONSTRAINT register_notices_are_told_once UNIQUE (entry_id, version, about, person_id)
);
CREATE INDEX register_notices_unread ON register_notices (person_id, id DESC)
    WHERE read_at IS NULL;
