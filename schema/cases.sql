-- cases: the log of what happened in disputes, and the row that each log folds to. Written by the
-- cases room only, and only through case_commit, which writes a whole outcome or nothing.

-- The state is the fold of the events; what is searched and sorted on is drawn from it by the
-- database itself, so that a column can never say something else than the state.
CREATE TABLE cases (
    id           uuid PRIMARY KEY,
    number       bigint GENERATED ALWAYS AS IDENTITY (START WITH 100001) UNIQUE,
    order_id     uuid NOT NULL,
    shop_id      uuid NOT NULL,
    buyer_id     uuid NOT NULL,
    opened_at    timestamptz NOT NULL,
    due_at       timestamptz,
    closed_at    timestamptz,
    refunded_fen bigint NOT NULL DEFAULT 0,
    head         bytea NOT NULL, -- the hash of the newest event
    state        jsonb NOT NULL,
    version      integer NOT NULL GENERATED ALWAYS AS ((state ->> 'version')::integer) STORED,
    procedure    text COLLATE "C" NOT NULL GENERATED ALWAYS AS (state ->> 'procedure') STORED,
    kind         text COLLATE "C" NOT NULL GENERATED ALWAYS AS (state ->> 'kind') STORED,
    reason       text COLLATE "C" GENERATED ALWAYS AS (state ->> 'reason') STORED,
    stage        text COLLATE "C" NOT NULL
                 GENERATED ALWAYS AS (coalesce(state ->> 'stage', 'closed')) STORED,
    waiting_on   text COLLATE "C" NOT NULL
                 GENERATED ALWAYS AS (coalesce(state ->> 'waiting_on', 'nobody')) STORED,
    ended        text COLLATE "C" GENERATED ALWAYS AS (state ->> 'ended') STORED,
    CONSTRAINT closed_means_ended CHECK ((ended IS NULL) = (closed_at IS NULL)),
    CONSTRAINT nothing_is_due_when_closed CHECK (ended IS NULL OR due_at IS NULL)
) WITH (fillfactor = 80);

-- The words that a case is found by; a kind with its reason is one more.
CREATE FUNCTION cases_words(procedure text, kind text, reason text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY[procedure, kind, coalesce(reason, ''), kind || '/' || coalesce(reason, '')];

CREATE INDEX cases_due ON cases (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX cases_of_order ON cases (order_id);
CREATE INDEX cases_of_buyer ON cases (buyer_id, opened_at DESC, id DESC);
-- The shop's inbox: what waits for it, the most urgent first; then everything, newest first.
CREATE INDEX cases_inbox ON cases (shop_id, waiting_on, due_at, id) WHERE ended IS NULL;
CREATE INDEX cases_of_shop ON cases (shop_id, opened_at DESC, id DESC);
-- The platform's queue, by stage and clock.
CREATE INDEX cases_queue ON cases (stage, due_at, id) WHERE ended IS NULL;
-- Those that the platform has let run out stand before all others.
CREATE INDEX cases_missed ON cases (stage, due_at, id) WHERE ended IS NULL AND state ? 'missed';
-- What the queue is narrowed to: without it, a filter that hardly any case fits would read them all.
CREATE INDEX cases_of_words ON cases USING gin (cases_words(procedure, kind, reason));
CREATE INDEX cases_closed ON cases (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX cases_newest ON cases (opened_at DESC, id DESC);
-- In which case a file is evidence, which decides who may see it.
CREATE INDEX cases_of_files ON cases
    USING gin (jsonb_path_query_array(state, '$.evidence[*].file_ids[*]')) WHERE state ? 'evidence';

-- Every event of every case, hash-chained per case. Rows are added, never changed.
CREATE TABLE case_events (
    -- No foreign key: case_commit writes the case with its events, and gongdao verify looks.
    case_id   uuid NOT NULL,
    version   integer NOT NULL CHECK (version > 0),
    -- Followers read by (xid, position) and only what is older than every running transaction:
    -- positions are given before the commit, so by themselves they could be seen out of order.
    position  bigint GENERATED ALWAYS AS IDENTITY,
    xid       xid8 NOT NULL DEFAULT pg_current_xact_id(),
    type      text COLLATE "C" NOT NULL,
    at        timestamptz NOT NULL,
    by        text COLLATE "C" NOT NULL,
    person_id uuid,
    pack      text COLLATE "C" NOT NULL,
    body      jsonb NOT NULL,
    hash      bytea NOT NULL,
    PRIMARY KEY (case_id, version)
);
CREATE INDEX case_events_log ON case_events (xid, position);

CREATE FUNCTION cases_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER case_events_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_events
    EXECUTE FUNCTION cases_refuse_edit();

-- A shop's record, one line for each event of a case that carries an `entry`: points by ledger,
-- sanctions and findings. Lines are numbered per shop, and a decision numbers what it adds from the
-- record that it saw: of two that saw the same one only one is written, the other decides again.
CREATE TABLE shop_record (
    shop_id uuid NOT NULL,
    entry   integer NOT NULL CHECK (entry > 0),
    slot    text COLLATE "C" NOT NULL
            CHECK (slot IN ('general', 'serious', 'counterfeit', 'sanction', 'finding')),
    case_id uuid NOT NULL,
    kind    text COLLATE "C" NOT NULL, -- of the case
    at      timestamptz NOT NULL,
    body    jsonb NOT NULL,
    PRIMARY KEY (shop_id, entry)
);
-- A decision reads the newest lines of each slot.
CREATE INDEX shop_record_slots ON shop_record (shop_id, slot, entry);

CREATE TRIGGER shop_record_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON shop_record
    EXECUTE FUNCTION cases_refuse_edit();

CREATE FUNCTION cases_write_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO shop_record (shop_id, entry, slot, case_id, kind, at, body)
    SELECT c.shop_id, (NEW.body ->> 'entry')::integer,
           CASE NEW.type WHEN 'points_charged' THEN NEW.body #>> '{charge,ledger}'
                         WHEN 'case_closed' THEN 'finding'
                         ELSE 'sanction' END,
           c.id, c.kind, NEW.at, NEW.body
    FROM cases c WHERE c.id = NEW.case_id;
    RETURN NULL;
END $$;
CREATE TRIGGER case_events_write_record AFTER INSERT ON case_events
    FOR EACH ROW WHEN (NEW.body ? 'entry') EXECUTE FUNCTION cases_write_record();

-- What several cases may cost together (a ceiling, the price of the order) is bounded by what the
-- others have been paid. Of payments of one buyer and one shop that come at the same instant, one is
-- written; the other saw too little, and is decided anew.
CREATE FUNCTION cases_check_beside() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    this record;
    beside_fen bigint;
BEGIN
    SELECT c.order_id, c.buyer_id, c.shop_id, o.paid_at INTO this
    FROM cases c JOIN orders o ON o.id = c.order_id WHERE c.id = NEW.case_id;
    PERFORM pg_advisory_xact_lock(hashtextextended(concat(this.buyer_id, this.shop_id), 0));
    SELECT coalesce(sum((p ->> 'amount_fen')::bigint), 0) INTO beside_fen
    FROM cases s JOIN orders o ON o.id = s.order_id
    CROSS JOIN jsonb_array_elements(s.state -> 'paid') AS p
    WHERE s.buyer_id = this.buyer_id AND s.shop_id = this.shop_id AND s.id <> NEW.case_id
      AND s.state ? 'paid'
      AND (p ->> 'name' = 'compensation' OR (p ->> 'name' = 'freight' AND o.id = this.order_id))
      AND (o.id = this.order_id OR o.paid_at BETWEEN this.paid_at - interval '1 day'
                                                 AND this.paid_at + interval '1 day');
    IF beside_fen <> (NEW.body ->> 'beside_fen')::bigint THEN
        RAISE EXCEPTION 'another case has been paid by now' USING ERRCODE = 'GD002';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER case_events_check_beside AFTER INSERT ON case_events
    FOR EACH ROW WHEN (NEW.body ? 'beside_fen') EXECUTE FUNCTION cases_check_beside();

-- Several cases on an order come to what they come to at once (RefundReckoned), and each is worked out
-- from what the others have given back. Of refunds of one order that are paid at the same instant,
-- one is written; the other saw too little, and is decided anew.
CREATE FUNCTION cases_check_refunded() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    the_order uuid;
    refunded bigint;
BEGIN
    SELECT c.order_id INTO the_order FROM cases c WHERE c.id = NEW.case_id;
    PERFORM 1 FROM orders o WHERE o.id = the_order FOR NO KEY UPDATE;
    SELECT coalesce(sum(c.refunded_fen), 0) INTO refunded
    FROM cases c WHERE c.order_id = the_order AND c.id <> NEW.case_id;
    IF refunded <> (NEW.body ->> 'refunded_fen')::bigint THEN
        RAISE EXCEPTION 'another case has been paid by now' USING ERRCODE = 'GD002';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER case_events_check_refunded AFTER INSERT ON case_events
    FOR EACH ROW WHEN (NEW.type = 'payments_instructed' AND NEW.body ? 'refunded_fen')
    EXECUTE FUNCTION cases_check_refunded();

-- A command that was carried out, by the key that its sender gave it: sent again, it changes
-- nothing; sent with another body, it is refused.
CREATE TABLE command_keys (
    person_id uuid NOT NULL,
    key       text COLLATE "C" NOT NULL CHECK (length(key) BETWEEN 1 AND 100),
    digest    bytea NOT NULL,
    case_id   uuid NOT NULL,
    version   integer NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (person_id, key)
);
CREATE INDEX command_keys_by_age ON command_keys (at);

-- Which arbiter has taken a case into their hands. It orders the work and forbids nothing: a ruling
-- is judged by the rules alone.
CREATE TABLE case_claims (
    case_id   uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    at        timestamptz NOT NULL
);
CREATE INDEX case_claims_of_person ON case_claims (person_id);

-- Write outcomes, of commands that came at the same time or of timeouts: case rows, events, transfers,
-- refunds and the keys of the commands. All of them or nothing. Raises GD002 when a case, or the
-- cases of an order, are not what the decision was based on; GD001 (from the ledger) when an account
-- lacks the money. Returns the numbers of new cases.
CREATE FUNCTION case_commit(
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

-- The goods that an exchange wants are held from its filing to its end, and again when it is taken
-- up; those of another variant as soon as it is wanted instead. An exchange that asks for what
-- somebody else has just taken is decided anew.
CREATE FUNCTION cases_hold_goods() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.ended IS NOT NULL THEN
        PERFORM shops_end_hold(NEW.id, NEW.state ? 'sent');
    ELSIF TG_OP = 'UPDATE' AND OLD.ended IS NOT NULL THEN
        -- A case that is taken up again goes on even where the goods are gone: nobody is refused a
        -- hearing for that, and the shop then sends nothing or something else.
        PERFORM shops_hold_stock(NEW.id, (NEW.state #>> '{wanted,product_id}')::uuid,
                                 (NEW.state #>> '{wanted,units}')::integer, NEW.opened_at);
    ELSIF NOT shops_hold_stock(NEW.id, (NEW.state #>> '{wanted,product_id}')::uuid,
                               (NEW.state #>> '{wanted,units}')::integer, NEW.opened_at) THEN
        RAISE EXCEPTION 'the goods are gone by now' USING ERRCODE = 'GD002';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER cases_hold_goods AFTER INSERT ON cases FOR EACH ROW
    WHEN (NEW.state ? 'wanted') EXECUTE FUNCTION cases_hold_goods();
CREATE TRIGGER cases_free_goods AFTER UPDATE ON cases FOR EACH ROW
    WHEN (NEW.state ? 'wanted' AND OLD.ended IS NULL AND NEW.ended IS NOT NULL)
    EXECUTE FUNCTION cases_hold_goods();
CREATE TRIGGER cases_hold_goods_again AFTER UPDATE ON cases FOR EACH ROW
    WHEN (NEW.state ? 'wanted' AND NOT NEW.state ? 'sent' AND OLD.ended IS NOT NULL AND NEW.ended IS NULL)
    EXECUTE FUNCTION cases_hold_goods();
CREATE TRIGGER cases_hold_other_goods AFTER UPDATE ON cases FOR EACH ROW
    WHEN (NEW.state ? 'wanted' AND OLD.ended IS NULL AND NEW.ended IS NULL
          AND NEW.state -> 'wanted' IS DISTINCT FROM OLD.state -> 'wanted')
    EXECUTE FUNCTION cases_hold_goods();
