"""Brushing: small groups who buy together in the same shops, and whose orders are empty. Pure.

Two buyers meet when they order in one shop within the same hours for the same sum. They are tied
when they have met often enough, or share a device, an address or a network and ordered in the same
shop. A ring is what hangs together so, when most of its orders are hollow: no carrier ever moved a
parcel, and receipt was confirmed at once. Colleagues who order lunch together get their lunch, and
are no ring.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import combinations
from typing import Final, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from gongdao.base.groups import groups_of
from gongdao.policy.guard import GuardRule
from gongdao.risk.finding import Sign
from gongdao.risk.looking import (
    Limits,
    Look,
    Shown,
    amount,
    count,
    days_of,
    signs_in,
    who,
    window_of,
)

Pair: TypeAlias = tuple[UUID, UUID]
CODE: Final = "ring-orders"


class Dealt(msgspec.Struct, frozen=True, kw_only=True):
    """One paid order, as far as a ring shows in it."""

    order_id: UUID
    shop_id: UUID
    buyer_id: UUID
    at: datetime
    total_fen: int
    moved: bool
    """A carrier said that the parcel moved, or there was nothing to move."""
    confirmed_after: timedelta | None = None
    """How long after it was paid receipt was confirmed."""


class Ring(msgspec.Struct, frozen=True, kw_only=True):
    """Buyers who belong together, and what they ordered where."""

    buyers: tuple[UUID, ...]
    orders: tuple[Dealt, ...]
    hollow: int
    """How many of the orders are empty."""
    meetings: int
    shared: int
    """How many traits two or more of them share."""


class _Pairs(NamedTuple):
    met: dict[Pair, int]
    shared: dict[Pair, int]


def rings_among(
    orders: Sequence[Dealt], traits: Mapping[UUID, Collection[str]], limits: Limits
) -> list[Ring]:
    """The rings in these orders. `traits` are the devices, addresses and networks of buyers."""
    by_buyer: defaultdict[UUID, list[Dealt]] = defaultdict(list)
    shops: defaultdict[UUID, set[UUID]] = defaultdict(set)
    hollow = [one for one in orders if is_hollow(one, limits)]
    for one in orders:
        by_buyer[one.buyer_id].append(one)
    for one in hollow:
        shops[one.buyer_id].add(one.shop_id)
    pairs = _Pairs(_meetings(hollow, limits), _shared(shops, traits, limits["crowd"]))
    often = {pair for pair, times in pairs.met.items() if times >= limits["meetings"]}
    rings = (
        _ring(group, by_buyer, pairs, limits)
        for group in groups_of(sorted(often | {*pairs.shared}))
    )
    return sorted((ring for ring in rings if ring), key=lambda ring: ring.buyers)


def is_hollow(order: Dealt, limits: Limits) -> bool:
    """No parcel moved, and receipt was confirmed at once."""
    after = order.confirmed_after
    return not order.moved and after is not None and after <= window_of(limits["confirm_hours"])


def ring_signs(ring: Ring, rules: Mapping[str, GuardRule]) -> list[Sign]:
    """The sign of a ring, for each of its shops."""
    return signs_in(ring, _LOOKS, rules)


def parts_by_shop(ring: Ring, limits: Limits) -> dict[UUID, Ring]:
    """What each shop has of a ring, where it is enough to speak of."""
    here: defaultdict[UUID, list[Dealt]] = defaultdict(list)
    for one in ring.orders:
        here[one.shop_id].append(one)
    return {
        shop_id: msgspec.structs.replace(
            ring,
            orders=tuple(orders),
            hollow=sum(is_hollow(one, limits) for one in orders),
        )
        for shop_id, orders in sorted(here.items())
        if len(orders) >= limits["shops_orders"]
    }


def _meetings(orders: Iterable[Dealt], limits: Limits) -> dict[Pair, int]:
    """On how many days, in how many shops, for how many sums each two met; crowds do not count."""
    step = limits["together_hours"] * 1800
    places: defaultdict[tuple[UUID, int, int], set[UUID]] = defaultdict(set)
    for one in orders:
        # Each order stands in two slots, so that midnight parts nobody.
        slot = int(one.at.timestamp()) // step
        places[one.shop_id, one.total_fen, slot].add(one.buyer_id)
        places[one.shop_id, one.total_fen, slot + 1].add(one.buyer_id)
    days = 86_400 // step
    met: defaultdict[Pair, set[tuple[UUID, int, int]]] = defaultdict(set)
    for (shop_id, fen, slot), buyers in places.items():
        if len(buyers) <= limits["crowd"]:
            for pair in combinations(sorted(buyers), 2):
                met[pair].add((shop_id, fen, slot // max(1, days)))
    return {pair: len(times) for pair, times in met.items()}


def _shared(
    shops: Mapping[UUID, Collection[UUID]], traits: Mapping[UUID, Collection[str]], crowd: int
) -> dict[Pair, int]:
    """How many traits two buyers of one shop have in common, unless a whole house shares them."""
    holders: defaultdict[str, set[UUID]] = defaultdict(set)
    for buyer in shops:
        for trait in traits.get(buyer, ()):
            holders[trait].add(buyer)
    shared: defaultdict[Pair, int] = defaultdict(int)
    for together in holders.values():
        if len(together) <= crowd:
            for one, other in combinations(sorted(together), 2):
                if not set(shops[one]).isdisjoint(shops[other]):
                    shared[one, other] += 1
    return dict(shared)


def _ring(
    group: Sequence[UUID], by_buyer: Mapping[UUID, list[Dealt]], pairs: _Pairs, limits: Limits
) -> Ring | None:
    orders = tuple(
        sorted((o for b in group for o in by_buyer[b]), key=lambda one: (one.at, one.order_id))
    )
    hollow = sum(is_hollow(one, limits) for one in orders)
    inside = list(combinations(sorted(group), 2))
    ring = Ring(
        buyers=tuple(group),
        orders=orders,
        hollow=hollow,
        meetings=sum(pairs.met.get(pair, 0) for pair in inside),
        shared=sum(pairs.shared.get(pair, 0) for pair in inside),
    )
    return ring if _is_ring(ring, limits) else None


def _is_ring(ring: Ring, limits: Limits) -> bool:
    return (
        len(ring.buyers) >= limits["buyers"]
        and ring.hollow >= limits["orders"]
        and ring.hollow * 100 >= len(ring.orders) * limits["hollow_percent"]
    )


def _shown(ring: Ring, limits: Limits) -> Shown:
    return (
        count("buyers", len(ring.buyers)),
        count("orders", len(ring.orders)),
        count("hollow", ring.hollow),
        count("meetings", ring.meetings),
        count("shared", ring.shared),
        amount("total", sum(one.total_fen for one in ring.orders)),
        count("days", days_of(limits["hours"])),
        *who("person", "buyer", ring.buyers, 6),
        *who("order", "order", (one.order_id for one in ring.orders), 6),
    )


_LOOKS: Final[dict[str, Look[Ring]]] = {CODE: _shown}
