-- An exchange may ask for another variant, which is held for it.
-- The goods that an exchange wants are held from its filing to its end; an exchange that asks for what
-- somebody else has just taken is decided anew.
CREATE FUNCTION cases_hold_goods() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM shops_end_hold(NEW.id, NEW.state ? 'sent');
    ELSIF NOT shops_hold_stock(NEW.id, (NEW.state #>> '{wanted,product_id}')::uuid,
                               (NEW.state #>> '{wanted,units}')::integer, NEW.opened_at) THEN
        RAISE EXCEPTION 'the goods are gone by now' USING ERRCODE = 'GD002';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER cases_hold_goods AFTER INSERT ON cases FOR EACH ROW
    WHEN (NEW.state ? 'wanted') EXECUTE FUNCTION cases_hold_goods();
CREATE TRIGGER cases_free_goods AFTER UPDATE ON cases FOR EACH ROW
    WHEN (NEW.state ? 'wanted' AND OLD.ended IS NULL AND NEW.ended IS NOT NULL)
    EXECUTE FUNCTION cases_hold_goods();
