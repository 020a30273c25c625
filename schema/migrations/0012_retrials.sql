-- Past cases judged by another rule book, asked for on a page.

CREATE TABLE retrials (
    id         uuid PRIMARY KEY,
    pack       text COLLATE "C" NOT NULL CHECK (length(pack) BETWEEN 1 AND 100),
    since      timestamptz NOT NULL,
    cases_max  integer NOT NULL CHECK (cases_max BETWEEN 1 AND 1000000),
    by_id      uuid NOT NULL,
    asked_at   timestamptz NOT NULL,
    state      text COLLATE "C" NOT NULL DEFAULT 'queued'
               CHECK (state IN ('queued', 'running', 'done', 'failed')),
    cases      integer NOT NULL DEFAULT 0,
    total      integer NOT NULL DEFAULT 0,
    -- When it last moved: whoever took it and is silent for long has died.
    moved_at   timestamptz,
    -- What came out, or why nothing did.
    found      jsonb,
    reason     text
);
CREATE INDEX retrials_waiting ON retrials (asked_at) WHERE state IN ('queued', 'running');
CREATE INDEX retrials_newest ON retrials (asked_at DESC, id DESC);
