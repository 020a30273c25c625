"""What the arbiter sees beside the case itself: the order's other cases, and the parties' past."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable
from gongdao.cases.case import Case
from gongdao.policy.pack import Ended
from gongdao.policy.words import Procedure, Stage

#: The past of a party is counted up to so many cases.
PAST_MAX = 200

_SIBLINGS = """
SELECT c.id, c.number, c.procedure, c.kind, c.stage, c.ended, c.opened_at, c.refunded_fen
  FROM cases c WHERE c.order_id = $1 AND c.id <> $2
 ORDER BY c.opened_at DESC, c.id DESC LIMIT 20
"""
_PAST = f"""
SELECT (SELECT count(*) FROM (SELECT FROM cases WHERE buyer_id = $1
                               LIMIT {PAST_MAX}) b) AS of_buyer,
       (SELECT count(*) FROM (SELECT FROM cases WHERE shop_id = $2 AND ended IS NULL
                               LIMIT {PAST_MAX}) s) AS open_of_shop,
       (SELECT o.receiver_address FROM orders o WHERE o.id = $3) AS receiver_address,
       (SELECT o.buyer_message FROM orders o WHERE o.id = $3) AS buyer_message,
       (SELECT o.seller_note FROM orders o WHERE o.id = $3) AS seller_note
"""  # noqa: S608 - made of constants


class Sibling(msgspec.Struct, frozen=True, kw_only=True):
    """Another case on the same order, in one line."""

    id: UUID
    number: int
    procedure: Procedure
    kind: str
    stage: Stage
    ended: Ended | None
    opened_at: datetime
    refunded_fen: int


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """How often the parties were here before, and what the order says in words."""

    of_buyer: int
    open_of_shop: int
    receiver_address: str
    buyer_message: str
    seller_note: str


async def read_siblings(database: Queryable, *, order_id: UUID, case_id: UUID) -> list[Sibling]:
    """The order's other cases, newest first."""
    rows = await database.fetch(_SIBLINGS, order_id, case_id)
    return [msgspec.convert(dict(row), Sibling) for row in rows]


async def read_past(database: Queryable, case: Case) -> Past:
    """How often the parties were here before; counts stop at PAST_MAX."""
    row = await database.fetchrow(_PAST, case.buyer_id, case.shop_id, case.order_id)
    return msgspec.convert(dict(row or {}), Past)
