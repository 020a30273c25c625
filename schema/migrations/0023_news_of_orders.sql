-- Shops and buyers are told of changes of orders.
ALTER TABLE notices ALTER COLUMN case_id DROP NOT NULL, ALTER COLUMN version DROP NOT NULL,
    ADD COLUMN order_id uuid, ADD COLUMN log_position bigint,
    DROP CONSTRAINT notices_are_told_once,
    ADD CONSTRAINT notices_are_told_once
        UNIQUE NULLS NOT DISTINCT (case_id, version, side, payout_id, log_position),
    ADD CONSTRAINT notices_of_a_case_or_an_order CHECK (
        (case_id IS NULL) = (version IS NULL) AND (order_id IS NULL) = (log_position IS NULL)
        AND (case_id IS NULL) <> (order_id IS NULL));
CREATE INDEX notices_of_an_order ON notices (order_id) WHERE order_id IS NOT NULL;
