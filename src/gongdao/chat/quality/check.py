"""How a conversation was judged: a mark for each item of a form, and the score. Pure."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from uuid import UUID

import msgspec

from gongdao.base.i18n import N_

#: The items and the fatal mistakes of the form that a shop begins with, as pages name them.
ITEMS: dict[str, str] = {
    "greeting": N_("Opening words"),
    "understanding": N_("Understood the question"),
    "correctness": N_("What was said is right"),
    "manners": N_("Manners"),
    "solution": N_("Solved it"),
    "closing": N_("Closing"),
}
FATALS: dict[str, str] = {
    "insult": N_("Insulted the buyer"),
    "privacy": N_("Gave personal information away"),
    "off_platform": N_("Led the buyer off the platform"),
    "empty_promise": N_("Promised what they knew could not be kept"),
}


class Mark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The points of one item, with what the form said of it then."""

    item: str
    title: str = ""
    """As the shop calls it; empty where it is one of ours."""
    points: int
    most: int
    weight: int
    remark: str = ""
    seq: int | None = None
    """The message that is meant."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One judgement; a later one may replace it, it is never changed."""

    id: UUID
    conversation_id: UUID
    agent_id: UUID
    by_id: UUID
    at: datetime
    form_version: int
    marks: tuple[Mark, ...]
    fatal: tuple[str, ...] = ()
    score: int
    remark: str = ""
    replaces: UUID | None = None


class Objection(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent says against a judgement."""

    conversation_id: UUID
    check_id: UUID
    by_id: UUID
    at: datetime
    text: str


class ItemMean(msgspec.Struct, frozen=True):
    """One item over many conversations: its share of the most, from 0 to 1."""

    item: str
    title: str
    share: float


class AgentMarks(msgspec.Struct, frozen=True, kw_only=True):
    """How the conversations of one agent were judged."""

    agent_id: UUID
    checks: int
    mean: float
    fatal: int
    items: tuple[ItemMean, ...]


def score_of(marks: Sequence[Mark], fatal: Sequence[str]) -> int:
    """Of 100, by the weights, rounded half up; a fatal mistake leaves nothing."""
    if fatal or not marks:
        return 0
    reached = sum(Fraction(mark.points * mark.weight, mark.most) for mark in marks)
    return int(100 * reached / sum(mark.weight for mark in marks) + Fraction(1, 2))
