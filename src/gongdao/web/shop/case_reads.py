"""What the case page shows beside the case itself: other cases, and colleagues who may decide."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable
from gongdao.cases.seen_by import masked_in_sql
from gongdao.policy.pack import Ended
from gongdao.policy.words import Procedure, Stage

#: That a report is about this order, or by this buyer, would say who made it.
_MASKED = masked_in_sql("c.state", "seller")
_NEIGHBOURS = f"""
SELECT c.id, c.number, c.procedure, c.kind, c.stage, c.ended, c.opened_at, c.refunded_fen,
       c.order_id = $4 AS same_order
  FROM cases c WHERE c.buyer_id = $1 AND c.shop_id = $2 AND c.id <> $3 AND NOT {_MASKED}
 ORDER BY c.opened_at DESC, c.id DESC LIMIT 8
"""  # noqa: S608 - made of constants
_OF_ORDER = f"""
SELECT c.id, c.number, c.procedure, c.kind, c.stage, c.ended, c.opened_at, c.refunded_fen,
       true AS same_order
  FROM cases c WHERE c.order_id = $1 AND c.shop_id = $2 AND NOT {_MASKED}
 ORDER BY c.opened_at DESC, c.id DESC LIMIT 20
"""  # noqa: S608 - made of constants
_WHO_MAY = """
SELECT p.name, r.name AS role FROM people p JOIN roles r ON r.id = p.role_id
 WHERE p.shop_id = $1 AND p.disabled_at IS NULL AND r.permissions @> $2::text[]
   AND coalesce(r.money_limit_fen, $3) >= $3
 ORDER BY r.money_limit_fen NULLS LAST, p.created_at LIMIT 4
"""


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """Another case, in one line."""

    id: UUID
    number: int
    procedure: Procedure
    kind: str
    stage: Stage
    ended: Ended | None
    opened_at: datetime
    refunded_fen: int
    same_order: bool


class Colleague(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the shop, and what they are there."""

    name: str
    role: str


async def other_cases(
    database: Queryable, *, buyer_id: UUID, shop_id: UUID, case_id: UUID, order_id: UUID
) -> list[Neighbour]:
    """The buyer's other cases in this shop, newest first."""
    rows = await database.fetch(_NEIGHBOURS, buyer_id, shop_id, case_id, order_id)
    return [msgspec.convert(dict(row), Neighbour) for row in rows]


async def cases_of_order(database: Queryable, *, order_id: UUID, shop_id: UUID) -> list[Neighbour]:
    """The cases about one order of the shop, newest first."""
    rows = await database.fetch(_OF_ORDER, order_id, shop_id)
    return [msgspec.convert(dict(row), Neighbour) for row in rows]


async def who_may(
    database: Queryable, *, shop_id: UUID, permissions: list[str], cost_fen: int = 0
) -> list[Colleague]:
    """Colleagues who may do this and decide about so much, the least senior first."""
    rows = await database.fetch(_WHO_MAY, shop_id, permissions, cost_fen)
    return [msgspec.convert(dict(row), Colleague) for row in rows]
