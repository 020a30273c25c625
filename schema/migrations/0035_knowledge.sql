-- Knowledge of products, gaps, trainings with quizzes, papers; and routing that minds who was schooled.
UPDATE roles SET permissions = permissions || '{knowledge.read}'::text[]
 WHERE shop_id IS NOT NULL AND name IN ('owner', 'lead', 'agent')
   AND NOT permissions && '{knowledge.read,knowledge.edit}'::text[];
UPDATE roles SET permissions = permissions || '{knowledge.edit}'::text[]
 WHERE shop_id IS NOT NULL AND name IN ('owner', 'lead')
   AND NOT permissions && '{knowledge.edit}'::text[];

-- The products that a conversation was opened about, and whose questions of which products go only
-- to those who were schooled for them.
CREATE TABLE chat_about (
    conversation_id uuid PRIMARY KEY REFERENCES chat_conversations,
    shop_id         uuid NOT NULL,
    product_ids     uuid[] NOT NULL CHECK (cardinality(product_ids) BETWEEN 1 AND 200)
);
CREATE TABLE chat_schooled (
    product_id uuid PRIMARY KEY,
    shop_id    uuid NOT NULL,
    agents     uuid[] NOT NULL -- none: nobody was, yet
);

-- knowledge: what a shop knows of its products, what it was asked and did not know, who was trained,
-- and the papers of its goods. Written by the knowledge room only. Shops, people, products, files and
-- conversations belong to other rooms, so their ids carry no foreign keys.

-- Articles of a shop; without products one is of the whole shop.
CREATE TABLE knowledge_articles (
    id          uuid PRIMARY KEY,
    shop_id     uuid NOT NULL,
    kind        text COLLATE "C" NOT NULL CHECK (kind IN (
                    'facts', 'answer', 'sizes', 'attributes', 'care', 'comparison')),
    state       text COLLATE "C" NOT NULL CHECK (state IN ('draft', 'published', 'retired')),
    title       text NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
    body        jsonb NOT NULL, -- text, and a table where the kind has one
    product_ids uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(product_ids) <= 200),
    version     integer NOT NULL DEFAULT 1,
    words       tsvector NOT NULL DEFAULT '',
    changed_at  timestamptz NOT NULL,
    changed_by  uuid NOT NULL
);
CREATE INDEX knowledge_of_shop ON knowledge_articles (shop_id, changed_at DESC, id DESC);
CREATE INDEX knowledge_of_products ON knowledge_articles USING gin (product_ids);
-- Whose article it is is a term of its own, so that one index answers for one shop.
CREATE INDEX knowledge_words ON knowledge_articles USING gin (words) WHERE state = 'published';

-- Every version of each of them, with what changed. Rows are added, never changed.
CREATE TABLE knowledge_versions (
    article_id  uuid NOT NULL REFERENCES knowledge_articles,
    version     integer NOT NULL,
    shop_id     uuid NOT NULL,
    state       text COLLATE "C" NOT NULL,
    title       text NOT NULL,
    body        jsonb NOT NULL,
    product_ids uuid[] NOT NULL,
    note        text NOT NULL DEFAULT '' CHECK (length(note) <= 200),
    by_id       uuid NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (article_id, version)
);

-- Questions that nobody could answer; those that say the same are one.
CREATE TABLE knowledge_gaps (
    id          uuid PRIMARY KEY,
    shop_id     uuid NOT NULL,
    question    text NOT NULL CHECK (length(question) BETWEEN 1 AND 500),
    state       text COLLATE "C" NOT NULL DEFAULT 'open'
                CHECK (state IN ('open', 'answered', 'dismissed')),
    asked       integer NOT NULL DEFAULT 0,
    first_at    timestamptz NOT NULL,
    last_at     timestamptz NOT NULL,
    assigned_to uuid,
    article_id  uuid REFERENCES knowledge_articles,
    closed_at   timestamptz,
    closed_by   uuid,
    words       tsvector NOT NULL DEFAULT '',
    CONSTRAINT knowledge_gap_answered_by CHECK ((state = 'answered') = (article_id IS NOT NULL)),
    CONSTRAINT knowledge_gap_closed_when CHECK (
        (state = 'open') = (closed_at IS NULL) AND (closed_at IS NULL) = (closed_by IS NULL))
);
CREATE INDEX knowledge_gaps_of_shop ON knowledge_gaps (shop_id, state, asked DESC, last_at DESC, id DESC);
CREATE INDEX knowledge_gap_words ON knowledge_gaps USING gin (words) WHERE state = 'open';
CREATE INDEX knowledge_gaps_of_person ON knowledge_gaps (assigned_to) WHERE state = 'open';

-- Each time it was asked: by a buyer in a message, or by an agent who searched in vain.
CREATE TABLE knowledge_askings (
    id              uuid PRIMARY KEY,
    gap_id          uuid NOT NULL REFERENCES knowledge_gaps,
    shop_id         uuid NOT NULL,
    source          text COLLATE "C" NOT NULL CHECK (source IN ('message', 'search')),
    said            text NOT NULL CHECK (length(said) BETWEEN 1 AND 500),
    conversation_id uuid,
    seq             integer,
    buyer_id        uuid,
    noted_by        uuid NOT NULL,
    at              timestamptz NOT NULL,
    told_at         timestamptz, -- when the buyer heard the answer
    told_by         uuid,
    CONSTRAINT knowledge_asked_where CHECK (
        (source = 'message') = (seq IS NOT NULL)
        AND (seq IS NULL OR (conversation_id IS NOT NULL AND buyer_id IS NOT NULL)))
);
CREATE INDEX knowledge_askings_of_gap ON knowledge_askings (gap_id, at DESC);
CREATE UNIQUE INDEX knowledge_asked_once ON knowledge_askings (conversation_id, seq)
    WHERE source = 'message';

-- Trainings: a text, pictures, and a quiz. Whoever passed `quiz_version` has passed.
CREATE TABLE knowledge_trainings (
    id           uuid PRIMARY KEY,
    shop_id      uuid NOT NULL,
    state        text COLLATE "C" NOT NULL CHECK (state IN ('draft', 'published', 'retired')),
    title        text NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
    body         text NOT NULL CHECK (length(body) BETWEEN 1 AND 8000),
    picture_ids  uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(picture_ids) <= 10),
    product_ids  uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(product_ids) <= 200),
    required     boolean NOT NULL, -- routing gives questions on the products to those who passed
    pass_mark    integer NOT NULL CHECK (pass_mark BETWEEN 1 AND 100),
    quiz         jsonb NOT NULL, -- the questions with what is right
    version      integer NOT NULL DEFAULT 1,
    quiz_version integer NOT NULL DEFAULT 1,
    changed_at   timestamptz NOT NULL,
    changed_by   uuid NOT NULL
);
CREATE INDEX knowledge_trainings_of_shop ON knowledge_trainings (shop_id, changed_at DESC, id DESC);
CREATE INDEX knowledge_trainings_of_products ON knowledge_trainings USING gin (product_ids);
CREATE INDEX knowledge_pictures ON knowledge_trainings USING gin (picture_ids);

CREATE TABLE knowledge_training_versions (
    training_id  uuid NOT NULL REFERENCES knowledge_trainings,
    version      integer NOT NULL,
    shop_id      uuid NOT NULL,
    quiz_version integer NOT NULL,
    state        text COLLATE "C" NOT NULL,
    title        text NOT NULL,
    body         text NOT NULL,
    picture_ids  uuid[] NOT NULL,
    product_ids  uuid[] NOT NULL,
    required     boolean NOT NULL,
    pass_mark    integer NOT NULL,
    quiz         jsonb NOT NULL,
    by_id        uuid NOT NULL,
    at           timestamptz NOT NULL,
    PRIMARY KEY (training_id, version)
);

-- Every try at a quiz. Rows are added, never changed.
CREATE TABLE knowledge_attempts (
    id           uuid PRIMARY KEY,
    training_id  uuid NOT NULL REFERENCES knowledge_trainings,
    shop_id      uuid NOT NULL,
    person_id    uuid NOT NULL,
    quiz_version integer NOT NULL,
    answers      jsonb NOT NULL,
    score        integer NOT NULL CHECK (score BETWEEN 0 AND 100),
    passed       boolean NOT NULL,
    at           timestamptz NOT NULL
);
CREATE INDEX knowledge_attempts_of_training
    ON knowledge_attempts (training_id, quiz_version, person_id, at);
CREATE INDEX knowledge_attempts_of_person ON knowledge_attempts (person_id, training_id);

-- Papers of goods and suppliers: what was bought, who may sell it, what a sample showed.
CREATE TABLE knowledge_papers (
    id           uuid PRIMARY KEY,
    shop_id      uuid NOT NULL,
    kind         text COLLATE "C" NOT NULL CHECK (kind IN ('purchase', 'authorisation', 'inspection')),
    title        text NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
    supplier     text NOT NULL CHECK (length(supplier) BETWEEN 1 AND 120),
    product_ids  uuid[] NOT NULL CHECK (cardinality(product_ids) BETWEEN 1 AND 200),
    batch        text NOT NULL DEFAULT '' CHECK (length(batch) <= 60),
    quantity     integer CHECK (quantity BETWEEN 1 AND 100000000), -- bought, or in the batch
    sampled      integer CHECK (sampled BETWEEN 1 AND quantity),
    failed       integer CHECK (failed BETWEEN 0 AND sampled),
    result       text COLLATE "C" CHECK (result IN ('passed', 'failed')),
    issued_on    date,
    valid_until  date CHECK (valid_until >= issued_on),
    file_ids     uuid[] NOT NULL CHECK (cardinality(file_ids) BETWEEN 1 AND 10),
    note         text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    by_id        uuid NOT NULL,
    at           timestamptz NOT NULL,
    withdrawn_at timestamptz,
    withdrawn_by uuid,
    CONSTRAINT knowledge_sample_is_whole CHECK (
        (kind = 'inspection') = (result IS NOT NULL)
        AND (kind = 'inspection') = (sampled IS NOT NULL)
        AND (kind = 'inspection') = (failed IS NOT NULL)),
    CONSTRAINT knowledge_withdrawn_by CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL))
);
CREATE INDEX knowledge_papers_of_shop ON knowledge_papers (shop_id, at DESC, id DESC);
CREATE INDEX knowledge_papers_of_products ON knowledge_papers USING gin (product_ids);
CREATE INDEX knowledge_paper_files ON knowledge_papers USING gin (file_ids);
CREATE INDEX knowledge_papers_end ON knowledge_papers (shop_id, valid_until)
    WHERE withdrawn_at IS NULL AND valid_until IS NOT NULL;

CREATE FUNCTION knowledge_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER knowledge_versions_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON knowledge_versions EXECUTE FUNCTION knowledge_refuse_edit();
CREATE TRIGGER knowledge_training_versions_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON knowledge_training_versions EXECUTE FUNCTION knowledge_refuse_edit();
CREATE TRIGGER knowledge_attempts_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON knowledge_attempts EXECUTE FUNCTION knowledge_refuse_edit();
