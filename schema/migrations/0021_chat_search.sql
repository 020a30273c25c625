-- Search of what was said, excerpts that are sealed, and documents of our own among the files.

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
-- newest week, one that stands nowhere in a few looks at the index (docs/decisions/0018).
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
BEGIN
    WHILE week >= oldest AND found < p_limit LOOP
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
CREATE TRIGGER chat_excerpts_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON chat_excerpts EXECUTE FUNCTION chat_refuse_edit();

ALTER TABLE files
    DROP CONSTRAINT files_media_type_check,
    ADD CONSTRAINT files_media_type_check CHECK (media_type IN (
        'image/jpeg', 'image/png', 'image/webp', 'image/gif',
        'application/pdf', 'application/json', 'video/mp4', 'video/webm')),
    DROP CONSTRAINT files_facts_fit_the_kind,
    ADD CONSTRAINT files_facts_fit_the_kind CHECK (
        (media_type = 'application/pdf') = (pages IS NOT NULL)
        AND (media_type IN ('application/pdf', 'application/json')) = (width IS NULL)
        AND (width IS NULL) = (height IS NULL)
        AND (media_type LIKE 'video/%') = (duration_ms IS NOT NULL));
