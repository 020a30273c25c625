"""The hand-over book: what somebody leaves to the next shift, and what became of each line."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

LineKind = Literal["talk", "case", "promise", "note"]
LineState = Literal["open", "returned", "accepted"]
WordKind = Literal["question", "answer", "accepted"]
#: So many lines at most are collected for a book, and so many notes are added to it.
LINES_MAX, NOTES_MAX = 200, 30
TEXT_MAX = 500


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is open."""

    id: UUID
    book_id: UUID
    from_id: UUID
    position: int
    kind: LineKind
    about: UUID | None
    seq: int | None
    text: str
    note: str
    due_at: datetime | None
    state: LineState = "open"
    taken_by: UUID | None = None
    taken_at: datetime | None = None

    @property
    def key(self) -> str:
        """What it is about, as a form names it."""
        return f"{self.kind}:{self.about}:{self.seq or 0}"


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """Something said about a line."""

    line_id: UUID
    what: WordKind
    by_id: UUID
    at: datetime
    text: str


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """What one person left at one time."""

    id: UUID
    from_id: UUID
    shift_id: UUID | None
    written_at: datetime
