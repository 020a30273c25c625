-- Findings about one kind of thing among very many are listed without sorting all of that kind; the index
-- of holds by case served no statement.
CREATE INDEX risk_findings_of_subject ON risk_findings (subject, found_at DESC, id DESC);
DROP INDEX risk_holds_of_case;
