-- The figures of the register are read from an index instead of from whole states.
CREATE FUNCTION register_instant(said text) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN said::timestamptz;
ALTER TABLE register_entries
    ADD COLUMN agreed_fen bigint NOT NULL
        GENERATED ALWAYS AS (coalesce((state ->> 'agreed_fen')::bigint, 0)) STORED,
    ADD COLUMN settled boolean NOT NULL
        GENERATED ALWAYS AS (coalesce(state ->> 'ended' = 'settled', false)) STORED,
    ADD COLUMN in_time boolean
        GENERATED ALWAYS AS (register_instant(state ->> 'answered_at')
                             <= register_instant(state ->> 'answer_due_at')) STORED,
    ADD COLUMN about_id uuid
        GENERATED ALWAYS AS ((state -> 'intake' ->> 'about_id')::uuid) STORED,
    ADD COLUMN unfounded boolean NOT NULL
        GENERATED ALWAYS AS (coalesce((state -> 'analysis' ->> 'unfounded')::boolean, false)) STORED;
DROP INDEX register_of_shop;
CREATE INDEX register_of_shop ON register_entries (shop_id, opened_at DESC, id DESC)
    INCLUDE (reason, agreed_fen, settled, in_time, answer_due_at);
CREATE INDEX register_conduct ON register_entries (shop_id, opened_at DESC) INCLUDE (about_id)
    WHERE reason = 'staff_conduct' AND NOT unfounded;
