-- Reviews: what buyers say of finished orders, how the shop sorts them, and what it did.
-- Written by the reviews room only. Orders, people, files and conversations belong to rooms beside
-- it, so their ids carry no foreign keys.

-- A review as it stands. What was said before a change is in review_log; nothing is deleted.
CREATE TABLE reviews (
    id           uuid PRIMARY KEY,
    shop_id      uuid NOT NULL,
    order_id     uuid NOT NULL,
    line         smallint NOT NULL CHECK (line >= 0), -- 0: of the order as a whole
    order_number text COLLATE "C" NOT NULL,
    buyer_id     uuid NOT NULL,
    product_id   uuid,
    product      text NOT NULL,
    stars        smallint NOT NULL CHECK (stars BETWEEN 1 AND 5),
    text         text NOT NULL CHECK (length(text) <= 2000),
    pictures     uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(pictures) <= 18),
    at           timestamptz NOT NULL,
    changed_at   timestamptz,
    changes      smallint NOT NULL DEFAULT 0,
    added_text   text CHECK (length(added_text) BETWEEN 1 AND 2000),
    added_at     timestamptz,
    -- The name under which another program knows it; empty for what was written here.
    source_ref   text COLLATE "C" NOT NULL DEFAULT '',
    -- Set for neutral and negative ones.
    cause        text COLLATE "C" CHECK (cause IN ('quality', 'service', 'courier', 'mood',
                                                   'competitor', 'extortion')),
    suggested    text COLLATE "C" CHECK (suggested IN ('quality', 'service', 'courier', 'mood',
                                                       'competitor', 'extortion')),
    signs        jsonb NOT NULL DEFAULT '[]', -- what the suggestion rests on
    corrected_by uuid, -- the person who decided the cause; null while the suggestion counts
    due_at       timestamptz, -- when the buyer is to be contacted next; null: nothing is due
    solved_at    timestamptz,
    reply        text CHECK (length(reply) BETWEEN 1 AND 1000),
    replied_at   timestamptz,
    version      integer NOT NULL DEFAULT 1,
    CONSTRAINT reviews_sorted_where_not_good CHECK (stars >= 4 OR cause IS NOT NULL),
    CONSTRAINT reviews_added_when CHECK ((added_text IS NULL) = (added_at IS NULL)),
    CONSTRAINT reviews_replied_when CHECK ((reply IS NULL) = (replied_at IS NULL))
);
CREATE INDEX reviews_of_order ON reviews (order_id, line);
CREATE UNIQUE INDEX reviews_once ON reviews (order_id, line) WHERE source_ref = '';
CREATE UNIQUE INDEX reviews_from_elsewhere ON reviews (shop_id, source_ref, order_id)
    WHERE source_ref <> '';
-- Holds what the figures of reviews count, so that counting reads no reviews.
CREATE INDEX reviews_of_shop ON reviews (shop_id, at DESC, id DESC) INCLUDE (stars, cause, buyer_id);
CREATE INDEX reviews_newest ON reviews (at);
CREATE INDEX reviews_of_cause ON reviews (shop_id, cause, at DESC, id DESC) WHERE cause IS NOT NULL;
CREATE INDEX reviews_of_product ON reviews (shop_id, product, at DESC, id DESC);
CREATE INDEX reviews_due ON reviews (shop_id, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX reviews_of_buyer ON reviews (buyer_id, shop_id, at DESC, id DESC);
CREATE INDEX reviews_pictures ON reviews USING gin (pictures) WHERE pictures <> '{}';

-- What happened to a review, who did it and when. Rows are added, never changed.
CREATE TABLE review_log (
    position  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    review_id uuid NOT NULL REFERENCES reviews,
    shop_id   uuid NOT NULL,
    at        timestamptz NOT NULL,
    by_id     uuid, -- null for the system
    what      text COLLATE "C" NOT NULL CHECK (what IN (
                  'written', 'changed', 'appended', 'cause_set', 'contacted', 'replied', 'sealed')),
    detail    jsonb NOT NULL DEFAULT '{}',
    key       uuid UNIQUE -- made by the form: sent twice it is one
);
CREATE INDEX review_log_of_review ON review_log (review_id, position);
-- An answer in public stands for ever, and so there is one.
CREATE UNIQUE INDEX review_log_one_reply ON review_log (review_id) WHERE what = 'replied';
CREATE UNIQUE INDEX review_log_one_addition ON review_log (review_id) WHERE what = 'appended';
CREATE INDEX review_log_causes ON review_log (shop_id, at) WHERE what = 'cause_set';

-- How a shop rates the buyer of an order; once, and it stays.
CREATE TABLE buyer_ratings (
    order_id uuid PRIMARY KEY,
    shop_id  uuid NOT NULL,
    buyer_id uuid NOT NULL,
    mark     text COLLATE "C" NOT NULL CHECK (mark IN ('good', 'neutral', 'negative')),
    text     text NOT NULL CHECK (length(text) <= 500),
    by_id    uuid NOT NULL,
    at       timestamptz NOT NULL
);
CREATE INDEX buyer_ratings_of_buyer ON buyer_ratings (buyer_id, at DESC);

CREATE FUNCTION reviews_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER review_log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON review_log
    EXECUTE FUNCTION reviews_refuse_edit();
CREATE TRIGGER buyer_ratings_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON buyer_ratings
    EXECUTE FUNCTION reviews_refuse_edit();
CREATE TRIGGER reviews_are_never_deleted BEFORE DELETE OR TRUNCATE ON reviews
    EXECUTE FUNCTION reviews_refuse_edit();
