"""Days and months of the register, as the shop's wall clock counts them. Pure."""

from datetime import date, datetime, time, timedelta

from gongdao.base.i18n import ZONE
from gongdao.settings.setting import RegisterRules

_LAST_MINUTE = time(23, 59)


def answer_due(now: datetime, rules: RegisterRules) -> datetime | None:
    """Until when the customer is best answered: this day's end, or the next one's after it."""
    if not rules.same_day:
        return None
    local = now.astimezone(ZONE)
    due = local.replace(hour=rules.day_ends, minute=0, second=0, microsecond=0)
    if due <= local:
        due += timedelta(days=1)
    return due.astimezone(now.tzinfo)


def end_of(day: date) -> datetime:
    """The last minute of a day."""
    return datetime.combine(day, _LAST_MINUTE, tzinfo=ZONE)
