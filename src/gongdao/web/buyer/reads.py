"""What the buyer's pages show: orders with their open case, cases, the shop's return address."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.cursor import Cursor
from gongdao.base.db import Queryable, Record
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.cases.case import Case
from gongdao.cases.chain import decode_state
from gongdao.cases.seen_by import masked_in_sql, seen_by
from gongdao.shops.order import Order
from gongdao.shops.rows import order_columns, order_from_row
from gongdao.shops.shipment import Shipment
from gongdao.shops.shop import Address

PAGE_ROWS = 20
ORDER_STATES = ("unpaid", "paid", "shipped", "signed", "confirmed", "closed")
CASE_FILTERS = ("mine", "open", "closed")
_CASES_OF_ORDER_MAX = 50

#: That a report is about this order would say who made it.
_MASKED = masked_in_sql("k.state", "buyer")

# The open case of each order on the page, the one that is due first; a shop's name beside each.
_ORDERS = """
SELECT {columns}, s.name AS shop_name, c.case_number, c.state AS case_state, c.cases_count
  FROM (SELECT o.* FROM orders o
         WHERE o.buyer_id = $1 AND ($2 = '' OR o.state = $2)
           AND ($3 = '' OR o.number ILIKE $4
                OR jsonb_path_query_array(o.lines, '$[*].title')::text ILIKE $4)
           AND ($5::timestamptz IS NULL OR (o.placed_at, o.id) < ($5, $6))
         ORDER BY o.placed_at DESC, o.id DESC LIMIT $7) o
  JOIN shops s ON s.id = o.shop_id
  LEFT JOIN LATERAL (
      SELECT (array_agg(k.number ORDER BY k.ended IS NOT NULL, k.due_at))[1] AS case_number,
             (array_agg(k.state ORDER BY k.ended IS NOT NULL, k.due_at))[1] AS state,
             count(*) AS cases_count
        FROM cases k WHERE k.order_id = o.id AND NOT {masked}) c ON true
 ORDER BY o.placed_at DESC, o.id DESC
"""
_ORDERS_OF_BUYER = _ORDERS.format(columns=order_columns("o"), masked=_MASKED)

_ORDER = f"""
SELECT {order_columns("o")}, s.name AS shop_name,
       (SELECT jsonb_agg(jsonb_build_object('number', c.number, 'case', c.state)
                         ORDER BY c.opened_at DESC)
          FROM (SELECT * FROM cases k WHERE k.order_id = o.id AND NOT {_MASKED}
                 ORDER BY k.opened_at DESC LIMIT {_CASES_OF_ORDER_MAX}) c) AS cases,
       (SELECT jsonb_agg(jsonb_build_object(
                   'id', p.id, 'order_id', p.order_id, 'direction', p.direction,
                   'carrier', p.carrier, 'tracking', p.tracking, 'shipped_at', p.shipped_at,
                   'signed_at', p.signed_at, 'signed_by', p.signed_by, 'events', p.events)
                         ORDER BY p.shipped_at)
          FROM (SELECT q.*, (SELECT coalesce(jsonb_agg(jsonb_build_object('at', t.at,
                        'event', t.event, 'place', t.place, 'said', t.said)
                        ORDER BY t.at, t.position), '[]')
                   FROM tracking_events t WHERE t.shipment_id = q.id) AS events
                  FROM shipments q WHERE q.order_id = o.id
                 ORDER BY q.shipped_at LIMIT 20) p) AS parcels
  FROM orders o JOIN shops s ON s.id = o.shop_id
 WHERE o.id = $1 AND o.buyer_id = $2
"""  # noqa: S608 - made of constants

_CASES = f"""
SELECT c.number, c.state, CASE WHEN {masked_in_sql("c.state", "buyer")} THEN '' ELSE s.name END
       AS shop_name, CASE WHEN {masked_in_sql("c.state", "buyer")} THEN '' ELSE o.number END
       AS order_number,
       o.lines -> 0 ->> 'title' AS title, e.at AS changed_at, e.by AS changed_by
  FROM (SELECT * FROM cases k
         WHERE k.buyer_id = $1
           AND CASE $2 WHEN 'open' THEN k.ended IS NULL
                       WHEN 'closed' THEN k.ended IS NOT NULL
                       WHEN 'mine' THEN k.ended IS NULL AND k.waiting_on IN ('buyer', 'both')
                       ELSE true END
           AND ($3::timestamptz IS NULL OR (k.opened_at, k.id) < ($3, $4))
         ORDER BY k.opened_at DESC, k.id DESC LIMIT $5) c
  JOIN orders o ON o.id = c.order_id
  JOIN shops s ON s.id = c.shop_id
  JOIN case_events e ON e.case_id = c.id AND e.version = c.version
 ORDER BY c.opened_at DESC, c.id DESC
"""  # noqa: S608 - made of constants
_WAITING = """
SELECT count(*) FROM (SELECT FROM cases c WHERE c.buyer_id = $1 AND c.ended IS NULL
                         AND c.waiting_on IN ('buyer', 'both') LIMIT 100) waiting
"""
_RETURN_ADDRESS = """
SELECT s.return_address FROM shops s JOIN cases c ON c.shop_id = s.id
 WHERE c.id = $1 AND c.buyer_id = $2
"""


class OrderCard(msgspec.Struct, frozen=True, kw_only=True):
    """One order of the list, with the case that matters most if there is any."""

    order: Order
    shop_name: str
    case: Case | None = None
    case_number: int | None = None
    cases_count: int = 0


class CaseCard(msgspec.Struct, frozen=True, kw_only=True):
    """One case of the list, and when and by whom it was changed last."""

    case: Case
    number: int
    shop_name: str = ""
    order_number: str = ""
    title: str = ""
    changed_at: datetime | None = None
    changed_by: str = ""


class OrderPage(msgspec.Struct, frozen=True, kw_only=True):
    """An order with its parcels and its cases."""

    order: Order
    shop_name: str
    parcels: list[Shipment]
    cases: list[CaseCard]


class _NumberedCase(msgspec.Struct, frozen=True):
    number: int
    case: Case


async def list_orders(
    database: Queryable,
    buyer_id: UUID,
    *,
    state: str = "",
    text: str = "",
    after: Cursor | None = None,
) -> tuple[list[OrderCard], Cursor | None]:
    """One page of a buyer's orders, newest first, and where the next one begins."""
    rows = await database.fetch(
        _ORDERS_OF_BUYER,
        buyer_id,
        state if state in ORDER_STATES else "",
        text,
        f"%{_escape_like(text)}%",
        after.at if after else None,
        after.id if after else None,
        PAGE_ROWS + 1,
    )
    cards = [_order_card(row) for row in rows[:PAGE_ROWS]]
    last = cards[-1].order if len(rows) > PAGE_ROWS else None
    return cards, Cursor(last.placed_at, last.id) if last else None


async def read_order(database: Queryable, buyer_id: UUID, order_id: UUID) -> OrderPage:
    """One order of a buyer. Refuses with not_found what is not theirs."""
    row = await database.fetchrow(_ORDER, order_id, buyer_id)
    if row is None:
        raise Refusal("not_found", N_("There is no such order."))
    cases = msgspec.json.decode(row["cases"] or b"[]", type=list[_NumberedCase])
    return OrderPage(
        order=order_from_row(row),
        shop_name=row["shop_name"],
        parcels=msgspec.json.decode(row["parcels"] or b"[]", type=list[Shipment]),
        cases=[CaseCard(case=each.case, number=each.number) for each in cases],
    )


async def list_cases(
    database: Queryable, buyer_id: UUID, *, which: str = "", after: Cursor | None = None
) -> tuple[list[CaseCard], Cursor | None]:
    """One page of a buyer's cases, newest first, and where the next one begins."""
    rows = await database.fetch(
        _CASES,
        buyer_id,
        which if which in CASE_FILTERS else "",
        after.at if after else None,
        after.id if after else None,
        PAGE_ROWS + 1,
    )
    cards = [_case_card(row) for row in rows[:PAGE_ROWS]]
    last = cards[-1].case if len(rows) > PAGE_ROWS else None
    return cards, Cursor(last.opened_at, last.id) if last else None


async def count_waiting(database: Queryable, buyer_id: UUID) -> int:
    """How many cases wait for the buyer, up to a hundred."""
    return await database.fetchval(_WAITING, buyer_id)


async def return_address(database: Queryable, buyer_id: UUID, case_id: UUID) -> Address:
    """Where the shop of a case wants its returns."""
    encoded = await database.fetchval(_RETURN_ADDRESS, case_id, buyer_id)
    return msgspec.json.decode(encoded, type=Address) if encoded else Address()


def _order_card(row: Record) -> OrderCard:
    state: Any = row["case_state"]
    return OrderCard(
        order=order_from_row(row),
        shop_name=row["shop_name"],
        case=decode_state(state) if state else None,
        case_number=row["case_number"],
        cases_count=row["cases_count"],
    )


def _case_card(row: Record) -> CaseCard:
    return CaseCard(
        case=seen_by(decode_state(row["state"]), "buyer"),
        number=row["number"],
        shop_name=row["shop_name"],
        order_number=row["order_number"],
        title=row["title"] or "",
        changed_at=row["changed_at"],
        changed_by=row["changed_by"],
    )


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
