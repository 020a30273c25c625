"""Business hours: several periods a day, holidays, make-up working days, own days."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from gongdao.base.public_holidays import holidays_of

_OPENS = r"^([01]\d|2[0-3]):[0-5]\d$"
_CLOSES = r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"
#: How far ahead the next opening is looked for.
DAYS_AHEAD_MAX = 40
_MONDAY, _FRIDAY = 1, 5


class Period(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """From one wall-clock time to another; one that ends before it begins ends the next day."""

    opens: Annotated[str, msgspec.Meta(pattern=_OPENS)] = "00:00"
    closes: Annotated[str, msgspec.Meta(pattern=_CLOSES)] = "24:00"


class Weekly(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """The periods of some days of the week, 1 for Monday to 7 for Sunday."""

    days: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=1, le=7)], ...],
        msgspec.Meta(min_length=1, max_length=7),
    ] = (1, 2, 3, 4, 5, 6, 7)
    periods: Annotated[tuple[Period, ...], msgspec.Meta(max_length=8)] = ()


class OwnDay(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """A day that goes by its own periods: none at all is a day off."""

    day: date
    periods: Annotated[tuple[Period, ...], msgspec.Meta(max_length=8)] = ()


class Hours(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """When a desk is open; without any week it always is, but for holidays and own days."""

    week: Annotated[tuple[Weekly, ...], msgspec.Meta(max_length=14)] = ()
    on_holidays: Literal["as_usual", "closed", "own"] = "as_usual"
    holiday_periods: Annotated[tuple[Period, ...], msgspec.Meta(max_length=8)] = ()
    """With `own`: what public holidays go by."""
    own_days: Annotated[tuple[OwnDay, ...], msgspec.Meta(max_length=100)] = ()
    country: Literal["CN", "HK", "MO", "TW", "SG", "MY", "JP", "US", "GB"] = "CN"
    zone: Literal["Asia/Shanghai"] = "Asia/Shanghai"


def is_open(hours: Hours, now: datetime) -> bool:
    """Whether the desk is open at an instant."""
    today = now.astimezone(ZoneInfo(hours.zone)).date()
    return any(
        start <= now < end
        for day in (today - timedelta(days=1), today)
        for start, end in _spans(hours, day)
    )


def opens_at(hours: Hours, now: datetime) -> datetime | None:
    """When the desk opens next, in UTC; None when it is open, or stays closed for weeks."""
    if is_open(hours, now):
        return None
    today = now.astimezone(ZoneInfo(hours.zone)).date()
    for ahead in range(DAYS_AHEAD_MAX):
        starts = [start for start, _ in _spans(hours, today + timedelta(days=ahead))]
        if later := [start for start in starts if start > now]:
            return min(later).astimezone(now.tzinfo)
    return None


def periods_of(hours: Hours, day: date) -> tuple[Period, ...]:
    """The periods that begin on a day."""
    for own in hours.own_days:
        if own.day == day:
            return own.periods
    calendar = holidays_of(hours.country)
    # A day off that is only a weekend goes by the week.
    if hours.on_holidays != "as_usual" and day in calendar:
        return hours.holiday_periods if hours.on_holidays == "own" else ()
    if not hours.week:
        return (Period(),)
    weekday = day.isoweekday()
    # A make-up working day has the hours of a working day.
    if weekday > _FRIDAY and calendar.is_working_day(day):
        weekday = _MONDAY
    return tuple(period for each in hours.week if weekday in each.days for period in each.periods)


def _spans(hours: Hours, day: date) -> list[tuple[datetime, datetime]]:
    zone = ZoneInfo(hours.zone)
    return [_span(period, day, zone) for period in periods_of(hours, day)]


def _span(period: Period, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    start = datetime.combine(day, time.fromisoformat(period.opens), zone)
    if period.closes == "24:00":
        return start, datetime.combine(day + timedelta(days=1), time(), zone)
    closes = time.fromisoformat(period.closes)
    last = day if period.closes > period.opens else day + timedelta(days=1)
    return start, datetime.combine(last, closes, zone)
