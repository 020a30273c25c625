-- The account outside that paid, where a refund goes back to; the guard makes a trait of it.
ALTER TABLE orders ADD COLUMN payer_account text NOT NULL DEFAULT '';
