"""Signs about a buyer, counted over orders and cases. Pure.

Whoever had bad luck is no suspect: each sign has a least number, and a claim that was upheld
against the shop never counts.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

import msgspec

from gongdao.policy.guard import GuardRule
from gongdao.risk.finding import Sign
from gongdao.risk.looking import Limits, Look, Shown, amount, count, days_of, signs_in, who


class BuyerFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is on record of a buyer, each within the window of the sign that asks for it."""

    orders: int = 0
    """Paid orders in the window of repeated-refunds."""
    refunds: tuple[UUID, ...] = ()
    """Cases that brought money back; not those that were found against the shop."""
    refunds_only: int = 0
    """How many of them kept the goods."""
    base_per_mille: int = 0
    """How many of a thousand orders come to such a case where this buyer buys."""
    swapped: tuple[UUID, ...] = ()
    """Returns that were found empty or different, and ruled so."""
    threats: tuple[UUID, ...] = ()
    """Orders or talks in which something was demanded under the threat of a bad review."""
    claims: tuple[UUID, ...] = ()
    """Like claims (of one kind and reason) that were not upheld, the most frequent kind."""
    claim_shops: int = 0
    """In how many shops."""
    claim_orders: int = 0
    """Paid orders in the window of professional-claims."""


class UnpaidFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Orders of a buyer in one shop that nobody paid."""

    timed_out: tuple[UUID, ...] = ()
    """Only what ran out by itself: what the shop closed proves nothing (S3-10)."""
    paid: int = 0
    """What the buyer did pay there in the window."""
    total_fen: int = 0


def buyer_signs(buyer: BuyerFacts, rules: Mapping[str, GuardRule]) -> list[Sign]:
    """What is noticed about the buyer."""
    return signs_in(buyer, _LOOKS, rules)


def unpaid_signs(unpaid: UnpaidFacts, rules: Mapping[str, GuardRule]) -> list[Sign]:
    """What is noticed about orders that were never paid."""
    return signs_in(unpaid, _UNPAID, rules)


def _refunds(buyer: BuyerFacts, limits: Limits) -> Shown:
    """Many, a large part of all orders, far above what is usual, and mostly goods kept."""
    refunds = len(set(buyer.refunds))
    orders = max(buyer.orders, refunds)
    if refunds < limits["refunds"] or refunds * 100 < orders * limits["percent"]:
        return ()
    if refunds * 1000 < orders * buyer.base_per_mille * limits["times"]:
        return ()
    if buyer.refunds_only * 100 < refunds * limits["only_percent"]:
        return ()
    return (
        count("refunds", refunds),
        count("orders", orders),
        count("kept", buyer.refunds_only),
        count("days", days_of(limits["hours"])),
    )


def _swapped(buyer: BuyerFacts, limits: Limits) -> Shown:
    cases = len(set(buyer.swapped))
    if cases < limits["cases"]:
        return ()
    return (count("cases", cases), count("days", days_of(limits["hours"])))


def _threats(buyer: BuyerFacts, limits: Limits) -> Shown:
    times = len(set(buyer.threats))
    if times < limits["times"]:
        return ()
    return (count("times", times), count("days", days_of(limits["hours"])))


def _professional(buyer: BuyerFacts, limits: Limits) -> Shown:
    claims = len(set(buyer.claims))
    orders = max(buyer.claim_orders, claims)
    if claims < limits["claims"] or buyer.claim_shops < limits["shops"]:
        return ()
    if claims * 100 < orders * limits["percent"]:
        return ()
    return (
        count("claims", claims),
        count("shops", buyer.claim_shops),
        count("orders", orders),
        count("days", days_of(limits["hours"])),
    )


def _never_paid(unpaid: UnpaidFacts, limits: Limits) -> Shown:
    orders = len(set(unpaid.timed_out))
    if orders < limits["orders"] or unpaid.paid * 100 > orders * limits["paid_percent"]:
        return ()
    return (
        count("orders", orders),
        amount("total", unpaid.total_fen),
        count("days", days_of(limits["hours"])),
        *who("order", "order", set(unpaid.timed_out)),
    )


_LOOKS: Final[dict[str, Look[BuyerFacts]]] = {
    "repeated-refunds": _refunds,
    "swapped-goods": _swapped,
    "review-threats": _threats,
    "professional-claims": _professional,
}
_UNPAID: Final[dict[str, Look[UnpaidFacts]]] = {
    "orders-and-never-pays": _never_paid,
}
