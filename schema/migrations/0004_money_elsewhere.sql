-- Whether an order's money is in our ledger, and what the shop told late (docs/decisions/0012).
-- Orders that were here before stay as they were: their money is in the ledger.
ALTER TABLE orders
    ADD COLUMN money text NOT NULL DEFAULT 'here' CHECK (money IN ('here', 'elsewhere')),
    ADD COLUMN told jsonb NOT NULL DEFAULT '{}';
