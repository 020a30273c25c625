-- Values that staff may edit while the product runs. Only src/gongdao/settings writes here. A value
-- is never changed: a new version is added, with who said so and why, and the newest one counts.

CREATE TABLE settings_log (
    name    text COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    version integer NOT NULL CHECK (version > 0),
    value   jsonb NOT NULL,
    reason  text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    -- No foreign key to people: accounts and settings are rooms beside each other.
    by_id   uuid NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (name, version)
);

CREATE FUNCTION settings_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER settings_log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settings_log
    EXECUTE FUNCTION settings_refuse_edit();

-- Past cases judged by another rule book, asked for on a page and done by the worker. Not a log:
-- old ones are dropped.
CREATE TABLE retrials (
    id         uuid PRIMARY KEY,
    pack       text COLLATE "C" NOT NULL CHECK (length(pack) BETWEEN 1 AND 100),
    since      timestamptz NOT NULL,
    cases_max  integer NOT NULL CHECK (cases_max BETWEEN 1 AND 1000000),
    by_id      uuid NOT NULL,
    asked_at   timestamptz NOT NULL,
    state      text COLLATE "C" NOT NULL DEFAULT 'queued'
               CHECK (state IN ('queued', 'running', 'done', 'failed')),
    cases      integer NOT NULL DEFAULT 0,
    total      integer NOT NULL DEFAULT 0,
    -- When it last moved: whoever took it and is silent for long has died.
    moved_at   timestamptz,
    -- What came out, or why nothing did.
    found      jsonb,
    reason     text
);
CREATE INDEX retrials_waiting ON retrials (asked_at) WHERE state IN ('queued', 'running');
CREATE INDEX retrials_newest ON retrials (asked_at DESC, id DESC);
