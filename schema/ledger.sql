-- The ledger: double entry in integer fen.
--
-- Everything follows from the rows of ledger_transfers. They are only ever inserted, and a
-- trigger on the insert moves the balances and creates the payouts in the same statement, so
-- that no transfer can exist without its effect, whoever wrote it.
--
-- SQLSTATE GD001: an account would fall below what it holds. Nothing has happened; the caller
-- decides again with fresh facts. DETAIL is JSON: the accounts that may be short, and the
-- cases that drew on them.

-- Closed lists are domains and not checks of the tables: PostgreSQL keeps a domain's check ready,
-- but reads every check of a table anew in every statement.
CREATE DOMAIN ledger_account_kind AS text COLLATE "C" CHECK (VALUE IN (
    'order_escrow', 'shop_balance', 'shop_deposit', 'shop_frozen', 'shop_debt', 'buyer_refund',
    'platform_advance', 'platform_income', 'carrier', 'external', 'gift_card'
));
CREATE DOMAIN ledger_transfer_kind AS text COLLATE "C" CHECK (VALUE IN (
    'payment', 'hold', 'release', 'capture', 'refund', 'advance', 'clawback', 'deposit_deduct',
    'freight', 'compensation', 'punitive', 'goodwill', 'fine', 'top_up', 'repay', 'payout',
    'write_off'
));
-- posted: the money has moved. pending: it is promised, and held at the source.
-- voided, expired: the end of a pending transfer that never moved.
CREATE DOMAIN ledger_state AS text COLLATE "C"
    CHECK (VALUE IN ('posted', 'pending', 'voided', 'expired'));
CREATE DOMAIN ledger_amount AS bigint CHECK (VALUE > 0);

-- Balances, of the accounts whose money is limited, and of what shops owe.
--
-- The accounts of the platform and of the outside world (external, platform_advance,
-- platform_income, carrier) have no row here: nearly every transfer touches one of them, and a
-- row that everybody updates lets only one transaction through at a time. Their balance is the
-- sum of their transfers, in the view ledger_unlimited_balances.
CREATE TABLE ledger_accounts (
    kind ledger_account_kind NOT NULL,
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
    kind ledger_transfer_kind NOT NULL,
    source_kind ledger_account_kind NOT NULL, source_owner uuid NOT NULL,
    target_kind ledger_account_kind NOT NULL, target_owner uuid NOT NULL,
    amount_fen ledger_amount NOT NULL,
    state ledger_state NOT NULL,
    -- The pending transfer that this row ends, and the amount that is no longer held. It may end
    -- with less than was pending; what is still owed then is a new pending transfer that
    -- continues the first one.
    ends_transfer bigint,
    released_fen bigint NOT NULL DEFAULT 0,
    continues bigint,
    case_id uuid,
    order_id uuid,
    event_version int,
    -- The way the money came in (on a payment), or must go out; by default the way it came.
    channel text,
    payout_id uuid,
    memo text,
    created_at timestamptz NOT NULL,
    CONSTRAINT ledger_transfers_shape CHECK (
        (source_kind <> target_kind OR source_owner <> target_owner)
        AND CASE WHEN ends_transfer IS NULL THEN released_fen = 0
                 ELSE released_fen >= amount_fen END
        AND CASE state WHEN 'posted' THEN TRUE
                       WHEN 'pending' THEN ends_transfer IS NULL
                       ELSE ends_transfer IS NOT NULL END
        AND (kind = 'payout') = (payout_id IS NOT NULL)
    )
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
-- reference under which the payment channel knows it, so sending it twice is harmless. The row
-- is its own job: it is due at next_attempt_at
-- (docs/decisions/0010-payouts-are-their-own-queue.md).
CREATE TABLE payouts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    person uuid NOT NULL, case_id uuid, order_id uuid,
    -- A refund is the buyer's own payment coming back; a compensation is anything else.
    purpose text NOT NULL,
    channel text NOT NULL, amount_fen bigint NOT NULL,
    -- The posted transfers into buyer_refund that it pays out.
    transfer_ids bigint[] NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'queued',
    attempts int NOT NULL DEFAULT 0,
    -- When it is sent (again), or when its arrival is asked for (again).
    next_attempt_at timestamptz,
    channel_ref text, last_error text,
    created_at timestamptz NOT NULL, sent_at timestamptz,
    -- When the channel expects it to arrive.
    expected_at timestamptz,
    arrived_at timestamptz, failed_at timestamptz,
    CONSTRAINT payouts_shape CHECK (
        amount_fen > 0 AND CASE state
            WHEN 'queued' THEN next_attempt_at IS NOT NULL
            WHEN 'sent' THEN next_attempt_at IS NOT NULL AND sent_at IS NOT NULL
            WHEN 'arrived' THEN next_attempt_at IS NULL AND arrived_at IS NOT NULL
            WHEN 'failed' THEN next_attempt_at IS NULL AND failed_at IS NOT NULL
            ELSE FALSE END
    )
);
CREATE INDEX payouts_case ON payouts (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX payouts_due ON payouts (state, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX payouts_failed ON payouts (failed_at) WHERE failed_at IS NOT NULL;

CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only; a correction is a new row', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER ledger_transfers_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transfers
    EXECUTE FUNCTION ledger_refuse_change();

-- What inserted transfers do to the balances: one upsert in the order of the primary key, so
-- that two batches never wait for each other in a circle. Then the payouts.
CREATE FUNCTION ledger_fold() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed int;
    covered int;
    refunding boolean;
    cards uuid[];
BEGIN
    WITH change AS MATERIALIZED (
        SELECT side.kind, side.owner,
               sum(side.balance_fen)::bigint AS balance_fen, sum(side.held_fen)::bigint AS held_fen
        FROM inserted AS t CROSS JOIN LATERAL (VALUES
            (t.source_kind, t.source_owner,
             CASE t.state WHEN 'posted' THEN -t.amount_fen ELSE 0 END,
             CASE t.state WHEN 'pending' THEN t.amount_fen ELSE -t.released_fen END),
            (t.target_kind, t.target_owner,
             CASE t.state WHEN 'posted' THEN t.amount_fen ELSE 0 END, 0)
        ) AS side (kind, owner, balance_fen, held_fen)
        WHERE side.kind IN ('order_escrow', 'shop_balance', 'shop_deposit', 'shop_frozen',
                            'shop_debt', 'buyer_refund', 'gift_card')
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
        RETURNING a.held_fen >= 0
              AND (a.kind = 'shop_debt' OR a.balance_fen >= a.held_fen) AS covered
    )
    SELECT count(*), (SELECT count(*) FROM folded WHERE folded.covered),
           bool_or(kind = 'buyer_refund')
    INTO changed, covered, refunding FROM change;
    IF covered <> changed THEN
        RAISE EXCEPTION USING ERRCODE = 'GD001',
            MESSAGE = 'an account would fall below what it holds',
            DETAIL = (
                SELECT jsonb_build_object('accounts', jsonb_agg(DISTINCT jsonb_build_object(
                           'kind', t.source_kind, 'owner', t.source_owner)),
                       'cases', jsonb_agg(DISTINCT t.case_id))
                FROM inserted t LEFT JOIN ledger_accounts a
                  ON a.kind = t.source_kind AND a.owner = t.source_owner
                WHERE t.source_kind IN ('order_escrow', 'shop_balance', 'shop_deposit',
                                        'shop_frozen', 'buyer_refund', 'gift_card')
                  AND coalesce(a.balance_fen - a.held_fen, 0) < (
                      SELECT sum(o.amount_fen) FROM inserted o
                      WHERE o.source_kind = t.source_kind AND o.source_owner = t.source_owner)
            );
    END IF;
    IF refunding THEN
        -- What was paid with a gift card is on the card again at once; nobody carries it there. Only
        -- a refund goes there: what is paid on top is money.
        WITH due AS (
            SELECT t.*, CASE WHEN t.kind = 'refund' OR way.channel <> 'gift_card'
                             THEN way.channel ELSE 'balance' END AS way
            FROM inserted t CROSS JOIN LATERAL (
                SELECT coalesce(t.channel, (SELECT p.channel FROM ledger_transfers p
                    WHERE p.order_id = t.order_id AND p.kind = 'payment'
                    ORDER BY p.id LIMIT 1), 'balance') AS channel
            ) AS way
            WHERE t.target_kind = 'buyer_refund' AND t.state = 'posted'
        ), made AS (
            INSERT INTO payouts (person, case_id, order_id, purpose, channel, amount_fen,
                                 transfer_ids, state, next_attempt_at, created_at, sent_at,
                                 arrived_at)
            SELECT d.target_owner, d.case_id, d.order_id,
                   CASE d.kind WHEN 'refund' THEN 'refund' ELSE 'compensation' END,
                   d.way, sum(d.amount_fen), array_agg(d.id ORDER BY d.id),
                   CASE d.way WHEN 'gift_card' THEN 'arrived' ELSE 'queued' END,
                   CASE d.way WHEN 'gift_card' THEN NULL ELSE max(d.created_at) END,
                   max(d.created_at),
                   CASE d.way WHEN 'gift_card' THEN max(d.created_at) END,
                   CASE d.way WHEN 'gift_card' THEN max(d.created_at) END
            FROM due d
            GROUP BY 1, 2, 3, 4, 5
            RETURNING id, channel
        )
        SELECT array_agg(id) INTO cards FROM made WHERE channel = 'gift_card';
        IF cards IS NOT NULL THEN
            INSERT INTO ledger_transfers (
                kind, source_kind, source_owner, target_kind, target_owner, amount_fen, state,
                case_id, order_id, channel, payout_id, created_at
            )
            SELECT 'payout', 'buyer_refund', p.person, 'gift_card', p.person, p.amount_fen, 'posted',
                   p.case_id, p.order_id, p.channel, p.id, p.created_at
            FROM payouts p WHERE p.id = ANY (cards);
        END IF;
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
    -- The few transfers of one decision are taken out of the arrays by subscript, because unnest
    -- makes a table of each array first, which costs more than the rest of the statement. In a
    -- long array a subscript has to count its way from the start, so there unnest is faster.
    IF cardinality(amounts_fen) <= 16 THEN
        INSERT INTO ledger_transfers (
            case_id, order_id, kind, source_kind, source_owner, target_kind, target_owner,
            amount_fen, state, event_version, channel, memo, created_at
        )
        SELECT case_ids[i], order_ids[i], kinds[i], source_kinds[i], source_owners[i],
               target_kinds[i], target_owners[i], amounts_fen[i],
               CASE WHEN pendings[i] THEN 'pending' ELSE 'posted' END,
               event_versions[i], channels[i], memos[i], at
        FROM generate_subscripts(amounts_fen, 1) AS i;
    ELSE
        INSERT INTO ledger_transfers (
            case_id, order_id, kind, source_kind, source_owner, target_kind, target_owner,
            amount_fen, state, event_version, channel, memo, created_at
        )
        SELECT t.case_id, t.order_id, t.kind, t.source_kind, t.source_owner,
               t.target_kind, t.target_owner, t.amount_fen,
               CASE WHEN t.pending THEN 'pending' ELSE 'posted' END,
               t.event_version, t.channel, t.memo, at
        FROM unnest(case_ids, order_ids, kinds, source_kinds, source_owners, target_kinds,
                    target_owners, amounts_fen, pendings, event_versions, channels, memos)
            AS t (case_id, order_id, kind, source_kind, source_owner, target_kind, target_owner,
                  amount_fen, pending, event_version, channel, memo);
    END IF;
    GET DIAGNOSTICS posted = ROW_COUNT;
    RETURN posted;
END
$$;

-- End pending transfers: posted (the money moves, all of it or amounts_fen), voided or expired.
-- With continued, what was not posted stays pending as a new transfer. A transfer that has ended
-- already fails on ledger_transfers_end. Returns how many were ended. Raises GD001.
CREATE FUNCTION ledger_end(
    transfer_ids bigint[], outcome text, at timestamptz,
    amounts_fen bigint[] DEFAULT NULL, continued boolean DEFAULT FALSE, memo text DEFAULT NULL
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    ended bigint;
BEGIN
    WITH pending AS (
        SELECT t.*, coalesce(amounts_fen[i], t.amount_fen) AS part_fen
        FROM generate_subscripts(transfer_ids, 1) AS i
        JOIN ledger_transfers t ON t.id = transfer_ids[i]
        WHERE t.state = 'pending'
    )
    INSERT INTO ledger_transfers (
        kind, source_kind, source_owner, target_kind, target_owner, amount_fen, state,
        ends_transfer, released_fen, continues, case_id, order_id, channel, memo, created_at
    )
    SELECT p.kind, p.source_kind, p.source_owner, p.target_kind, p.target_owner, p.part_fen,
           outcome, p.id, p.amount_fen, NULL, p.case_id, p.order_id, p.channel, ledger_end.memo, at
    FROM pending p
    UNION ALL
    SELECT p.kind, p.source_kind, p.source_owner, p.target_kind, p.target_owner,
           p.amount_fen - p.part_fen, 'pending', NULL, 0, coalesce(p.continues, p.id),
           p.case_id, p.order_id, p.channel, p.memo, at
    FROM pending p WHERE continued AND p.part_fen <> p.amount_fen;
    SELECT count(*) INTO ended FROM ledger_transfers t WHERE t.ends_transfer = ANY (transfer_ids);
    IF ended <> cardinality(transfer_ids) THEN
        RAISE EXCEPTION 'not all of these transfers are pending'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN ended;
END
$$;

-- Payouts that reached the buyer: each arrives once, and its money leaves the books in the same
-- statement. Returns those that had not arrived before.
CREATE FUNCTION payouts_arrive(ids uuid[], arrivals timestamptz[], at timestamptz)
RETURNS SETOF uuid LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    WITH arrived AS (
        UPDATE payouts p SET state = 'arrived', arrived_at = told.arrived_at,
                             next_attempt_at = NULL, last_error = NULL
        FROM unnest(ids, arrivals) AS told (id, arrived_at)
        WHERE p.id = told.id AND p.state = 'sent'
        RETURNING p.*
    )
    INSERT INTO ledger_transfers (
        kind, source_kind, source_owner, target_kind, target_owner, amount_fen, state,
        case_id, order_id, channel, payout_id, created_at
    )
    SELECT 'payout', 'buyer_refund', a.person, 'external', '00000000-0000-0000-0000-000000000000',
           a.amount_fen, 'posted', a.case_id, a.order_id, a.channel, a.id, at
    FROM arrived a
    RETURNING payout_id;
END
$$;

-- Money that somebody is asked for: a shop that tops up, a buyer who pays a difference. Nothing is in
-- the books before the channel (or, where it takes no money, the operator) says that it came in. The
-- id is the reference under which the channel knows it; the row is its own job.
CREATE TABLE bills (
    id uuid PRIMARY KEY,
    purpose text COLLATE "C" NOT NULL
        CHECK (purpose IN ('top_up', 'deposit', 'line_change', 'extra', 'exchange')),
    payer uuid NOT NULL, shop_id uuid NOT NULL, order_id uuid, case_id uuid,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0), channel text NOT NULL,
    -- open: asked for; sent: the payer has told the channel to pay; paid; void: nobody pays it now.
    state text COLLATE "C" NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'sent', 'paid', 'void')),
    key text NOT NULL, -- of whoever made it: asking again with the same key makes no second one
    note text NOT NULL DEFAULT '', made_by uuid,
    detail jsonb NOT NULL DEFAULT '{}', -- what happens once it is paid
    created_at timestamptz NOT NULL, expires_at timestamptz, sent_at timestamptz,
    next_attempt_at timestamptz, attempts integer NOT NULL DEFAULT 0,
    ended_at timestamptz, -- paid or void
    reference text NOT NULL DEFAULT '', -- the channel's number, or the operator's
    returned boolean NOT NULL DEFAULT FALSE, -- it came too late, and went straight back
    settled_at timestamptz, -- an exchange: its money has gone to whom it belongs
    UNIQUE (shop_id, payer, key),
    CONSTRAINT bills_shape CHECK (
        (state IN ('paid', 'void')) = (ended_at IS NOT NULL)
        AND (next_attempt_at IS NULL OR state IN ('open', 'sent'))
        AND (purpose IN ('top_up', 'deposit')) = (order_id IS NULL)
        AND (purpose = 'exchange') = (case_id IS NOT NULL)
        AND (state = 'paid' OR NOT returned AND settled_at IS NULL))
);
CREATE INDEX bills_due ON bills (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX bills_of_order ON bills (order_id, created_at) WHERE order_id IS NOT NULL;
CREATE INDEX bills_of_case ON bills (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX bills_of_shop ON bills (shop_id, created_at DESC) WHERE order_id IS NULL;
CREATE INDEX bills_waiting ON bills (created_at) WHERE state IN ('open', 'sent');
CREATE INDEX bills_to_settle ON bills (case_id) WHERE purpose = 'exchange' AND state = 'paid'
    AND settled_at IS NULL;

-- What the embedded simulator of a payment channel remembers (src/gongdao/ledger/simulator.py).
-- It stands for the outside world: nothing else reads it, and it is written on its own.
CREATE TABLE channel_sim_orders (
    ref uuid PRIMARY KEY, channel text NOT NULL, amount_fen bigint NOT NULL,
    tries int NOT NULL DEFAULT 1,
    state text NOT NULL CHECK (state IN ('trying', 'accepted', 'refused')),
    reason text, accepted_at timestamptz, arrives_at timestamptz,
    CHECK (state <> 'accepted' OR arrives_at IS NOT NULL)
);
CREATE TABLE channel_sim_collections (
    ref uuid PRIMARY KEY, channel text NOT NULL, amount_fen bigint NOT NULL,
    refused boolean NOT NULL, asked_at timestamptz NOT NULL, arrives_at timestamptz NOT NULL
);
