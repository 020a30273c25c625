"""A review, what happened to it, and the words that are used of both. Pure."""

from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_

Mark = Literal["good", "neutral", "negative"]
#: Why somebody is not content, in the order in which two that weigh the same are believed.
Cause = Literal["extortion", "quality", "service", "courier", "competitor", "mood"]
CAUSES: tuple[Cause, ...] = get_args(Cause)
#: How trying to reach the buyer ended.
Outcome = Literal["reached", "no_answer", "refused", "solved"]
#: By which way.
Way = Literal["phone", "chat", "sms"]
WAYS: tuple[Way, ...] = get_args(Way)
Deed = Literal["written", "changed", "appended", "cause_set", "contacted", "replied", "sealed"]

TEXT_MAX, REPLY_MAX, NOTE_MAX, RATING_MAX = 2000, 1000, 500, 500
PICTURES_MAX = 9

MARK_LABELS: dict[Mark, str] = {
    "good": N_("Good review"),
    "neutral": N_("Neutral review"),
    "negative": N_("Negative review"),
}
CAUSE_LABELS: dict[Cause, str] = {
    "extortion": N_("Extortion"),
    "quality": N_("Quality of the goods"),
    "service": N_("How we served"),
    "courier": N_("Courier and delivery"),
    "competitor": N_("A competitor, perhaps"),
    "mood": N_("A bad mood"),
}
OUTCOME_LABELS: dict[Outcome, str] = {
    "reached": N_("Reached, not settled yet"),
    "no_answer": N_("No answer"),
    "refused": N_("Does not want to talk"),
    "solved": N_("Settled with the buyer"),
}
WAY_LABELS: dict[Way, str] = {
    "phone": N_("Telephone"),
    "chat": N_("Chat"),
    "sms": N_("Text message"),
}
#: What each mark is in stars, where the rule book knows three marks.
STARS_OF_MARK: dict[Mark, int] = {"good": 5, "neutral": 3, "negative": 1}


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that speaks for a cause, and how much: what the suggestion rests on."""

    id: str
    cause: Cause
    points: int
    found: str = ""
    """The words, or the figure, that it was seen by."""


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """A review as it stands."""

    id: UUID
    shop_id: UUID
    order_id: UUID
    line: int
    """Of the order; 0 is the order as a whole."""
    order_number: str
    buyer_id: UUID
    product_id: UUID | None
    product: str
    stars: int
    text: str
    pictures: tuple[UUID, ...] = ()
    at: datetime
    changed_at: datetime | None = None
    changes: int = 0
    added_text: str | None = None
    added_at: datetime | None = None
    source_ref: str = ""
    cause: Cause | None = None
    suggested: Cause | None = None
    signs: tuple[Sign, ...] = ()
    corrected_by: UUID | None = None
    due_at: datetime | None = None
    solved_at: datetime | None = None
    reply: str | None = None
    replied_at: datetime | None = None
    version: int = 1

    @property
    def mark(self) -> Mark:
        """Good, neutral or negative."""
        return mark_of(self.stars)

    @property
    def state(self) -> Literal["due", "waiting", "solved", "nothing"]:
        """How far the shop is with it; due or waiting is told apart by whoever knows the time."""
        if self.cause is None:
            return "nothing"
        if self.solved_at is not None:
            return "solved"
        return "waiting" if self.due_at is not None else "nothing"


class ReviewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a review."""

    review_id: UUID
    shop_id: UUID
    at: datetime
    by_id: UUID | None
    what: Deed
    detail: dict[str, Any] = {}
    key: UUID | None = None


class BuyerRating(msgspec.Struct, frozen=True, kw_only=True):
    """How a shop rated the buyer of an order."""

    order_id: UUID
    shop_id: UUID
    buyer_id: UUID
    mark: Mark
    text: str
    by_id: UUID
    at: datetime


def mark_of(stars: int) -> Mark:
    """Four stars and more are good, three neutral, fewer negative."""
    if stars >= 4:
        return "good"
    return "neutral" if stars == 3 else "negative"


def require_words(text: str, *, most: int, empty_ok: bool = False) -> str:
    """The text without blanks around it. Raises Refusal invalid where it is too long or none."""
    said = text.strip()
    if not said and not empty_ok:
        raise Refusal("reason_required", N_("Write something first."))
    if len(said) > most:
        raise Refusal("too_large", N_("At most {most} characters."), most=most)
    if "\x00" in said:
        raise Refusal("invalid", N_("This has characters in it that are not text."))
    return said
