-- What people are told about their cases and orders. Only src/gongdao/notices writes here.

-- One row per piece of news and side: a shop's people, or the platform's arbiters, share an inbox.
CREATE TABLE notices (
    -- Written by one transaction at a time (notices/store.py), so that ids come to light in order.
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    side      text COLLATE "C" NOT NULL
              CHECK (side IN ('buyer', 'seller', 'arbiter', 'supervisor')),
    owner_id  uuid NOT NULL, -- the buyer, the shop, or nil for the platform
    case_id   uuid,
    version   integer, -- the event that is told
    payout_id uuid, -- the money of that event that has arrived
    order_id  uuid, -- of news of an order: which one,
    log_position bigint, -- and the line of its log that is told
    at        timestamptz NOT NULL,
    by_id     uuid, -- whoever did it is not told of it
    CONSTRAINT notices_are_told_once
        UNIQUE NULLS NOT DISTINCT (case_id, version, side, payout_id, log_position),
    CONSTRAINT notices_of_a_case_or_an_order CHECK (
        (case_id IS NULL) = (version IS NULL) AND (order_id IS NULL) = (log_position IS NULL)
        AND (case_id IS NULL) <> (order_id IS NULL)),
    CONSTRAINT only_the_platform_is_nobodys CHECK (
        (side IN ('arbiter', 'supervisor'))
        = (owner_id = '00000000-0000-0000-0000-000000000000'))
);
CREATE INDEX notices_of_an_inbox ON notices (side, owner_id, id);
CREATE INDEX notices_of_an_order ON notices (order_id) WHERE order_id IS NOT NULL;

-- Up to where a person has marked everything as read, ...
CREATE TABLE notice_readers (
    person_id uuid PRIMARY KEY,
    through   bigint NOT NULL,
    at        timestamptz NOT NULL
);

-- ... and what they have opened beyond that.
CREATE TABLE notices_opened (
    person_id uuid NOT NULL,
    notice_id bigint NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (person_id, notice_id)
);
