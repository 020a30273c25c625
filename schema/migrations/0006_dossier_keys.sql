-- The keys from which the salts of dossiers come.
CREATE TABLE dossier_keys (
    -- No foreign key: cases are another room's.
    case_id uuid PRIMARY KEY,
    key     bytea NOT NULL CHECK (octet_length(key) >= 32)
);
