-- channels: other ways in and out of conversations, e-mail first. Written by the channels room only.
-- People, shops, conversations and files belong to other rooms, so their ids carry no foreign keys.

-- A shop's account at a channel: for mail, a mailbox.
CREATE TABLE channel_accounts (
    id         uuid PRIMARY KEY,
    shop_id    uuid NOT NULL,
    channel    text COLLATE "C" NOT NULL CHECK (channel IN ('mail')),
    address    text NOT NULL CHECK (length(address) BETWEEN 3 AND 254),
    settings   jsonb NOT NULL, -- of the channel's own kind: servers, ports
    secret     bytea NOT NULL, -- sealed with a key that the database does not have
    position   jsonb NOT NULL DEFAULT '{}', -- up to where its messages are stored here
    checked_at timestamptz, -- when it last answered
    failures   integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    wait_until timestamptz, -- nobody asks it before
    trouble    text CHECK (length(trouble) <= 500), -- why it did not answer
    created_at timestamptz NOT NULL,
    created_by uuid NOT NULL,
    paused_at  timestamptz,
    CONSTRAINT channel_accounts_once UNIQUE (shop_id, channel, address)
);
CREATE INDEX channel_accounts_due ON channel_accounts (wait_until, id) WHERE paused_at IS NULL;

-- Who writes to a shop from an address: a buyer's row of its own, made for that address.
CREATE TABLE channel_correspondents (
    shop_id  uuid NOT NULL,
    channel  text COLLATE "C" NOT NULL,
    address  text NOT NULL CHECK (length(address) BETWEEN 3 AND 254),
    buyer_id uuid NOT NULL,
    since    timestamptz NOT NULL,
    PRIMARY KEY (shop_id, channel, address)
);
CREATE INDEX channel_correspondents_at ON channel_correspondents (channel, address);

-- Addresses that a buyer with an account has proven to read. The newest proof counts.
CREATE TABLE channel_addresses (
    channel   text COLLATE "C" NOT NULL,
    address   text NOT NULL CHECK (length(address) BETWEEN 3 AND 254),
    buyer_id  uuid NOT NULL,
    proven_at timestamptz NOT NULL,
    PRIMARY KEY (channel, address)
);

-- Codes on their way to an address that somebody says is theirs.
CREATE TABLE channel_proofs (
    buyer_id  uuid NOT NULL,
    channel   text COLLATE "C" NOT NULL,
    address   text NOT NULL CHECK (length(address) BETWEEN 3 AND 254),
    code_hash bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    asked_at  timestamptz NOT NULL,
    tries     integer NOT NULL DEFAULT 0,
    PRIMARY KEY (buyer_id, channel)
);

-- Everything that came in, each message once. Its bytes lie in the object store under sha256.
CREATE TABLE channel_arrivals (
    id          uuid PRIMARY KEY,
    account_id  uuid NOT NULL REFERENCES channel_accounts,
    -- The same message that comes twice, another way or after the mailbox was numbered anew.
    fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
    sha256      bytea CHECK (octet_length(sha256) = 32), -- null: too large to take, only listed
    size_bytes  bigint NOT NULL,
    arrived_at  timestamptz NOT NULL, -- here
    -- kept: its bytes are safe, nobody has read them yet; told: it stands in a conversation;
    -- the others wait for a person to look at them.
    state       text COLLATE "C" NOT NULL CHECK (state IN (
                    'kept', 'told', 'automatic', 'held', 'unreadable', 'too_large')),
    reason      text NOT NULL DEFAULT '' CHECK (length(reason) <= 500),
    sender      text NOT NULL DEFAULT '' CHECK (length(sender) <= 254),
    subject     text NOT NULL DEFAULT '' CHECK (length(subject) <= 200),
    is_wanted   boolean NOT NULL DEFAULT false, -- a person said: into a conversation, whatever it is
    conversation_id uuid,
    attempts    integer NOT NULL DEFAULT 0,
    wait_until  timestamptz,
    seen_at     timestamptz, -- a person has looked at what could not be told
    seen_by     uuid,
    CONSTRAINT channel_arrivals_once UNIQUE (account_id, fingerprint),
    CONSTRAINT channel_told_where CHECK ((state = 'told') = (conversation_id IS NOT NULL)),
    CONSTRAINT channel_too_large_has_no_bytes CHECK ((state = 'too_large') = (sha256 IS NULL))
);
CREATE INDEX channel_arrivals_kept ON channel_arrivals (arrived_at, id) WHERE state = 'kept';
CREATE INDEX channel_arrivals_aside ON channel_arrivals (account_id, arrived_at DESC)
    WHERE state NOT IN ('kept', 'told') AND seen_at IS NULL;
CREATE INDEX channel_arrivals_from ON channel_arrivals (account_id, sender, arrived_at);
CREATE INDEX channel_arrivals_of_talk ON channel_arrivals (conversation_id, arrived_at)
    WHERE conversation_id IS NOT NULL;

-- The other end of a conversation that is held over a channel.
CREATE TABLE channel_threads (
    conversation_id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES channel_accounts,
    address    text NOT NULL CHECK (length(address) BETWEEN 3 AND 254),
    subject    text NOT NULL DEFAULT '' CHECK (length(subject) <= 200),
    -- What answers refer to: the newest message from there, and those before it.
    reply_to   text NOT NULL DEFAULT '',
    refers_to  text[] NOT NULL DEFAULT '{}' CHECK (cardinality(refers_to) <= 20),
    put_seq    integer NOT NULL DEFAULT 0 -- up to which message of it the outbox has been filled
);
CREATE INDEX channel_threads_with ON channel_threads (account_id, address);

-- What goes out: one row for each message, sent under one name however often it is tried.
CREATE TABLE channel_outbox (
    id         uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES channel_accounts,
    conversation_id uuid, -- null: a code to prove an address
    seq        integer,
    letter     jsonb NOT NULL, -- to whom, what, with which files, in answer to what
    reference  text COLLATE "C" NOT NULL UNIQUE, -- for mail, its Message-ID
    state      text COLLATE "C" NOT NULL CHECK (state IN (
                   'waiting', 'sent', 'failed', 'bounced', 'recalled')),
    put_at     timestamptz NOT NULL,
    due_at     timestamptz NOT NULL, -- the next try
    attempts   integer NOT NULL DEFAULT 0,
    ended_at   timestamptz,
    reason     text NOT NULL DEFAULT '' CHECK (length(reason) <= 500),
    CONSTRAINT channel_outbox_once UNIQUE (conversation_id, seq),
    CONSTRAINT channel_outbox_of_a_message CHECK ((conversation_id IS NULL) = (seq IS NULL)),
    CONSTRAINT channel_outbox_ended CHECK ((state = 'waiting') = (ended_at IS NULL))
);
CREATE INDEX channel_outbox_due ON channel_outbox (due_at, id) WHERE state = 'waiting';
CREATE INDEX channel_outbox_trouble ON channel_outbox (account_id, put_at DESC)
    WHERE state IN ('failed', 'bounced') OR (state = 'waiting' AND attempts > 1);
