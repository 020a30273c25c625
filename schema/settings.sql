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
