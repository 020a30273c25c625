"""The tables of a pack that speak of discipline and of who pays: points, sanctions, freezes."""

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta

from gongdao.policy.calendar import Span
from gongdao.policy.condition import Condition
from gongdao.policy.words import AmountName, PointsLedger, SanctionKind
from gongdao.policy.written import ALWAYS, Fen, Text, Written

#: When a rule of discipline is looked at: as a case is opened, ruled on, or closed.
Occasion = Literal["opened", "ruled", "closed"]
Count = Annotated[int, Meta(ge=1)]


class Cap(Written, frozen=True, kw_only=True):
    """No more points than these by one rule within so many days."""

    points: Count
    days: Count


class Points(Written, frozen=True, kw_only=True):
    """Penalty points when a case ends like this."""

    when: Condition
    ledger: PointsLedger
    points: Count
    rule: str
    cap: Cap | None = None


class Sanction(Written, frozen=True, kw_only=True):
    """What is imposed on the shop; every one whose condition holds."""

    impose: SanctionKind
    when: Condition
    rule: str
    on: Occasion = "closed"
    span: Span | None = None
    """How long it lasts; without one, until it is lifted."""
    fine: Fen = Fen(0)
    """What the shop pays to the platform: from its deposit, then its balance, then as a debt."""


class Lifting(Written, frozen=True, kw_only=True):
    """Which sanctions that this case imposed are lifted again."""

    lift: tuple[SanctionKind, ...]
    when: Condition
    rule: str
    on: Occasion = "closed"


class Node(Written, frozen=True, kw_only=True):
    """A total of points that a charge reaches or passes, and what that brings."""

    ledger: PointsLedger
    points: Count
    impose: tuple[SanctionKind, ...]
    rule: str
    span: Span | None = None
    fine: Fen = Fen(0)


class Clearing(Written, frozen=True, kw_only=True):
    """A ledger that goes to zero at the end of the year, 31 December 24:00 where the pack is."""

    ledger: PointsLedger
    rule: str
    keep_from: Count | None = None
    """A total from here on stays that year ..."""
    keep_below: Count | None = None
    """... as long as it is below this."""


class Freeze(Written, frozen=True, kw_only=True):
    """What is held on the shop's balance from the ruling until it is paid; every one that holds."""

    when: Condition
    names: tuple[AmountName, ...]
    rule: str


class Advance(Written, frozen=True, kw_only=True):
    """What the shop cannot pay, the platform advances, and the shop owes it; the first that holds.

    Without a maximum, all of it.
    """

    when: Condition
    rule: str
    maximum: Fen | None = None


class TestFee(Written, frozen=True, kw_only=True):
    """The buyer's appraisal reports are owed by whoever is liable; the first that holds."""

    when: Condition
    rule: str


class Goodwill(Written, frozen=True, kw_only=True):
    """How much a shop may give to a buyer outside of cases, for one order, all payments together.

    Where both are said, the lower one counts.
    """

    rule: str
    maximum: Fen | None = None
    percent: Decimal | None = None
    """Of what was paid for the order."""


class Signal(Written, frozen=True, kw_only=True):
    """A code on a case that warns agents and arbiters; never a decision."""

    code: str
    when: Condition = ALWAYS
    say: Text
    rule: str
