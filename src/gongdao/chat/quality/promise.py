"""A promise that was made in a conversation: when it is due, and what has become of it. Pure."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.base.days import day_of, start_of

#: What can be looked for afterwards. A discount stands in the price at once.
What = Literal["refund", "compensation", "dispatch", "resend", "answer"]
State = Literal["open", "kept", "late", "broken"]
#: A sum without a time is due by the end of the third day.
SUM_WITHIN_DAYS = 3
#: What is said so soon after a promise belongs to the promise, and is not the answer.
SAME_BREATH = timedelta(minutes=2)


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """What a message promises."""

    what: What
    words: str
    amount_fen: int | None = None
    due_at: datetime
    """What is done at this instant is late."""


class Promised(Promise, frozen=True, kw_only=True):
    """A promise with the message that made it."""

    conversation_id: UUID
    seq: int
    nth: int
    agent_id: UUID
    at: datetime


class Paid(msgspec.Struct, frozen=True):
    """Money that went to the buyer."""

    at: datetime
    fen: int


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What has happened since a promise; each is the first of its kind, or nothing."""

    shipped_at: datetime | None = None
    sent_at: datetime | None = None
    """When goods were sent once more."""
    answered_at: datetime | None = None
    paid: tuple[Paid, ...] = ()
    """In their order."""


class Standing(msgspec.Struct, frozen=True):
    """What has become of a promise, and when it was done."""

    state: State
    done_at: datetime | None


def due_within(now: datetime, hours: int) -> datetime:
    """So many hours from now."""
    return now + timedelta(hours=hours)


def due_on(now: datetime, days: int) -> datetime:
    """The end of the day, in Shanghai, that is so many days from now."""
    return start_of(day_of(now) + timedelta(days=days + 1))


def standing_of(promise: Promise, facts: Facts, *, now: datetime) -> Standing:
    """Whether it was kept, in time or late, or is still to be kept, or no longer can be."""
    done_at = _done_at(promise, facts)
    if done_at is not None:
        return Standing("kept" if done_at < promise.due_at else "late", done_at)
    return Standing("open" if now < promise.due_at else "broken", None)


def _done_at(promise: Promise, facts: Facts) -> datetime | None:
    match promise.what:
        case "dispatch":
            return facts.shipped_at
        case "resend":
            return facts.sent_at
        case "answer":
            return facts.answered_at
        case "refund" | "compensation":
            return _paid_in_full(promise.amount_fen or 0, facts.paid)


def _paid_in_full(wanted_fen: int, paid: tuple[Paid, ...]) -> datetime | None:
    """When what was paid had come to the sum."""
    sum_fen = 0
    for each in paid:
        sum_fen += each.fen
        if sum_fen >= wanted_fen:
            return each.at
    return None
