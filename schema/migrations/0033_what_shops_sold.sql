-- What a shop sold in a time is read by its figures; who sees them, and customers: the roles that
-- every shop starts with.
CREATE INDEX orders_paid ON orders (shop_id, paid_at) WHERE paid_at IS NOT NULL;
UPDATE roles SET permissions = permissions || '{customers.read,customers.reveal}'::text[]
 WHERE shop_id IS NOT NULL AND name IN ('owner', 'lead', 'agent')
   AND NOT permissions && '{customers.read,customers.reveal}'::text[];
UPDATE roles SET permissions = permissions || '{customers.manage,figures.read}'::text[]
 WHERE shop_id IS NOT NULL AND name IN ('owner', 'lead')
   AND NOT permissions && '{customers.manage,figures.read}'::text[];
