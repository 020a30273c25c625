-- chat: who talks with whom, every message, who serves, who waits. Written by the chat room only.
-- People, shops, cases and files belong to other rooms, so their ids carry no foreign keys.

-- One row per talk between a buyer and a shop; the next one after it is closed is a new row. The
-- three-sided talk of a case (buyer, shop, arbiter) is one too, and never routed.
CREATE TABLE chat_conversations (
    id          uuid PRIMARY KEY,
    number      bigint GENERATED ALWAYS AS IDENTITY (START WITH 300001) UNIQUE,
    shop_id     uuid NOT NULL,
    buyer_id    uuid NOT NULL,
    case_id     uuid,
    channel     text COLLATE "C" NOT NULL DEFAULT 'chat' CHECK (channel IN ('chat', 'mail')),
    subject     text NOT NULL DEFAULT '' CHECK (length(subject) <= 200),
    topic       text COLLATE "C" NOT NULL DEFAULT 'general'
                CHECK (topic IN ('general', 'presale', 'aftersale', 'complaint')),
    order_id    uuid, -- the order that it was opened from
    locale      text NOT NULL DEFAULT 'zh' CHECK (locale IN ('zh', 'en')),
    state       text COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'open', 'closed')),
    group_id    uuid,
    agent_id    uuid, -- who serves it; null while it waits
    opened_at   timestamptz NOT NULL,
    queued_at   timestamptz, -- since when it waits for somebody
    closed_at   timestamptz,
    closed_by   text COLLATE "C" CHECK (closed_by IN ('agent', 'buyer', 'idle')),
    last_seq    integer NOT NULL DEFAULT 0,
    last_at     timestamptz NOT NULL, -- of the newest message
    head        bytea NOT NULL CHECK (octet_length(head) = 32), -- the hash of the newest message
    -- The first message of the buyer that no person of the shop has answered.
    asked_seq   integer,
    asked_at    timestamptz,
    -- The newest message of a person of the shop.
    answered_seq integer NOT NULL DEFAULT 0,
    answered_by uuid,
    invited_at  timestamptz, -- to say how content they were; once
    grade       smallint CHECK (grade BETWEEN 1 AND 5),
    graded_at   timestamptz,
    CONSTRAINT chat_waits_for_somebody CHECK ((state = 'waiting') = (queued_at IS NOT NULL)),
    CONSTRAINT chat_closed_has_an_end CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CONSTRAINT chat_who_closed_it CHECK ((closed_at IS NULL) = (closed_by IS NULL)),
    CONSTRAINT chat_asked_when CHECK ((asked_seq IS NULL) = (asked_at IS NULL)),
    CONSTRAINT chat_graded_when CHECK ((grade IS NULL) = (graded_at IS NULL)),
    CONSTRAINT chat_of_a_case_is_not_routed CHECK (case_id IS NULL OR agent_id IS NULL)
);
-- Two first messages 200 ms apart make one conversation. Letters have threads of their own: one
-- that does not prove which it answers begins another.
CREATE UNIQUE INDEX chat_one_open_talk ON chat_conversations (shop_id, buyer_id)
    WHERE state <> 'closed' AND case_id IS NULL AND channel = 'chat';
CREATE INDEX chat_by_mail ON chat_conversations (last_at) WHERE channel = 'mail';
CREATE UNIQUE INDEX chat_one_talk_per_case ON chat_conversations (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX chat_of_shop ON chat_conversations (shop_id, last_at DESC, id DESC);
CREATE INDEX chat_of_buyer ON chat_conversations (buyer_id, last_at DESC, id DESC);
CREATE INDEX chat_open_of_buyer ON chat_conversations (buyer_id) WHERE state <> 'closed';
CREATE INDEX chat_of_pair ON chat_conversations (shop_id, buyer_id, opened_at DESC);
CREATE INDEX chat_served ON chat_conversations (agent_id) WHERE state = 'open';
CREATE INDEX chat_queue ON chat_conversations (shop_id, queued_at, id) WHERE state = 'waiting';
CREATE INDEX chat_unanswered ON chat_conversations (shop_id, asked_at)
    WHERE asked_at IS NOT NULL AND state <> 'closed';

-- Every message, numbered and hash-chained per conversation. Rows are added, never changed: a
-- recall is a message of its own, and what it takes back is kept for evidence.
CREATE TABLE chat_messages (
    conversation_id uuid NOT NULL REFERENCES chat_conversations,
    seq             integer NOT NULL CHECK (seq > 0),
    id              uuid NOT NULL,
    client_id       uuid NOT NULL, -- made by the sender's screen: the same message sent twice is one
    shop_id         uuid NOT NULL, -- of the conversation, so that a search has its permission in it
    buyer_id        uuid NOT NULL,
    author          text COLLATE "C" NOT NULL
                    CHECK (author IN ('buyer', 'shop', 'platform', 'system')),
    author_id       uuid, -- null: nobody in person
    kind            text COLLATE "C" NOT NULL CHECK (kind IN (
                        'text', 'image', 'file', 'order', 'product', 'case', 'system', 'note',
                        'recall', 'receiver')),
    body            jsonb NOT NULL,
    reply_to        integer,
    at              timestamptz NOT NULL,
    digest          bytea NOT NULL, -- of what was said
    hash            bytea NOT NULL, -- of the digest, the number, the time, and the hash before it
    words           tsvector NOT NULL DEFAULT '',
    PRIMARY KEY (conversation_id, seq),
    CONSTRAINT chat_said_once UNIQUE (conversation_id, client_id),
    CONSTRAINT chat_replies_to_what_was_said CHECK (reply_to BETWEEN 1 AND seq - 1)
);
-- A message is taken back once.
CREATE UNIQUE INDEX chat_recalled ON chat_messages (conversation_id, ((body ->> 'seq')::integer))
    WHERE kind = 'recall';
-- In which conversation a file stands, which decides who may see it.
CREATE INDEX chat_files ON chat_messages (((body ->> 'file_id')::uuid))
    WHERE kind IN ('image', 'file');
CREATE INDEX chat_messages_newest ON chat_messages (shop_id, at DESC);
-- All that was said, by its time: what comes later stands further on, so a few pages say where.
CREATE INDEX chat_messages_by_time ON chat_messages USING brin (at)
    WITH (pages_per_range = 16, autosummarize = on);

CREATE FUNCTION chat_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER chat_messages_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON chat_messages EXECUTE FUNCTION chat_refuse_edit();

-- How far each person's screens have received and read a conversation.
CREATE TABLE chat_marks (
    conversation_id uuid NOT NULL REFERENCES chat_conversations,
    person_id       uuid NOT NULL,
    side            text COLLATE "C" NOT NULL CHECK (side IN ('buyer', 'shop', 'platform')),
    delivered       integer NOT NULL,
    read            integer NOT NULL,
    at              timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, person_id),
    CHECK (read <= delivered)
);

-- A buyer's question and the first answer of a person: what the platforms' figures are made of.
-- Without an answer it stood open when the conversation was closed.
CREATE TABLE chat_turns (
    conversation_id uuid NOT NULL REFERENCES chat_conversations,
    asked_seq       integer NOT NULL,
    asked_at        timestamptz NOT NULL,
    answered_seq    integer,
    answered_at     timestamptz,
    shop_id         uuid NOT NULL,
    group_id        uuid,
    agent_id        uuid, -- who answered, or who served when nobody did
    PRIMARY KEY (conversation_id, asked_seq),
    CHECK ((answered_seq IS NULL) = (answered_at IS NULL))
);
CREATE INDEX chat_turns_of_shop ON chat_turns (shop_id, asked_at);

-- Say many things in one transaction, in the order given; what each came to, in that order.
-- `seen` is the newest number that a person of the shop had on the screen: a colleague's answer
-- after it must be read first ('newer'). 'again': it was said before, here is its number; 'other':
-- something else was said under this client_id. `stirs`: the buyer waits from now on, or no more;
-- `is_alone`: for somebody who has gone; `may_answer`: the desk answers some words by itself.
CREATE FUNCTION chat_say(
    p_conversations uuid[], p_ids uuid[], p_client_ids uuid[], p_authors text[],
    p_author_ids uuid[], p_kinds text[], p_bodies jsonb[], p_replies integer[],
    p_seen integer[], p_ats timestamptz[], p_digests bytea[], p_words tsvector[],
    OUT outcome text, OUT seq integer, OUT at timestamptz, OUT hash bytea, OUT stirs boolean,
    OUT is_alone boolean, OUT may_answer boolean
) RETURNS SETOF record LANGUAGE plpgsql AS $$
DECLARE
    talk chat_conversations;
    is_human boolean;
    is_turn boolean;
    is_undone boolean;
    asked_again integer;
    again_at timestamptz;
BEGIN
    PERFORM FROM chat_conversations WHERE id = ANY (p_conversations) ORDER BY id FOR NO KEY UPDATE;
    FOR i IN 1 .. cardinality(p_ids) LOOP
        stirs := false; is_alone := false; may_answer := false;
        SELECT CASE WHEN m.digest = p_digests[i] THEN 'again' ELSE 'other' END, m.seq, m.at, m.hash
          INTO outcome, seq, at, hash FROM chat_messages m
         WHERE m.conversation_id = p_conversations[i] AND m.client_id = p_client_ids[i];
        IF FOUND THEN
            RETURN NEXT;
            CONTINUE;
        END IF;
        SELECT * INTO talk FROM chat_conversations c WHERE c.id = p_conversations[i];
        outcome := CASE
            WHEN talk.id IS NULL THEN 'unknown'
            WHEN talk.state = 'closed' AND p_kinds[i] NOT IN ('note', 'system', 'recall') THEN 'closed'
            WHEN p_authors[i] = 'shop' AND p_seen[i] IS NOT NULL
                 AND talk.answered_seq > p_seen[i] AND talk.answered_by <> p_author_ids[i] THEN 'newer'
            ELSE 'said' END;
        IF outcome <> 'said' THEN
            seq := NULL; at := NULL; hash := NULL;
            RETURN NEXT;
            CONTINUE;
        END IF;
        seq := talk.last_seq + 1;
        at := greatest(p_ats[i], talk.last_at);
        hash := sha256(talk.head || int4send(seq)
                       || int8send((extract(epoch FROM at) * 1000000)::bigint) || p_digests[i]);
        INSERT INTO chat_messages VALUES (
            talk.id, seq, p_ids[i], p_client_ids[i], talk.shop_id, talk.buyer_id, p_authors[i],
            p_author_ids[i], p_kinds[i], p_bodies[i], p_replies[i], at, p_digests[i], hash,
            p_words[i]);
        is_human := p_author_ids[i] IS NOT NULL AND p_kinds[i] NOT IN ('note', 'system', 'recall');
        -- A question is answered by what a person wrote or took a picture of; a card alone is not it.
        is_turn := is_human AND talk.asked_at IS NOT NULL AND p_authors[i] = 'shop'
                   AND p_kinds[i] IN ('text', 'image', 'file');
        -- An answer of which nothing stands any more answers nothing: the buyer waits as before.
        asked_again := NULL; again_at := NULL;
        IF p_kinds[i] = 'recall' AND p_authors[i] = 'shop' AND talk.state <> 'closed' THEN
            WITH gone AS (
                DELETE FROM chat_turns t
                 WHERE t.conversation_id = talk.id
                   AND t.answered_seq <= (p_bodies[i] ->> 'seq')::integer
                   AND NOT EXISTS (SELECT FROM chat_messages m
                        WHERE m.conversation_id = talk.id AND m.seq >= t.answered_seq
                          AND m.author = 'shop' AND m.author_id IS NOT NULL
                          AND m.kind IN ('text', 'image', 'file')
                          AND NOT EXISTS (SELECT FROM chat_messages r
                               WHERE r.conversation_id = talk.id AND r.kind = 'recall'
                                 AND (r.body ->> 'seq')::integer = m.seq))
                RETURNING t.asked_seq, t.asked_at
            )
            SELECT g.asked_seq, g.asked_at INTO asked_again, again_at FROM gone g
             ORDER BY g.asked_seq LIMIT 1;
        END IF;
        -- Nor does a question ask anything of which its buyer has taken back all.
        is_undone := p_kinds[i] = 'recall' AND coalesce(asked_again, talk.asked_seq) IS NOT NULL
            AND NOT EXISTS (SELECT FROM chat_messages m
                 WHERE m.conversation_id = talk.id AND m.seq >= coalesce(asked_again, talk.asked_seq)
                   AND m.author = 'buyer' AND m.author_id IS NOT NULL AND m.kind <> 'recall'
                   AND NOT EXISTS (SELECT FROM chat_messages r
                        WHERE r.conversation_id = talk.id AND r.kind = 'recall'
                          AND (r.body ->> 'seq')::integer = m.seq));
        stirs := is_turn OR is_undone OR asked_again IS NOT NULL
                 OR (is_human AND talk.asked_at IS NULL AND p_authors[i] = 'buyer');
        IF is_human AND p_authors[i] = 'buyer' AND talk.case_id IS NULL THEN
            is_alone := stirs AND EXISTS (SELECT FROM chat_agents a
                 WHERE a.person_id = talk.agent_id AND a.state = 'offline');
            may_answer := p_kinds[i] = 'text' AND EXISTS (SELECT FROM chat_desks d
                 WHERE d.shop_id = talk.shop_id AND d.rules ? 'answers');
        END IF;
        IF is_turn THEN
            INSERT INTO chat_turns VALUES (talk.id, talk.asked_seq, talk.asked_at, seq, at,
                talk.shop_id, talk.group_id, p_author_ids[i]);
        END IF;
        UPDATE chat_conversations c
           SET last_seq = chat_say.seq, last_at = chat_say.at, head = chat_say.hash,
               asked_seq = CASE WHEN is_turn OR is_undone THEN NULL
                                WHEN is_human AND p_authors[i] = 'buyer'
                                THEN coalesce(c.asked_seq, chat_say.seq)
                                ELSE coalesce(asked_again, c.asked_seq) END,
               asked_at = CASE WHEN is_turn OR is_undone THEN NULL
                               WHEN is_human AND p_authors[i] = 'buyer'
                               THEN coalesce(c.asked_at, chat_say.at)
                               ELSE coalesce(again_at, c.asked_at) END,
               answered_seq = CASE WHEN is_human AND p_authors[i] = 'shop' THEN chat_say.seq
                                   ELSE c.answered_seq END,
               answered_by = CASE WHEN is_human AND p_authors[i] = 'shop' THEN p_author_ids[i]
                                  ELSE c.answered_by END
         WHERE c.id = talk.id;
        RETURN NEXT;
    END LOOP;
END $$;

-- Search. What it is limited by stands beside the words, so that one index answers for both: the
-- shop's week and its block of sixteen, those of all cases, who spoke, for which group, what kind.
CREATE FUNCTION chat_term(p_id uuid) RETURNS text
    IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$ SELECT '@' || replace(p_id::text, '-', '') $$;
CREATE FUNCTION chat_week(p_at timestamptz) RETURNS integer
    IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS
    $$ SELECT floor(extract(epoch FROM p_at) / 604800)::integer $$;
CREATE FUNCTION chat_add_place() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    week integer := chat_week(NEW.at);
    shop text := chat_term(NEW.shop_id);
    of_case uuid;
    of_group uuid;
BEGIN
    IF length(NEW.words) > 0 THEN
        SELECT c.case_id, c.group_id INTO of_case, of_group FROM chat_conversations c
         WHERE c.id = NEW.conversation_id;
        NEW.words := NEW.words || array_to_tsvector(array_remove(ARRAY[
            shop || '.' || week, shop || ':' || week / 16,
            CASE WHEN of_case IS NOT NULL THEN '@cases.' || week END,
            CASE WHEN of_case IS NOT NULL THEN '@cases:' || week / 16 END,
            chat_term(NEW.author_id), chat_term(of_group), '@' || NEW.kind], NULL));
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chat_messages_have_a_place BEFORE INSERT ON chat_messages
    FOR EACH ROW EXECUTE FUNCTION chat_add_place();
CREATE INDEX chat_messages_words ON chat_messages USING gin (words);

-- What the buyers of a shop are called: as it is written, as it sounds, and by first letters.
CREATE TABLE chat_names (
    shop_id   uuid NOT NULL,
    spelling  text COLLATE "C" NOT NULL CHECK (length(spelling) BETWEEN 1 AND 300),
    person_id uuid NOT NULL,
    PRIMARY KEY (shop_id, spelling, person_id)
);

-- The newest messages of a shop, or of all cases, that a question fits. Backwards week by week,
-- and where little was found sixteen weeks at a time: a word that stands everywhere is found in the
-- newest week, one that stands nowhere in a few looks at the index (docs/decisions/0019). Who has
-- looked for 50 ms stops: a last row without a message says back to when; the next page goes on.
CREATE FUNCTION chat_find(
    p_query tsquery, p_shop uuid, p_notes boolean, p_recalled boolean,
    p_since timestamptz, p_before timestamptz, p_conversation uuid, p_seq integer, p_limit integer
) RETURNS TABLE (conversation_id uuid, seq integer, at timestamptz)
STABLE LANGUAGE plpgsql AS $$
DECLARE
    enough CONSTANT integer := 2000;
    place CONSTANT text := coalesce(chat_term(p_shop), '@cases');
    newest CONSTANT integer := chat_week(p_before);
    oldest CONSTANT integer := chat_week(p_since);
    week integer := newest; -- the window: from the week `low` to this one
    low integer := newest;
    dense integer := newest; -- down to this week they are looked at one by one
    found integer := 0;
    many bigint;
    asked tsquery;
    started CONSTANT timestamptz := clock_timestamp();
BEGIN
    WHILE week >= oldest AND found < p_limit LOOP
        IF week < newest AND clock_timestamp() > started + interval '50 milliseconds' THEN
            conversation_id := NULL;
            seq := NULL;
            at := to_timestamp((week + 1) * 604800::bigint);
            RETURN NEXT;
            RETURN;
        END IF;
        asked := p_query && quote_literal(
            CASE WHEN low < week THEN place || ':' || week / 16 ELSE place || '.' || week END)::tsquery;
        many := 0;
        FOR conversation_id, seq, at, many IN
            SELECT h.conversation_id, h.seq, h.at, count(*) OVER () FROM (
                -- OFFSET 0: only the index of words is asked, the rest is seen from the rows.
                SELECT m.conversation_id, m.seq, m.at
                  FROM (SELECT * FROM chat_messages WHERE words @@ asked OFFSET 0) AS m
                 WHERE m.at >= p_since AND m.at < to_timestamp((week + 1) * 604800::bigint)
                   AND (m.at, m.conversation_id, m.seq) < (p_before, p_conversation, p_seq)
                   AND (p_notes OR m.kind <> 'note')
                   AND ((p_recalled AND m.author = 'shop') OR (
                       SELECT r.seq FROM chat_messages r WHERE r.conversation_id = m.conversation_id
                          AND r.kind = 'recall' AND (r.body ->> 'seq')::integer = m.seq) IS NULL)
                 LIMIT CASE WHEN low < week OR p_shop IS NOT NULL THEN enough + 1 END
            ) AS h ORDER BY h.at DESC, h.conversation_id DESC, h.seq DESC LIMIT p_limit - found
        LOOP
            EXIT WHEN many > enough AND (low < week OR p_shop IS NOT NULL);
            found := found + 1;
            RETURN NEXT;
        END LOOP;
        IF many > enough AND low < week THEN
            dense := low;
            low := week;
            CONTINUE;
        ELSIF many > enough AND p_shop IS NOT NULL THEN
            -- So many in one week that reading the newest messages finds them sooner.
            FOR conversation_id, seq, at IN
                SELECT m.conversation_id, m.seq, m.at FROM chat_messages m
                 WHERE m.shop_id = p_shop AND m.at >= p_since AND m.at <= p_before
                   AND m.at >= to_timestamp(week * 604800::bigint)
                   AND m.at < to_timestamp((week + 1) * 604800::bigint)
                   AND (m.at, m.conversation_id, m.seq) < (p_before, p_conversation, p_seq)
                   AND coalesce(m.words @@ p_query, false)
                   AND (p_notes OR m.kind <> 'note')
                   AND ((p_recalled AND m.author = 'shop') OR (
                       SELECT r.seq FROM chat_messages r WHERE r.conversation_id = m.conversation_id
                          AND r.kind = 'recall' AND (r.body ->> 'seq')::integer = m.seq) IS NULL)
                 ORDER BY m.at DESC, m.conversation_id DESC, m.seq DESC LIMIT p_limit - found
            LOOP
                found := found + 1;
                RETURN NEXT;
            END LOOP;
        END IF;
        week := low - 1;
        low := CASE WHEN week >= dense THEN week ELSE week / 16 * 16 END;
    END LOOP;
END $$;

-- Excerpts that were sealed, as the bytes that were sealed: what happens later changes nothing.
CREATE TABLE chat_excerpts (
    id              uuid PRIMARY KEY,
    conversation_id uuid NOT NULL REFERENCES chat_conversations,
    sealed_by       uuid NOT NULL,
    sealed_at       timestamptz NOT NULL,
    seqs            integer[] NOT NULL CHECK (cardinality(seqs) BETWEEN 1 AND 200),
    case_id         uuid, -- whose evidence it was sealed for
    body            bytea NOT NULL,
    sha256          bytea NOT NULL CHECK (sha256 = sha256(body)),
    file_id         uuid NOT NULL, -- the same bytes as a file
    paper_id        uuid NOT NULL -- and as pages
);
CREATE INDEX chat_excerpts_of_conversation ON chat_excerpts (conversation_id, sealed_at);
-- Who may see a file asks whose excerpt it carries.
CREATE INDEX chat_excerpts_files ON chat_excerpts (file_id);
CREATE INDEX chat_excerpts_pages ON chat_excerpts (paper_id);
CREATE TRIGGER chat_excerpts_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON chat_excerpts EXECUTE FUNCTION chat_refuse_edit();
