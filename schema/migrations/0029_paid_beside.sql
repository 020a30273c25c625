-- What several cases may cost together (a ceiling, the price of the order) is bounded by what the
-- others have been paid. Of payments of one buyer and one shop that come at the same instant, one is
-- written; the other saw too little, and is decided anew.
CREATE FUNCTION cases_check_beside() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    this record;
    beside_fen bigint;
BEGIN
    SELECT c.order_id, c.buyer_id, c.shop_id, o.paid_at INTO this
    FROM cases c JOIN orders o ON o.id = c.order_id WHERE c.id = NEW.case_id;
    PERFORM pg_advisory_xact_lock(hashtextextended(concat(this.buyer_id, this.shop_id), 0));
    SELECT coalesce(sum((p ->> 'amount_fen')::bigint), 0) INTO beside_fen
    FROM cases s JOIN orders o ON o.id = s.order_id
    CROSS JOIN jsonb_array_elements(s.state -> 'paid') AS p
    WHERE s.buyer_id = this.buyer_id AND s.shop_id = this.shop_id AND s.id <> NEW.case_id
      AND s.state ? 'paid'
      AND (p ->> 'name' = 'compensation' OR (p ->> 'name' = 'freight' AND o.id = this.order_id))
      AND (o.id = this.order_id OR o.paid_at BETWEEN this.paid_at - interval '1 day'
                                                 AND this.paid_at + interval '1 day');
    IF beside_fen <> (NEW.body ->> 'beside_fen')::bigint THEN
        RAISE EXCEPTION 'another case has been paid by now' USING ERRCODE = 'GD002';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER case_events_check_beside AFTER INSERT ON case_events
    FOR EACH ROW WHEN (NEW.body ? 'beside_fen') EXECUTE FUNCTION cases_check_beside();
