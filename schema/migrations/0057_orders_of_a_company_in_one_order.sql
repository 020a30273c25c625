-- Cases that are paid together lock their orders at once, in one order.
CREATE OR REPLACE FUNCTION case_commit(
    at timestamptz,
    c_id uuid[], c_before integer[], c_order uuid[], c_shop uuid[], c_buyer uuid[],
    c_opened timestamptz[], c_due timestamptz[], c_closed timestamptz[], c_refund bigint[],
    c_closes boolean[], c_head bytea[], c_state jsonb[],
    e_case uuid[], e_version integer[], e_type text[], e_at timestamptz[], e_by text[],
    e_person uuid[], e_pack text[], e_body jsonb[], e_hash bytea[],
    t_case uuid[], t_order uuid[], t_kind text[], t_source text[], t_source_owner uuid[],
    t_target text[], t_target_owner uuid[], t_fen bigint[], t_pending boolean[], t_version integer[],
    k_case uuid[], k_version integer[], k_person uuid[], k_key text[], k_digest bytea[],
    v_debt bigint[], v_fen bigint[],
    siblings_seen integer
) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    changed integer;
    numbers bigint[];
BEGIN
    IF siblings_seen IS NOT NULL THEN
        -- Filing looks at the order's other cases: whoever files on the same order takes turns.
        PERFORM 1 FROM orders o WHERE o.id = c_order[1] FOR NO KEY UPDATE;
        SELECT count(*) INTO changed FROM cases c WHERE c.order_id = c_order[1] AND c.id <> c_id[1];
        IF changed <> siblings_seen THEN
            RAISE EXCEPTION 'the order has other cases by now' USING ERRCODE = 'GD002';
        END IF;
    END IF;
    IF c_before[1] = 0 THEN
        WITH added AS (
            INSERT INTO cases (id, order_id, shop_id, buyer_id, opened_at, due_at, closed_at,
                               refunded_fen, head, state)
            SELECT c_id[i], c_order[i], c_shop[i], c_buyer[i], c_opened[i], c_due[i], c_closed[i],
                   c_refund[i], c_head[i], c_state[i]
            FROM generate_subscripts(c_id, 1) AS i
            RETURNING number
        )
        SELECT array_agg(number ORDER BY number) INTO numbers FROM added;
    ELSE
        UPDATE cases c SET due_at = t.due, closed_at = t.closed,
               refunded_fen = c.refunded_fen + t.refund, head = t.head, state = t.state
        FROM unnest(c_id, c_before, c_due, c_closed, c_refund, c_head, c_state)
             AS t (id, before, due, closed, refund, head, state)
        WHERE c.id = t.id AND c.version = t.before;
        GET DIAGNOSTICS changed = ROW_COUNT;
        IF changed <> cardinality(c_id) THEN
            RAISE EXCEPTION 'a case has changed' USING ERRCODE = 'GD002';
        END IF;
    END IF;
    IF 0 <> ANY (c_refund) THEN
        -- All of them and in one order, before a trigger locks one by one: companies of cases would
        -- wait for each other. And before the escrow, as who confirms an order does.
        PERFORM 1 FROM orders o
        WHERE o.id = ANY (ARRAY(
            SELECT c_order[i] FROM generate_subscripts(c_id, 1) AS i WHERE c_refund[i] <> 0))
        ORDER BY o.id FOR NO KEY UPDATE;
    END IF;
    INSERT INTO case_events (case_id, version, type, at, by, person_id, pack, body, hash)
    SELECT * FROM unnest(e_case, e_version, e_type, e_at, e_by, e_person, e_pack, e_body, e_hash);
    IF cardinality(v_debt) > 0 THEN
        -- Before anything is paid. A debt that somebody has paid meanwhile has ended already.
        PERFORM ledger_end(v_debt, 'voided', case_commit.at, v_fen, TRUE);
        PERFORM shops_note_no_refund(array_agg(c_order[i]), array_agg(-c_refund[i]), case_commit.at)
        FROM generate_subscripts(c_id, 1) AS i WHERE c_refund[i] < 0
        HAVING count(*) > 0;
    END IF;
    IF cardinality(t_case) > 0 THEN
        PERFORM ledger_post(t_case, t_order, t_kind, t_source, t_source_owner, t_target,
                            t_target_owner, t_fen, t_pending, case_commit.at, t_version);
        PERFORM shops_note_refund(array_agg(c_order[i]), array_agg(c_refund[i]), case_commit.at)
        FROM generate_subscripts(c_id, 1) AS i WHERE c_refund[i] > 0
        HAVING count(*) > 0;
        -- Two partial refunds at once do not see each other; together they may be all of it.
        PERFORM shops_close_orders(array_agg(c_order[i]), array_agg('refund'::text), case_commit.at)
        FROM generate_subscripts(c_id, 1) AS i
        WHERE c_closes[i] OR (c_refund[i] > 0 AND EXISTS (
            SELECT FROM orders o WHERE o.id = c_order[i] AND o.shipped_at IS NULL
               AND o.refunded_fen = o.paid_fen))
        HAVING count(*) > 0;
    END IF;
    IF cardinality(k_key) > 0 THEN
        INSERT INTO command_keys (case_id, version, person_id, key, digest, at)
        SELECT t.*, case_commit.at FROM unnest(k_case, k_version, k_person, k_key, k_digest) AS t;
    END IF;
    RETURN numbers;
END $$;
