"""What people bring along, what they were trained on, and who brings up whom."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

Education = Literal["", "school", "vocational", "college", "bachelor", "master"]


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's qualifications; how they were hired is for leads only."""

    person_id: UUID
    in_trade_since: date | None = None
    education: Education = ""
    knows: str = ""
    traits: str = ""
    hiring: str = ""

    def years(self, today: date) -> int | None:
        """Whole years in the trade."""
        since = self.in_trade_since
        if since is None:
            return None
        return max(
            0, today.year - since.year - ((today.month, today.day) < (since.month, since.day))
        )


class Training(msgspec.Struct, frozen=True, kw_only=True):
    """Trained on something, by somebody."""

    id: UUID
    person_id: UUID
    held_on: date
    topic: str
    trainer: str
    by_id: UUID
    at: datetime


class Mentoring(msgspec.Struct, frozen=True, kw_only=True):
    """Who brings up whom, and since when the trainee works alone."""

    id: UUID
    mentor_id: UUID
    trainee_id: UUID
    began_on: date
    passed_on: date | None
