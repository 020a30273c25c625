-- Routing: groups, agents, who is there, who waits for whom, and why. Written by the chat room only.

-- The desk of a shop: how it works, and the lock under which its conversations find their agents.
CREATE TABLE chat_desks (
    shop_id uuid PRIMARY KEY,
    rules   jsonb NOT NULL DEFAULT '{}', -- hours, texts, windows, capacity, weights
    version integer NOT NULL DEFAULT 0
);

-- What buyers find on the storefront, and whose conversations go to whom.
CREATE TABLE chat_groups (
    id         uuid PRIMARY KEY,
    shop_id    uuid NOT NULL REFERENCES chat_desks,
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 20),
    topic      text COLLATE "C" NOT NULL
               CHECK (topic IN ('general', 'presale', 'aftersale', 'complaint')),
    languages  text[] NOT NULL DEFAULT '{}', -- none: any
    position   integer NOT NULL DEFAULT 0,
    published  boolean NOT NULL DEFAULT false,
    retired_at timestamptz -- conversations of the past still name it
);
CREATE UNIQUE INDEX chat_groups_of_shop ON chat_groups (shop_id, lower(name))
    WHERE retired_at IS NULL;

CREATE TABLE chat_agents (
    person_id  uuid PRIMARY KEY,
    shop_id    uuid NOT NULL REFERENCES chat_desks,
    nickname   text NOT NULL CHECK (length(nickname) BETWEEN 1 AND 20),
    is_main    boolean NOT NULL DEFAULT false, -- receives what nobody else is there for
    in_routing boolean NOT NULL DEFAULT true,
    capacity   integer CHECK (capacity BETWEEN 0 AND 200), -- null: what the desk says
    languages  text[] NOT NULL DEFAULT '{zh}',
    credit     integer NOT NULL DEFAULT 0, -- outside any group
    state      text COLLATE "C" NOT NULL DEFAULT 'offline'
               CHECK (state IN ('online', 'suspended', 'offline')),
    state_since timestamptz NOT NULL,
    seen_at    timestamptz, -- when a screen of theirs last spoke
    fell_from  text COLLATE "C" CHECK (fell_from IN ('online', 'suspended')), -- and went silent
    CONSTRAINT chat_fell_offline CHECK (fell_from IS NULL OR state = 'offline')
);
CREATE INDEX chat_agents_of_shop ON chat_agents (shop_id, person_id);
CREATE UNIQUE INDEX chat_main_account ON chat_agents (shop_id) WHERE is_main;
CREATE INDEX chat_agents_there ON chat_agents (shop_id) WHERE state <> 'offline';

CREATE TABLE chat_members (
    group_id uuid NOT NULL REFERENCES chat_groups,
    agent_id uuid NOT NULL REFERENCES chat_agents,
    weight   integer NOT NULL CHECK (weight BETWEEN 0 AND 1000),
    credit   integer NOT NULL DEFAULT 0, -- what is owed in conversations, times the weights
    PRIMARY KEY (group_id, agent_id)
);
CREATE INDEX chat_memberships ON chat_members (agent_id);

-- What a buyer clicked: this group, or this very agent.
CREATE TABLE chat_wishes (
    conversation_id uuid PRIMARY KEY REFERENCES chat_conversations,
    group_id uuid,
    agent_id uuid,
    CHECK (group_id IS NOT NULL OR agent_id IS NOT NULL)
);

-- The products that a conversation was opened about, and whose questions of which products go only
-- to those who were schooled for them.
CREATE TABLE chat_about (
    conversation_id uuid PRIMARY KEY REFERENCES chat_conversations,
    shop_id         uuid NOT NULL,
    product_ids     uuid[] NOT NULL CHECK (cardinality(product_ids) BETWEEN 1 AND 200)
);
CREATE TABLE chat_schooled (
    product_id uuid PRIMARY KEY,
    shop_id    uuid NOT NULL,
    agents     uuid[] NOT NULL -- none: nobody was, yet
);

-- Who was there when, and who said so.
CREATE TABLE chat_states_log (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shop_id  uuid NOT NULL,
    agent_id uuid NOT NULL,
    at       timestamptz NOT NULL,
    before   text COLLATE "C" NOT NULL,
    state    text COLLATE "C" NOT NULL,
    cause    text COLLATE "C" NOT NULL CHECK (cause IN ('self', 'lead', 'silent', 'back')),
    by_id    uuid
);
CREATE INDEX chat_states_of_agent ON chat_states_log (agent_id, id);
CREATE INDEX chat_states_of_shop ON chat_states_log (shop_id, at);

-- Why each conversation went where it went.
CREATE TABLE chat_routings (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id uuid NOT NULL REFERENCES chat_conversations,
    shop_id         uuid NOT NULL,
    at              timestamptz NOT NULL,
    group_id        uuid,
    from_agent      uuid,
    to_agent        uuid, -- null: it waits
    by_id           uuid, -- who handed it over
    why             text COLLATE "C" NOT NULL CHECK (why IN (
                        'asked_for', 'affinity', 'weights', 'other_group', 'main_account', 'full',
                        'nobody_there', 'agent_left', 'handed_over', 'taken')),
    details         jsonb NOT NULL
);
CREATE INDEX chat_routings_of_talk ON chat_routings (conversation_id, id);
CREATE INDEX chat_routings_to_agent ON chat_routings (to_agent, at) WHERE to_agent IS NOT NULL;
CREATE INDEX chat_handed_over ON chat_routings (shop_id, at, conversation_id)
    WHERE why = 'handed_over';

-- What a lead changed about the desk: its rules, groups, members and agents, as they were after it.
CREATE TABLE chat_desk_log (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shop_id uuid NOT NULL,
    at      timestamptz NOT NULL,
    by_id   uuid NOT NULL,
    what    text COLLATE "C" NOT NULL CHECK (what IN ('rules', 'group', 'members', 'agent')),
    about   uuid NOT NULL,
    after   jsonb NOT NULL
);
CREATE INDEX chat_desk_log_of_shop ON chat_desk_log (shop_id, id);

CREATE TRIGGER chat_states_log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON chat_states_log EXECUTE FUNCTION chat_refuse_edit();
CREATE TRIGGER chat_routings_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON chat_routings EXECUTE FUNCTION chat_refuse_edit();
CREATE TRIGGER chat_desk_log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON chat_desk_log EXECUTE FUNCTION chat_refuse_edit();
