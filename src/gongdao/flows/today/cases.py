"""Clocks of cases that end today or tonight, those that have run out first."""

from gongdao.base.db import Queryable
from gongdao.cases.seen_by import masked_in_sql
from gongdao.flows.today.line import Day, Line, Lot, read_lot

_CLOCKS = f"""
SELECT c.id, c.number, c.kind, c.due_at, count(*) OVER () AS of_all,
       CASE WHEN {masked_in_sql("c.state", "seller")} THEN '' ELSE o.buyer_name END AS buyer
  FROM (SELECT each.* FROM unnest($2::text[]) AS party (name), LATERAL (
            SELECT id, number, kind, due_at, state, order_id FROM cases
             WHERE shop_id = $1 AND ended IS NULL AND waiting_on = party.name AND due_at < $3
             ORDER BY due_at, id LIMIT $5) AS each
         ORDER BY each.due_at, each.id LIMIT $5) AS c
  JOIN orders o ON o.id = c.order_id
 ORDER BY c.due_at, c.id LIMIT $4
"""  # noqa: S608 - put together from constants
#: The parties that a shop's people act for.
_OURS = ["seller", "both", "agent"]


async def clocks(database: Queryable, day: Day) -> list[Lot]:
    """Cases that wait for the shop and must be answered today or tonight."""
    count, rows = await read_lot(database, _CLOCKS, day.shop_id, _OURS, day.soon)
    lines = tuple(
        Line(
            href=f"/shop/cases/{row['id']}",
            title=str(row["number"]),
            term=("kind", row["kind"]),
            said=row["buyer"],
            due_at=row["due_at"],
        )
        for row in rows
    )
    return [Lot(work="clocks", count=count, lines=lines, href="/shop/inbox?turn=us")]
