-- Several cases on an order come to what they come to at once (RefundReckoned), and each is worked out
-- from what the others have given back. Of refunds of one order that are paid at the same instant,
-- one is written; the other saw too little, and is decided anew.
CREATE FUNCTION cases_check_refunded() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    the_order uuid;
    refunded bigint;
BEGIN
    SELECT c.order_id INTO the_order FROM cases c WHERE c.id = NEW.case_id;
    PERFORM 1 FROM orders o WHERE o.id = the_order FOR NO KEY UPDATE;
    SELECT coalesce(sum(c.refunded_fen), 0) INTO refunded
    FROM cases c WHERE c.order_id = the_order AND c.id <> NEW.case_id;
    IF refunded <> (NEW.body ->> 'refunded_fen')::bigint THEN
        RAISE EXCEPTION 'another case has been paid by now' USING ERRCODE = 'GD002';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER case_events_check_refunded AFTER INSERT ON case_events
    FOR EACH ROW WHEN (NEW.type = 'payments_instructed' AND NEW.body ? 'refunded_fen')
    EXECUTE FUNCTION cases_check_refunded();
