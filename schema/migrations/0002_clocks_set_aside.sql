-- Cases whose silence could not be decided are set aside, so that the others are decided in time.
CREATE TABLE clocks_set_aside (
    case_id    uuid PRIMARY KEY,
    due_at     timestamptz NOT NULL,
    failures   integer NOT NULL CHECK (failures > 0),
    since      timestamptz NOT NULL,
    wait_until timestamptz NOT NULL,
    reason     text NOT NULL
);
CREATE INDEX clocks_set_aside_next ON clocks_set_aside (wait_until);
