-- What every room stands on. Files of this folder are applied in the order of base/schema.py.

-- Which migrations this database has; a new database has them all from the start.
CREATE TABLE schema_migration (
    name text PRIMARY KEY CHECK (name ~ '^\d{4}_[a-z0-9_]+\.sql$'),
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    applied_at timestamptz NOT NULL
);
