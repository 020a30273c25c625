"""What was noticed: a sign, how much it weighs, and what shows it. Never a decision."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from gongdao.base.texts import NO_NUL
from gongdao.policy.guard import Subject

#: How many pieces of evidence a finding keeps, and how long each is.
EVIDENCE_MAX, SHOWN_MAX = 20, 200
#: words: what was written, at its place; the others are figures of the records.
Shows = Literal["words", "amount", "time", "count", "person", "order", "score"]
#: What somebody says for the record of a finding, a hold or the watch list.
Why = Annotated[str, msgspec.Meta(max_length=500, pattern=NO_NUL)]
#: Who noticed: a word list, the trained model, or a count over the records.
By = Literal["words", "model", "facts"]


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that shows it: the words with their place, an amount, an instant, a number."""

    shows: Shows
    said: str
    """As it is shown: the words themselves, "2999.70", "2026-11-02T10:30:00Z", "30"."""
    label: str = ""
    """What the figure is, a word of the pack's sentence: `times`, `limit`, `orders`."""
    start: int | None = None
    end: int | None = None
    """words: where they stand in the message, in characters."""


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """What a pure function noticed, before anybody knows where it belongs."""

    code: str
    by: By
    evidence: tuple[Evidence, ...]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where something was noticed, and whom it concerns."""

    subject: Subject
    subject_id: UUID
    occasion: str = ""
    """What sets apart two findings of one code on one subject: a day, a partner."""
    shop_id: UUID | None = None
    buyer_id: UUID | None = None
    conversation_id: UUID | None = None
    seq: int | None = None
    order_id: UUID | None = None
    case_id: UUID | None = None
    about: Literal["buyer", "shop", "other"] = "other"
    """Whose doing it seems to be: the buyer's, the shop's, or a third one's."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A sign in its place, as it is kept: what it weighed, by which pack, and when."""

    id: UUID
    code: str
    by: By
    place: Place
    weight: int
    evidence: tuple[Evidence, ...]
    pack: str
    """The pack with its version that judged it."""
    at: datetime
    """When what it speaks of happened."""
    found_at: datetime


Verdict = Literal["right", "wrong"]
