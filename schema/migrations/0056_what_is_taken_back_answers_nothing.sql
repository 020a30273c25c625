-- An answer that the shop takes back answers nothing: the buyer waits as before.
CREATE OR REPLACE FUNCTION chat_say(
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
