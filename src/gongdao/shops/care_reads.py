"""Orders of a shop that need somebody today: the oldest first, each list with a limit."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable, Record
from gongdao.shops.order import TrackEvent

#: The longest list, and what a count stops at: more than that is as much as a day holds.
LISTED_MAX, COUNT_MAX = 50, 100
#: Parcels that left longer ago are no matter of the day any more.
LATE_WITHIN = timedelta(days=60)
#: Orders placed longer ago are not looked through for ones made twice.
TWICE_WITHIN = timedelta(days=7)

_LINE = """
       o.id, o.number, o.buyer_id, o.buyer_name, o.receiver_phone AS phone,
       coalesce(o.lines #>> '{0,title}', '') AS title, jsonb_array_length(o.lines) AS lines,
       o.total_fen, o.payment, o.placed_at, o.shipped_at, o.carrier, o.tracking, o.flag
"""
_OPEN_UNPAID = """
  FROM orders o WHERE o.shop_id = $1 AND o.paid_at IS NULL AND o.shipped_at IS NULL
   AND o.closed_at IS NULL AND o.payment <> 'cod'
"""
_TOLD = """EXISTS (SELECT FROM order_contacts c
                    WHERE c.order_id = o.id AND c.kind = '{}' AND c.said_at IS NOT NULL)"""
_UNPAID = f"{_OPEN_UNPAID} AND o.placed_at <= $2 AND NOT {_TOLD.format('unpaid')}"
_CUT_OFF = f"""{_OPEN_UNPAID} AND o.placed_at >= $2 AND o.placed_at <= $3
   AND NOT {_TOLD.format("cut_off")}"""
_IMPULSE = f"{_OPEN_UNPAID} AND o.placed_at <= $2 AND {_TOLD.format('unpaid')}"
_COD = """
  FROM orders o LEFT JOIN LATERAL (
       SELECT c.result, c.again_at, c.at, c.note FROM cod_calls c
        WHERE c.order_id = o.id ORDER BY c.position DESC LIMIT 1) n ON TRUE
 WHERE o.shop_id = $1 AND o.paid_at IS NULL AND o.shipped_at IS NULL AND o.closed_at IS NULL
   AND o.payment = 'cod' AND (n.result IS NULL OR n.result IN ('refused', 'wrong_number')
        OR (n.result = 'no_answer' AND n.again_at <= $2))
"""
# Of two orders of the same goods, the one to ask about is the one that can still be closed: that
# which is not paid, and of two of a kind the later one.
_TWICE = """
  FROM orders o JOIN LATERAL (
       SELECT p.number, p.id, p.placed_at FROM orders p
        WHERE p.buyer_id = o.buyer_id AND p.shop_id = o.shop_id AND p.id <> o.id
          AND p.placed_at BETWEEN o.placed_at - $3::interval AND o.placed_at + $3::interval
          AND p.closed_at IS NULL AND p.shipped_at IS NULL
          AND jsonb_path_query_array(p.lines, '$[*].title')
              = jsonb_path_query_array(o.lines, '$[*].title')
          AND jsonb_path_query_array(p.lines, '$[*].sku')
              = jsonb_path_query_array(o.lines, '$[*].sku')
          AND (o.paid_at IS NULL AND p.paid_at IS NOT NULL
               OR (o.paid_at IS NULL) = (p.paid_at IS NULL)
                  AND (p.placed_at, p.id) < (o.placed_at, o.id))
        ORDER BY p.placed_at, p.id LIMIT 1) n ON TRUE
 WHERE o.shop_id = $1 AND o.shipped_at IS NULL AND o.confirmed_at IS NULL AND o.closed_at IS NULL
   AND o.placed_at >= $2
"""
_LATE = """
  FROM orders o JOIN shops s ON s.id = o.shop_id
 WHERE o.shop_id = $1 AND o.shipped_at IS NOT NULL AND o.signed_at IS NULL
   AND o.confirmed_at IS NULL AND o.closed_at IS NULL AND o.shipped_at > $2
   AND o.shipped_at <= greatest($3::timestamptz, $4::timestamptz)
   AND (o.shipped_at <= $4
        OR o.shipped_at <= $3 AND s.region <> '' AND starts_with(o.receiver_address, s.region))
"""
# Few buyers have more than one order to send: the index alone says which.
_MERGEABLE = """
  FROM orders o LEFT JOIN order_merges m ON m.order_id = o.id
 WHERE o.shop_id = $1 AND o.shipped_at IS NULL AND o.confirmed_at IS NULL AND o.closed_at IS NULL
   AND o.buyer_id IN (
       SELECT s.buyer_id FROM orders s
        WHERE s.shop_id = $1 AND s.shipped_at IS NULL AND s.confirmed_at IS NULL
          AND s.closed_at IS NULL GROUP BY s.buyer_id HAVING count(*) > 1)
   AND (o.paid_at IS NOT NULL OR o.payment = 'cod') AND o.receiver_address <> ''
 GROUP BY o.buyer_id, o.receiver_name, o.receiver_phone, o.receiver_address
HAVING count(*) > 1 AND count(DISTINCT coalesce(m.merge_id, o.id)) > 1
"""
_ADDITIONS = """
  FROM order_additions a JOIN orders o ON o.id = a.order_id
 WHERE a.shop_id = $1 AND a.done_at IS NULL
"""
_WISHES = """
  FROM restock_wishes w JOIN products p ON p.id = w.product_id
  LEFT JOIN people b ON b.id = w.buyer_id WHERE w.shop_id = $1 AND w.told_at IS NULL
"""


class CareLine(msgspec.Struct, frozen=True, kw_only=True):
    """An order in a list of the day."""

    id: UUID
    number: str
    buyer_id: UUID
    buyer_name: str
    phone: str
    title: str
    lines: int
    total_fen: int
    payment: str
    placed_at: datetime
    shipped_at: datetime | None
    carrier: str
    tracking: str
    flag: str
    result: str | None = None
    """COD: how the last call ended, ..."""
    again_at: datetime | None = None
    """... and when to call again."""
    other: str = ""
    """Made twice: the number of the other order, ..."""
    other_id: UUID | None = None
    track: tuple[TrackEvent, ...] = ()
    what: str = ""
    """An addition: what is to be added, ..."""
    addition_id: UUID | None = None
    making: str = ""
    extra_fen: int = 0


class Together(msgspec.Struct, frozen=True, kw_only=True):
    """Orders of one buyer to one address that have not left."""

    name: str
    phone: str
    address: str
    ids: list[UUID]
    numbers: list[str]


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who wants to hear when a product is there again."""

    id: UUID
    product_id: UUID
    title: str
    variant: str
    stock: int | None
    buyer_id: UUID
    buyer_name: str
    at: datetime


_track_of = msgspec.json.Decoder(tuple[TrackEvent, ...]).decode


async def unpaid(database: Queryable, shop_id: UUID, *, before: datetime) -> list[CareLine]:
    """Not paid since before then, and not asked about yet."""
    return await _lines(database, _UNPAID, "o.placed_at, o.id", shop_id, before)


async def before_cut_off(
    database: Queryable, shop_id: UUID, *, since: datetime, until: datetime
) -> list[CareLine]:
    """Placed in this time, not paid, and not told of the cut-off."""
    return await _lines(database, _CUT_OFF, "o.placed_at, o.id", shop_id, since, until)


async def impulses(database: Queryable, shop_id: UUID, *, before: datetime) -> list[CareLine]:
    """Not paid since before then, though they were asked about."""
    return await _lines(database, _IMPULSE, "o.placed_at, o.id", shop_id, before)


async def cod_to_call(database: Queryable, shop_id: UUID, *, now: datetime) -> list[CareLine]:
    """Pay on delivery and have not agreed: to be called, or to be decided about."""
    more = ", n.result, n.again_at"
    return await _lines(database, _COD, "o.placed_at, o.id", shop_id, now, more=more)


async def made_twice(
    database: Queryable, shop_id: UUID, *, within: timedelta, now: datetime
) -> list[CareLine]:
    """Orders of which the same buyer has another of the same goods."""
    more = ", n.number AS other, n.id AS other_id"
    return await _lines(
        database, _TWICE, "o.placed_at, o.id", shop_id, now - TWICE_WITHIN, within, more=more
    )


async def late_parcels(
    database: Queryable, shop_id: UUID, *, near: datetime, far: datetime, now: datetime
) -> list[CareLine]:
    """Left before then, the nearer ones before `near`, and not handed over."""
    given = (now - LATE_WITHIN, near, far)
    return await _lines(database, _LATE, "o.shipped_at, o.id", shop_id, *given, more=", o.track")


async def additions(database: Queryable, shop_id: UUID) -> list[CareLine]:
    """What is to be added to parcels, and was not yet."""
    more = ", a.what, a.id AS addition_id, a.making, a.extra_fen"
    return await _lines(database, _ADDITIONS, "a.at, a.id", shop_id, more=more)


async def mergeable(database: Queryable, shop_id: UUID) -> list[Together]:
    """Orders that may leave in one parcel, and do not yet."""
    rows = await database.fetch(
        "SELECT o.receiver_name AS name, o.receiver_phone AS phone, o.receiver_address AS address,"
        " array_agg(o.id ORDER BY o.placed_at, o.id) AS ids,"
        " array_agg(o.number ORDER BY o.placed_at, o.id) AS numbers"
        f" {_MERGEABLE} ORDER BY min(o.placed_at), o.buyer_id LIMIT {LISTED_MAX}",
        shop_id,
    )
    return [msgspec.convert(dict(row), Together) for row in rows]


async def waiting_for_stock(database: Queryable, shop_id: UUID) -> list[Waiting]:
    """Who waits for what; those whose product is there come first."""
    rows = await database.fetch(
        "SELECT w.id, w.product_id, p.title, p.variant, p.stock, w.buyer_id,"
        " coalesce(b.name, '') AS buyer_name, w.at"
        f" {_WISHES} ORDER BY coalesce(p.stock, 0) = 0, w.at, w.id LIMIT {LISTED_MAX}",
        shop_id,
    )
    return [msgspec.convert(dict(row), Waiting) for row in rows]


async def _lines(
    database: Queryable, source: str, order: str, *given: Any, more: str = ""
) -> list[CareLine]:
    rows = await database.fetch(
        f"SELECT {_LINE}{more} {source} ORDER BY {order} LIMIT {LISTED_MAX}",
        *given,
    )
    return [_line(row) for row in rows]


def _line(row: Record) -> CareLine:
    fields = dict(row)
    if "track" in fields:
        fields["track"] = _track_of(fields["track"])
    return msgspec.convert(fields, CareLine)
