"""What a decision may know: the order, the money, the neighbours; and the same as rules see it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gongdao.cases.case import Case
from gongdao.ledger.funding import Funds
from gongdao.policy.pack import Ended, Pack
from gongdao.policy.words import Procedure
from gongdao.shops.order import Order


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
        "evidence_buyer": case.evidence_of("buyer"),
        "evidence_seller": case.evidence_of("seller"),
        "collect": bool(case.parcel and case.parcel.collect),
    }


def known_of_order(case: Case, facts: Facts, pack: Pack, now: datetime) -> dict[str, Any]:
    """What order, neighbours and pack say; of the case it looks at what is disputed only."""
    order = facts.order
    lines = [line for line in order.lines if line.line in case.lines]
    excluded = [line for line in lines if not set(line.tags).isdisjoint(pack.body.exclusion)]
    due = order.ship_due_at
    return {
        "paid": order.paid_at is not None,
        "shipped": order.shipped_at is not None,
        "signed": order.signed_at is not None,
        "confirmed": order.confirmed_at is not None,
        "closed": order.closed_at is not None,
        "closed_by": order.closed_by,
        "payment": order.payment,
        "free_shipping": order.free_shipping,
        "whole_order": len(lines) == len(order.lines),
        "promises": frozenset(order.promises),
        "promised_hours": order.ship_within.total_seconds() / 3600,
        "ship_overdue": due is not None and (order.counts_at("shipped_at") or now) > due,
        "fully_refunded": 0 < order.paid_fen <= order.refunded_fen,
        "gift_kept": any(not gift.returned for gift in order.gifts),
        "tags": frozenset(tag for line in lines for tag in line.tags),
        "categories": frozenset(line.category for line in lines),
        "excluded": bool(excluded),
        "exclusion_confirmed": all(line.no_reason_exclusion_confirmed for line in excluded),
        "settled_before": any(_same_and_settled(case, other) for other in facts.siblings),
        "confirmed_after_days": _days_to_confirm(order),
        "switch": pack.switches,
    }


def _same_and_settled(case: Case, other: Sibling) -> bool:
    same = (other.procedure, other.kind) == (case.procedure, case.kind)
    return same and other.ended == "settled" and not set(other.lines).isdisjoint(case.lines)


def _days_to_confirm(order: Order) -> float | None:
    shipped, confirmed = order.counts_at("shipped_at"), order.counts_at("confirmed_at")
    if shipped is None or confirmed is None:
        return None
    return (confirmed - shipped).total_seconds() / 86400
