"""What a shop keeps on a customer, and what a person may ask about it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_

NOTE_MAX, WHY_MIN, WHY_MAX, WORDS_MAX = 1000, 2, 500, 500
PREFERENCES_MAX, PREFERENCE_NAME_MAX, PREFERENCE_MAX = 30, 20, 100

Asked = Literal["copy", "erasure"]
Answer = Literal["done", "refused", "withdrawn"]
Logged = Literal[
    "revealed", "complaint_shown", "exported", "asked_copy", "asked_erasure", "withdrew", "refused",
    "erased",
]  # fmt: skip


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who bought from a shop or talked with it."""

    shop_id: UUID
    buyer_id: UUID
    name: str
    first_at: datetime
    last_at: datetime
    erased_at: datetime | None = None


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody of the shop wrote down about a customer."""

    id: UUID
    buyer_id: UUID
    by_id: UUID
    at: datetime
    text: str
    due_at: datetime | None = None
    """Until when somebody gets in touch with them again."""
    done_at: datetime | None = None
    done_by: UUID | None = None
    erased_at: datetime | None = None


class Preference(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer likes: a size, a colour, when to call."""

    name: str
    value: str
    by_id: UUID
    at: datetime


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asked of a shop about their own data."""

    id: UUID
    shop_id: UUID
    buyer_id: UUID
    what: Asked
    words: str
    asked_at: datetime
    due_at: datetime
    answer: Answer | None = None
    ground: str = ""
    answered_at: datetime | None = None
    answered_by: UUID | None = None


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Who looked at what of a person, exported it or erased it, when and why."""

    id: UUID
    shop_id: UUID
    buyer_id: UUID
    by_id: UUID
    at: datetime
    what: Logged
    why: str
    order_id: UUID | None = None
    counts: dict[str, int] = {}


def written(text: str, *, most: int, least: int = 1) -> str:
    """A text that somebody typed, without what surrounds it. Raises Refusal invalid."""
    plain = text.strip()
    if "\x00" in plain or not least <= len(plain) <= most:
        raise Refusal("invalid", N_("Write {least} to {most} characters."), least=least, most=most)
    return plain


def reason_of(text: str) -> str:
    """Why somebody looks at what is masked. Raises Refusal reason_required."""
    plain = text.strip()
    if "\x00" in plain or not WHY_MIN <= len(plain) <= WHY_MAX:
        raise Refusal(
            "reason_required", N_("Say in a few words why you need to see it; it is kept.")
        )
    return plain
