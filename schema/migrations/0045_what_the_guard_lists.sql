-- What waits and what is watched now is listed without what was before; counting reads an index.
DROP INDEX risk_findings_newest;
CREATE INDEX risk_findings_newest ON risk_findings (found_at DESC, id DESC)
    INCLUDE (code, verdict);
CREATE INDEX risk_findings_marked ON risk_findings (found_at DESC, id DESC)
    WHERE verdict IS NOT NULL;
DROP INDEX risk_findings_of_shop;
CREATE INDEX risk_findings_of_shop ON risk_findings (shop_id, found_at DESC, id DESC)
    INCLUDE (code, weight, about, verdict) WHERE shop_id IS NOT NULL;
CREATE INDEX risk_watched_now ON risk_watched (at DESC, id DESC) WHERE off_at IS NULL;
CREATE INDEX risk_holds_waiting ON risk_holds (since DESC, payout_id DESC)
    WHERE released_at IS NULL;

-- Notes among the people of a shop were read as if they had been said to the buyer.
DELETE FROM risk_findings f USING chat_messages m
 WHERE f.subject = 'message' AND m.conversation_id = f.conversation_id AND m.seq = f.seq
   AND m.kind = 'note' AND NOT EXISTS (SELECT FROM risk_marks k WHERE k.finding_id = f.id);
