-- scripts: what may be said well, who said it when, what one may give in a bargain, and words that a
-- shop minds. Written by the scripts room only. Shops, people, products and conversations belong to
-- other rooms, so their ids carry no foreign keys.

-- The scripts of a shop (no owner) and of single agents. One that `replaces` another, by its key in
-- the library, stands in its place; archived, it only takes the other one away.
CREATE TABLE script_own (
    id          uuid PRIMARY KEY,
    shop_id     uuid NOT NULL,
    owner_id    uuid, -- the agent; null: everybody's in the shop
    replaces    text COLLATE "C" CHECK (length(replaces) BETWEEN 1 AND 80),
    version     integer NOT NULL DEFAULT 1,
    step        text COLLATE "C" NOT NULL,
    move        text COLLATE "C" NOT NULL DEFAULT '',
    locale      text COLLATE "C" NOT NULL CHECK (locale IN ('zh', 'en')),
    title       text NOT NULL CHECK (length(title) BETWEEN 1 AND 60),
    body        text NOT NULL CHECK (length(body) BETWEEN 1 AND 1000),
    archived_at timestamptz,
    changed_at  timestamptz NOT NULL,
    changed_by  uuid NOT NULL
);
CREATE UNIQUE INDEX script_replaces_once ON script_own (shop_id, owner_id, replaces)
    NULLS NOT DISTINCT WHERE replaces IS NOT NULL;
CREATE INDEX script_of_shop ON script_own (shop_id, owner_id);

-- Every version of each of them. Rows are added, never changed.
CREATE TABLE script_versions (
    script_id uuid NOT NULL REFERENCES script_own,
    version   integer NOT NULL,
    step      text COLLATE "C" NOT NULL,
    move      text COLLATE "C" NOT NULL,
    title     text NOT NULL,
    body      text NOT NULL,
    archived  boolean NOT NULL,
    by_id     uuid NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (script_id, version)
);

-- A script was said. The message's client_id makes it once.
CREATE TABLE script_uses (
    conversation_id uuid NOT NULL,
    client_id       uuid NOT NULL,
    shop_id         uuid NOT NULL,
    agent_id        uuid NOT NULL,
    buyer_id        uuid NOT NULL,
    script          text COLLATE "C" NOT NULL CHECK (length(script) BETWEEN 1 AND 80),
    at              timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, client_id)
);
CREATE INDEX script_uses_of_shop ON script_uses (shop_id, at);
CREATE INDEX script_uses_of_agent ON script_uses (agent_id, script);

-- Words that a shop minds beside those of the rule book.
CREATE TABLE script_words (
    shop_id uuid NOT NULL,
    word    text NOT NULL CHECK (length(word) BETWEEN 2 AND 40),
    level   text COLLATE "C" NOT NULL CHECK (level IN ('warn', 'block')),
    reason  text NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
    by_id   uuid NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (shop_id, word)
);

-- What a product costs the shop. Freight: of one parcel with it; floor: the least it is sold for.
CREATE TABLE script_costs (
    product_id  uuid PRIMARY KEY,
    shop_id     uuid NOT NULL,
    cost_fen    bigint NOT NULL CHECK (cost_fen >= 0),
    freight_fen bigint CHECK (freight_fen >= 0),
    floor_fen   bigint CHECK (floor_fen >= 0),
    by_id       uuid NOT NULL,
    at          timestamptz NOT NULL
);
CREATE INDEX script_costs_of_shop ON script_costs (shop_id, product_id);

-- An agent asks the lead for more than the own limit allows; one question at a time in a talk.
CREATE TABLE script_asks (
    id              uuid PRIMARY KEY, -- made by the screen: the same question sent twice is one
    shop_id         uuid NOT NULL,
    conversation_id uuid NOT NULL,
    what            text COLLATE "C" NOT NULL CHECK (what IN ('price', 'compensation', 'other')),
    gives_fen       bigint NOT NULL CHECK (gives_fen >= 0), -- what the shop would give away
    price_fen       bigint CHECK (price_fen >= 0), -- what the buyer would pay in all
    why             text NOT NULL CHECK (length(why) BETWEEN 1 AND 500),
    asked_by        uuid NOT NULL,
    asked_at        timestamptz NOT NULL,
    answer          text COLLATE "C" CHECK (answer IN ('granted', 'refused', 'dropped')),
    granted_fen     bigint CHECK (granted_fen >= 0),
    note            text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    answered_by     uuid,
    answered_at     timestamptz,
    given_on        uuid CONSTRAINT script_grant_is_given CHECK ( -- the order; a grant is given once
        given_on IS NULL OR (what = 'compensation' AND answer IS NOT DISTINCT FROM 'granted')),
    CONSTRAINT script_answer_is_whole CHECK (
        (answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL)
        AND (granted_fen IS NOT NULL) = (answer IS NOT DISTINCT FROM 'granted'))
);
CREATE UNIQUE INDEX script_one_open_ask ON script_asks (conversation_id) WHERE answer IS NULL;
CREATE INDEX script_asks_waiting ON script_asks (shop_id, asked_at) WHERE answer IS NULL;
CREATE INDEX script_asks_of_talk ON script_asks (conversation_id, asked_at DESC);

CREATE FUNCTION scripts_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER script_versions_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON script_versions EXECUTE FUNCTION scripts_refuse_edit();
