-- Jurors are people of the platform, and who is tied to a side decides none of its cases.
ALTER TABLE roles DROP CONSTRAINT roles_duty_check;
ALTER TABLE roles ADD CONSTRAINT roles_duty_check
    CHECK (duty IN ('arbiter', 'supervisor', 'operator', 'auditor', 'juror'));
CREATE TABLE ties (
    id        uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES people (id),
    tied_to   uuid NOT NULL,
    noted_by  uuid NOT NULL REFERENCES people (id),
    noted_at  timestamptz NOT NULL,
    CONSTRAINT ties_once UNIQUE (person_id, tied_to)
);
