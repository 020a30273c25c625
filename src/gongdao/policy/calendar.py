"""Spans of time as rules write them ("72h", "7d", "4wd", "4wh", "6mo") and what they reach to.

A working day is one of the country's calendar, make-up working days included; a working hour is
one within the calendar's opening hours, on every day.
"""

import calendar as months
import re
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from gongdao.base.public_holidays import holidays_of

_AT_ONCE = "0s"
_SPAN = re.compile(r"^([1-9]\d{0,4})(mo|wd|wh|d|h|m|s)$")
_HOUR = r"^([01]\d|2[0-3]):[0-5]\d$"
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
#: No clock runs over more working days than this.
WORKING_DAYS_MAX = 260
WORKING_HOURS_MAX = 2000


class Span:
    """A length of time: seconds, working days, working hours or calendar months (one of them)."""

    # No struct: packs write a span as text, and msgspec hands only foreign types to a decoder.
    __slots__ = ("calendar_months", "seconds", "working_days", "working_hours")

    def __init__(
        self,
        seconds: int = 0,
        working_days: int = 0,
        calendar_months: int = 0,
        working_hours: int = 0,
    ) -> None:
        self.seconds = seconds
        self.working_days = working_days
        self.calendar_months = calendar_months
        self.working_hours = working_hours

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Span) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __repr__(self) -> str:
        return f"Span({self})"

    @property
    def is_nothing(self) -> bool:
        """Whether it is no time at all: what happens at once, but by itself."""
        return not (self.seconds or self.working_days or self.calendar_months or self.working_hours)

    def __str__(self) -> str:
        if self.is_nothing:
            return _AT_ONCE
        if self.working_days:
            return f"{self.working_days}wd"
        if self.working_hours:
            return f"{self.working_hours}wh"
        if self.calendar_months:
            return f"{self.calendar_months}mo"
        for unit, seconds in _SECONDS.items():
            # Rules speak of "72 hours" up to a week, and of days beyond it.
            if self.seconds % seconds == 0 and not (unit == "d" and self.seconds <= 7 * 86400):
                return f"{self.seconds // seconds}{unit}"
        raise AssertionError("a span has whole seconds")


def parse_span(text: str) -> Span:
    """Read "24h", "5d", "4wd" (working days), "4wh" (working hours) or "6mo".

    Raises ValueError with what is allowed.
    """
    if text == _AT_ONCE:
        return Span()
    match = _SPAN.match(text)
    if not match:
        raise ValueError(f"not a span of time: {text!r}; write 30m, 24h, 5d, 4wd, 4wh or 6mo")
    number, unit = int(match[1]), match[2]
    if unit == "mo":
        return Span(calendar_months=number)
    if unit == "wh":
        if number > WORKING_HOURS_MAX:
            raise ValueError(f"at most {WORKING_HOURS_MAX} working hours, not {number}")
        return Span(working_hours=number)
    if unit != "wd":
        return Span(seconds=number * _SECONDS[unit])
    if number > WORKING_DAYS_MAX:
        raise ValueError(f"at most {WORKING_DAYS_MAX} working days, not {number}")
    return Span(working_days=number)


class Calendar(msgspec.Struct, frozen=True):
    """Where and by whose holidays a clock runs."""

    country: str = "CN"
    zone: str = "Asia/Shanghai"
    open: Annotated[str, msgspec.Meta(pattern=_HOUR)] = "09:00"
    close: Annotated[str, msgspec.Meta(pattern=_HOUR)] = "18:00"
    """Between these, working hours are counted."""

    def __post_init__(self) -> None:
        if self.open >= self.close:
            raise ValueError("a working day opens before it closes")

    def local(self, instant: datetime) -> datetime:
        """The instant on the wall clock of this place."""
        return instant.astimezone(_zone(self.zone))

    def midnight(self, instant: datetime) -> datetime:
        """00:00 of the day in which the instant lies."""
        return self.local(instant).replace(hour=0, minute=0, second=0, microsecond=0)

    def day_after(self, instant: datetime) -> datetime:
        """00:00 of the day after the one in which the instant lies."""
        # Wall-clock arithmetic: adding a day to a zoned datetime keeps its hour.
        return self.midnight(instant) + timedelta(days=1)

    def add(self, instant: datetime, span: Span) -> datetime:
        """The instant that lies a span later; working days and months keep the time of day."""
        if span.seconds or span.is_nothing:
            return instant + timedelta(seconds=span.seconds)
        if span.working_hours:
            return self._working_hours_later(instant, timedelta(hours=span.working_hours))
        local = self.local(instant)
        if span.calendar_months:
            day = _months_later(local.date(), span.calendar_months)
        else:
            day = self._working_days_later(local.date(), span.working_days)
        return datetime.combine(day, local.time(), local.tzinfo).astimezone(instant.tzinfo)

    def is_working_day(self, day: date) -> bool:
        """Whether people work that day: no weekend, no holiday, or a make-up day."""
        return _is_working_day(self.country, day)

    def _working_hours_later(self, instant: datetime, left: timedelta) -> datetime:
        """Hours run from opening to closing; a clock may run out at closing time itself."""
        local = self.local(instant)
        opening, closing = time.fromisoformat(self.open), time.fromisoformat(self.close)
        while True:
            start = max(local, datetime.combine(local.date(), opening, local.tzinfo))
            end = datetime.combine(local.date(), closing, local.tzinfo)
            if end - start >= left:
                return (start + left).astimezone(instant.tzinfo)
            left -= max(end - start, timedelta(0))
            local = self.day_after(local)

    def _working_days_later(self, day: date, count: int) -> date:
        assert 0 <= count <= WORKING_DAYS_MAX, "clocks are bounded"
        while count:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day


def _months_later(day: date, count: int) -> date:
    index = day.year * 12 + day.month - 1 + count
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=10_000)
def _is_working_day(country: str, day: date) -> bool:
    return holidays_of(country).is_working_day(day)
