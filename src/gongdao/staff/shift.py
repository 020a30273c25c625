"""Shifts, and what no rota may hold: two at once, no day of rest, work on a day of leave."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, ZONE
from gongdao.staff.days import day_of

_DAY_MINUTES = 24 * 60
#: No shift is planned longer, and none goes on for longer than this beyond its end.
LENGTH_MAX, EXTENDS_MAX = timedelta(hours=16), timedelta(hours=6)
#: Who comes next may look into the book so long before the shift begins.
EARLY = timedelta(hours=1)


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's shift; one of the night belongs to the day on which it begins."""

    id: UUID
    person_id: UUID
    name: str
    starts_at: datetime
    ends_at: datetime
    extends: bool = False
    ended_at: datetime | None = None
    """When it really ended; None while it lies ahead or goes on."""

    @property
    def day(self) -> date:
        """The day on which it begins."""
        return day_of(self.starts_at)

    @property
    def hours(self) -> str:
        """From when until when, as a clock shows it."""
        start, end = self.starts_at.astimezone(ZONE), self.ends_at.astimezone(ZONE)
        return f"{start:%H:%M}–{end:%H:%M}"

    @property
    def really_until(self) -> str:
        """When it really ended, as a clock shows it; empty where it did not go on for longer."""
        late = self.ended_at is not None and self.ended_at > self.ends_at
        return f"{self.ended_at.astimezone(ZONE):%H:%M}" if late and self.ended_at else ""

    @property
    def told(self) -> str:
        """Its day and hours."""
        return f"{self.day} {self.hours}"

    def runs_at(self, now: datetime) -> bool:
        """Whether somebody is on duty by it: one that extends goes on until it has ended."""
        if self.ended_at is not None:
            return self.starts_at <= now < self.ended_at
        last = self.ends_at + EXTENDS_MAX if self.extends else self.ends_at
        return self.starts_at <= now < last


def minutes_of(starts: int, ends: int) -> int:
    """How long a shift of the clock is: what ends at or before its start ends on the next day."""
    return (ends - starts) % _DAY_MINUTES or _DAY_MINUTES


def require_sound(shift: Shift) -> None:
    """Refuse a shift that ends before it begins, or lasts too long."""
    if shift.ends_at <= shift.starts_at:
        raise Refusal("invalid", N_("A shift ends after it begins."))
    if shift.ends_at - shift.starts_at > LENGTH_MAX:
        raise Refusal(
            "invalid",
            N_("A shift lasts {n} hours at most."),
            n=int(LENGTH_MAX.total_seconds()) // 3600,
        )


def overlapping(shift: Shift, others: Iterable[Shift]) -> Shift | None:
    """Another shift of the same person at the same time."""
    for other in others:
        apart = other.ends_at <= shift.starts_at or shift.ends_at <= other.starts_at
        if other.person_id == shift.person_id and other.id != shift.id and not apart:
            return other
    return None


def days_without_rest(days: Iterable[date], *, most: int) -> tuple[date, date] | None:
    """The first run of days of work that is longer than allowed."""
    first = last = None
    for day in sorted(set(days)):
        first = day if first is None or last is None or day - last > timedelta(days=1) else first
        last = day
        if (last - first).days >= most:
            return first, last
    return None


def require_place(shift: Shift, others: Sequence[Shift], *, name: str, days_in_a_row: int) -> None:
    """Refuse a shift that overlaps another of the same person, or leaves them no day of rest."""
    require_sound(shift)
    if other := overlapping(shift, others):
        raise Refusal(
            "not_eligible",
            N_("{name}: {first} {first_at} overlaps {second} {second_at}."),
            name=name, first=shift.name, first_at=shift.told, second=other.name,
            second_at=other.told,
        )  # fmt: skip
    days = [
        each.day for each in others if each.person_id == shift.person_id and each.id != shift.id
    ]
    if run := days_without_rest([*days, shift.day], most=days_in_a_row):
        raise Refusal(
            "not_eligible",
            N_("{name} would work {first} to {last} without a day of rest; {n} in a row at most."),
            name=name, first=str(run[0]), last=str(run[1]), n=days_in_a_row,
        )  # fmt: skip
