"""What the guard reads of orders: those that changed and that a sign could be in."""

from collections.abc import Mapping
from datetime import timedelta

import msgspec

from gongdao.base.db import Queryable, Record
from gongdao.flows.guard.facts_touched import Touched
from gongdao.policy.guard import GuardRule
from gongdao.risk.finding import Place, Sign
from gongdao.risk.looking import window_of
from gongdao.risk.message import limits_named
from gongdao.risk.order_signs import LineFacts, OrderFacts, order_signs
from gongdao.shops.order import Line

#: Older orders are history: nothing can be kept from happening there.
_FRESH = timedelta(days=90)
#: So long before an order a talk counts with it, and so many of its newest lines.
_TALKED, TEXTS_MAX = timedelta(days=30), 200
#: A carrier has moved it, as far as anybody knows.
MOVED = """jsonb_path_exists(o.track, '$[*] ? (@.event != "no_such_number")')"""

# $3 units of same-lines-order, $4 the time of paid-and-received-in-a-blink.
_ORDERS = f"""
WITH logged AS (
    SELECT DISTINCT order_id FROM order_log WHERE at > $1 AND at <= $2
)
SELECT o.id, o.shop_id, o.buyer_id, o.lines, o.total_fen, o.payment, o.placed_at, o.paid_at,
       o.confirmed_at, o.confirmed_by, {MOVED} AS moved, talk.texts
  FROM logged JOIN orders o ON o.id = logged.order_id
 CROSS JOIN LATERAL (
       SELECT array_agg(said.text) AS texts FROM (
              SELECT m.body ->> 'text' AS text FROM chat_conversations c
                JOIN chat_messages m ON m.conversation_id = c.id
               WHERE o.payment = 'credit' AND c.buyer_id = o.buyer_id AND c.shop_id = o.shop_id
                 AND m.kind = 'text' AND m.at BETWEEN o.placed_at - $6::interval AND o.placed_at
               ORDER BY m.at DESC LIMIT {TEXTS_MAX}) AS said) AS talk
 WHERE o.closed_at IS NULL AND o.placed_at > $5 AND (
       o.payment = 'credit'
       OR (o.confirmed_by = 'buyer' AND o.confirmed_at - o.paid_at <= $4)
       OR (SELECT sum(coalesce((l ->> 'quantity')::integer, 1))
             FROM jsonb_array_elements(o.lines) AS l) >= $3)
"""  # noqa: S608 - made of constants


async def signs_of_orders(
    database: Queryable, touched: Touched, rules: Mapping[str, GuardRule]
) -> list[tuple[Sign, Place]]:
    """What is noticed in orders that changed."""
    units = _limit(rules, "same-lines-order", "units")
    hours = _limit(rules, "paid-and-received-in-a-blink", "hours")
    rows = await database.fetch(
        _ORDERS,
        touched.since,
        touched.until,
        units if units is not None else 2**30,
        window_of(hours or 0),
        touched.until - _FRESH,
        _TALKED,
    )
    return [(sign, _place(row)) for row in rows for sign in order_signs(_facts(row), rules)]


def _limit(rules: Mapping[str, GuardRule], code: str, name: str) -> int | None:
    return rules[code].limits[name] if code in rules else None


def _facts(row: Record) -> OrderFacts:
    lines = msgspec.json.decode(row["lines"], type=list[Line])
    return OrderFacts(
        lines=tuple(LineFacts(each.price_fen, each.quantity, each.tags) for each in lines),
        total_fen=row["total_fen"],
        on_credit=row["payment"] == "credit",
        limits_fen=limits_named(row["texts"] or ()),
        paid_at=row["paid_at"],
        confirmed_at=row["confirmed_at"],
        confirmed_by_buyer=row["confirmed_by"] == "buyer",
        moved=row["moved"],
    )


def _place(row: Record) -> Place:
    return Place(
        subject="order",
        subject_id=row["id"],
        shop_id=row["shop_id"],
        buyer_id=row["buyer_id"],
        order_id=row["id"],
        about="shop",
    )
