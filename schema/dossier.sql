-- dossier: the key of a case from which the salts of its dossiers come. Written by src/gongdao/dossier.
-- Kept, so that all dossiers of a case have the same seals; in no dossier, or a side could try out
-- what was withheld from it.

CREATE TABLE dossier_keys (
    -- No foreign key: cases are another room's.
    case_id uuid PRIMARY KEY,
    key     bytea NOT NULL CHECK (octet_length(key) >= 32)
);
