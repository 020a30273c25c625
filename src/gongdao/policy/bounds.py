"""The tables of a pack that bound things: how long a case rests, and what requests may claim."""

from decimal import Decimal
from typing import Literal

from gongdao.policy.calendar import Span
from gongdao.policy.condition import Condition
from gongdao.policy.written import ALWAYS, Fen, Written


class Pause(Written, frozen=True, kw_only=True):
    """How long a case may rest, by cause."""

    cause: Literal["joint_request", "court", "police"]
    span: Span | None = None
    """Without proof of acceptance, the case goes on after this; none: until resumed."""
    from_midnight: bool = False
    accepted_span: Span | None = None
    """Once acceptance is proven, it rests this long instead."""
    rule: str


class Ceiling(Written, frozen=True, kw_only=True):
    """At most so much by several cases together; every one whose condition holds."""

    per: Literal["order", "buyer_and_day"]
    """Which cases: those on the order, or all of this buyer with this shop whose orders were paid
    on the same day."""
    rule: str
    when: Condition = ALWAYS
    kinds: tuple[str, ...] = ()
    """The kinds of case that it bounds and counts; none: all."""
    maximum: Fen | None = None
    percent: Decimal | None = None
    """At most this part of what was paid for the goods of the order; the lower one counts."""
    minimum: Fen = Fen(0)
    """It is never below this."""


class Limits(Written, frozen=True, kw_only=True):
    """Bounds that the pack sets on requests."""

    remind_every: Span = Span(seconds=86400)
    """How long a party waits before it may remind the other again."""
    carriage_floor: Fen = Fen(0)
    """What a buyer may always claim for carriage; above it, at most what the order cost."""
    handling_switch: str = ""
    """The switch that says whether handling (stairs, loading) counts as carriage: with_evidence."""
    handling_words: tuple[str, ...] = ()
    """Words of a receipt's note, in lower case, that tell handling from carriage."""
