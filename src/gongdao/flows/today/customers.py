"""Customers to get in touch with again, and what people ask about their own data."""

from gongdao.base.db import Queryable
from gongdao.customers.rights import BASIS
from gongdao.flows.today.line import Day, Line, Lot, read_lot

_FOLLOW_UPS = """
SELECT n.id, n.buyer_id, n.text, n.due_at, c.name, least(count(*) OVER (), $4) AS of_all
  FROM (SELECT * FROM customer_notes
         WHERE shop_id = $1 AND due_at <= $2 AND done_at IS NULL AND erased_at IS NULL
         ORDER BY due_at LIMIT $4) AS n
  JOIN customers c ON c.shop_id = $1 AND c.buyer_id = n.buyer_id
 ORDER BY n.due_at, n.id LIMIT $3
"""
_REQUESTS = """
SELECT r.id, r.what, r.due_at, c.name, least(count(*) OVER (), $3) AS of_all
  FROM (SELECT * FROM customer_requests WHERE shop_id = $1 AND answer IS NULL
         ORDER BY due_at LIMIT $3) AS r
  JOIN customers c ON c.shop_id = $1 AND c.buyer_id = r.buyer_id
 ORDER BY r.due_at, r.id LIMIT $2
"""


async def follow_ups(database: Queryable, day: Day) -> list[Lot]:
    """Customers whom somebody wanted to get in touch with by tonight."""
    count, rows = await read_lot(database, _FOLLOW_UPS, day.shop_id, day.ends)
    lines = tuple(
        Line(
            href=f"/shop/customers/{row['buyer_id']}#notes",
            title=row["name"],
            said=row["text"],
            due_at=row["due_at"],
        )
        for row in rows
    )
    return [Lot(work="follow_ups", count=count, lines=lines, href="/shop/customers")]


async def privacy(database: Queryable, day: Day) -> list[Lot]:
    """Requests about personal data that wait for an answer, each with its clock."""
    count, rows = await read_lot(database, _REQUESTS, day.shop_id)
    lines = tuple(
        Line(
            href=f"/shop/customers/requests#request-{row['id']}",
            title=row["name"],
            note=BASIS[row["what"]],
            due_at=row["due_at"],
        )
        for row in rows
    )
    return [Lot(work="privacy", count=count, lines=lines, href="/shop/customers/requests")]
