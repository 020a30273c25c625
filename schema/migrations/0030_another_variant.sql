-- An exchange whose buyer wants another variant by now holds that one instead.
CREATE OR REPLACE FUNCTION cases_hold_goods() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.ended IS NOT NULL THEN
        PERFORM shops_end_hold(NEW.id, NEW.state ? 'sent');
    ELSIF TG_OP = 'UPDATE' AND OLD.ended IS NOT NULL THEN
        -- A case that is taken up again goes on even where the goods are gone: nobody is refused a
        -- hearing for that, and the shop then sends nothing or something else.
        PERFORM shops_hold_stock(NEW.id, (NEW.state #>> '{wanted,product_id}')::uuid,
                                 (NEW.state #>> '{wanted,units}')::integer, NEW.opened_at);
    ELSIF NOT shops_hold_stock(NEW.id, (NEW.state #>> '{wanted,product_id}')::uuid,
                               (NEW.state #>> '{wanted,units}')::integer, NEW.opened_at) THEN
        RAISE EXCEPTION 'the goods are gone by now' USING ERRCODE = 'GD002';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER cases_hold_other_goods AFTER UPDATE ON cases FOR EACH ROW
    WHEN (NEW.state ? 'wanted' AND OLD.ended IS NULL AND NEW.ended IS NULL
          AND NEW.state -> 'wanted' IS DISTINCT FROM OLD.state -> 'wanted')
    EXECUTE FUNCTION cases_hold_goods();
