-- A case says itself how often the platform has let its clock run out; arbiters claim cases.
UPDATE cases c SET state = c.state || jsonb_build_object('missed', m.times)
FROM (SELECT case_id, count(*) AS times FROM case_events
       WHERE type = 'deadline_missed' GROUP BY case_id) m
WHERE m.case_id = c.id;
CREATE INDEX cases_missed ON cases (stage, due_at, id) WHERE ended IS NULL AND state ? 'missed';
CREATE TABLE case_claims (
    case_id   uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    at        timestamptz NOT NULL
);
CREATE INDEX case_claims_of_person ON case_claims (person_id);
