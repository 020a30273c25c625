"""Orders that must leave today, and what went wrong with orders since yesterday."""

from datetime import timedelta

from gongdao.base.db import Queryable
from gongdao.base.i18n import N_
from gongdao.base.money import yuan
from gongdao.flows.today.line import Day, Line, Lot, read_lot

#: Orders and cases that are older are settled, or somebody has looked at them before.
_LOOK_BACK = timedelta(days=60)
#: So many orders that wait for their dispatch are looked through, the oldest first.
_WAITING_MAX = 5_000
#: No other page lists these together: what a usual day brings stands here whole.
_ABNORMAL_SHOWN = 30

_DISPATCH = """
SELECT id, number, receiver_name, due_at, least(count(*) OVER (), $5) AS of_all
  FROM (SELECT id, number, receiver_name, paid_at + make_interval(secs => ship_within_s) AS due_at
          FROM orders WHERE shop_id = $1 AND state = 'paid'
         ORDER BY placed_at LIMIT $3) AS o
 WHERE due_at < $2
 ORDER BY due_at, id LIMIT $4
"""

# $1 shop, $2 yesterday's midnight, $3 how far back. An order stands here once, for the newest
# reason.
_ABNORMAL = """
WITH found AS (
    SELECT o.id, o.number, o.closed_at AS at, 'closed_' || o.closed_by AS why, 0::bigint AS fen
      FROM orders o
     WHERE o.shop_id = $1 AND o.state = 'closed' AND o.placed_at >= $3 AND o.closed_at >= $2
    UNION ALL
    SELECT o.id, o.number, c.closed_at, 'refunded', c.refunded_fen
      FROM cases c JOIN orders o ON o.id = c.order_id
     WHERE c.shop_id = $1 AND c.opened_at >= $3 AND c.closed_at >= $2 AND c.refunded_fen > 0
       AND NOT (c.state ? 'anonymous')
    UNION ALL
    SELECT o.id, o.number, (t ->> 'at')::timestamptz, 'parcel_' || (t ->> 'event'), 0
      FROM orders o CROSS JOIN LATERAL jsonb_array_elements(o.track) AS t
     WHERE o.shop_id = $1 AND o.state = 'shipped' AND o.placed_at >= $3
       AND t ->> 'event' IN ('refused', 'returned', 'lost', 'damaged', 'exception')
       AND (t ->> 'at')::timestamptz >= $2
), once AS (
    SELECT DISTINCT ON (id) * FROM found ORDER BY id, at DESC
)
SELECT id, number, at, why, fen, least(count(*) OVER (), $5) AS of_all
  FROM once ORDER BY at DESC, id LIMIT $4
"""
_WHY = {
    "closed_buyer": N_("The buyer closed it"),
    "closed_seller": N_("We closed it"),
    "closed_timeout": N_("Closed by itself: it was not paid in time"),
    "closed_refund": N_("Closed after the whole refund"),
    "refunded": N_("{amount} yuan refunded"),
    "parcel_refused": N_("The parcel was refused"),
    "parcel_returned": N_("The parcel is on its way back"),
    "parcel_lost": N_("The parcel is lost"),
    "parcel_damaged": N_("The parcel is damaged"),
    "parcel_exception": N_("The carrier reports trouble"),
}


async def dispatch(database: Queryable, day: Day) -> list[Lot]:
    """Paid orders whose time to be sent ends today or tonight, or has ended."""
    count, rows = await read_lot(database, _DISPATCH, day.shop_id, day.soon, _WAITING_MAX)
    lines = tuple(
        Line(
            href=f"/shop/orders/{row['id']}",
            title=row["number"],
            said=row["receiver_name"],
            due_at=row["due_at"],
        )
        for row in rows
    )
    return [Lot(work="dispatch", count=count, lines=lines, href="/shop/orders?state=paid")]


async def abnormal(database: Queryable, day: Day) -> list[Lot]:
    """Orders that were closed, refunded or lost on their way since yesterday (S0-48)."""
    count, rows = await read_lot(
        database,
        _ABNORMAL,
        day.shop_id,
        day.yesterday,
        day.begins - _LOOK_BACK,
        shown=_ABNORMAL_SHOWN,
    )
    lines = tuple(
        Line(
            href=f"/shop/orders/{row['id']}",
            title=row["number"],
            note=_WHY[row["why"]],
            params={"amount": yuan(row["fen"])} if row["fen"] else {},
            at=row["at"],
        )
        for row in rows
    )
    return [Lot(work="abnormal", count=count, lines=lines, href="/shop/orders?state=closed")]
