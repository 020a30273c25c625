"""The facts that the conditions of a pack may speak of, each looked up when it is first asked for.

A decision asks for a few of them, many times over; docs/how-to/write-a-pack.md says what each is.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from gongdao.cases.case import Case
from gongdao.cases.facts import Facts, Sibling
from gongdao.cases.record import points_at
from gongdao.policy.pack import Pack
from gongdao.policy.words import PointsLedger
from gongdao.shops.order import Line, Order, TrackEvent, is_whole, share_fen


class Matter(dict[str, Any]):
    """What order, neighbours, record and pack say of what is disputed; few events change it."""

    def __init__(self, case: Case, facts: Facts, pack: Pack, now: datetime) -> None:
        super().__init__()
        self.case, self.facts, self.order, self.pack, self.now = case, facts, facts.order, pack, now

    def __missing__(self, name: str) -> Any:
        value = self[name] = _OF_MATTER[name](self)
        return value

    @property
    def disputed(self) -> tuple[Any, ...]:
        """What of the case it rests on; while this is the same, so is everything here."""
        return disputed_in(self.case)

    @property
    def lines(self) -> list[Line]:
        """The lines in dispute."""
        return [line for line in self.order.lines if line.line in self.case.lines]

    @property
    def excluded(self) -> list[Line]:
        """Those of them that no-reason returns may exclude."""
        tags = self.pack.body.exclusion
        return [line for line in self.lines if not set(line.tags).isdisjoint(tags)]

    @property
    def track(self) -> list[TrackEvent]:
        """What the carrier had said by now."""
        return [told for told in self.order.track if told.at <= self.now]

    def hours_since(self, at: datetime | None) -> float | None:
        """How long ago something happened; None where it has not."""
        return None if at is None else _hours(self.now - at)


class Known(dict[str, Any]):
    """All facts of a case: what the case itself says, which every event may change, and the rest.

    Whatever is set in it counts before what would be looked up.
    """

    def __init__(self, case: Case, matter: Matter) -> None:
        super().__init__()
        self._case, self._matter = case, matter

    def __missing__(self, name: str) -> Any:
        of_case = _OF_CASE.get(name)
        value = self[name] = of_case(self._case) if of_case else self._matter[name]
        return value

    def but(self, more: dict[str, Any]) -> "Known":
        """The same facts, but for these."""
        twin = Known(self._case, self._matter)
        twin.update(more)
        return twin


def known(case: Case, facts: Facts, pack: Pack, now: datetime) -> Known:
    """The facts of a case at an instant."""
    return Known(case, Matter(case, facts, pack, now))


def disputed_in(case: Case) -> tuple[Any, ...]:
    """What is disputed: kind, lines and units."""
    return (case.procedure, case.kind, case.lines, case.quantities)


def ship_due_at(order: Order, pack: Pack, facts: dict[str, Any]) -> datetime | None:
    """The last instant at which shipping is in time, by the promise that counts in this pack."""
    start = order.promised_from
    return None if start is None else start + _ship_within(order, pack, facts)


def _ship_within(order: Order, pack: Pack, facts: dict[str, Any]) -> timedelta:
    rule = next((rule for rule in pack.body.shipping if rule.when.holds(facts)), None)
    return timedelta(seconds=rule.within.seconds) if rule else order.ship_within


def _late_hours(of: Matter) -> float | None:
    due = ship_due_at(of.order, of.pack, of)
    return None if due is None else _hours((of.order.counts_at("shipped_at") or of.now) - due)


def _is_picked_up(of: Matter) -> bool:
    return any(told.event not in ("no_such_number", "exception") for told in of.track)


def _pickup_hours(of: Matter) -> float | None:
    """Hours since shipping; None once the carrier has the parcel, or somebody signed for it."""
    if of["picked_up"] or of["signed"]:
        return None
    return of.hours_since(of.order.counts_at("shipped_at"))


def _stalled_hours(of: Matter) -> float | None:
    """Hours without news of a parcel that is under way."""
    if of["signed"] or not of["picked_up"]:
        return None
    return of.hours_since(of.track[-1].at)


def _signed_days(of: Matter) -> float | None:
    hours = of.hours_since(of.order.counts_at("signed_at"))
    return None if hours is None else hours / 24


def _settled_before(of: Matter) -> bool:
    return any(_same_and_settled(of.case, other) for other in of.facts.siblings)


def _same_and_settled(case: Case, other: Sibling) -> bool:
    same = (other.procedure, other.kind) == (case.procedure, case.kind)
    return same and other.ended == "settled" and not set(other.lines).isdisjoint(case.lines)


def _confirmed_after_days(of: Matter) -> float | None:
    shipped, confirmed = of.order.counts_at("shipped_at"), of.order.counts_at("confirmed_at")
    if shipped is None or confirmed is None:
        return None
    return _hours(confirmed - shipped) / 24


def _points(ledger: PointsLedger) -> Callable[[Matter], int]:
    """The points that stand in a ledger, before this case."""

    def points(of: Matter) -> int:
        charges = of.facts.record.without(of.case.id).charges
        if not charges:
            return 0
        clearing = of.pack.body.clearing
        return points_at(charges, clearing, calendar=of.pack.calendar, now=of.now)[ledger]

    return points


def _hours(span: timedelta) -> float:
    return span / timedelta(hours=1)


_OF_CASE: dict[str, Callable[[Case], Any]] = {
    "procedure": lambda case: case.procedure,
    "kind": lambda case: case.kind,
    "reason": lambda case: case.reason,
    "received": lambda case: case.received,
    "stage": lambda case: case.stage,
    "by": lambda case: case.opened_by,
    "refused": lambda case: case.refused,
    "refusal": lambda case: case.refusal,
    "returned": lambda case: case.parcel is not None,
    "offer": lambda case: case.open_offer is not None,
    "remedy": lambda case: case.ruling.remedy if case.ruling else case.remedy,
    "liability": lambda case: case.ruling.liability if case.ruling else None,
    "counterfeit": lambda case: bool(case.ruling and case.ruling.counterfeit),
    "serious": lambda case: bool(case.ruling and case.ruling.serious),
    "ended": lambda case: case.ended,
    "award": lambda case: sum(case.award_fen.values()) / 100,
    "asked": lambda case: case.asked_fen / 100,
    "share": lambda case: case.share,
    "concerned": lambda case: case.count,
    "requested": lambda case: bool(case.requests),
    # The time that was left is kept of each stage that a case went away from.
    "heard": lambda case: "adjudication" in (case.stage, *case.left_over),
    "appealed": lambda case: bool(case.appeals),
    "reopened": lambda case: case.reopened,
    "modified": lambda case: case.applications > 1,
    "mismatch": lambda case: case.mismatch,
    "resent": lambda case: case.sent is not None,
    "votes": lambda case: len(case.votes),
    "paid_first": lambda case: case.paid_first,
    "evidence_buyer": lambda case: case.evidence_of("buyer"),
    "evidence_seller": lambda case: case.evidence_of("seller"),
    "collect": lambda case: bool(case.parcel and case.parcel.collect),
}
_OF_MATTER: dict[str, Callable[[Matter], Any]] = {
    "switch": lambda of: of.pack.switches,
    "paid": lambda of: of.order.paid_at is not None,
    "shipped": lambda of: of.order.shipped_at is not None,
    "signed": lambda of: of.order.signed_at is not None,
    "confirmed": lambda of: of.order.confirmed_at is not None,
    "closed": lambda of: of.order.closed_at is not None,
    "closed_by": lambda of: of.order.closed_by,
    "payment": lambda of: of.order.payment,
    "free_shipping": lambda of: of.order.free_shipping,
    "promises": lambda of: frozenset(of.order.promises),
    "tags": lambda of: frozenset(tag for line in of.lines for tag in line.tags),
    "categories": lambda of: frozenset(line.category for line in of.lines),
    "whole_order": lambda of: is_whole(of.order, of.case.lines, of.case.quantities),
    "price": lambda of: share_fen(of.order, of.case.lines, of.case.quantities) / 100,
    "quantity": lambda of: sum(
        of.case.quantities.get(line.line, line.quantity) for line in of.lines
    ),
    "fully_refunded": lambda of: 0 < of.order.paid_fen <= of.order.refunded_fen,
    "gift_kept": lambda of: any(not gift.returned for gift in of.order.gifts),
    "excluded": lambda of: bool(of.excluded),
    "exclusion_confirmed": lambda of: all(
        line.no_reason_exclusion_confirmed for line in of.excluded
    ),
    "settled_before": _settled_before,
    "confirmed_by": lambda of: of.order.confirmed_by,
    "confirmed_after_days": _confirmed_after_days,
    "promised_hours": lambda of: _hours(_ship_within(of.order, of.pack, of)),
    "late_hours": _late_hours,
    "ship_overdue": lambda of: (of["late_hours"] or 0) > 0,
    "paid_hours": lambda of: of.hours_since(of.order.paid_at),
    "shipped_hours": lambda of: of.hours_since(of.order.counts_at("shipped_at")),
    "signed_days": _signed_days,
    "signed_by": lambda of: of.order.signed_by,
    "picked_up": _is_picked_up,
    "pickup_hours": _pickup_hours,
    "stalled_hours": _stalled_hours,
    "tracking_events": lambda of: frozenset(told.event for told in of.track),
    "earlier": lambda of: of.facts.record.without(of.case.id).findings_of(of.case.kind, of.now),
    "earlier_30d": lambda of: of.facts.record.without(of.case.id).findings_of_month(
        of.case.kind, of.now
    ),
    "points_general": _points("general"),
    "points_serious": _points("serious"),
    "points_counterfeit": _points("counterfeit"),
    "shop_status": lambda of: of.facts.record.status(of.now),
}
#: Every fact that there is; the same as policy.condition.FACTS, which may not look here.
NAMES = frozenset(_OF_CASE) | frozenset(_OF_MATTER)
