"""Instants of the past, seen from the moment in which the demo was begun."""

from datetime import datetime, timedelta

import msgspec

from gongdao.base.i18n import ZONE


class When(msgspec.Struct, frozen=True):
    """Tells instants before `now`: by the calendar what is over, to the minute what goes on."""

    now: datetime

    def day(self, days_ago: int, clock: str = "10:00") -> datetime:
        """So many days ago at this time of the day."""
        hour, minute = map(int, clock.split(":"))
        local = self.now.astimezone(ZONE) - timedelta(days=days_ago)
        at = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return at.astimezone(self.now.tzinfo)

    def ago(self, days: float = 0, hours: float = 0, minutes: float = 0) -> datetime:
        """So long ago."""
        return self.now - timedelta(days=days, hours=hours, minutes=minutes)
