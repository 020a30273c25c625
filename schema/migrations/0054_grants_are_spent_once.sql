-- What a lead granted as compensation is given once: the order on which it was given.
ALTER TABLE script_asks ADD COLUMN given_on uuid
    CONSTRAINT script_grant_is_given CHECK (
        given_on IS NULL OR (what = 'compensation' AND answer IS NOT DISTINCT FROM 'granted'));
