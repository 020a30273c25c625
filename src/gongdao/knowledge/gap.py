"""A gap: a question that nobody could answer, and each time that it was asked."""

from datetime import datetime
from typing import Annotated, Literal, get_args
from uuid import UUID

import msgspec

from gongdao.base.cursor import NEWEST, Count, Instant, Place
from gongdao.base.i18n import N_
from gongdao.base.texts import NO_NUL

GapState = Literal["open", "answered", "dismissed"]
Source = Literal["message", "search"]
GAP_STATES: tuple[GapState, ...] = get_args(GapState)
SAID_MAX = 500
Said = Annotated[str, msgspec.Meta(min_length=1, max_length=SAID_MAX, pattern=NO_NUL)]

GAP_LABELS: dict[GapState, str] = {
    "open": N_("Open questions"),
    "answered": N_("Questions answered"),
    "dismissed": N_("Set aside"),
}


class GapPlace(Place, frozen=True):
    """A question in the order of a list: the most asked first, then the newest."""

    asked: Count
    at: Instant
    id: UUID


MOST_ASKED = GapPlace(2**31 - 1, NEWEST.at, NEWEST.id)


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A question with how often it was asked, who looks after it, and what answers it."""

    id: UUID
    shop_id: UUID
    question: str
    state: GapState
    asked: int
    first_at: datetime
    last_at: datetime
    assigned_to: UUID | None = None
    article_id: UUID | None = None
    closed_at: datetime | None = None
    closed_by: UUID | None = None


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """One time that it was asked: by a buyer in a message, or by somebody who searched in vain."""

    id: UUID
    gap_id: UUID
    source: Source
    said: str
    conversation_id: UUID | None
    seq: int | None
    buyer_id: UUID | None
    noted_by: UUID
    at: datetime
    told_at: datetime | None = None
    told_by: UUID | None = None
