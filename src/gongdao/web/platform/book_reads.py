"""The books as the operator and the auditor read them: shops' money, payouts, transfers, totals."""

import asyncio
from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable
from gongdao.ledger.transfer import AccountKind, TransferKind
from gongdao.ledger.verify import verify_books

PAGE = 50
#: Checking the books stops after so many faults, or after so long.
FAULTS_MAX = 20
CHECK_SECONDS = 30.0

_SHOPS = """
SELECT s.id, s.name, s.status,
       coalesce(max(a.balance_fen - a.held_fen)
                FILTER (WHERE a.kind = 'shop_balance'), 0) AS balance_fen,
       coalesce(max(a.balance_fen - a.held_fen)
                FILTER (WHERE a.kind = 'shop_deposit'), 0) AS deposit_fen,
       coalesce(max(a.balance_fen) FILTER (WHERE a.kind = 'shop_frozen'), 0) AS frozen_fen,
       coalesce(max(a.held_fen) FILTER (WHERE a.kind = 'shop_debt'), 0) AS debt_fen
  FROM (SELECT id, name, status FROM shops
         WHERE name > $1 AND ($2 = '' OR name ILIKE '%' || $2 || '%')
         ORDER BY name LIMIT $3) s
  LEFT JOIN ledger_accounts a ON a.owner = s.id
       AND a.kind IN ('shop_balance', 'shop_deposit', 'shop_frozen', 'shop_debt')
 GROUP BY s.id, s.name, s.status ORDER BY s.name
"""
_TRANSFERS = """
SELECT t.id, t.kind, t.source_kind, t.target_kind, t.amount_fen, t.state, t.created_at, t.case_id,
       t.memo, c.number AS case_number, o.number AS order_number
  FROM (SELECT * FROM ledger_transfers WHERE id < $1 ORDER BY id DESC LIMIT $2) t
  LEFT JOIN cases c ON c.id = t.case_id LEFT JOIN orders o ON o.id = t.order_id
 ORDER BY t.id DESC
"""
_FAILED = """
SELECT p.id, p.amount_fen, p.channel, p.purpose, p.attempts, p.failed_at, p.last_error, p.case_id,
       c.number AS case_number, n.name AS person
  FROM (SELECT * FROM payouts WHERE failed_at IS NOT NULL ORDER BY failed_at, id LIMIT $1) p
  LEFT JOIN cases c ON c.id = p.case_id LEFT JOIN people n ON n.id = p.person
 ORDER BY p.failed_at, p.id
"""
_ESCROW = """
SELECT coalesce(sum(balance_fen), 0)::bigint AS fen,
       count(*) FILTER (WHERE balance_fen > 0) AS orders
  FROM ledger_accounts WHERE kind = 'order_escrow'
"""
_SHOP_SUMS = """
SELECT coalesce(sum(balance_fen) FILTER (WHERE kind = 'shop_balance'), 0)::bigint AS balance_fen,
       coalesce(sum(balance_fen) FILTER (WHERE kind = 'shop_deposit'), 0)::bigint AS deposit_fen,
       coalesce(sum(held_fen) FILTER (WHERE kind = 'shop_debt'), 0)::bigint AS debt_fen
  FROM ledger_accounts WHERE kind IN ('shop_balance', 'shop_deposit', 'shop_debt')
"""
_PAYOUTS = """
SELECT state, count(*) AS count, sum(amount_fen)::bigint AS fen FROM payouts GROUP BY state
"""


class ShopRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one shop has, and owes."""

    id: UUID
    name: str
    status: str
    balance_fen: int
    deposit_fen: int
    frozen_fen: int
    debt_fen: int


class TransferRow(msgspec.Struct, frozen=True, kw_only=True):
    """One transfer of the books."""

    id: int
    kind: TransferKind
    source_kind: AccountKind
    target_kind: AccountKind
    amount_fen: int
    state: str
    created_at: datetime
    case_id: UUID | None
    memo: str | None
    case_number: int | None
    order_number: str | None


class FailedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A payout that waits for a person."""

    id: UUID
    amount_fen: int
    channel: str
    purpose: str
    attempts: int
    failed_at: datetime
    last_error: str | None
    case_id: UUID | None
    case_number: int | None
    person: str | None


class PayoutSum(msgspec.Struct, frozen=True, kw_only=True):
    """How many payouts are in a state, and how much they carry."""

    state: str
    count: int
    fen: int


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """What all accounts hold together."""

    escrow_fen: int
    escrow_orders: int
    balance_fen: int
    deposit_fen: int
    debt_fen: int
    payouts: tuple[PayoutSum, ...]


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What checking the books found."""

    faults: tuple[str, ...]
    finished: bool
    """False when it was stopped by the limits, so that there may be more."""


async def list_shops(
    database: Queryable, *, text: str = "", after: str = "", limit: int = PAGE
) -> list[ShopRow]:
    """Shops by name with what they have and owe; `after` is the last name of the page above."""
    rows = await database.fetch(_SHOPS, after, text, limit)
    return [msgspec.convert(dict(row), ShopRow) for row in rows]


async def list_transfers(
    database: Queryable, *, before: int | None = None, limit: int = PAGE
) -> list[TransferRow]:
    """The last transfers, newest first; `before` is the last id of the page above."""
    rows = await database.fetch(_TRANSFERS, 2**62 if before is None else before, limit)
    return [msgspec.convert(dict(row), TransferRow) for row in rows]


async def list_failed(database: Queryable, *, limit: int = PAGE) -> list[FailedRow]:
    """The payouts that wait for a person, longest waiting first."""
    return [msgspec.convert(dict(row), FailedRow) for row in await database.fetch(_FAILED, limit)]


async def read_totals(database: Queryable) -> Totals:
    """What all accounts hold together. Adds up every account: not for a page that must be quick."""
    escrow = await database.fetchrow(_ESCROW)
    shops = await database.fetchrow(_SHOP_SUMS)
    assert escrow and shops, "a sum always answers"
    payouts = [msgspec.convert(dict(row), PayoutSum) for row in await database.fetch(_PAYOUTS)]
    return Totals(
        escrow_fen=escrow["fen"],
        escrow_orders=escrow["orders"],
        payouts=tuple(payouts),
        **dict(shops),
    )


async def check_books(connection: Connection) -> Checked:
    """Look for faults in the books, up to FAULTS_MAX of them and for CHECK_SECONDS."""
    faults: list[str] = []
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            async for fault in verify_books(connection):
                faults.append(fault)
                if len(faults) >= FAULTS_MAX:
                    return Checked(faults=tuple(faults), finished=False)
    except TimeoutError:
        return Checked(faults=tuple(faults), finished=False)
    return Checked(faults=tuple(faults), finished=True)
