-- What cases leave on a shop's record; points that stood before are its first lines.
-- A shop's record, one line for each event of a case that carries an `entry`: points by ledger,
-- sanctions and findings. Lines are numbered per shop, and a decision numbers what it adds from the
-- record that it saw: of two that saw the same one only one is written, the other decides again.
CREATE TABLE shop_record (
    shop_id uuid NOT NULL,
    entry   integer NOT NULL CHECK (entry > 0),
    slot    text COLLATE "C" NOT NULL
            CHECK (slot IN ('general', 'serious', 'counterfeit', 'sanction', 'finding')),
    case_id uuid NOT NULL,
    kind    text COLLATE "C" NOT NULL, -- of the case
    at      timestamptz NOT NULL,
    body    jsonb NOT NULL,
    PRIMARY KEY (shop_id, entry)
);
-- A decision reads the newest lines of each slot.
CREATE INDEX shop_record_slots ON shop_record (shop_id, slot, entry);

CREATE TRIGGER shop_record_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON shop_record
    EXECUTE FUNCTION cases_refuse_edit();

CREATE FUNCTION cases_write_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO shop_record (shop_id, entry, slot, case_id, kind, at, body)
    SELECT c.shop_id, (NEW.body ->> 'entry')::integer,
           CASE NEW.type WHEN 'points_charged' THEN NEW.body #>> '{charge,ledger}'
                         WHEN 'case_closed' THEN 'finding'
                         ELSE 'sanction' END,
           c.id, c.kind, NEW.at, NEW.body
    FROM cases c WHERE c.id = NEW.case_id;
    RETURN NULL;
END $$;
CREATE TRIGGER case_events_write_record AFTER INSERT ON case_events
    FOR EACH ROW WHEN (NEW.body ? 'entry') EXECUTE FUNCTION cases_write_record();

INSERT INTO shop_record (shop_id, entry, slot, case_id, kind, at, body)
SELECT c.shop_id, numbered.entry, v.body #>> '{charge,ledger}', c.id, c.kind, v.at,
       v.body || jsonb_build_object('entry', numbered.entry)
FROM (SELECT p.case_id, p.version,
             row_number() OVER (PARTITION BY o.shop_id ORDER BY p.at, p.case_id, p.version) AS entry
        FROM case_events p JOIN cases o ON o.id = p.case_id
       WHERE p.type = 'points_charged') AS numbered
JOIN case_events v USING (case_id, version)
JOIN cases c ON c.id = numbered.case_id;

UPDATE cases c SET state = c.state || jsonb_build_object('rulings', r.times)
FROM (SELECT case_id, count(*) AS times FROM case_events WHERE type = 'ruled' GROUP BY case_id) r
WHERE r.case_id = c.id;

ALTER DOMAIN ledger_transfer_kind DROP CONSTRAINT ledger_transfer_kind_check;
ALTER DOMAIN ledger_transfer_kind ADD CONSTRAINT ledger_transfer_kind_check CHECK (VALUE IN (
    'payment', 'hold', 'release', 'capture', 'refund', 'advance', 'clawback', 'deposit_deduct',
    'freight', 'compensation', 'punitive', 'goodwill', 'fine', 'top_up', 'repay', 'payout',
    'write_off'
));
