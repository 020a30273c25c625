-- The newest messages of a shop, or of all cases, that a question fits. Backwards week by week,
-- and where little was found sixteen weeks at a time: a word that stands everywhere is found in the
-- newest week, one that stands nowhere in a few looks at the index (docs/decisions/0019). Who has
-- looked for 50 ms stops: a last row without a message says back to when; the next page goes on.
CREATE OR REPLACE FUNCTION chat_find(
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

-- Who may see a file asks whose excerpt it carries.
CREATE INDEX chat_excerpts_files ON chat_excerpts (file_id);
CREATE INDEX chat_excerpts_pages ON chat_excerpts (paper_id);
