-- What the platform's people say of a finding stands; what a shop says later is kept as its opinion.
ALTER TABLE risk_marks ADD COLUMN side text COLLATE "C" CHECK (side IN ('shop', 'platform'));
ALTER TABLE risk_marks DISABLE TRIGGER risk_marks_are_append_only;
UPDATE risk_marks m SET side = CASE WHEN EXISTS (
    SELECT FROM people p WHERE p.id = m.by_id AND p.kind = 'shop') THEN 'shop' ELSE 'platform' END;
ALTER TABLE risk_marks ENABLE TRIGGER risk_marks_are_append_only;
ALTER TABLE risk_marks ALTER COLUMN side SET NOT NULL;
UPDATE risk_findings f SET verdict = said.verdict
  FROM (SELECT DISTINCT ON (finding_id) finding_id, verdict FROM risk_marks
         WHERE side = 'platform' ORDER BY finding_id, at DESC, id DESC) AS said
 WHERE f.id = said.finding_id AND f.verdict IS DISTINCT FROM said.verdict;
