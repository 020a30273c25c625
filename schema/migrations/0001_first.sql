-- What every room stands on. Files of this folder are applied in the order of base/schema.py.

-- Which migrations this database has; a new database has them all from the start.
CREATE TABLE schema_migration (
    name text PRIMARY KEY CHECK (name ~ '^\d{4}_[a-z0-9_]+\.sql$'),
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    applied_at timestamptz NOT NULL
);

-- People, roles, sessions, API tokens and sign-in attempts. Only src/gongdao/accounts writes here.

-- A role is what the people of one shop, or of the platform (shop_id is null), may do. Shops name
-- theirs freely; a role of the platform also says its duty, because that is who its people are in
-- a case, and the procedures know four duties and no others.
create table roles (
    id              uuid primary key,
    -- No foreign key to shops: accounts and shops are rooms beside each other.
    shop_id         uuid,
    -- The house a role belongs to, never null, so that a foreign key can compare it.
    house_id        uuid not null generated always as
                        (coalesce(shop_id, '00000000-0000-0000-0000-000000000000'::uuid)) stored,
    name            text not null check (length(name) between 1 and 40),
    duty            text check (duty in ('arbiter', 'supervisor', 'operator', 'auditor')),
    permissions     text[] not null check (cardinality(permissions) <= 64),
    -- The most that one decision may cost the shop; null is any amount.
    money_limit_fen bigint check (money_limit_fen between 0 and 10000000000),
    created_at      timestamptz not null,
    constraint roles_duty_is_of_the_platform check ((shop_id is null) = (duty is not null)),
    constraint roles_spend_only_shop_money check (shop_id is not null or money_limit_fen is null),
    constraint roles_house unique (id, house_id)
);

create unique index roles_name on roles (house_id, lower(name));

create table people (
    id            uuid primary key,
    -- Kept folded: "Anna" and "anna" are one name, or one could pass for the other. The check is
    -- weaker than fields.fold_name, which knows all of Unicode.
    sign_in_name  text not null unique
                      check (length(sign_in_name) between 2 and 60 and sign_in_name !~ '[A-Z]'),
    name          text not null check (length(name) between 1 and 60),
    kind          text not null check (kind in ('buyer', 'shop', 'platform')),
    shop_id       uuid,
    house_id      uuid not null generated always as
                      (coalesce(shop_id, '00000000-0000-0000-0000-000000000000'::uuid)) stored,
    role_id       uuid,
    -- Null until the person has chosen one: buyers of imported orders exist before they sign in.
    password_hash text check (length(password_hash) <= 255),
    locale        text not null default 'zh' check (locale in ('zh', 'en')),
    created_at    timestamptz not null,
    -- People are disabled, never deleted: events name them for ever.
    disabled_at   timestamptz,
    disabled_by   uuid references people (id),
    constraint people_shop_people_have_a_shop check ((kind = 'shop') = (shop_id is not null)),
    constraint people_staff_have_a_role check ((kind = 'buyer') = (role_id is null)),
    constraint people_disabled_by_needs_when check (disabled_by is null or disabled_at is not null),
    -- The role is one of the person's own house: no shop can borrow a role of another.
    constraint people_role_of_their_house
        foreign key (role_id, house_id) references roles (id, house_id)
);

create index people_of_a_shop on people (shop_id, created_at) where shop_id is not null;
create index people_of_a_role on people (role_id) where role_id is not null;

create table sessions (
    id          uuid primary key,
    -- Only the hash: a stolen backup signs nobody in.
    token_hash  bytea not null unique check (octet_length(token_hash) = 32),
    person_id   uuid not null references people (id),
    created_at  timestamptz not null,
    seen_at     timestamptz not null,
    expires_at  timestamptz not null check (expires_at > created_at),
    user_agent  text not null default '' check (length(user_agent) <= 200),
    ip          inet
);

create index sessions_of_a_person on sessions (person_id, seen_at desc);
create index sessions_by_expiry on sessions (expires_at);
create index sessions_by_last_seen on sessions (seen_at);

create table api_tokens (
    id          uuid primary key,
    token_hash  bytea not null unique check (octet_length(token_hash) = 32),
    person_id   uuid not null references people (id),
    name        text not null check (length(name) between 1 and 60),
    -- What the token may do; what its person may no longer do, it may not either.
    permissions text[] not null check (cardinality(permissions) between 1 and 64),
    created_at  timestamptz not null,
    expires_at  timestamptz not null check (expires_at > created_at),
    -- Rounded to the hour in practice, so that reading does not become writing.
    used_at     timestamptz,
    revoked_at  timestamptz
);

create index api_tokens_of_a_person on api_tokens (person_id, created_at desc);

-- Every try to sign in, written before the password is looked at, so that a hundred at once count
-- as a hundred. Kept for a day.
create table sign_in_attempts (
    id           bigint generated always as identity primary key,
    -- The folded name as typed, of a person or of nobody: both are limited alike.
    name_key     text not null check (length(name_key) <= 60),
    -- An address, or the /64 of an IPv6 one: a single customer holds that many.
    network      inet,
    at           timestamptz not null,
    succeeded_at timestamptz
);

create index sign_in_attempts_of_a_name on sign_in_attempts (name_key, at desc);
create index sign_in_attempts_of_a_network on sign_in_attempts (network, at desc)
    where network is not null;
create index sign_in_attempts_by_age on sign_in_attempts (at);

-- Values that staff may edit while the product runs. Only src/gongdao/settings writes here. A value
-- is never changed: a new version is added, with who said so and why, and the newest one counts.

CREATE TABLE settings_log (
    name    text COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    version integer NOT NULL CHECK (version > 0),
    value   jsonb NOT NULL,
    reason  text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    -- No foreign key to people: accounts and settings are rooms beside each other.
    by_id   uuid NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (name, version)
);

CREATE FUNCTION settings_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER settings_log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settings_log
    EXECUTE FUNCTION settings_refuse_edit();

-- shops: who sells, what, to whom, and what happened to each order. Written by the shops room only.
-- People belong to the accounts room and images to the files room: rooms that stand side by side
-- do not refer to each other's tables, so buyer_id and image_file_id carry no foreign key.

CREATE TABLE shops (
    id             uuid PRIMARY KEY,
    name           text NOT NULL UNIQUE CHECK (name <> ''),
    region         text NOT NULL DEFAULT '',
    status         text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'banned', 'closed')),
    opened_at      timestamptz NOT NULL,
    return_address jsonb NOT NULL DEFAULT '{}',
    version        integer NOT NULL DEFAULT 1
);

CREATE TABLE products (
    id            uuid PRIMARY KEY,
    shop_id       uuid NOT NULL REFERENCES shops,
    title         text NOT NULL CHECK (title <> ''),
    sku           text NOT NULL DEFAULT '',
    price_fen     bigint NOT NULL CHECK (price_fen >= 0),
    category      text NOT NULL DEFAULT '',
    tags          text[] NOT NULL DEFAULT '{}',
    image_file_id uuid
);
CREATE UNIQUE INDEX products_sku ON products (shop_id, sku) WHERE sku <> '';
CREATE INDEX products_of_shop ON products (shop_id, id);

-- number, buyer_name and tracking are compared byte by byte, so that their indexes serve
-- prefix searches whatever the locale of the server is.
CREATE TABLE orders (
    id               uuid PRIMARY KEY,
    shop_id          uuid NOT NULL REFERENCES shops,
    buyer_id         uuid NOT NULL,
    number           text COLLATE "C" NOT NULL CHECK (number <> ''),
    placed_at        timestamptz NOT NULL,
    paid_at          timestamptz,
    lines            jsonb NOT NULL,
    terms            jsonb NOT NULL DEFAULT '{}', -- discounts, coupons, gifts, promises, free shipping
    freight_fen      bigint NOT NULL DEFAULT 0 CHECK (freight_fen >= 0),
    total_fen        bigint NOT NULL CHECK (total_fen >= 0), -- what the buyer has or had to pay
    paid_fen         bigint NOT NULL CHECK (paid_fen IN (0, total_fen)),
    refunded_fen     bigint NOT NULL DEFAULT 0,
    payment          text NOT NULL DEFAULT 'balance'
                     CHECK (payment IN ('balance', 'card', 'credit', 'cod')),
    ship_within_s    integer NOT NULL CHECK (ship_within_s >= 0),
    shipped_at       timestamptz,
    carrier          text NOT NULL DEFAULT '',
    tracking         text COLLATE "C" NOT NULL DEFAULT '',
    signed_at        timestamptz,
    signed_by        text CHECK (signed_by IN ('self', 'proxy', 'placed')),
    confirmed_at     timestamptz,
    closed_at        timestamptz,
    closed_by        text CHECK (closed_by IN ('buyer', 'seller', 'timeout', 'refund')),
    state            text NOT NULL GENERATED ALWAYS AS (CASE
                         WHEN closed_at IS NOT NULL THEN 'closed'
                         WHEN confirmed_at IS NOT NULL THEN 'confirmed'
                         WHEN signed_at IS NOT NULL THEN 'signed'
                         WHEN shipped_at IS NOT NULL THEN 'shipped'
                         WHEN paid_at IS NOT NULL THEN 'paid'
                         ELSE 'unpaid' END) STORED,
    buyer_name       text COLLATE "C" NOT NULL DEFAULT '',
    receiver_name    text NOT NULL DEFAULT '',
    receiver_phone   text NOT NULL DEFAULT '',
    receiver_address text NOT NULL DEFAULT '',
    buyer_message    text NOT NULL DEFAULT '',
    seller_note      text NOT NULL DEFAULT '',
    version          integer NOT NULL DEFAULT 1,
    UNIQUE (shop_id, number),
    CONSTRAINT no_refund_above_the_payment CHECK (refunded_fen BETWEEN 0 AND paid_fen),
    CONSTRAINT paid_once_it_is_paid CHECK (paid_fen = CASE WHEN paid_at IS NULL THEN 0 ELSE total_fen END),
    CONSTRAINT things_happen_in_order CHECK (
        (paid_at IS NULL OR paid_at >= placed_at)
        AND (shipped_at IS NULL OR shipped_at >= placed_at)
        AND (signed_at IS NULL OR (shipped_at IS NOT NULL AND signed_at >= shipped_at))
        AND (confirmed_at IS NULL OR (paid_at IS NOT NULL AND confirmed_at >= paid_at))
        AND (closed_at IS NULL OR closed_at >= placed_at)),
    CONSTRAINT who_closed_it CHECK ((closed_at IS NULL) = (closed_by IS NULL)),
    CONSTRAINT who_signed_it CHECK ((signed_at IS NULL) = (signed_by IS NULL))
);
CREATE INDEX orders_of_buyer ON orders (buyer_id, placed_at DESC, id DESC);
CREATE INDEX orders_of_shop ON orders (shop_id, placed_at DESC, id DESC);
CREATE INDEX orders_of_shop_by_state ON orders (shop_id, state, placed_at DESC, id DESC);
CREATE INDEX orders_by_tracking ON orders (tracking) WHERE tracking <> '';
CREATE INDEX orders_by_buyer_name ON orders (shop_id, buyer_name);
CREATE INDEX orders_newest ON orders (placed_at DESC, id DESC);

-- One row per parcel: out to the buyer, or back to the shop. `events` is what the carrier told.
CREATE TABLE shipments (
    id         uuid PRIMARY KEY,
    order_id   uuid NOT NULL REFERENCES orders,
    direction  text NOT NULL CHECK (direction IN ('out', 'back')),
    carrier    text NOT NULL CHECK (carrier <> ''),
    tracking   text COLLATE "C" NOT NULL CHECK (tracking <> ''),
    shipped_at timestamptz NOT NULL,
    signed_at  timestamptz CHECK (signed_at >= shipped_at),
    signed_by  text CHECK (signed_by IN ('self', 'proxy', 'placed')),
    events     jsonb NOT NULL DEFAULT '[]',
    UNIQUE (order_id, direction, carrier, tracking)
);
CREATE INDEX shipments_by_tracking ON shipments (tracking);

-- What happened to an order, who did it and when. Rows are added, never changed.
CREATE TABLE order_log (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders,
    at       timestamptz NOT NULL,
    by_id    uuid, -- the person; null for the system
    what     text NOT NULL CHECK (what IN ('imported', 'placed', 'paid', 'shipped', 'tracked', 'signed',
                                           'confirmed', 'closed', 'refunded')),
    detail   jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX order_log_of_order ON order_log (order_id, position);

CREATE FUNCTION shops_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER order_log_is_append_only BEFORE UPDATE OR DELETE ON order_log
    FOR EACH ROW EXECUTE FUNCTION shops_refuse_edit();

-- Adds to what was paid back on orders. Called inside the commit of the decision that pays it.
-- The constraint no_refund_above_the_payment fails the whole commit when it would be too much.
CREATE FUNCTION shops_note_refund(
    order_ids uuid[], amounts_fen bigint[], noted_at timestamptz DEFAULT transaction_timestamp()
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    wanted integer;
    found_rows integer;
BEGIN
    -- One order of locking for everybody, so that two bulk commits cannot wait for each other.
    PERFORM 1 FROM orders WHERE id = ANY (order_ids) ORDER BY id FOR NO KEY UPDATE;
    WITH sums AS (
        SELECT given.id, sum(given.fen)::bigint AS fen
          FROM unnest(order_ids, amounts_fen) AS given (id, fen) GROUP BY given.id
    ), noted AS (
        UPDATE orders o SET refunded_fen = o.refunded_fen + sums.fen, version = o.version + 1
          FROM sums WHERE o.id = sums.id AND sums.fen > 0 RETURNING o.id, sums.fen
    ), logged AS (
        INSERT INTO order_log (order_id, at, what, detail)
        SELECT id, noted_at, 'refunded', jsonb_build_object('amount_fen', fen) FROM noted
    )
    SELECT (SELECT count(*) FROM sums), (SELECT count(*) FROM noted) INTO wanted, found_rows;
    IF wanted <> found_rows THEN
        RAISE EXCEPTION 'a refund names an order that does not exist, or is not above zero';
    END IF;
END $$;

-- Closes orders that are not closed yet, each for its own reason. Closing again changes nothing.
CREATE FUNCTION shops_close_orders(order_ids uuid[], closed_by text[], at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM orders WHERE id = ANY (order_ids) ORDER BY id FOR NO KEY UPDATE;
    WITH shut AS (
        UPDATE orders o SET closed_at = $3, closed_by = given.who, version = o.version + 1
          FROM unnest($1, $2) AS given (id, who)
         WHERE o.id = given.id AND o.closed_at IS NULL RETURNING o.id, o.closed_by
    )
    INSERT INTO order_log (order_id, at, what, detail)
    SELECT shut.id, $3, 'closed', jsonb_build_object('by', shut.closed_by) FROM shut;
END $$;

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
    'platform_advance', 'platform_income', 'carrier', 'external'
));
CREATE DOMAIN ledger_transfer_kind AS text COLLATE "C" CHECK (VALUE IN (
    'payment', 'hold', 'release', 'capture', 'refund', 'advance', 'clawback', 'deposit_deduct',
    'freight', 'compensation', 'punitive', 'goodwill', 'top_up', 'repay', 'payout', 'write_off'
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
    source_kind ledger_account_kind NOT NULL,
    source_owner uuid NOT NULL,
    target_kind ledger_account_kind NOT NULL,
    target_owner uuid NOT NULL,
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
    person uuid NOT NULL,
    case_id uuid,
    order_id uuid,
    -- A refund is the buyer's own payment coming back; a compensation is anything else.
    purpose text NOT NULL,
    channel text NOT NULL,
    amount_fen bigint NOT NULL,
    -- The posted transfers into buyer_refund that it pays out.
    transfer_ids bigint[] NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'queued',
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
                                        'shop_frozen', 'buyer_refund')
                  AND coalesce(a.balance_fen - a.held_fen, 0) < (
                      SELECT sum(o.amount_fen) FROM inserted o
                      WHERE o.source_kind = t.source_kind AND o.source_owner = t.source_owner)
            );
    END IF;
    IF refunding THEN
        INSERT INTO payouts (person, case_id, order_id, purpose, channel, amount_fen,
                             transfer_ids, next_attempt_at, created_at)
        SELECT t.target_owner, t.case_id, t.order_id,
               CASE t.kind WHEN 'refund' THEN 'refund' ELSE 'compensation' END,
               coalesce(t.channel, (SELECT p.channel FROM ledger_transfers p
                   WHERE p.order_id = t.order_id AND p.kind = 'payment'
                   ORDER BY p.id LIMIT 1), 'balance'),
               sum(t.amount_fen), array_agg(t.id ORDER BY t.id),
               max(t.created_at), max(t.created_at)
        FROM inserted t
        WHERE t.target_kind = 'buyer_refund' AND t.state = 'posted'
        GROUP BY 1, 2, 3, 4, 5;
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

-- What the embedded simulator of a payment channel remembers (src/gongdao/ledger/simulator.py).
-- It stands for the outside world: nothing else reads it, and it is written on its own.
CREATE TABLE channel_sim_orders (
    ref uuid PRIMARY KEY,
    channel text NOT NULL,
    amount_fen bigint NOT NULL,
    tries int NOT NULL DEFAULT 1,
    state text NOT NULL CHECK (state IN ('trying', 'accepted', 'refused')),
    reason text,
    accepted_at timestamptz,
    arrives_at timestamptz,
    CHECK (state <> 'accepted' OR arrives_at IS NOT NULL)
);

-- Uploaded files: one row an upload. Only src/gongdao/files writes here. The bytes lie in the
-- object store under sha256; the same content twice is one object and two rows.

CREATE TABLE files (
    id              uuid PRIMARY KEY,
    -- Of the bytes as stored and served, after cleaning: the address, and what a seal is taken of.
    sha256          bytea NOT NULL CHECK (octet_length(sha256) = 32),
    -- Of the bytes as they arrived.
    uploaded_sha256 bytea NOT NULL CHECK (octet_length(uploaded_sha256) = 32),
    media_type      text NOT NULL CHECK (media_type IN (
                        'image/jpeg', 'image/png', 'image/webp', 'image/gif',
                        'application/pdf', 'video/mp4', 'video/webm')),
    size_bytes      bigint NOT NULL CHECK (size_bytes > 0),
    width           integer CHECK (width > 0),
    height          integer CHECK (height > 0),
    pages           integer CHECK (pages > 0),
    duration_ms     integer CHECK (duration_ms > 0),
    original_name   text NOT NULL CHECK (char_length(original_name) BETWEEN 1 AND 120),
    -- No foreign key to people: accounts and files are rooms beside each other.
    uploaded_by     uuid NOT NULL,
    created_at      timestamptz NOT NULL,
    CONSTRAINT files_facts_fit_the_kind CHECK (
        (media_type = 'application/pdf') = (pages IS NOT NULL)
        AND (media_type = 'application/pdf') = (width IS NULL)
        AND (width IS NULL) = (height IS NULL)
        AND (media_type LIKE 'video/%') = (duration_ms IS NOT NULL))
);

-- The allowance of a person within a day.
CREATE INDEX files_of_a_person ON files (uploaded_by, created_at) INCLUDE (size_bytes);
-- The walk over every content when the storage is verified.
CREATE INDEX files_by_content ON files (sha256, id);

CREATE FUNCTION files_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'files is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER files_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON files
    EXECUTE FUNCTION files_refuse_change();

-- What people are told about their cases. Only src/gongdao/notices writes here.

-- One row per piece of news and side: a shop's people, or the platform's arbiters, share an inbox.
CREATE TABLE notices (
    -- Written by one follower at a time, so that ids come to light in their order.
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    side      text COLLATE "C" NOT NULL
              CHECK (side IN ('buyer', 'seller', 'arbiter', 'supervisor')),
    owner_id  uuid NOT NULL, -- the buyer, the shop, or nil for the platform
    case_id   uuid NOT NULL,
    version   integer NOT NULL, -- the event that is told
    payout_id uuid, -- the money of that event that has arrived
    at        timestamptz NOT NULL,
    by_id     uuid, -- whoever did it is not told of it
    CONSTRAINT notices_are_told_once UNIQUE NULLS NOT DISTINCT (case_id, version, side, payout_id),
    CONSTRAINT only_the_platform_is_nobodys CHECK (
        (side IN ('arbiter', 'supervisor'))
        = (owner_id = '00000000-0000-0000-0000-000000000000'))
);
CREATE INDEX notices_of_an_inbox ON notices (side, owner_id, id);

-- Up to where a person has marked everything as read, ...
CREATE TABLE notice_readers (
    person_id uuid PRIMARY KEY,
    through   bigint NOT NULL,
    at        timestamptz NOT NULL
);

-- ... and what they have opened beyond that.
CREATE TABLE notices_opened (
    person_id uuid NOT NULL,
    notice_id bigint NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (person_id, notice_id)
);

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

CREATE INDEX cases_due ON cases (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX cases_of_order ON cases (order_id);
CREATE INDEX cases_of_buyer ON cases (buyer_id, opened_at DESC, id DESC);
-- The shop's inbox: what waits for it, the most urgent first; then everything, newest first.
CREATE INDEX cases_inbox ON cases (shop_id, waiting_on, due_at, id) WHERE ended IS NULL;
CREATE INDEX cases_of_shop ON cases (shop_id, opened_at DESC, id DESC);
-- The platform's queue, by stage and clock.
CREATE INDEX cases_queue ON cases (stage, due_at, id) WHERE ended IS NULL;
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

-- Write the outcomes of one command, or of many timeouts: case rows, events, transfers, refunds and
-- the key of the command. Raises GD002 when a case, or the cases of an order, are not what the
-- decision was based on; GD001 (from the ledger) when an account lacks the money. Returns the
-- numbers of new cases.
CREATE FUNCTION case_commit(
    at timestamptz,
    c_id uuid[], c_before integer[], c_order uuid[], c_shop uuid[], c_buyer uuid[],
    c_opened timestamptz[], c_due timestamptz[], c_closed timestamptz[], c_refund bigint[],
    c_closes boolean[], c_head bytea[], c_state jsonb[],
    e_case uuid[], e_version integer[], e_type text[], e_at timestamptz[], e_by text[],
    e_person uuid[], e_pack text[], e_body jsonb[], e_hash bytea[],
    t_case uuid[], t_order uuid[], t_kind text[], t_source text[], t_source_owner uuid[],
    t_target text[], t_target_owner uuid[], t_fen bigint[], t_pending boolean[], t_version integer[],
    siblings_seen integer, k_person uuid, k_key text, k_digest bytea
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
    ELSIF cardinality(c_id) = 1 THEN
        -- By itself: the planner takes any set of subscripts for a thousand rows.
        UPDATE cases c SET due_at = c_due[1], closed_at = c_closed[1],
               refunded_fen = c.refunded_fen + c_refund[1], head = c_head[1], state = c_state[1]
        WHERE c.id = c_id[1] AND c.version = c_before[1];
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the case has changed' USING ERRCODE = 'GD002';
        END IF;
    ELSE
        UPDATE cases c SET due_at = c_due[i], closed_at = c_closed[i],
               refunded_fen = c.refunded_fen + c_refund[i], head = c_head[i], state = c_state[i]
        FROM generate_subscripts(c_id, 1) AS i
        WHERE c.id = c_id[i] AND c.version = c_before[i];
        GET DIAGNOSTICS changed = ROW_COUNT;
        IF changed <> cardinality(c_id) THEN
            RAISE EXCEPTION 'a case has changed' USING ERRCODE = 'GD002';
        END IF;
    END IF;
    INSERT INTO case_events (case_id, version, type, at, by, person_id, pack, body, hash)
    SELECT e_case[i], e_version[i], e_type[i], e_at[i], e_by[i], e_person[i], e_pack[i], e_body[i],
           e_hash[i]
    FROM generate_subscripts(e_case, 1) AS i;
    IF cardinality(t_case) > 0 THEN
        -- Who confirms an order locks it before its escrow; so do we, or each would wait for the other.
        PERFORM 1 FROM orders o
        WHERE o.id = ANY (ARRAY(
            SELECT c_order[i] FROM generate_subscripts(c_id, 1) AS i WHERE c_refund[i] > 0))
        ORDER BY o.id FOR NO KEY UPDATE;
        PERFORM ledger_post(t_case, t_order, t_kind, t_source, t_source_owner, t_target,
                            t_target_owner, t_fen, t_pending, case_commit.at, t_version);
        PERFORM shops_note_refund(array_agg(c_order[i]), array_agg(c_refund[i]), case_commit.at)
        FROM generate_subscripts(c_id, 1) AS i WHERE c_refund[i] > 0
        HAVING count(*) > 0;
        PERFORM shops_close_orders(array_agg(c_order[i]), array_agg('refund'::text), case_commit.at)
        FROM generate_subscripts(c_id, 1) AS i WHERE c_closes[i]
        HAVING count(*) > 0;
    END IF;
    IF k_key IS NOT NULL THEN
        INSERT INTO command_keys (person_id, key, digest, case_id, version, at)
        VALUES (k_person, k_key, k_digest, c_id[1], e_version[cardinality(e_version)],
                case_commit.at);
    END IF;
    RETURN numbers;
END $$;

-- How far each follower has read the log of cases. Only src/gongdao/jobs writes here.

CREATE TABLE followers (
    name       text COLLATE "C" PRIMARY KEY,
    -- The last event that was read; the log is in the order of (xid, position).
    xid        xid8 NOT NULL DEFAULT '0',
    position   bigint NOT NULL DEFAULT 0,
    -- How often what comes next has failed by itself, and until when it is left alone.
    failures   integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    wait_until timestamptz
);

-- What a follower could not read. A person looks at it; the rest of the log does not wait for that.
CREATE TABLE deeds_set_aside (
    follower      text COLLATE "C" NOT NULL REFERENCES followers,
    case_id       uuid NOT NULL,
    first_version integer NOT NULL,
    last_version  integer NOT NULL,
    at            timestamptz NOT NULL,
    reason        text NOT NULL,
    PRIMARY KEY (follower, case_id, first_version)
);
CREATE INDEX deeds_set_aside_newest ON deeds_set_aside (follower, at DESC);
