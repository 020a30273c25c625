"""Lists of orders, newest first, for a buyer, a shop or the platform; a page at a time."""

from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.cursor import Cursor
from gongdao.base.db import Connection
from gongdao.shops.order import OrderState
from gongdao.shops.purchase import Logged, Purchase
from gongdao.shops.remark import Flag
from gongdao.shops.rows import purchase_columns, purchase_from_row
from gongdao.shops.shipment import Shipment, Trace
from gongdao.shops.store import VISIBLE, Scope

#: The longest page of any list of orders.
PAGE_MAX = 100
#: The longest history of an order or a parcel that is read at once.
HISTORY_MAX = 200

_PARCELS = f"""
SELECT s.id, s.order_id, s.direction, s.carrier, s.tracking, s.shipped_at, s.signed_at, s.signed_by,
       ARRAY(SELECT jsonb_build_object('at', t.at, 'event', t.event, 'place', t.place,
                                       'said', t.said)
               FROM tracking_events t WHERE t.shipment_id = s.id
              ORDER BY t.at DESC, t.position DESC LIMIT {HISTORY_MAX}) AS events
  FROM shipments s JOIN orders o ON o.id = s.order_id
 WHERE o.id = $1 AND {VISIBLE} ORDER BY s.shipped_at, s.id LIMIT {HISTORY_MAX}
"""  # noqa: S608
# Of what a buyer was warned is none of the shop's business.
_LOG = f"""
SELECT l.order_id, l.at, l.by_id, l.what,
       CASE WHEN $3::uuid IS NULL THEN l.detail ELSE l.detail - 'aware_of' END AS detail
  FROM order_log l JOIN orders o ON o.id = l.order_id
 WHERE o.id = $1 AND {VISIBLE} ORDER BY l.position LIMIT {HISTORY_MAX}
"""  # noqa: S608
_trace_of = msgspec.json.Decoder(Trace).decode


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is narrowed to; number, tracking and buyer are beginnings, empty is any."""

    state: OrderState | None = None
    number: str = ""
    tracking: str = ""
    buyer_name: str = ""
    flag: Flag | None = None
    """The flag of the newest remark; None is any."""


class Page(msgspec.Struct, frozen=True):
    """Some orders of a list, and where the rest begins; None at the end."""

    purchases: tuple[Purchase, ...]
    following: Cursor | None


async def list_orders(
    connection: Connection,
    *,
    scope: Scope,
    wanted: Wanted | None = None,
    after: Cursor | None = None,
    limit: int = 20,
) -> Page:
    """One page of the orders of a buyer, of a shop or of the whole platform, newest first."""
    assert 0 < limit <= PAGE_MAX, "a page has at least one order and not too many"
    conditions, values = _conditions(scope, wanted or Wanted(), after)
    rows = await connection.fetch(
        f"SELECT {purchase_columns()} FROM orders o"  # noqa: S608
        f" WHERE {' AND '.join(conditions) or 'true'}"
        f" ORDER BY o.placed_at DESC, o.id DESC LIMIT {limit + 1}",
        *values,
    )
    found = tuple(map(purchase_from_row, rows[:limit]))
    last = found[-1].order if len(rows) > limit else None
    return Page(found, None if last is None else Cursor(last.placed_at, last.id))


def _conditions(scope: Scope, wanted: Wanted, after: Cursor | None) -> tuple[list[str], list[Any]]:
    terms: list[tuple[str, tuple[Any, ...]]] = []
    if scope.buyer_id is not None:
        terms.append(("o.buyer_id = {}", (scope.buyer_id,)))
    if scope.shop_id is not None:
        terms.append(("o.shop_id = {}", (scope.shop_id,)))
    if wanted.state is not None:
        terms.append(("o.state = {}", (wanted.state,)))
    if wanted.flag:
        # Said beside the value, so that the index of flagged orders serves a prepared statement.
        terms.append(("o.flag <> '' AND o.flag = {}", (wanted.flag,)))
    for column in ("number", "tracking", "buyer_name"):
        beginning: str = getattr(wanted, column)
        if beginning:
            # Two comparisons that the byte-ordered index serves; LIKE would need escaping.
            terms.append((f"o.{column} >= {{}}", (beginning,)))
            terms.append((f"o.{column} < {{}}", (beginning + "\U0010ffff",)))
    if after is not None:
        terms.append(("(o.placed_at, o.id) < ({}, {})", (after.at, after.id)))
    conditions: list[str] = []
    values: list[Any] = []
    for template, given in terms:
        marks = [f"${len(values) + i}" for i in range(1, len(given) + 1)]
        conditions.append(template.format(*marks))
        values.extend(given)
    return conditions, values


async def list_shipments(connection: Connection, order_id: UUID, *, scope: Scope) -> list[Shipment]:
    """The parcels of one order, if it is theirs, in the order in which they left."""
    rows = await connection.fetch(_PARCELS, order_id, scope.buyer_id, scope.shop_id)
    return [
        msgspec.convert({**row, "events": [_trace_of(e) for e in row["events"]][::-1]}, Shipment)
        for row in rows
    ]


async def list_log(connection: Connection, order_id: UUID, *, scope: Scope) -> list[Logged]:
    """What happened to one order, if it is theirs, the oldest first."""
    rows = await connection.fetch(_LOG, order_id, scope.buyer_id, scope.shop_id)
    return [
        msgspec.convert({**row, "detail": msgspec.json.decode(row["detail"])}, Logged)
        for row in rows
    ]
