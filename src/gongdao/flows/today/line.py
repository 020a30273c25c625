"""One piece of work as the page of the day shows it, and the list that it begins."""

from datetime import datetime, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.days import day_of, next_midnight, start_of
from gongdao.base.db import Queryable, Record
from gongdao.base.errors import Param

#: So many lines of a list are shown; the whole list is one click away.
SHOWN = 5
#: Counts stop here: nobody needs to know more exactly how much is left.
COUNT_MAX = 500

#: Shortly before midnight a day does not end: so much longer the night shift goes on (S0-60).
NIGHT = timedelta(hours=4)

#: What has to be done, in the order of the page: what hurts most if it is forgotten comes first.
Work = Literal[
    "clocks", "talks", "dispatch", "reviews", "promises", "hand_over", "privacy", "calls",
    "abnormal", "cut_off", "unpaid", "doubles", "impulses", "added", "merge", "parcels",
    "follow_ups", "restock", "stock", "differing", "trainings", "gaps", "papers", "decisions",
    "memos",
]  # fmt: skip
ORDER: tuple[Work, ...] = get_args(Work)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of work: what it is about, until when, and where it is done."""

    href: str
    """The page on which it is done, opened at the place."""
    title: str
    """A name as it is written: of a buyer, of an order, of a product."""
    note: str = ""
    """A sentence (a message id with its fields), or nothing."""
    params: dict[str, Param] = {}
    term: tuple[str, str] | None = None
    """A word of the vocabulary, by its family and code, e.g. ("kind", "refund_only")."""
    said: str = ""
    """Somebody's own words, shown as they are."""
    due_at: datetime | None = None
    """Until when; None where no clock runs."""
    at: datetime | None = None
    """Since when, where no clock runs."""


class Lot(msgspec.Struct, frozen=True, kw_only=True):
    """The work of one kind: how much there is, the most urgent of it, and where all of it is."""

    work: Work
    count: int
    lines: tuple[Line, ...]
    href: str
    limit: int = COUNT_MAX
    """The list is read no further than so many."""

    @property
    def at_least(self) -> bool:
        """Whether there may be more than were counted."""
        return self.count >= self.limit


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """Whose day it is, and the limits of it in the shop's time zone."""

    shop_id: UUID
    who: Principal
    now: datetime

    @property
    def begins(self) -> datetime:
        """This midnight."""
        return start_of(day_of(self.now))

    @property
    def ends(self) -> datetime:
        """The next midnight; what is due before it is due today."""
        return next_midnight(self.now)

    @property
    def soon(self) -> datetime:
        """Until when a clock is of today: midnight, and at night what ends before the morning."""
        return max(self.ends, self.now + NIGHT)

    @property
    def yesterday(self) -> datetime:
        """The midnight before this one."""
        return self.begins - timedelta(days=1)


async def read_lot(
    database: Queryable, statement: str, *values: Any, shown: int = SHOWN
) -> tuple[int, list[Record]]:
    """The first rows of a list and how many there are, of a statement that says both.

    The statement takes `shown` and COUNT_MAX as its last two values and answers `of_all`.
    """
    rows = await database.fetch(statement, *values, shown, COUNT_MAX)
    return (rows[0]["of_all"] if rows else 0), rows
