-- Uploaded files: one row an upload. Only src/gongdao/files writes here. The bytes lie in the
-- object store under sha256; the same content twice is one object and two rows.

CREATE TABLE files (
    id              uuid PRIMARY KEY,
    -- Of the bytes as stored and served, after cleaning: the address, and what a seal is taken of.
    sha256          bytea NOT NULL CHECK (octet_length(sha256) = 32),
    -- Of the bytes as they arrived.
    uploaded_sha256 bytea NOT NULL CHECK (octet_length(uploaded_sha256) = 32),
    media_type      text NOT NULL CHECK (media_type IN (
                        'image/jpeg', 'image/png', 'image/webp', 'image/gif',
                        'application/pdf', 'application/json', 'video/mp4', 'video/webm')),
    size_bytes      bigint NOT NULL CHECK (size_bytes > 0),
    width           integer CHECK (width > 0),
    height          integer CHECK (height > 0),
    pages           integer CHECK (pages > 0),
    duration_ms     integer CHECK (duration_ms > 0),
    original_name   text NOT NULL CHECK (char_length(original_name) BETWEEN 1 AND 120),
    -- No foreign key to people: accounts and files are rooms beside each other.
    uploaded_by     uuid NOT NULL,
    created_at      timestamptz NOT NULL,
    CONSTRAINT files_facts_fit_the_kind CHECK (
        (media_type = 'application/pdf') = (pages IS NOT NULL)
        AND (media_type IN ('application/pdf', 'application/json')) = (width IS NULL)
        AND (width IS NULL) = (height IS NULL)
        AND (media_type LIKE 'video/%') = (duration_ms IS NOT NULL))
);

-- The allowance of a person within a day.
CREATE INDEX files_of_a_person ON files (uploaded_by, created_at) INCLUDE (size_bytes);
-- The walk over every content when the storage is verified.
CREATE INDEX files_by_content ON files (sha256, id);

CREATE FUNCTION files_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'files is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER files_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON files
    EXECUTE FUNCTION files_refuse_change();
