"""The days of people who shop: they begin and end at the midnights of Shanghai."""

from datetime import UTC, date, datetime, time, timedelta

from gongdao.base.i18n import ZONE


def day_of(instant: datetime) -> date:
    """The day in which an instant lies."""
    return instant.astimezone(ZONE).date()


def start_of(day: date) -> datetime:
    """The midnight with which a day begins."""
    return datetime.combine(day, time(), ZONE).astimezone(UTC)


def next_midnight(now: datetime) -> datetime:
    """The midnight with which the day of an instant ends."""
    return start_of(day_of(now) + timedelta(days=1))
