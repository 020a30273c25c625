-- An erasure takes the name, too; whoever buys or writes again brings it with them.
CREATE OR REPLACE FUNCTION customers_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'orders' THEN
        INSERT INTO customers (shop_id, buyer_id, name, first_at, last_at)
        SELECT a.shop_id, a.buyer_id, coalesce(max(p.name), ''), min(a.placed_at), max(a.placed_at)
          FROM added a LEFT JOIN people p ON p.id = a.buyer_id GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (shop_id, buyer_id) DO UPDATE SET last_at = EXCLUDED.last_at, erased_at = NULL,
            name = CASE WHEN customers.erased_at IS NULL THEN customers.name ELSE EXCLUDED.name END,
            sounds = CASE WHEN customers.erased_at IS NULL THEN customers.sounds END
         WHERE customers.last_at < EXCLUDED.last_at;
    ELSE
        INSERT INTO customers (shop_id, buyer_id, name, first_at, last_at)
        SELECT a.shop_id, a.buyer_id, coalesce(max(p.name), ''), min(a.opened_at), max(a.opened_at)
          FROM added a LEFT JOIN people p ON p.id = a.buyer_id GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (shop_id, buyer_id) DO UPDATE SET last_at = EXCLUDED.last_at, erased_at = NULL,
            name = CASE WHEN customers.erased_at IS NULL THEN customers.name ELSE EXCLUDED.name END,
            sounds = CASE WHEN customers.erased_at IS NULL THEN customers.sounds END
         WHERE customers.last_at < EXCLUDED.last_at;
    END IF;
    RETURN NULL;
END $$;
UPDATE customers SET name = '', sounds = '' WHERE erased_at IS NOT NULL;
