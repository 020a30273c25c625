"""What a decision may know: the order, the money, the neighbours; and the same as rules see it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from gongdao.cases.case import Case
from gongdao.cases.record import ShopRecord, points_at
from gongdao.ledger.funding import Funds
from gongdao.policy.pack import Ended, Pack
from gongdao.policy.words import Procedure
from gongdao.shops.order import Order, is_whole, share_fen

#: What is known of a shop that no case has left anything against.
_BLANK: dict[str, Any] = {
    "earlier": 0,
    "earlier_30d": 0,
    "points_general": 0,
    "points_serious": 0,
    "points_counterfeit": 0,
    "shop_status": "open",
}


class Sibling(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Another case on the same order."""

    procedure: Procedure
    kind: str
    lines: tuple[int, ...]
    ended: Ended | None = None
    refunded_fen: int = 0


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything outside the case that its decisions rest on, handed in."""

    order: Order
    funds: Funds
    record: ShopRecord = ShopRecord()
    """What the cases against the shop have left."""
    siblings: tuple[Sibling, ...] = ()
    sha256_of: dict[UUID, str] = {}
    """The hashes of the files that the acting person may attach."""


def known(case: Case, facts: Facts, pack: Pack, now: datetime) -> dict[str, Any]:
    """The facts that the conditions of a pack may speak of (policy.condition.FACTS)."""
    return known_of_case(case) | known_of_order(case, facts, pack, now)


def known_of_case(case: Case) -> dict[str, Any]:
    """What the case itself says; it changes with every event."""
    ruling = case.ruling
    return {
        "procedure": case.procedure,
        "kind": case.kind,
        "reason": case.reason,
        "received": case.received,
        "stage": case.stage,
        "by": case.opened_by,
        "refused": case.refused,
        "refusal": case.refusal,
        "returned": case.parcel is not None,
        "offer": case.open_offer is not None,
        "remedy": ruling.remedy if ruling else case.remedy,
        "liability": ruling.liability if ruling else None,
        "counterfeit": bool(ruling and ruling.counterfeit),
        "serious": bool(ruling and ruling.serious),
        "ended": case.ended,
        "award": sum(case.award_fen.values()) / 100,
        "asked": case.asked_fen / 100,
        "share": case.share,
        "concerned": case.count,
        "requested": bool(case.requests),
        "appealed": bool(case.appeals),
        "reopened": case.reopened,
        "modified": case.applications > 1,
        "mismatch": case.mismatch,
        "resent": case.sent is not None,
        "votes": len(case.votes),
        "evidence_buyer": case.evidence_of("buyer"),
        "evidence_seller": case.evidence_of("seller"),
        "collect": bool(case.parcel and case.parcel.collect),
    }


def known_of_order(case: Case, facts: Facts, pack: Pack, now: datetime) -> dict[str, Any]:
    """What order, neighbours and pack say; of the case it looks at what is disputed only."""
    order = facts.order
    lines = [line for line in order.lines if line.line in case.lines]
    excluded = [line for line in lines if not set(line.tags).isdisjoint(pack.body.exclusion)]
    known = {
        "promises": frozenset(order.promises),
        "tags": frozenset(tag for line in lines for tag in line.tags),
        "categories": frozenset(line.category for line in lines),
        "payment": order.payment,
        "switch": pack.switches,
        "paid": order.paid_at is not None,
        "shipped": order.shipped_at is not None,
        "signed": order.signed_at is not None,
        "confirmed": order.confirmed_at is not None,
        "closed": order.closed_at is not None,
        "closed_by": order.closed_by,
        "free_shipping": order.free_shipping,
        "whole_order": is_whole(order, case.lines, case.quantities),
        "price": share_fen(order, case.lines, case.quantities) / 100,
        "quantity": sum(case.quantities.get(line.line, line.quantity) for line in lines),
        "fully_refunded": 0 < order.paid_fen <= order.refunded_fen,
        "gift_kept": any(not gift.returned for gift in order.gifts),
        "excluded": bool(excluded),
        "exclusion_confirmed": all(line.no_reason_exclusion_confirmed for line in excluded),
        "settled_before": any(_same_and_settled(case, other) for other in facts.siblings),
        "confirmed_after_days": _days_to_confirm(order),
    }
    return (
        known
        | _times_of_order(order, now)
        | _promise_of_order(order, pack, known, now)
        | _known_of_shop(case, facts.record, pack, now)
    )


def _known_of_shop(case: Case, record: ShopRecord, pack: Pack, now: datetime) -> dict[str, Any]:
    """What the shop's record says, before this case."""
    if not record.entry and not record.charges and not record.findings:
        return _BLANK
    before = record.without(case.id)
    points = points_at(before.charges, pack.body.clearing, calendar=pack.calendar, now=now)
    return {
        "earlier": before.findings_of(case.kind, now),
        "earlier_30d": before.findings_of_month(case.kind, now),
        "points_general": points["general"],
        "points_serious": points["serious"],
        "points_counterfeit": points["counterfeit"],
        "shop_status": record.status(now),
    }


def ship_due_at(order: Order, pack: Pack, known: dict[str, Any]) -> datetime | None:
    """The last instant at which shipping is in time, by the promise that counts in this pack."""
    start = order.promised_from
    return None if start is None else start + _ship_within(order, pack, known)


def _ship_within(order: Order, pack: Pack, known: dict[str, Any]) -> timedelta:
    rule = next((rule for rule in pack.body.shipping if rule.when.holds(known)), None)
    return timedelta(seconds=rule.within.seconds) if rule else order.ship_within


def _promise_of_order(
    order: Order, pack: Pack, known: dict[str, Any], now: datetime
) -> dict[str, Any]:
    due = ship_due_at(order, pack, known)
    late = _hours((order.counts_at("shipped_at") or now) - due) if due else None
    return {
        "promised_hours": _hours(_ship_within(order, pack, known)),
        "late_hours": late,
        "ship_overdue": late is not None and late > 0,
    }


def _times_of_order(order: Order, now: datetime) -> dict[str, Any]:
    """How long ago things happened, and what the carrier says."""
    shipped, signed = order.counts_at("shipped_at"), order.counts_at("signed_at")
    track = [told for told in order.track if told.at <= now]
    picked_up = any(told.event not in ("no_such_number", "exception") for told in track)
    waiting = shipped is not None and not picked_up and signed is None
    moving = picked_up and signed is None
    return {
        "paid_hours": _hours(now - order.paid_at) if order.paid_at else None,
        "shipped_hours": _hours(now - shipped) if shipped else None,
        "signed_days": _hours(now - signed) / 24 if signed else None,
        "signed_by": order.signed_by,
        "picked_up": picked_up,
        "pickup_hours": _hours(now - shipped) if shipped and waiting else None,
        "stalled_hours": _hours(now - track[-1].at) if moving else None,
        "tracking_events": frozenset(told.event for told in track),
    }


def _hours(span: timedelta) -> float:
    return span / timedelta(hours=1)


def _same_and_settled(case: Case, other: Sibling) -> bool:
    same = (other.procedure, other.kind) == (case.procedure, case.kind)
    return same and other.ended == "settled" and not set(other.lines).isdisjoint(case.lines)


def _days_to_confirm(order: Order) -> float | None:
    shipped, confirmed = order.counts_at("shipped_at"), order.counts_at("confirmed_at")
    if shipped is None or confirmed is None:
        return None
    return (confirmed - shipped).total_seconds() / 86400
