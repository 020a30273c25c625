-- How far each follower has read the log of cases. Only src/gongdao/jobs writes here.

CREATE TABLE followers (
    name       text COLLATE "C" PRIMARY KEY,
    -- The last event that was read; the log is in the order of (xid, position).
    xid        xid8 NOT NULL DEFAULT '0',
    position   bigint NOT NULL DEFAULT 0,
    -- How often what comes next has failed by itself, and until when it is left alone.
    failures   integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    wait_until timestamptz
);

-- What a follower could not read. A person looks at it; the rest of the log does not wait for that.
CREATE TABLE deeds_set_aside (
    follower      text COLLATE "C" NOT NULL REFERENCES followers,
    case_id       uuid NOT NULL,
    first_version integer NOT NULL,
    last_version  integer NOT NULL,
    at            timestamptz NOT NULL,
    reason        text NOT NULL,
    PRIMARY KEY (follower, case_id, first_version)
);
CREATE INDEX deeds_set_aside_newest ON deeds_set_aside (follower, at DESC);

-- Cases whose silence could not be decided: left alone for longer and longer, so that the others are
-- decided in time. A row speaks of one clock; when the case has another one, it is over.
CREATE TABLE clocks_set_aside (
    case_id    uuid PRIMARY KEY,
    due_at     timestamptz NOT NULL,
    failures   integer NOT NULL CHECK (failures > 0),
    since      timestamptz NOT NULL,
    wait_until timestamptz NOT NULL,
    reason     text NOT NULL
);
CREATE INDEX clocks_set_aside_next ON clocks_set_aside (wait_until);
