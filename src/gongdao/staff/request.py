"""What people ask for about the rota: leave, and swaps of shifts."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

LeaveAnswer = Literal["granted", "refused", "withdrawn"]
SwapState = Literal["proposed", "accepted", "declined", "withdrawn", "approved", "refused"]
#: So long at most is leave asked for at once.
LEAVE_DAYS_MAX = 60


class Leave(msgspec.Struct, frozen=True, kw_only=True):
    """Days off that somebody asked for, both ends included."""

    id: UUID
    person_id: UUID
    from_day: date
    until_day: date
    why: str
    asked_at: datetime
    answer: LeaveAnswer | None = None
    note: str = ""
    answered_by: UUID | None = None
    answered_at: datetime | None = None

    def holds(self, day: date) -> bool:
        """Whether a day is among them."""
        return self.from_day <= day <= self.until_day

    @property
    def told(self) -> str:
        """Its days."""
        one = self.from_day == self.until_day
        return str(self.from_day) if one else f"{self.from_day} – {self.until_day}"

    @property
    def by_self(self) -> bool:
        """Whether who asked decided on it too, because nobody else could."""
        return self.answer in ("granted", "refused") and self.answered_by == self.person_id


class Swap(msgspec.Struct, frozen=True, kw_only=True):
    """One's own shift for a colleague's, or given away where there is no other shift."""

    id: UUID
    shift_id: UUID
    other_shift_id: UUID | None
    from_id: UUID
    to_id: UUID
    why: str
    asked_at: datetime
    state: SwapState
    accepted_at: datetime | None = None
    note: str = ""
    decided_by: UUID | None = None
    decided_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to say something."""
        return self.state in ("proposed", "accepted")

    @property
    def by_self(self) -> bool:
        """Whether one of the two decided on it, because nobody else could."""
        return self.state in ("approved", "refused") and self.decided_by in (
            self.from_id,
            self.to_id,
        )
