"""Days, weeks and months as a shop counts them: in Shanghai."""

from datetime import UTC, date, datetime, time, timedelta

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, ZONE

#: Weeks and months lie between these years: the days around them never leave the calendar.
YEARS = (2000, 2199)


def day_of(instant: datetime) -> date:
    """The day in which an instant lies."""
    return instant.astimezone(ZONE).date()


def moment(day: date, minutes: int) -> datetime:
    """So many minutes after the midnight with which a day begins."""
    return (datetime.combine(day, time(), ZONE) + timedelta(minutes=minutes)).astimezone(UTC)


def start_of(day: date) -> datetime:
    """The midnight with which a day begins."""
    return moment(day, 0)


def monday_of(day: date) -> date:
    """The Monday of the week of a day. Raises Refusal invalid for a day beyond the years."""
    return _within_reach(day) - timedelta(days=day.weekday())


def month_of(day: date) -> date:
    """The first day of the month of a day. Raises Refusal invalid for a day beyond the years."""
    return _within_reach(day).replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def days_from(first: date, count: int) -> list[date]:
    """So many days, one after the other."""
    return [first + timedelta(days=number) for number in range(count)]


def _within_reach(day: date) -> date:
    first, last = YEARS
    if not first <= day.year <= last:
        raise Refusal(
            "invalid", N_("A day lies between {first} and {last}."), first=first, last=last
        )
    return day
