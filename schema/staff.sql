-- staff: the people of a shop at work: rota, hand-over book, memos, reports, commission, house rules,
-- the fund. Written by the staff room only. Shops, people, orders, cases and conversations belong to
-- other rooms, so their ids carry no foreign keys. Days are those of Shanghai.

-- One row a shop: the lock under which shifts are planned and the fund's balance is drawn.
CREATE TABLE staff_teams (
    shop_id uuid PRIMARY KEY
);

-- What a person brings along.
CREATE TABLE staff_profiles (
    person_id     uuid PRIMARY KEY,
    shop_id       uuid NOT NULL,
    in_trade_since date,
    education     text COLLATE "C" NOT NULL DEFAULT ''
                  CHECK (education IN ('', 'school', 'vocational', 'college', 'bachelor', 'master')),
    knows         text NOT NULL DEFAULT '' CHECK (length(knows) <= 1000),
    traits        text NOT NULL DEFAULT '' CHECK (length(traits) <= 1000),
    hiring        text NOT NULL DEFAULT '' CHECK (length(hiring) <= 2000), -- leads only
    changed_at    timestamptz NOT NULL,
    changed_by    uuid NOT NULL
);
CREATE INDEX staff_profiles_of_shop ON staff_profiles (shop_id);

CREATE TABLE staff_trainings (
    id        uuid PRIMARY KEY, -- made by the form: sent twice it is one
    shop_id   uuid NOT NULL,
    person_id uuid NOT NULL,
    held_on   date NOT NULL,
    topic     text NOT NULL CHECK (length(topic) BETWEEN 1 AND 120),
    trainer   text NOT NULL CHECK (length(trainer) BETWEEN 1 AND 60),
    by_id     uuid NOT NULL,
    at        timestamptz NOT NULL
);
CREATE INDEX staff_trainings_of_person ON staff_trainings (person_id, held_on DESC, id DESC);

-- Who brings up whom, and when the trainee was ready: the fastest bring their mentors a bonus.
CREATE TABLE staff_mentorings (
    id         uuid PRIMARY KEY,
    shop_id    uuid NOT NULL,
    mentor_id  uuid NOT NULL,
    trainee_id uuid NOT NULL,
    began_on   date NOT NULL,
    passed_on  date,
    by_id      uuid NOT NULL,
    at         timestamptz NOT NULL,
    CONSTRAINT staff_nobody_mentors_themselves CHECK (mentor_id <> trainee_id),
    CONSTRAINT staff_passed_after_it_began CHECK (passed_on >= began_on)
);
CREATE UNIQUE INDEX staff_mentored_once ON staff_mentorings (shop_id, trainee_id);
CREATE INDEX staff_mentorings_passed ON staff_mentorings (shop_id, passed_on);

CREATE TABLE staff_shifts (
    id           uuid PRIMARY KEY,
    shop_id      uuid NOT NULL REFERENCES staff_teams,
    person_id    uuid NOT NULL,
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 20),
    starts_at    timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL,
    extends      boolean NOT NULL DEFAULT false, -- while customers ask
    ended_at     timestamptz, -- when it really ended
    made_by      uuid NOT NULL,
    made_at      timestamptz NOT NULL,
    cancelled_at timestamptz,
    cancelled_by uuid,
    CONSTRAINT staff_shift_ends_after_it_starts
        CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '16 hours'),
    CONSTRAINT staff_shift_ended_after_it_started CHECK (ended_at >= starts_at),
    CONSTRAINT staff_shift_who_cancelled CHECK ((cancelled_at IS NULL) = (cancelled_by IS NULL))
);
CREATE INDEX staff_shifts_of_shop ON staff_shifts (shop_id, starts_at) WHERE cancelled_at IS NULL;
CREATE INDEX staff_shifts_of_person ON staff_shifts (person_id, starts_at)
    WHERE cancelled_at IS NULL;
CREATE INDEX staff_shifts_to_end ON staff_shifts (ends_at)
    WHERE ended_at IS NULL AND cancelled_at IS NULL;

-- Whoever plans holds the row of the team, so what this finds is all there is.
CREATE FUNCTION staff_refuse_overlap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM staff_shifts
                WHERE person_id = NEW.person_id AND cancelled_at IS NULL AND id <> NEW.id
                  AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at
                  AND starts_at > NEW.starts_at - interval '16 hours') THEN
        RAISE EXCEPTION 'shifts of one person overlap' USING ERRCODE = 'exclusion_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER staff_shifts_never_overlap AFTER INSERT OR UPDATE ON staff_shifts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.cancelled_at IS NULL)
    EXECUTE FUNCTION staff_refuse_overlap();

CREATE TABLE staff_leaves (
    id          uuid PRIMARY KEY,
    shop_id     uuid NOT NULL REFERENCES staff_teams,
    person_id   uuid NOT NULL,
    from_day    date NOT NULL,
    until_day   date NOT NULL, -- this one included
    why         text NOT NULL CHECK (length(why) BETWEEN 1 AND 300),
    asked_at    timestamptz NOT NULL,
    answer      text COLLATE "C" CHECK (answer IN ('granted', 'refused', 'withdrawn')),
    note        text NOT NULL DEFAULT '' CHECK (length(note) <= 300),
    answered_by uuid,
    answered_at timestamptz,
    CONSTRAINT staff_leave_ends_after_it_starts
        CHECK (until_day >= from_day AND until_day < from_day + 60),
    CONSTRAINT staff_leave_answer_is_whole CHECK (
        (answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL))
);
CREATE INDEX staff_leaves_waiting ON staff_leaves (shop_id, from_day, id) WHERE answer IS NULL;
CREATE INDEX staff_leaves_granted ON staff_leaves (shop_id, from_day) WHERE answer = 'granted';
CREATE INDEX staff_leaves_of_person ON staff_leaves (person_id, from_day DESC, id DESC);

-- One's own shift for a colleague's, or only given away (no other shift).
CREATE TABLE staff_swaps (
    id            uuid PRIMARY KEY,
    shop_id       uuid NOT NULL REFERENCES staff_teams,
    shift_id      uuid NOT NULL REFERENCES staff_shifts,
    other_shift_id uuid REFERENCES staff_shifts,
    from_id       uuid NOT NULL,
    to_id         uuid NOT NULL,
    why           text NOT NULL DEFAULT '' CHECK (length(why) <= 300),
    asked_at      timestamptz NOT NULL,
    state         text COLLATE "C" NOT NULL DEFAULT 'proposed' CHECK (state IN
                  ('proposed', 'accepted', 'declined', 'withdrawn', 'approved', 'refused')),
    accepted_at   timestamptz,
    note          text NOT NULL DEFAULT '' CHECK (length(note) <= 300),
    decided_by    uuid,
    decided_at    timestamptz,
    CONSTRAINT staff_swap_takes_two CHECK (from_id <> to_id AND shift_id <> other_shift_id),
    CONSTRAINT staff_swap_approved_once_accepted CHECK (
        state NOT IN ('accepted', 'approved', 'refused') OR accepted_at IS NOT NULL),
    CONSTRAINT staff_swap_end_is_whole CHECK (
        (state IN ('proposed', 'accepted')) = (decided_at IS NULL)
        AND (decided_at IS NULL) = (decided_by IS NULL))
);
CREATE UNIQUE INDEX staff_one_swap_a_shift ON staff_swaps (shift_id)
    WHERE state IN ('proposed', 'accepted');
CREATE INDEX staff_swaps_of_other_shift ON staff_swaps (other_shift_id)
    WHERE other_shift_id IS NOT NULL;
CREATE INDEX staff_swaps_waiting ON staff_swaps (shop_id, asked_at)
    WHERE state IN ('proposed', 'accepted');
CREATE INDEX staff_swaps_of_proposer ON staff_swaps (from_id, asked_at DESC);
CREATE INDEX staff_swaps_of_other ON staff_swaps (to_id, asked_at DESC);

-- The hand-over book: what somebody leaves to the next shift, line by line.
CREATE TABLE staff_books (
    id         uuid PRIMARY KEY,
    shop_id    uuid NOT NULL,
    from_id    uuid NOT NULL,
    shift_id   uuid REFERENCES staff_shifts,
    written_at timestamptz NOT NULL
);
CREATE INDEX staff_books_of_shop ON staff_books (shop_id, written_at DESC, id DESC);
CREATE INDEX staff_books_of_shift ON staff_books (shift_id) WHERE shift_id IS NOT NULL;

CREATE TABLE staff_lines (
    id       uuid PRIMARY KEY,
    book_id  uuid NOT NULL REFERENCES staff_books,
    shop_id  uuid NOT NULL,
    from_id  uuid NOT NULL,
    position integer NOT NULL,
    kind     text COLLATE "C" NOT NULL CHECK (kind IN ('talk', 'case', 'promise', 'note')),
    about    uuid, -- a conversation or a case
    seq      integer, -- the message of a promise
    text     text NOT NULL CHECK (length(text) BETWEEN 1 AND 500),
    note     text NOT NULL DEFAULT '' CHECK (length(note) <= 500), -- what the writer adds
    due_at   timestamptz,
    state    text COLLATE "C" NOT NULL DEFAULT 'open'
             CHECK (state IN ('open', 'returned', 'accepted')),
    taken_by uuid,
    taken_at timestamptz,
    CONSTRAINT staff_line_is_about_something CHECK ((kind = 'note') = (about IS NULL)),
    CONSTRAINT staff_line_taken_is_whole CHECK (
        (state = 'accepted') = (taken_at IS NOT NULL) AND (taken_at IS NULL) = (taken_by IS NULL))
);
CREATE INDEX staff_lines_of_book ON staff_lines (book_id, position);
CREATE INDEX staff_lines_waiting ON staff_lines (shop_id, id) WHERE state <> 'accepted';
CREATE INDEX staff_lines_about ON staff_lines (about) WHERE about IS NOT NULL;

-- What was said about a line: sent back with a question, answered, accepted.
CREATE TABLE staff_line_words (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    line_id uuid NOT NULL REFERENCES staff_lines,
    what    text COLLATE "C" NOT NULL CHECK (what IN ('question', 'answer', 'accepted')),
    by_id   uuid NOT NULL,
    at      timestamptz NOT NULL,
    text    text NOT NULL DEFAULT '' CHECK (length(text) <= 500)
);
CREATE INDEX staff_line_words_of_line ON staff_line_words (line_id, id);

-- Nobody but whoever wrote it ever reads it, so it may be thrown away.
CREATE TABLE staff_memos (
    id        uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    shop_id   uuid NOT NULL,
    text      text NOT NULL CHECK (length(text) BETWEEN 1 AND 1000),
    due_on    date,
    done_at   timestamptz,
    at        timestamptz NOT NULL
);
CREATE INDEX staff_memos_of_person ON staff_memos (person_id, id DESC);
CREATE INDEX staff_memos_due ON staff_memos (person_id, due_on) WHERE done_at IS NULL;

-- The report of a week, as it was when it was made.
CREATE TABLE staff_reports (
    shop_id uuid NOT NULL,
    monday  date NOT NULL CHECK (extract(isodow FROM monday) = 1), -- of the week it tells of
    made_at timestamptz NOT NULL,
    made_by uuid, -- null: made by itself on Monday morning
    report  jsonb NOT NULL,
    PRIMARY KEY (shop_id, monday)
);
-- What each says about their own week; the newest counts.
CREATE TABLE staff_report_words (
    shop_id   uuid NOT NULL,
    monday    date NOT NULL,
    person_id uuid NOT NULL,
    version   integer NOT NULL,
    text      text NOT NULL CHECK (length(text) BETWEEN 1 AND 1000),
    at        timestamptz NOT NULL,
    PRIMARY KEY (shop_id, monday, person_id, version),
    FOREIGN KEY (shop_id, monday) REFERENCES staff_reports
);

-- A month of commission that is closed; its lines add up to its total.
CREATE TABLE staff_months (
    shop_id   uuid NOT NULL,
    month     date NOT NULL CHECK (extract(day FROM month) = 1),
    closed_at timestamptz NOT NULL,
    closed_by uuid NOT NULL,
    rules     jsonb NOT NULL, -- the rates that counted
    total_fen bigint NOT NULL,
    PRIMARY KEY (shop_id, month)
);
CREATE TABLE staff_month_lines (
    shop_id      uuid NOT NULL,
    month        date NOT NULL,
    position     integer NOT NULL,
    kind         text COLLATE "C" NOT NULL CHECK (kind IN ('order', 'correction', 'mentor')),
    person_id    uuid, -- null: it counts for nobody
    order_id     uuid,
    number       text NOT NULL DEFAULT '',
    paid_fen     bigint NOT NULL DEFAULT 0,
    refunded_fen bigint NOT NULL DEFAULT 0, -- up to the instant at which the month was closed
    amount_fen   bigint NOT NULL,
    why          text COLLATE "C" NOT NULL DEFAULT '',
    PRIMARY KEY (shop_id, month, position),
    FOREIGN KEY (shop_id, month) REFERENCES staff_months,
    CONSTRAINT staff_nobody_gets_nothing CHECK (person_id IS NOT NULL OR amount_fen = 0),
    CONSTRAINT staff_line_of_an_order CHECK ((kind = 'mentor') = (order_id IS NULL))
);
CREATE INDEX staff_month_lines_of_order ON staff_month_lines (order_id, month)
    WHERE order_id IS NOT NULL;
CREATE INDEX staff_month_lines_of_person ON staff_month_lines (shop_id, month, person_id, position);

-- The house rules: what was noted of somebody. Only a record: nothing is taken from anybody's wages.
CREATE TABLE staff_marks (
    id           uuid PRIMARY KEY,
    shop_id      uuid NOT NULL REFERENCES staff_teams,
    person_id    uuid NOT NULL,
    rule         text COLLATE "C" NOT NULL CHECK (length(rule) BETWEEN 1 AND 30),
    title        text NOT NULL CHECK (length(title) BETWEEN 1 AND 60),
    monthly      boolean NOT NULL, -- counted by calendar month, and doubled
    amount_fen   bigint NOT NULL CHECK (amount_fen BETWEEN 0 AND 10000000000),
    flag_at      integer CHECK (flag_at BETWEEN 2 AND 20),
    happened_on  date NOT NULL,
    text         text NOT NULL CHECK (length(text) BETWEEN 1 AND 500),
    by_id        uuid NOT NULL,
    at           timestamptz NOT NULL,
    contest      text NOT NULL DEFAULT '' CHECK (length(contest) <= 1000),
    contested_at timestamptz,
    decision     text COLLATE "C" CHECK (decision IN ('kept', 'removed')),
    decided_why  text NOT NULL DEFAULT '' CHECK (length(decided_why) <= 500),
    decided_by   uuid,
    decided_at   timestamptz,
    CONSTRAINT staff_mark_contest_is_whole CHECK ((contest = '') = (contested_at IS NULL)),
    CONSTRAINT staff_mark_decision_is_whole CHECK (
        (decision IS NULL) = (decided_at IS NULL) AND (decision IS NULL) = (decided_by IS NULL))
);
CREATE INDEX staff_marks_of_shop ON staff_marks (shop_id, happened_on DESC, id DESC);
CREATE INDEX staff_marks_of_person ON staff_marks (person_id, happened_on DESC, id DESC);
CREATE INDEX staff_marks_contested ON staff_marks (shop_id)
    WHERE contested_at IS NOT NULL AND decision IS NULL;

-- The department's fund, which everybody of the shop reads. A mistake is set right by another entry.
CREATE TABLE staff_fund (
    shop_id     uuid NOT NULL REFERENCES staff_teams,
    position    integer NOT NULL CHECK (position > 0),
    id          uuid NOT NULL UNIQUE,
    way         text COLLATE "C" NOT NULL CHECK (way IN ('in', 'out')),
    amount_fen  bigint NOT NULL CHECK (amount_fen BETWEEN 1 AND 10000000000),
    purpose     text NOT NULL CHECK (length(purpose) BETWEEN 1 AND 200),
    corrects    integer,
    balance_fen bigint NOT NULL CHECK (balance_fen >= 0),
    by_id       uuid NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (shop_id, position),
    CONSTRAINT staff_fund_corrects_an_earlier CHECK (corrects < position),
    FOREIGN KEY (shop_id, corrects) REFERENCES staff_fund (shop_id, position)
);
CREATE UNIQUE INDEX staff_fund_corrected_once ON staff_fund (shop_id, corrects)
    WHERE corrects IS NOT NULL;

CREATE FUNCTION staff_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER staff_reports_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON staff_reports EXECUTE FUNCTION staff_refuse_edit();
CREATE TRIGGER staff_report_words_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON staff_report_words EXECUTE FUNCTION staff_refuse_edit();
CREATE TRIGGER staff_months_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON staff_months EXECUTE FUNCTION staff_refuse_edit();
CREATE TRIGGER staff_month_lines_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON staff_month_lines EXECUTE FUNCTION staff_refuse_edit();
CREATE TRIGGER staff_line_words_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON staff_line_words EXECUTE FUNCTION staff_refuse_edit();
CREATE TRIGGER staff_fund_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON staff_fund EXECUTE FUNCTION staff_refuse_edit();
CREATE TRIGGER staff_marks_stay BEFORE DELETE OR TRUNCATE
    ON staff_marks EXECUTE FUNCTION staff_refuse_edit();
