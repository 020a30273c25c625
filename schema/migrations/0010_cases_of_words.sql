-- The queue's filters by procedure, kind and reason read an index of their words.
CREATE FUNCTION cases_words(procedure text, kind text, reason text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY[procedure, kind, coalesce(reason, ''), kind || '/' || coalesce(reason, '')];
CREATE INDEX cases_of_words ON cases USING gin (cases_words(procedure, kind, reason));
