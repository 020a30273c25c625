"""What the money page reads: what the lines of a statement are about, and payouts to buyers."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable
from gongdao.ledger.payout import PayoutState, Purpose

_NAMES = """
SELECT id, 'case' AS what, number::text AS number FROM cases WHERE id = ANY ($1) AND shop_id = $3
UNION ALL
SELECT id, 'order', number FROM orders WHERE id = ANY ($2) AND shop_id = $3
"""
#: Payouts of the newest so many cases are looked at: older ones have long arrived.
_CASES = 300
_PAYOUTS = f"""
SELECT p.id, c.id AS case_id, c.number, p.purpose, p.channel, p.amount_fen, p.state, p.created_at,
       p.expected_at, p.arrived_at
  FROM (SELECT id, number FROM cases WHERE shop_id = $1
         ORDER BY opened_at DESC, id DESC LIMIT {_CASES}) c
  JOIN payouts p ON p.case_id = c.id
 ORDER BY (p.state = 'arrived'), p.created_at DESC, p.id LIMIT 30
"""  # noqa: S608


class PayoutLine(msgspec.Struct, frozen=True, kw_only=True):
    """Money on its way to a buyer of the shop."""

    id: UUID
    case_id: UUID
    number: int
    purpose: Purpose
    channel: str
    amount_fen: int
    state: PayoutState
    created_at: datetime
    expected_at: datetime | None
    arrived_at: datetime | None


async def names_of(
    database: Queryable, *, shop_id: UUID, case_ids: Iterable[UUID], order_ids: Iterable[UUID]
) -> dict[UUID, str]:
    """The numbers of the shop's cases and orders that these ids stand for."""
    rows = await database.fetch(_NAMES, list(case_ids), list(order_ids), shop_id)
    return {row["id"]: row["number"] for row in rows}


async def recent_payouts(database: Queryable, *, shop_id: UUID) -> list[PayoutLine]:
    """Refunds and compensations on their way to buyers, those that have arrived last."""
    return [
        msgspec.convert(dict(row), PayoutLine) for row in await database.fetch(_PAYOUTS, shop_id)
    ]
