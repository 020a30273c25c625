-- Whether the buyer confirmed receipt or the time for it ran out; null where nobody said.
ALTER TABLE orders ADD COLUMN confirmed_by text CHECK (confirmed_by IN ('buyer', 'system'));
UPDATE orders o SET confirmed_by = CASE WHEN l.by_id IS NULL THEN 'system' ELSE 'buyer' END
  FROM order_log l
 WHERE l.order_id = o.id AND l.what = 'confirmed' AND o.confirmed_at = l.at
   AND (l.by_id IS NULL OR l.by_id = o.buyer_id);
