-- Quality: what was promised, what was said against advice, and how conversations were judged.
-- Written by the chat room only.

-- What an agent's message promises; kept in the statement that keeps the message. What has become
-- of it is not written here: orders, money and parcels say so.
CREATE TABLE chat_promises (
    conversation_id uuid NOT NULL,
    seq        integer NOT NULL,
    nth        smallint NOT NULL, -- of the promises in this message
    shop_id    uuid NOT NULL,
    buyer_id   uuid NOT NULL,
    agent_id   uuid NOT NULL,
    what       text COLLATE "C" NOT NULL
               CHECK (what IN ('refund', 'compensation', 'dispatch', 'resend', 'answer')),
    words      text NOT NULL,
    amount_fen bigint,
    at         timestamptz NOT NULL,
    due_at     timestamptz NOT NULL, -- what is done at this instant is late
    PRIMARY KEY (conversation_id, seq, nth),
    FOREIGN KEY (conversation_id, seq) REFERENCES chat_messages
);
CREATE INDEX chat_promises_of_shop ON chat_promises (shop_id, due_at);
CREATE INDEX chat_promises_of_agent ON chat_promises (agent_id, due_at);

-- What manners minded in a message that its author sent all the same.
CREATE TABLE chat_warnings (
    conversation_id uuid NOT NULL,
    seq      integer NOT NULL,
    remark   text COLLATE "C" NOT NULL,
    PRIMARY KEY (conversation_id, seq, remark),
    FOREIGN KEY (conversation_id, seq) REFERENCES chat_messages
);

-- How a lead judged a conversation. A correction is another row that names the one it replaces.
CREATE TABLE chat_checks (
    id              uuid PRIMARY KEY, -- made by the form: sent twice it is one
    conversation_id uuid NOT NULL REFERENCES chat_conversations,
    shop_id         uuid NOT NULL,
    agent_id        uuid NOT NULL,
    by_id           uuid NOT NULL,
    at              timestamptz NOT NULL,
    form_version    integer NOT NULL,
    marks           jsonb NOT NULL, -- each with the title, most and weight that counted
    fatal           text[] NOT NULL,
    score           smallint NOT NULL CHECK (score BETWEEN 0 AND 100),
    remark          text NOT NULL CHECK (length(remark) <= 1000),
    replaces        uuid UNIQUE REFERENCES chat_checks,
    CONSTRAINT chat_nobody_checks_themselves CHECK (by_id <> agent_id),
    CONSTRAINT chat_fatal_is_nothing CHECK (cardinality(fatal) = 0 OR score = 0),
    CONSTRAINT chat_replaces_another CHECK (replaces <> id)
);
CREATE UNIQUE INDEX chat_checked_first ON chat_checks (conversation_id) WHERE replaces IS NULL;
CREATE INDEX chat_checks_of_talk ON chat_checks (conversation_id, at);
CREATE INDEX chat_checks_of_shop ON chat_checks (shop_id, at);
CREATE INDEX chat_checks_of_agent ON chat_checks (agent_id, at);

-- An agent objects once to how a conversation of theirs was judged.
CREATE TABLE chat_objections (
    conversation_id uuid PRIMARY KEY REFERENCES chat_conversations,
    check_id        uuid NOT NULL REFERENCES chat_checks,
    by_id           uuid NOT NULL,
    at              timestamptz NOT NULL,
    text            text NOT NULL CHECK (length(text) BETWEEN 1 AND 1000)
);

CREATE TRIGGER chat_promises_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON chat_promises EXECUTE FUNCTION chat_refuse_edit();
CREATE TRIGGER chat_warnings_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON chat_warnings EXECUTE FUNCTION chat_refuse_edit();
CREATE TRIGGER chat_checks_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON chat_checks EXECUTE FUNCTION chat_refuse_edit();
CREATE TRIGGER chat_objections_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON chat_objections EXECUTE FUNCTION chat_refuse_edit();
