"""Checking the books: whatever does not add up comes out as a sentence, one by one."""

from collections.abc import AsyncIterator

from gongdao.base.db import Connection

# Each check is one pass that gives a row for each fault and none when all is well. Sums over all
# accounts are PostgreSQL's own work, which spills to disk; only faults travel.
_CHECKS = (
    """
    SELECT format('account %s of %s: balance %s and held %s, but its transfers make %s and %s',
                  coalesce(a.kind, s.kind), coalesce(a.owner, s.owner),
                  coalesce(a.balance_fen, 0), coalesce(a.held_fen, 0),
                  coalesce(s.balance_fen, 0), coalesce(s.held_fen, 0))
    FROM ledger_accounts a FULL JOIN (
        SELECT side.kind, side.owner, sum(side.balance_fen) AS balance_fen,
               sum(side.held_fen) AS held_fen
        FROM ledger_transfers t
        LEFT JOIN ledger_transfers e ON e.ends_transfer = t.id AND t.state = 'pending'
        CROSS JOIN LATERAL (VALUES
            (t.source_kind, t.source_owner,
             CASE t.state WHEN 'posted' THEN -t.amount_fen ELSE 0 END,
             CASE WHEN t.state = 'pending' AND e.id IS NULL THEN t.amount_fen ELSE 0 END),
            (t.target_kind, t.target_owner,
             CASE t.state WHEN 'posted' THEN t.amount_fen ELSE 0 END, 0)
        ) AS side (kind, owner, balance_fen, held_fen)
        WHERE side.kind IN ('order_escrow', 'shop_balance', 'shop_deposit', 'shop_frozen',
                            'shop_debt', 'buyer_refund', 'gift_card')
        GROUP BY side.kind, side.owner
    ) s ON s.kind = a.kind AND s.owner = a.owner
    WHERE (a.balance_fen, a.held_fen) IS DISTINCT FROM (s.balance_fen, s.held_fen)
    """,
    """
    SELECT format('account %s of %s: balance %s does not cover the %s held',
                  kind, owner, balance_fen, held_fen)
    FROM ledger_accounts
    WHERE held_fen < 0 OR kind <> 'shop_debt' AND (balance_fen < 0 OR balance_fen < held_fen)
    """,
    """
    SELECT format('all accounts together hold %s instead of nothing', total)
    FROM (SELECT coalesce((SELECT sum(balance_fen) FROM ledger_accounts), 0)
               + coalesce((SELECT sum(balance_fen) FROM ledger_unlimited_balances), 0) AS total) s
    WHERE total <> 0
    """,
    """
    SELECT format('transfer %s ends transfer %s, but not as that was pending',
                  e.id, e.ends_transfer)
    FROM ledger_transfers e LEFT JOIN ledger_transfers t ON t.id = e.ends_transfer
    WHERE e.ends_transfer IS NOT NULL AND (
        t.id IS NULL OR t.state <> 'pending' OR e.released_fen <> t.amount_fen
        OR (e.source_kind, e.source_owner, e.target_kind, e.target_owner)
           <> (t.source_kind, t.source_owner, t.target_kind, t.target_owner))
    """,
    """
    SELECT format('payout %s: of %s fen, but its transfers make %s', p.id, p.amount_fen,
                  coalesce(s.total, 0))
    FROM payouts p LEFT JOIN (
        SELECT o.id, sum(t.amount_fen) AS total
        FROM payouts o CROSS JOIN LATERAL unnest(o.transfer_ids) AS part (id)
        JOIN ledger_transfers t ON t.id = part.id AND t.state = 'posted'
             AND t.target_kind = 'buyer_refund' AND t.target_owner = o.person
        GROUP BY o.id
    ) s ON s.id = p.id
    WHERE p.amount_fen IS DISTINCT FROM s.total
    """,
    """
    SELECT format('transfer %s into the refunds of %s has %s payouts instead of one',
                  t.id, t.target_owner, count(part.id))
    FROM ledger_transfers t
    LEFT JOIN (SELECT unnest(transfer_ids) AS id FROM payouts) AS part ON part.id = t.id
    WHERE t.state = 'posted' AND t.target_kind = 'buyer_refund'
    GROUP BY t.id HAVING count(part.id) <> 1
    """,
    """
    SELECT format('payout %s is %s, but %s fen have left the books for it',
                  coalesce(p.id, t.payout_id), coalesce(p.state, 'unknown'),
                  coalesce(t.amount_fen, 0))
    FROM payouts p FULL JOIN (
        SELECT payout_id, amount_fen, source_owner FROM ledger_transfers
        WHERE payout_id IS NOT NULL AND state = 'posted'
    ) t ON t.payout_id = p.id
    WHERE (t.payout_id IS NOT NULL OR p.state = 'arrived')
      AND (p.state, p.amount_fen, p.person)
          IS DISTINCT FROM ('arrived', t.amount_fen::bigint, t.source_owner)
    """,
    """
    SELECT format('bill %s is %s, but %s of %s fen have come in for it', b.id, b.state,
                  coalesce(t.fen, 0), b.amount_fen)
    FROM bills b LEFT JOIN (
        SELECT substr(memo, 6, 36)::uuid AS bill, sum(amount_fen) AS fen FROM ledger_transfers
        WHERE source_kind IN ('external', 'gift_card') AND state = 'posted'
          AND memo ~ '^bill [0-9a-f-]{36}'
        GROUP BY 1
    ) t ON t.bill = b.id
    WHERE coalesce(t.fen, 0) <> CASE b.state WHEN 'paid' THEN b.amount_fen ELSE 0 END
    """,
    """
    SELECT format('bill %s is for an exchange that has ended, and its money has not gone on', id)
    FROM bills WHERE state = 'paid' AND purpose = 'exchange' AND settled_at IS NOT NULL
      AND NOT returned AND NOT EXISTS (
          SELECT FROM ledger_transfers t WHERE t.memo = 'settled ' || bills.id)
    """,
)


async def verify_books(connection: Connection) -> AsyncIterator[str]:
    """Every fault in the books of this instant, one sentence each; nothing when they are right.

    Needs a connection that is in no transaction: all checks see the same snapshot.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("SET LOCAL statement_timeout = 0")
        for check in _CHECKS:
            async for row in connection.cursor(check, prefetch=200):
                yield str(row[0])
