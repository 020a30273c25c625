"""Orders of a shop that need somebody today: the oldest first, each list with a limit."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.at_once import Question
from gongdao.shops.order import TrackEvent
from gongdao.shops.parcel import Making

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
# which is not paid, and of two of a kind the later one. Once its buyer was asked, one that is paid,
# or agreed to on the telephone, is the buyer's to cancel.
_TWICE = f"""
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
   AND o.placed_at >= $2 AND NOT (
       (o.paid_at IS NOT NULL OR EXISTS (SELECT FROM cod_calls a
                                          WHERE a.order_id = o.id AND a.result = 'confirmed'))
       AND {_TOLD.format("duplicate")})
"""  # noqa: S608 - made of constants
_LATE = """
  FROM orders o JOIN shops s ON s.id = o.shop_id
 WHERE o.shop_id = $1 AND o.shipped_at IS NOT NULL AND o.signed_at IS NULL
   AND o.confirmed_at IS NULL AND o.closed_at IS NULL AND o.shipped_at > $2
   AND o.shipped_at <= greatest($3::timestamptz, $4::timestamptz)
   AND (o.shipped_at <= $4
        OR o.shipped_at <= $3 AND s.region <> '' AND starts_with(o.receiver_address, s.region))
"""
_NOT_ASKED = f" AND NOT ({_TOLD.format('late_parcel')} AND {_TOLD.format('carrier')})"
# Few buyers have more than one order to send: the index alone says which.
_MERGEABLE = """
  FROM orders o LEFT JOIN order_merges m ON m.order_id = o.id
  LEFT JOIN order_makings k ON k.order_id = o.id
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
 WHERE a.shop_id = $1 AND a.done_at IS NULL AND o.shipped_at IS NULL AND o.closed_at IS NULL
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

    buyer_id: UUID
    name: str
    phone: str
    address: str
    ids: list[UUID]
    numbers: list[str]
    makings: list[Making]
    """How far the packer is with each."""


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


def unpaid(shop_id: UUID, *, before: datetime) -> Question:
    """Not paid since before then, and not asked about yet."""
    return _orders(_UNPAID, "o.placed_at, o.id", shop_id, before)


def before_cut_off(shop_id: UUID, *, since: datetime, until: datetime) -> Question:
    """Placed in this time, not paid, and not told of the cut-off."""
    return _orders(_CUT_OFF, "o.placed_at, o.id", shop_id, since, until)


def impulses(shop_id: UUID, *, before: datetime) -> Question:
    """Not paid since before then, though they were asked about."""
    return _orders(_IMPULSE, "o.placed_at, o.id", shop_id, before)


def cod_to_call(shop_id: UUID, *, now: datetime) -> Question:
    """Pay on delivery and have not agreed: to be called, or to be decided about."""
    more = ", n.result, n.again_at"
    return _orders(_COD, "o.placed_at, o.id", shop_id, now, more=more)


def made_twice(shop_id: UUID, *, within: timedelta, now: datetime) -> Question:
    """Orders of which the same buyer has another of the same goods."""
    more = ", n.number AS other, n.id AS other_id"
    given = (shop_id, now - TWICE_WITHIN, within)
    return _orders(_TWICE, "o.placed_at, o.id", *given, more=more)


def late_parcels(
    shop_id: UUID, *, near: datetime, far: datetime, now: datetime, undone: bool
) -> Question:
    """Left before then, the nearer ones before `near`, and not handed over.

    `undone`: only those of which buyer or carrier have not heard yet.
    """
    given = (shop_id, now - LATE_WITHIN, near, far)
    source = _LATE + _NOT_ASKED if undone else _LATE
    return _orders(source, "o.shipped_at, o.id", *given, more=", o.track")


def additions(shop_id: UUID) -> Question:
    """What is to be added to parcels that have not left, and was not yet."""
    more = ", a.what, a.id AS addition_id, a.making, a.extra_fen"
    return _orders(_ADDITIONS, "a.at, a.id", shop_id, more=more)


def mergeable(shop_id: UUID) -> Question:
    """Orders that may leave in one parcel, and do not yet."""
    return Question(
        "SELECT o.buyer_id, o.receiver_name AS name, o.receiver_phone AS phone,"
        " o.receiver_address AS address,"
        " array_agg(o.id ORDER BY o.placed_at, o.id) AS ids,"
        " array_agg(o.number ORDER BY o.placed_at, o.id) AS numbers,"
        " array_agg(coalesce(k.state, 'unread') ORDER BY o.placed_at, o.id) AS makings"
        f" {_MERGEABLE} ORDER BY min(o.placed_at), o.buyer_id LIMIT {LISTED_MAX}",
        (shop_id,),
        Together,
    )


def waiting_for_stock(shop_id: UUID, *, undone: bool) -> Question:
    """Who waits for what; those whose product is there come first.

    `undone`: only those, as they can be told now.
    """
    there = " AND p.stock > 0" if undone else ""
    return Question(
        "SELECT w.id, w.product_id, p.title, p.variant, p.stock, w.buyer_id,"
        " coalesce(b.name, '') AS buyer_name, w.at"
        f" {_WISHES}{there} ORDER BY coalesce(p.stock, 0) = 0, w.at, w.id LIMIT {LISTED_MAX}",
        (shop_id,),
        Waiting,
    )


def _orders(source: str, order: str, *given: Any, more: str = "") -> Question:
    statement = f"SELECT {_LINE}{more} {source} ORDER BY {order} LIMIT {LISTED_MAX}"
    return Question(statement, given, CareLine)
