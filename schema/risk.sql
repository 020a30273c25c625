-- risk: what the guard noticed, what people said of it, whom it watches, what ties accounts together,
-- and which payouts wait for a person. Written by the risk room only; nothing here decides a case.
-- Everything it speaks of belongs to other rooms, so ids carry no foreign keys.

CREATE TABLE risk_findings (
    id              uuid PRIMARY KEY,
    code            text COLLATE "C" NOT NULL CHECK (length(code) BETWEEN 1 AND 40),
    by              text COLLATE "C" NOT NULL CHECK (by IN ('words', 'model', 'facts')),
    subject         text COLLATE "C" NOT NULL
                    CHECK (subject IN ('message', 'order', 'review', 'buyer', 'shop', 'case')),
    subject_id      uuid NOT NULL,
    occasion        text COLLATE "C" NOT NULL DEFAULT '' CHECK (length(occasion) <= 80),
    shop_id         uuid, -- in whose shop; null: it concerns the platform alone
    buyer_id        uuid,
    conversation_id uuid,
    seq             integer,
    order_id        uuid,
    case_id         uuid,
    about           text COLLATE "C" NOT NULL CHECK (about IN ('buyer', 'shop', 'other')),
    weight          smallint NOT NULL CHECK (weight BETWEEN 0 AND 100),
    evidence        jsonb NOT NULL,
    pack            text COLLATE "C" NOT NULL,
    at              timestamptz NOT NULL,
    found_at        timestamptz NOT NULL,
    -- What a person said of it last; the saying itself stands in risk_marks.
    verdict         text COLLATE "C" CHECK (verdict IN ('right', 'wrong')),
    CONSTRAINT risk_found_once UNIQUE (subject, subject_id, code, occasion),
    CONSTRAINT risk_place_in_talk CHECK ((conversation_id IS NULL) = (seq IS NULL))
);
-- Holds what the figures count, so that counting reads no findings.
CREATE INDEX risk_findings_newest ON risk_findings (found_at DESC, id DESC)
    INCLUDE (code, verdict);
CREATE INDEX risk_findings_marked ON risk_findings (found_at DESC, id DESC)
    WHERE verdict IS NOT NULL;
CREATE INDEX risk_findings_of_code ON risk_findings (code, found_at DESC, id DESC);
CREATE INDEX risk_findings_of_weight ON risk_findings (weight, found_at DESC, id DESC);
CREATE INDEX risk_findings_of_subject ON risk_findings (subject, found_at DESC, id DESC);
-- Holds what the level of a shop is made of.
CREATE INDEX risk_findings_of_shop ON risk_findings (shop_id, found_at DESC, id DESC)
    INCLUDE (code, weight, about, verdict) WHERE shop_id IS NOT NULL;
CREATE INDEX risk_findings_of_buyer ON risk_findings (buyer_id, found_at DESC, id DESC)
    WHERE buyer_id IS NOT NULL;
CREATE INDEX risk_findings_of_talk ON risk_findings (conversation_id, seq)
    WHERE conversation_id IS NOT NULL;
CREATE INDEX risk_findings_of_order ON risk_findings (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX risk_findings_of_case ON risk_findings (case_id) WHERE case_id IS NOT NULL;

-- Every finding can be contradicted: right or wrong, by whom and why. The platform's newest counts, and
-- the newest of a shop only where the platform has said nothing.
CREATE TABLE risk_marks (
    id         uuid PRIMARY KEY, -- made by the form: sent twice it is one
    finding_id uuid NOT NULL REFERENCES risk_findings,
    verdict    text COLLATE "C" NOT NULL CHECK (verdict IN ('right', 'wrong')),
    why        text NOT NULL CHECK (length(why) <= 500),
    by_id      uuid NOT NULL,
    at         timestamptz NOT NULL,
    side       text COLLATE "C" NOT NULL CHECK (side IN ('shop', 'platform'))
);
CREATE INDEX risk_marks_of_finding ON risk_marks (finding_id, at DESC);

-- A message in which nothing of this code was found, though a person says that it is there.
CREATE TABLE risk_missed (
    id              uuid PRIMARY KEY, -- made by the form
    conversation_id uuid NOT NULL,
    seq             integer NOT NULL CHECK (seq > 0),
    code            text COLLATE "C" NOT NULL CHECK (length(code) BETWEEN 1 AND 40),
    why             text NOT NULL CHECK (length(why) <= 500),
    by_id           uuid NOT NULL,
    at              timestamptz NOT NULL,
    CONSTRAINT risk_missed_once UNIQUE (conversation_id, seq, code)
);
CREATE INDEX risk_missed_newest ON risk_missed (at DESC);

-- What ties accounts together: a device, a network, an address, a payee, a phone. `digest` is keyed by the
-- installation's secret, so that the table alone tells nobody's phone; `shown` is masked.
CREATE TABLE risk_traits (
    kind      text COLLATE "C" NOT NULL
              CHECK (kind IN ('device', 'network', 'address', 'payee', 'phone')),
    digest    bytea NOT NULL CHECK (octet_length(digest) = 32),
    person_id uuid NOT NULL,
    shown     text NOT NULL CHECK (length(shown) <= 80),
    first_at  timestamptz NOT NULL,
    last_at   timestamptz NOT NULL,
    PRIMARY KEY (kind, digest, person_id)
);
CREATE INDEX risk_traits_of_person ON risk_traits (person_id, last_at DESC);
CREATE INDEX risk_traits_by_age ON risk_traits (last_at);

-- Whom and what the platform's people watch, why, and until when; what is taken off stays to be read.
CREATE TABLE risk_watched (
    id         uuid PRIMARY KEY, -- made by the form
    kind       text COLLATE "C" NOT NULL
               CHECK (kind IN ('person', 'shop', 'device', 'network', 'address', 'payee', 'phone')),
    subject_id uuid, -- a person or a shop
    digest     bytea CHECK (octet_length(digest) = 32), -- of a trait
    shown      text NOT NULL CHECK (length(shown) <= 80),
    why        text NOT NULL CHECK (length(why) BETWEEN 1 AND 500),
    by_id      uuid NOT NULL,
    at         timestamptz NOT NULL,
    until      timestamptz,
    off_by     uuid,
    off_at     timestamptz,
    off_why    text CHECK (length(off_why) <= 500),
    CONSTRAINT risk_watched_somebody CHECK ((kind IN ('person', 'shop')) = (subject_id IS NOT NULL)
                                            AND (subject_id IS NULL) <> (digest IS NULL)),
    CONSTRAINT risk_watched_off CHECK ((off_at IS NULL) = (off_by IS NULL))
);
CREATE UNIQUE INDEX risk_watched_once ON risk_watched (kind, subject_id, digest)
    NULLS NOT DISTINCT WHERE off_at IS NULL;
CREATE INDEX risk_watched_newest ON risk_watched (at DESC, id DESC);
CREATE INDEX risk_watched_now ON risk_watched (at DESC, id DESC) WHERE off_at IS NULL;

-- Payouts that wait for a person, at most until then: nobody's silence keeps money back.
CREATE TABLE risk_holds (
    payout_id   uuid PRIMARY KEY,
    case_id     uuid,
    amount_fen  bigint NOT NULL CHECK (amount_fen > 0),
    findings    uuid[] NOT NULL CHECK (cardinality(findings) > 0),
    since       timestamptz NOT NULL,
    until       timestamptz NOT NULL CHECK (until > since),
    released_by uuid, -- null and released_at set: its time ran out
    released_at timestamptz,
    why         text NOT NULL DEFAULT '' CHECK (length(why) <= 500)
);
CREATE INDEX risk_holds_open ON risk_holds (until) WHERE released_at IS NULL;
CREATE INDEX risk_holds_newest ON risk_holds (since DESC, payout_id DESC);
CREATE INDEX risk_holds_waiting ON risk_holds (since DESC, payout_id DESC)
    WHERE released_at IS NULL;

-- How far each round of the guard has read.
CREATE TABLE risk_read (
    round text COLLATE "C" PRIMARY KEY,
    upto  uuid, -- identifiers are ordered by the time of their making
    at    timestamptz NOT NULL
);

CREATE FUNCTION risk_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only; a correction is a new row', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER risk_marks_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON risk_marks EXECUTE FUNCTION risk_refuse_edit();
CREATE TRIGGER risk_missed_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON risk_missed EXECUTE FUNCTION risk_refuse_edit();
