"""The books: posting transfers, and reading balances, funds, statements and a case's money."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
import msgspec

from gongdao.base.db import Connection
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.ledger.balance import (
    EVER,
    Balance,
    MoneyLine,
    Period,
    PeriodSums,
    ShopMoney,
    StatementLine,
)
from gongdao.ledger.funding import Funds
from gongdao.ledger.transfer import Account, Transfer

#: SQLSTATE of a batch that an account cannot cover; nothing of it has happened.
SHORT = "GD001"
OUTSIDE = Account("external", UUID(int=0))
_PAGE_MAX = 200
#: Debts are paid off in rounds of so many.
_DEBTS = 500

_POST = "SELECT ledger_post($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL, $11, $12)"
_BALANCES = """
SELECT a.kind, a.owner, a.balance_fen, a.held_fen
FROM unnest($1::text[], $2::uuid[]) AS asked (kind, owner)
JOIN ledger_accounts a USING (kind, owner)
"""
_UNLIMITED = """
UNION ALL
SELECT b.kind, b.owner, b.balance_fen, 0
FROM unnest($1::text[], $2::uuid[]) AS asked (kind, owner)
JOIN ledger_unlimited_balances b USING (kind, owner)
"""
_LOCK_DEBTS = "SELECT pg_advisory_xact_lock(hashtextextended('repay ' || $1::text, 0))"
_STATEMENT = """
(SELECT t.*, t.amount_fen AS change_fen, t.source_kind AS other_kind, t.source_owner AS other_owner
 FROM ledger_transfers t WHERE target_kind = $1 AND target_owner = $2 AND id < $3
   AND created_at >= $5 AND created_at < $6
 ORDER BY id DESC LIMIT $4)
UNION ALL
(SELECT t.*, -t.amount_fen, t.target_kind, t.target_owner
 FROM ledger_transfers t WHERE source_kind = $1 AND source_owner = $2 AND id < $3
   AND created_at >= $5 AND created_at < $6
 ORDER BY id DESC LIMIT $4)
ORDER BY id DESC LIMIT $4
"""
# What moved since a period began is taken off what the account holds now: a statement of the last
# weeks reads the last weeks, however old the account is.
_PERIOD = """
SELECT now.fen - moved.after_fen - moved.shown_fen AS above_fen,
       now.fen - moved.after_fen AS closing_fen, moved.in_fen, moved.out_fen
  FROM (SELECT coalesce((SELECT balance_fen FROM ledger_accounts WHERE kind = $1 AND owner = $2), 0)
            AS fen) now
 CROSS JOIN (
       SELECT coalesce(sum(change) FILTER (WHERE NOT inside), 0)::bigint AS after_fen,
              coalesce(sum(change) FILTER (WHERE inside AND id >= $5), 0)::bigint AS shown_fen,
              coalesce(sum(change) FILTER (WHERE inside AND change > 0), 0)::bigint AS in_fen,
              coalesce(-sum(change) FILTER (WHERE inside AND change < 0), 0)::bigint AS out_fen
         FROM (SELECT id, amount_fen AS change, created_at < $4 AS inside FROM ledger_transfers
                WHERE target_kind = $1 AND target_owner = $2 AND state = 'posted'
                  AND created_at >= $3
               UNION ALL
               SELECT id, -amount_fen, created_at < $4 FROM ledger_transfers
                WHERE source_kind = $1 AND source_owner = $2 AND state = 'posted'
                  AND created_at >= $3) AS line) moved
"""
_LAST_ID = 2**62
# What the buyer gets. What is held, fined or claimed back is between the shop and the platform.
# A pending transfer is shown while it is owed; its end is shown instead once there is one.
_OF_CASE = """
SELECT t.id AS transfer_id, t.kind, t.amount_fen, t.source_kind AS source,
       t.target_kind AS target, coalesce(pending.created_at, t.created_at) AS decided_at,
       CASE t.state WHEN 'pending' THEN 'owed' ELSE t.state END AS state,
       p.purpose, p.channel, p.id AS payout_id, p.state AS payout_state, p.sent_at, p.expected_at,
       p.arrived_at, p.failed_at, coalesce(p.attempts, 0) AS attempts, p.next_attempt_at
FROM ledger_transfers t
LEFT JOIN ledger_transfers ended ON ended.ends_transfer = t.id
LEFT JOIN ledger_transfers pending ON pending.id = t.ends_transfer
LEFT JOIN payouts p ON p.case_id = $1 AND t.id = ANY (p.transfer_ids)
WHERE t.case_id = $1 AND t.target_kind = 'buyer_refund' AND ended.id IS NULL
ORDER BY t.id LIMIT 1000
"""
_GIFTS = """
SELECT created_at AS at, amount_fen, coalesce(memo, '') AS memo FROM ledger_transfers
WHERE target_kind = 'buyer_refund' AND target_owner = $2 AND order_id = $1 AND case_id IS NULL
  AND kind = 'goodwill' AND state = 'posted'
ORDER BY id LIMIT 1000
"""
# Buyers come first, then what the platform advanced, then fines; each oldest first.
_DEBTORS = """
SELECT d.owner FROM ledger_accounts d
  JOIN ledger_accounts b ON b.kind = 'shop_balance' AND b.owner = d.owner
 WHERE d.kind = 'shop_debt' AND d.held_fen > 0 AND b.balance_fen > b.held_fen
 LIMIT $1
"""
_DEBTS_OPEN = """
SELECT t.id, t.amount_fen FROM ledger_transfers t
WHERE t.source_kind = 'shop_debt' AND t.source_owner = $1 AND t.state = 'pending'
  AND NOT EXISTS (SELECT FROM ledger_transfers e WHERE e.ends_transfer = t.id)
ORDER BY CASE WHEN t.target_kind = 'buyer_refund' THEN 0 WHEN t.kind = 'clawback' THEN 1 ELSE 2 END,
         coalesce(t.continues, t.id)
LIMIT $2
"""


class Gift(msgspec.Struct, frozen=True, kw_only=True):
    """A sum that a shop gave outside of cases; its memo ends with its reference."""

    at: datetime
    amount_fen: int
    memo: str

    @property
    def reference(self) -> str:
        """What makes it one of its kind."""
        return self.memo.rpartition(" ")[2]

    @property
    def note(self) -> str:
        """What the shop noted."""
        return self.memo.rpartition(" · ")[0]


async def post(
    connection: Connection,
    transfers: Sequence[Transfer],
    *,
    now: datetime,
    case_id: UUID | None = None,
    order_id: UUID | None = None,
    channel: str | None = None,
    memo: str | None = None,
) -> None:
    """Post transfers together. Raises Refusal insufficient_funds, and then none is posted."""
    count = len(transfers)
    try:
        await connection.execute(
            _POST,
            [case_id] * count,
            [order_id] * count,
            [t.kind for t in transfers],
            [t.source.kind for t in transfers],
            [t.source.owner for t in transfers],
            [t.target.kind for t in transfers],
            [t.target.owner for t in transfers],
            [t.amount_fen for t in transfers],
            [t.pending for t in transfers],
            now,
            [channel] * count,
            [memo] * count,
        )
    except asyncpg.PostgresError as error:
        if error.sqlstate != SHORT:
            raise
        raise Refusal(
            "insufficient_funds", N_("There is not enough money in the account for this.")
        ) from error


async def load_balances(
    connection: Connection, accounts: Sequence[Account]
) -> dict[Account, Balance]:
    """What these accounts hold; one that nothing ever touched holds nothing.

    Asking for an account of the platform or of the outside world adds up all transfers.
    """
    rows = await connection.fetch(
        _BALANCES + _UNLIMITED if any(a.is_unlimited for a in accounts) else _BALANCES,
        [account.kind for account in accounts],
        [account.owner for account in accounts],
    )
    found = {
        Account(row["kind"], row["owner"]): Balance(
            balance_fen=row["balance_fen"], held_fen=row["held_fen"]
        )
        for row in rows
    }
    return {account: found.get(account, Balance()) for account in accounts}


async def load_shop_money(connection: Connection, shop_id: UUID) -> ShopMoney:
    """The accounts of a shop."""
    kinds = ("shop_balance", "shop_deposit", "shop_frozen", "shop_debt")
    balances = await load_balances(connection, [Account(kind, shop_id) for kind in kinds])
    balance, deposit, frozen, debt = (balances[Account(kind, shop_id)] for kind in kinds)
    return ShopMoney(balance=balance, deposit=deposit, frozen=frozen, debt_fen=debt.held_fen)


async def funds_for(connection: Connection, shops: dict[UUID, UUID]) -> dict[UUID, Funds]:
    """What can be drawn on for each order of a dictionary of orders and their shops."""
    kinds = ("shop_balance", "shop_deposit", "shop_debt")
    asked = [Account("order_escrow", order_id) for order_id in shops]
    asked += [Account(kind, shop_id) for shop_id in set(shops.values()) for kind in kinds]
    balances = await load_balances(connection, asked)
    return {
        order_id: Funds(
            escrow_fen=balances[Account("order_escrow", order_id)].available_fen,
            balance_fen=balances[Account("shop_balance", shop_id)].available_fen,
            deposit_fen=balances[Account("shop_deposit", shop_id)].available_fen,
            debt_fen=balances[Account("shop_debt", shop_id)].held_fen,
        )
        for order_id, shop_id in shops.items()
    }


async def load_statement(
    connection: Connection,
    account: Account,
    *,
    before: int | None = None,
    limit: int = 50,
    period: Period = EVER,
) -> list[StatementLine]:
    """A page of an account's statement, newest first; `before` is the last id of the page above."""
    limit = min(limit, _PAGE_MAX)
    last = _LAST_ID if before is None else before
    rows = await connection.fetch(
        _STATEMENT, account.kind, account.owner, last, limit, period.since, period.until
    )
    return [_statement_line(row) for row in rows]


async def load_period(
    connection: Connection, account: Account, *, period: Period, before: int | None = None
) -> PeriodSums:
    """What came and went in a period, and what was there at its ends and above a page of it."""
    last = _LAST_ID if before is None else before
    row = await connection.fetchrow(
        _PERIOD, account.kind, account.owner, period.since, period.until, last
    )
    assert row, "a sum always answers"
    return PeriodSums(**dict(row))


async def money_of_case(connection: Connection, case_id: UUID) -> list[MoneyLine]:
    """Where the buyer's money of a case is, in the order in which it was decided."""
    rows = await connection.fetch(_OF_CASE, case_id)
    return [msgspec.convert(dict(row), MoneyLine) for row in rows]


async def read_gifts(connection: Connection, *, order_id: UUID, buyer_id: UUID) -> list[Gift]:
    """What was given to a buyer on an order outside of cases, oldest first."""
    rows = await connection.fetch(_GIFTS, order_id, buyer_id)
    return [Gift(**dict(row)) for row in rows]


async def top_up(
    connection: Connection, *, shop_id: UUID, amount_fen: int, now: datetime, memo: str = ""
) -> int:
    """A shop pays in. Its debts are paid at once, buyers first; returns how much went to them."""
    account = Account("shop_balance", shop_id)
    coming = Transfer(kind="top_up", source=OUTSIDE, target=account, amount_fen=amount_fen)
    async with connection.transaction():
        await connection.execute(_LOCK_DEBTS, str(shop_id))
        await post(connection, [coming], now=now, memo=memo or None)
        return await repay_debts(connection, shop_id=shop_id, now=now)


async def top_up_deposit(
    connection: Connection, *, shop_id: UUID, amount_fen: int, now: datetime, memo: str = ""
) -> None:
    """A shop pays into its deposit, which no debt touches."""
    account = Account("shop_deposit", shop_id)
    coming = Transfer(kind="top_up", source=OUTSIDE, target=account, amount_fen=amount_fen)
    await post(connection, [coming], now=now, memo=memo or None)


async def repay_debts(
    connection: Connection,
    *,
    shop_id: UUID,
    now: datetime,
    source: Literal["shop_balance", "shop_deposit"] = "shop_balance",
) -> int:
    """Pay a shop's debts from one of its accounts, buyers first, oldest first, the last in part.

    Returns how much was paid. Raises Refusal insufficient_funds when somebody else drew on the
    balance in the same moment; then nothing was paid.
    """
    async with connection.transaction():
        # Two at once would read the same debts. No row is locked here: ledger_post locks rows in
        # its own order, and this lock always comes before the first of them.
        await connection.execute(_LOCK_DEBTS, str(shop_id))
        account, debt = Account(source, shop_id), Account("shop_debt", shop_id)
        money = (await load_balances(connection, [account]))[account]
        rows = await connection.fetch(_DEBTS_OPEN, shop_id, _DEBTS)
        debts = [(row["id"], row["amount_fen"]) for row in rows]
        parts = parts_paid(debts, money.available_fen)
        if not parts:
            return 0
        paid_fen = sum(parts.values())
        repay = Transfer(kind="repay", source=account, target=debt, amount_fen=paid_fen)
        await post(connection, [repay], now=now)
        await connection.execute(
            "SELECT ledger_end($1, 'posted', $2, $3, TRUE)",
            list(parts),
            now,
            list(parts.values()),
        )
        return paid_fen


async def debtors_with_money(connection: Connection, *, limit: int) -> list[UUID]:
    """Shops that owe something and have something: they can pay, at least in part."""
    rows = await connection.fetch(_DEBTORS, limit)
    return [row["owner"] for row in rows]


def parts_paid(debts: Sequence[tuple[int, int]], money_fen: int) -> dict[int, int]:
    """How much of each debt (id and amount, oldest first) the money pays; unpaid ones left out."""
    parts: dict[int, int] = {}
    for transfer_id, amount_fen in debts:
        part = min(amount_fen, money_fen)
        if part <= 0:
            break
        parts[transfer_id] = part
        money_fen -= part
    return parts


def _statement_line(row: Any) -> StatementLine:
    return StatementLine(
        id=row["id"],
        at=row["created_at"],
        kind=row["kind"],
        state=row["state"],
        change_fen=row["change_fen"] if row["state"] == "posted" else 0,
        amount_fen=row["amount_fen"],
        other=Account(row["other_kind"], row["other_owner"]),
        case_id=row["case_id"],
        order_id=row["order_id"],
        memo=row["memo"],
    )
