"""Compare the orders of a file with those that are known. Pure.

What the platform tells is so. What a shop tells is its own word: it moves no money, it does not
count from earlier than it was told, and of an order whose money is here, or that has a case, it
says only how the parcel went (docs/decisions/0012-money-comes-from-the-platform.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, get_args
from uuid import UUID

import msgspec
from msgspec.structs import replace

from gongdao.base.i18n import N_, ZONE
from gongdao.shops.amend import EXTRA, shown_line
from gongdao.shops.cod import PRICE_TOLD, with_price_told
from gongdao.shops.draft import BEFORE, Draft
from gongdao.shops.fault import FAULTS_MAX, Fault, shown
from gongdao.shops.order import Moment, Order
from gongdao.shops.purchase import Purchase

#: How far ahead of our clock the clock of somebody who tells of an event may be.
SKEW = timedelta(minutes=5)

_TERMS = ("lines", "freight_fen", "discounts", "coupons", "gifts", "payment")
_MOMENTS = ("paid_at", "shipped_at", "signed_at", "confirmed_at", "closed_at")
_PARCEL = ("shipped_at", "signed_at", "carrier", "tracking", "signed_by")
#: What a shop may tell late.
_TOLD: tuple[Moment, ...] = get_args(Moment)


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """Who tells what a file says, when, and which of the known orders have cases."""

    platform: bool
    now: datetime
    disputed: frozenset[UUID] = frozenset()
    """Orders about which there is a case, or was."""
    bound: frozenset[UUID] = frozenset()
    """Those of them with an open case, or with money that a case has paid back."""

    def guards(self, order: Order) -> bool:
        """Whether the one who tells may say no more than how the parcel went."""
        return not self.platform and (order.money == "here" or order.id in self.disputed)

    def takes_over(self, order: Order) -> bool:
        """Whether the money of an order that a shop brought comes here with this file."""
        return self.platform and order.money == "elsewhere" and order.id not in self.bound


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What an import will do: new orders, known ones that have come further, and contradictions."""

    added: tuple[Draft, ...]
    advanced: tuple[tuple[Order, Order], ...]
    """Each as it is known, and as it will be."""
    unchanged: int
    left_out: int = 0
    """Orders of which the one who tells may not say all that the file says."""
    faults: tuple[Fault, ...] = ()


class _Difference(NamedTuple):
    field: str
    known: object
    told: object


def plan_import(drafts: Sequence[Draft], known: Mapping[str, Purchase], telling: Telling) -> Plan:
    """Compare what a file says with the orders of the same shop that are known already."""
    added: list[Draft] = []
    advanced: list[tuple[Order, Order]] = []
    unchanged = left_out = 0
    faults: list[Fault] = []
    for draft in drafts:
        faults += _future(draft, telling.now)
        purchase = known.get(draft.order.number)
        if purchase is None:
            added.append(draft)
            continue
        order = purchase.order
        further = _further(draft, order, telling)
        differing = _contradictions(draft, purchase, telling) or list(_out_of_order(further))
        faults += [_contradiction(draft, difference) for difference in differing]
        left_out += _says_more(draft, further, telling)
        if further != order:
            advanced.append((order, further))
        else:
            unchanged += 1
    return Plan(
        added=tuple(added),
        advanced=tuple(advanced),
        unchanged=unchanged,
        left_out=left_out,
        faults=tuple(faults[:FAULTS_MAX]),
    )


def _future(draft: Draft, now: datetime) -> Iterator[Fault]:
    for name in ("placed_at", *_MOMENTS):
        at: datetime | None = getattr(draft.order, name)
        if at is not None and at > now + SKEW:
            yield Fault(
                line=draft.line,
                in_entry=draft.in_entry,
                column=name,
                sentence=N_("This lies in the future: {at}."),
                params={"at": at},
            )


def _contradiction(draft: Draft, differing: _Difference) -> Fault:
    field, known, told = differing
    values: dict[str, Any] = {"known": _shown(known), "told": _shown(told)}
    return Fault(
        line=draft.line,
        in_entry=draft.in_entry,
        column=field,
        sentence=N_("The file says {told}, but {known} is known of the order {number} already."),
        params={"number": draft.order.number, **values},
    )


def _shown(value: object) -> str:
    """A value; of an instant the seconds too, which may be all that differs."""
    if isinstance(value, datetime):
        local = value.astimezone(ZONE)
        return f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"
    return shown(value)


def _contradictions(draft: Draft, purchase: Purchase, telling: Telling) -> list[_Difference]:
    """Where the file and what is known cannot both be true."""
    known, told = purchase.order, draft.order
    fixed = [
        _Difference("buyer", purchase.remarks.buyer_name, draft.remarks.buyer_name),
        _Difference("placed_at", known.placed_at, told.placed_at),
    ]
    if telling.takes_over(known):
        return [d for d in fixed if d.known != d.told]
    if known.paid_at is not None and "money" not in draft.assumed:
        # What is not paid yet may still be given cheaper.
        fixed += _terms_of(known, told)
    said = [
        _Difference(name, getattr(known, name), getattr(told, name))
        for name in (*_MOMENTS, "closed_by", "signed_by", "carrier", "tracking")
        if name not in draft.assumed and not _is_mended(draft, known, name, telling)
    ]
    differing = [d for d in fixed if d.known != d.told]
    differing += [d for d in said if d.known and d.told and d.known != d.told]
    ended = "confirmed_at", "closed_at"
    for one, other in (ended, ended[::-1]):
        if getattr(known, one) and getattr(told, other) and not getattr(known, other):
            differing.append(_Difference(other, getattr(known, one), getattr(told, other)))
    return differing


def _terms_of(known: Order, told: Order) -> list[_Difference]:
    """What was bought for how much, and the freight; a change made here later contradicts nothing.

    A file may tell it as it is now, or as it was ordered at first.
    """
    if _is_changed(known) and _goods(told) != _goods(known):
        return [_Difference("lines", _ordered_at_first(known), _lines_of(told))]
    return [
        _Difference("lines", _goods(known), _goods(told)),
        _Difference("freight", known.freight_fen, told.freight_fen),
    ]


def _is_changed(order: Order) -> bool:
    return any(line.was or line.on_top_fen or EXTRA in line.tags for line in order.lines)


def _ordered_at_first(order: Order) -> str:
    own = (line for line in order.lines if EXTRA not in line.tags)
    return ", ".join(line.was or shown_line(line) for line in own)


def _lines_of(order: Order) -> str:
    return ", ".join(map(shown_line, order.lines))


def _goods(order: Order) -> str:
    """What was bought for how much, in one text that can be shown."""
    return f"{order.paid_goods_fen}: {_lines_of(order)}"


def _out_of_order(order: Order) -> Iterator[_Difference]:
    """Where what is known and what is told make no sense together."""
    for earlier, later in BEFORE:
        first, second = getattr(order, earlier), getattr(order, later)
        if first is not None and second is not None and second < first:
            yield _Difference(later, first, second)


def _further(draft: Draft, known: Order, telling: Telling) -> Order:
    """The known order with what this teller adds; an older file adds nothing."""
    if telling.takes_over(known):
        return _taken_over(draft, known)
    further = _with_all(draft, known)
    if telling.platform:
        mended = [name for name in _TOLD if _is_mended(draft, known, name, telling)]
        if not mended:
            return further
        told = replace(known.told, **dict.fromkeys(mended))
        return replace(further, told=told, **{n: getattr(draft.order, n) for n in mended})
    if telling.guards(known):
        further = _with_parcel(known, further)
    late = {
        name: telling.now
        for name in _TOLD
        if getattr(known, name) is None and (getattr(further, name) or telling.now) < telling.now
    }
    return replace(further, told=replace(known.told, **late)) if late else further


def _is_mended(draft: Draft, known: Order, name: str, telling: Telling) -> bool:
    """Whether the platform now says what only the shop had said, and said late."""
    told = name in _TOLD and getattr(known.told, name) is not None
    said = getattr(draft.order, name, None) is not None and name not in draft.assumed
    return telling.platform and told and said


def _taken_over(draft: Draft, known: Order) -> Order:
    """What the platform says of an order that a shop brought: all but the ids and the parcel."""
    kept: dict[str, Any] = {"id": known.id, "shop_id": known.shop_id, "buyer_id": known.buyer_id}
    if draft.order.shipped_at is None:
        kept |= {name: getattr(known, name) for name in _PARCEL} | {"told": _of_parcel(known)}
    if PRICE_TOLD in known.promises:
        return with_price_told(replace(draft.order, **kept))
    return replace(draft.order, **kept)


def _of_parcel(known: Order) -> Any:
    return replace(known.told, confirmed_at=None, closed_at=None)


def _with_parcel(known: Order, further: Order) -> Order:
    """The known order, of which only the parcel has gone on; a shop ships what has been paid."""
    may_leave = known.paid_at is not None or known.payment == "cod"
    if known.closed_at is not None or not may_leave:
        return known
    return replace(known, **{name: getattr(further, name) for name in _PARCEL})


def _with_all(draft: Draft, known: Order) -> Order:
    told = draft.order
    changes: dict[str, Any] = {
        name: getattr(told, name)
        for name in (*_MOMENTS, "carrier", "tracking", "closed_by", "signed_by")
        if not getattr(known, name) and getattr(told, name)
    }
    if known.paid_at is None:
        changes |= {
            name: getattr(told, name)
            for name in _TERMS
            if getattr(told, name) != getattr(known, name)
        }
    paid_fen = replace(known, **changes).paid_fen
    changes["refunded_fen"] = max(known.refunded_fen, min(told.refunded_fen, paid_fen))
    if changes["refunded_fen"] == known.refunded_fen:
        del changes["refunded_fen"]
    return replace(known, **changes) if changes else known


def _says_more(draft: Draft, further: Order, telling: Telling) -> bool:
    """Whether the file says something that was not taken because of who tells it."""
    if telling.platform:
        return further.money == "elsewhere"
    return telling.guards(further) and _with_all(draft, further) != further
