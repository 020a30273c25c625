"""Signs in one order: many units of one thing, a sum just under a credit limit, over in a blink.

Pure. None of them is a fault of the buyer's; they are what bought-for-somebody-else looks like.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from gongdao.policy.guard import GuardRule
from gongdao.risk.finding import Sign
from gongdao.risk.looking import Limits, Look, Shown, amount, count, instant, signs_in
from gongdao.risk.looking import window_of as window

#: Goods that are used the moment they are paid for.
AT_ONCE = frozenset({"virtual"})


class LineFacts(msgspec.Struct, frozen=True):
    """So many units at that price."""

    price_fen: int
    quantity: int
    tags: tuple[str, ...] = ()


class OrderFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is on record of an order."""

    lines: tuple[LineFacts, ...]
    total_fen: int
    on_credit: bool = False
    """Paid from a credit line."""
    limits_fen: tuple[int, ...] = ()
    """Limits that were named in talks before; else the usual ones of the pack count."""
    paid_at: datetime | None = None
    confirmed_at: datetime | None = None
    confirmed_by_buyer: bool = False
    moved: bool = False
    """The carrier said that the parcel moved."""


def order_signs(order: OrderFacts, rules: Mapping[str, GuardRule]) -> list[Sign]:
    """What is noticed about the order."""
    return signs_in(order, _LOOKS, rules)


def _same_lines(order: OrderFacts, limits: Limits) -> Shown:
    """Thirty suits at 99.99 (S0-32): equal lines of one price count together."""
    units: dict[int, int] = {}
    for line in order.lines:
        units[line.price_fen] = units.get(line.price_fen, 0) + line.quantity
    enough = (
        (price * times, price, times)
        for price, times in units.items()
        if times >= limits["units"] and price * times >= limits["least_fen"]
    )
    _sum, price, times = max(enough, default=(0, 0, 0))
    if not times:
        return ()
    return (count("times", times), amount("price", price), amount("total", order.total_fen))


def _near_limit(order: OrderFacts, limits: Limits) -> Shown:
    """2999.70 of 3000: as much as the credit line gives, and not more."""
    if not order.on_credit:
        return ()
    usual = [fen for name, fen in limits.items() if name.startswith("usual_")]
    for fen in sorted(order.limits_fen or usual):
        if fen * limits["percent"] <= order.total_fen * 100 <= fen * 100:
            return (amount("total", order.total_fen), amount("limit", fen))
    return ()


def _in_a_blink(order: OrderFacts, limits: Limits) -> Shown:
    """Paid and received before any parcel could have come."""
    paid, confirmed = order.paid_at, order.confirmed_at
    if paid is None or confirmed is None or not order.confirmed_by_buyer or order.moved:
        return ()
    used_at_once = all(AT_ONCE & set(line.tags) for line in order.lines)
    slow = confirmed - paid > window(limits["hours"])
    if slow or used_at_once or order.total_fen < limits["least_fen"]:
        return ()
    minutes = int((confirmed - paid).total_seconds()) // 60
    return (
        count("minutes", minutes),
        amount("total", order.total_fen),
        instant("paid", paid),
        instant("confirmed", confirmed),
    )


_LOOKS: Final[dict[str, Look[OrderFacts]]] = {
    "same-lines-order": _same_lines,
    "near-credit-limit": _near_limit,
    "paid-and-received-in-a-blink": _in_a_blink,
}
