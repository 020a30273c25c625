-- The grave findings among very many are listed without reading the light ones.
CREATE INDEX risk_findings_of_weight ON risk_findings (weight, found_at DESC, id DESC);
