-- The ledger: double entry in integer fen. Needs schema/jobs.sql.
--
-- Everything follows from the rows of ledger_transfers. They are only ever inserted, and a
-- trigger on the insert moves the balances and creates the payouts in the same statement, so
-- that no transfer can exist without its effect, whoever wrote it.
--
-- SQLSTATE GD001: an account would fall below what it holds. Nothing has happened; the caller
-- decides again with fresh facts. DETAIL is JSON: the accounts that are short, and the cases
-- that drew on them.

-- Balances, of the accounts whose money is limited, and of what shops owe.
--
-- The accounts of the platform and of the outside world (external, platform_advance,
-- platform_income, carrier) have no row here: nearly every transfer touches one of them, and a
-- row that everybody updates lets only one transaction through at a time. Their balance is the
-- sum of their transfers, in the view ledger_unlimited_balances.
CREATE TABLE ledger_accounts (
    kind text COLLATE "C" NOT NULL CHECK (kind IN (
        'order_escrow', 'shop_balance', 'shop_deposit', 'shop_frozen', 'shop_debt', 'buyer_refund'
    )),
    owner uuid NOT NULL,
    balance_fen bigint NOT NULL,
    -- The sum of the open pending transfers out of the account. Of shop_debt: what is owed.
    held_fen bigint NOT NULL,
    -- How many batches have changed the account since it came to be.
    version bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, owner),
    -- A check sees the row that an upsert proposes before it sees the sum that the upsert makes
    -- of it; such a proposal has version 0, and ledger_fold checks what comes of it.
    CONSTRAINT ledger_accounts_covered CHECK (
        version = 0 OR held_fen >= 0 AND (kind = 'shop_debt' OR balance_fen >= held_fen)
    )
) WITH (fillfactor = 80);

CREATE TABLE ledger_transfers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN (
        'payment', 'hold', 'release', 'capture', 'refund', 'advance', 'clawback',
        'deposit_deduct', 'freight', 'compensation', 'punitive', 'goodwill', 'top_up', 'repay',
        'payout', 'write_off'
    )),
    source_kind text COLLATE "C" NOT NULL,
    source_owner uuid NOT NULL,
    target_kind text COLLATE "C" NOT NULL,
    target_owner uuid NOT NULL,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    -- posted: the money has moved. pending: it is promised, and held at the source.
    -- voided, expired: the end of a pending transfer that never moved.
    state text NOT NULL CHECK (state IN ('posted', 'pending', 'voided', 'expired')),
    -- The pending transfer that this row ends. It may end with less than was pending; what is
    -- still owed then is a new pending transfer that continues the first.
    ends_transfer bigint REFERENCES ledger_transfers,
    continues bigint REFERENCES ledger_transfers,
    case_id uuid,
    order_id uuid,
    event_version int,
    -- The way the money came in (on a payment), or must go out; by default the way it came.
    channel text,
    payout_id uuid,
    memo text,
    created_at timestamptz NOT NULL,
    CHECK (source_kind IN (
        'order_escrow', 'shop_balance', 'shop_deposit', 'shop_frozen', 'shop_debt',
        'buyer_refund', 'platform_advance', 'platform_income', 'carrier', 'external'
    )),
    CHECK (target_kind IN (
        'order_escrow', 'shop_balance', 'shop_deposit', 'shop_frozen', 'shop_debt',
        'buyer_refund', 'platform_advance', 'platform_income', 'carrier', 'external'
    )),
    CHECK (source_kind <> target_kind OR source_owner <> target_owner),
    CHECK (state NOT IN ('voided', 'expired') OR ends_transfer IS NOT NULL),
    CHECK (state <> 'pending' OR ends_transfer IS NULL),
    CHECK (continues IS NULL OR state = 'pending'),
    CHECK ((kind = 'payout') = (payout_id IS NOT NULL))
);

-- The statement of an account, newest first, by position.
CREATE INDEX ledger_transfers_source ON ledger_transfers (source_kind, source_owner, id);
CREATE INDEX ledger_transfers_target ON ledger_transfers (target_kind, target_owner, id);
CREATE INDEX ledger_transfers_case ON ledger_transfers (case_id, id) WHERE case_id IS NOT NULL;
CREATE INDEX ledger_transfers_payment ON ledger_transfers (order_id) WHERE kind = 'payment';
CREATE INDEX ledger_transfers_pending ON ledger_transfers (source_kind, source_owner, id)
    WHERE state = 'pending';
-- A pending transfer ends once, and a payout arrives once.
CREATE UNIQUE INDEX ledger_transfers_end ON ledger_transfers (ends_transfer)
    WHERE ends_transfer IS NOT NULL;
CREATE UNIQUE INDEX ledger_transfers_payout ON ledger_transfers (payout_id)
    WHERE payout_id IS NOT NULL;

CREATE VIEW ledger_unlimited_balances AS
SELECT side.kind, side.owner, sum(side.change_fen)::bigint AS balance_fen
FROM ledger_transfers AS t CROSS JOIN LATERAL (VALUES
    (t.source_kind, t.source_owner, -t.amount_fen), (t.target_kind, t.target_owner, t.amount_fen)
) AS side (kind, owner, change_fen)
WHERE t.state = 'posted'
  AND side.kind IN ('external', 'platform_advance', 'platform_income', 'carrier')
GROUP BY side.kind, side.owner;

-- Money on its way to a buyer: what one decision gave, by the way it goes out. Its id is the
-- reference under which the payment channel knows it, so sending it twice is harmless.
CREATE TABLE payouts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    person uuid NOT NULL,
    case_id uuid,
    order_id uuid,
    purpose text NOT NULL CHECK (purpose IN ('refund', 'compensation')),
    channel text NOT NULL,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    -- The posted transfers into buyer_refund that it pays out.
    transfer_ids bigint[] NOT NULL,
    state text NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'sent', 'arrived', 'failed')),
    attempts int NOT NULL DEFAULT 0,
    -- When it is sent (again), or when its arrival is asked for (again).
    next_attempt_at timestamptz,
    channel_ref text,
    last_error text,
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    -- When the channel expects it to arrive.
    expected_at timestamptz,
    arrived_at timestamptz,
    failed_at timestamptz,
    CHECK ((state = 'arrived') = (arrived_at IS NOT NULL)),
    CHECK ((state = 'failed') = (failed_at IS NOT NULL)),
    CHECK ((state IN ('queued', 'sent')) = (next_attempt_at IS NOT NULL))
);
CREATE INDEX payouts_case ON payouts (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX payouts_order ON payouts (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX payouts_sent ON payouts (next_attempt_at) WHERE state = 'sent';
CREATE INDEX payouts_failed ON payouts (failed_at) WHERE state = 'failed';

CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'transfers are never changed; a correction is a new transfer';
END
$$;

CREATE TRIGGER ledger_transfers_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transfers
    EXECUTE FUNCTION ledger_refuse_change();

-- What inserted transfers do to the balances: one upsert in the order of the primary key, so
-- that two batches never wait for each other in a circle.
CREATE FUNCTION ledger_fold() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    short jsonb;
BEGIN
    WITH change AS MATERIALIZED (
        SELECT side.kind, side.owner,
               sum(side.balance_fen)::bigint AS balance_fen, sum(side.held_fen)::bigint AS held_fen
        FROM inserted AS t CROSS JOIN LATERAL (VALUES
            (t.source_kind, t.source_owner,
             CASE t.state WHEN 'posted' THEN -t.amount_fen ELSE 0 END,
             CASE WHEN t.state = 'pending' THEN t.amount_fen
                  WHEN t.ends_transfer IS NULL THEN 0
                  ELSE -(SELECT p.amount_fen FROM ledger_transfers p WHERE p.id = t.ends_transfer)
             END),
            (t.target_kind, t.target_owner,
             CASE t.state WHEN 'posted' THEN t.amount_fen ELSE 0 END, 0)
        ) AS side (kind, owner, balance_fen, held_fen)
        WHERE side.kind IN ('order_escrow', 'shop_balance', 'shop_deposit', 'shop_frozen',
                            'shop_debt', 'buyer_refund')
        GROUP BY side.kind, side.owner
    ), folded AS (
        INSERT INTO ledger_accounts AS a (kind, owner, balance_fen, held_fen)
        SELECT kind, owner, balance_fen, held_fen FROM change ORDER BY kind, owner
        ON CONFLICT (kind, owner) DO UPDATE SET
            balance_fen = a.balance_fen + excluded.balance_fen,
            held_fen = a.held_fen + excluded.held_fen,
            version = a.version + 1
        WHERE a.kind = 'shop_debt'
           OR a.balance_fen + excluded.balance_fen >= a.held_fen + excluded.held_fen
        RETURNING a.kind, a.owner, a.held_fen >= 0
              AND (a.kind = 'shop_debt' OR a.balance_fen >= a.held_fen) AS covered
    )
    SELECT jsonb_agg(jsonb_build_object('kind', change.kind, 'owner', change.owner))
    INTO short
    FROM change LEFT JOIN folded USING (kind, owner) WHERE folded.covered IS NOT TRUE;
    IF short IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'GD001',
            MESSAGE = 'an account would fall below what it holds',
            DETAIL = jsonb_build_object('accounts', short, 'cases', (
                SELECT jsonb_agg(DISTINCT t.case_id) FROM inserted t
                JOIN jsonb_to_recordset(short) AS s (kind text, owner uuid)
                  ON s.kind = t.source_kind AND s.owner = t.source_owner
                WHERE t.case_id IS NOT NULL
            ));
    END IF;
    IF EXISTS (SELECT FROM inserted WHERE target_kind = 'buyer_refund' AND state = 'posted') THEN
        WITH paid AS (
            INSERT INTO payouts (person, case_id, order_id, purpose, channel, amount_fen,
                                 transfer_ids, next_attempt_at, created_at)
            SELECT t.target_owner, t.case_id, t.order_id,
                   CASE t.kind WHEN 'refund' THEN 'refund' ELSE 'compensation' END AS purpose,
                   coalesce(t.channel, (SELECT p.channel FROM ledger_transfers p
                       WHERE p.order_id = t.order_id AND p.kind = 'payment'
                       ORDER BY p.id LIMIT 1), 'balance') AS channel,
                   sum(t.amount_fen), array_agg(t.id ORDER BY t.id),
                   max(t.created_at), max(t.created_at)
            FROM inserted t
            WHERE t.target_kind = 'buyer_refund' AND t.state = 'posted'
            GROUP BY 1, 2, 3, 4, 5
            RETURNING id, created_at
        )
        SELECT jobs_enqueue('send_payout', array_agg(uuid_send(id)),
                            array_agg('payout:' || id || ':0'), array_agg(created_at))
        FROM paid INTO short;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER ledger_transfers_fold
    AFTER INSERT ON ledger_transfers REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_fold();

-- Post a batch of transfers, of one case or of many; one array element is one transfer. Returns
-- how many were posted. Raises GD001.
CREATE FUNCTION ledger_post(
    case_ids uuid[], order_ids uuid[], kinds text[],
    source_kinds text[], source_owners uuid[], target_kinds text[], target_owners uuid[],
    amounts_fen bigint[], pendings boolean[], at timestamptz,
    event_versions int[] DEFAULT NULL, channels text[] DEFAULT NULL, memos text[] DEFAULT NULL
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    posted bigint;
BEGIN
    INSERT INTO ledger_transfers (
        case_id, order_id, kind, source_kind, source_owner, target_kind, target_owner,
        amount_fen, state, event_version, channel, memo, created_at
    )
    SELECT t.case_id, t.order_id, t.kind, t.source_kind, t.source_owner, t.target_kind,
           t.target_owner, t.amount_fen, CASE WHEN t.pending THEN 'pending' ELSE 'posted' END,
           t.event_version, t.channel, t.memo, at
    FROM unnest(case_ids, order_ids, kinds, source_kinds, source_owners, target_kinds,
                target_owners, amounts_fen, pendings, event_versions, channels, memos)
        AS t (case_id, order_id, kind, source_kind, source_owner, target_kind, target_owner,
              amount_fen, pending, event_version, channel, memo);
    GET DIAGNOSTICS posted = ROW_COUNT;
    RETURN posted;
END
$$;
