"""The table of remarks: adding one, those of an order, and whose sales a month holds."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable
from gongdao.shops.remark import Flag, Remark, Sold

#: The newest remarks of an order that are read at once, and the sales of one page.
REMARKS_MAX, SOLD_MAX = 50, 2_000

_ADD = """
INSERT INTO order_remarks (shop_id, order_id, flag, agent_id, reason, key, by_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (order_id, by_id, key) DO NOTHING
"""
_OF_ORDER = f"""
SELECT order_id, flag, agent_id, reason, by_id, at FROM order_remarks
 WHERE order_id = $1 AND shop_id = $2 ORDER BY position DESC LIMIT {REMARKS_MAX}
"""  # noqa: S608 - made of constants
_SOLD = f"""
SELECT o.id AS order_id, o.number, o.paid_at, o.paid_fen, o.refunded_fen, r.agent_id
  FROM orders o LEFT JOIN LATERAL (
       SELECT agent_id FROM order_remarks WHERE order_id = o.id ORDER BY position DESC LIMIT 1
     ) r ON true
 WHERE o.shop_id = $1 AND o.paid_at >= $2 AND o.paid_at < $3 AND (o.paid_at, o.id) > ($4, $5)
 ORDER BY o.paid_at, o.id LIMIT {SOLD_MAX}
"""  # noqa: S608 - made of constants


async def add_remark(
    connection: Connection, remark: Remark, *, shop_id: UUID, key: str | None
) -> bool:
    """Add a remark, and let its flag stand on the order; False where it was added before."""
    done = await connection.execute(
        _ADD, shop_id, remark.order_id, remark.flag, remark.agent_id, remark.reason, key,
        remark.by_id, remark.at,
    )  # fmt: skip
    if done != "INSERT 0 1":
        return False
    await connection.execute(
        "UPDATE orders SET flag = $2 WHERE id = $1 AND flag <> $2", remark.order_id, remark.flag
    )
    return True


async def remark_of_key(
    connection: Connection, order_id: UUID, *, by: UUID, key: str
) -> tuple[Flag, UUID, str] | None:
    """What somebody remarked under a key of theirs: flag, agent and reason."""
    row = await connection.fetchrow(
        "SELECT flag, agent_id, reason FROM order_remarks"
        " WHERE order_id = $1 AND by_id = $2 AND key = $3",
        order_id,
        by,
        key,
    )
    return (row["flag"], row["agent_id"], row["reason"]) if row else None


async def remarks_of_order(database: Queryable, order_id: UUID, *, shop_id: UUID) -> list[Remark]:
    """The remarks on an order, newest first."""
    rows = await database.fetch(_OF_ORDER, order_id, shop_id)
    return [msgspec.convert(dict(row), Remark) for row in rows]


async def flags_of(database: Queryable, order_ids: Sequence[UUID]) -> dict[UUID, Flag]:
    """The flags of orders that have one."""
    rows = await database.fetch(
        "SELECT id, flag FROM orders WHERE id = ANY ($1::uuid[]) AND flag <> ''", list(order_ids)
    )
    return {row["id"]: row["flag"] for row in rows}


async def remarks_of_month(
    database: Queryable, shop_id: UUID, since: datetime, until: datetime
) -> list[Sold]:
    """Every order that was paid from `since` until before `until`, and whose sale it is."""
    sold: list[Sold] = []
    after: tuple[datetime, UUID] = (since, UUID(int=0))
    while True:
        rows = await database.fetch(_SOLD, shop_id, since, until, *after)
        sold += [msgspec.convert(dict(row), Sold) for row in rows]
        if len(rows) < SOLD_MAX:
            return sold
        after = (sold[-1].paid_at, sold[-1].order_id)
