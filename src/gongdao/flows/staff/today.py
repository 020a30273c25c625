"""What of the team's affairs waits for somebody today; cheap, for the page of the day."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Queryable
from gongdao.flows.staff.access import Mate, decides, led_by
from gongdao.staff.book import Line
from gongdao.staff.book_store import lines_waiting
from gongdao.staff.days import day_of
from gongdao.staff.house_rule import Mark
from gongdao.staff.mark_store import marks_contested
from gongdao.staff.memo_store import Memo, memos_due
from gongdao.staff.request import Leave, Swap
from gongdao.staff.request_store import leaves_waiting, swaps_of, swaps_waiting
from gongdao.staff.shift import Shift
from gongdao.staff.shift_store import shifts_of

#: So many lines of the book are looked at.
LINES_MAX = 200


async def lines_for(
    database: Queryable, shop_id: UUID, person_id: UUID, *, limit: int = LINES_MAX
) -> list[Line]:
    """Both kinds of lines of the hand-over book that wait for somebody: first the questions."""
    found = await lines_waiting(database, shop_id, limit=limit)
    return [line for line in found if _asks(line, person_id)] + [
        line for line in found if _is_left_for(line, person_id)
    ]


def _is_left_for(line: Line, person_id: UUID) -> bool:
    return line.from_id != person_id and line.state == "open"


def _asks(line: Line, person_id: UUID) -> bool:
    return line.from_id == person_id and line.state == "returned"


async def leaves_to_decide(
    database: Queryable, who: Principal, team: Mapping[UUID, Mate]
) -> list[Leave]:
    """Requests for leave that wait for this lead."""
    found = await leaves_waiting(database, led_by(who))
    return [leave for leave in found if decides(who, [leave.person_id], team)]


async def swaps_to_decide(
    database: Queryable, who: Principal, team: Mapping[UUID, Mate]
) -> list[Swap]:
    """Swaps on which both have agreed, waiting for this lead."""
    found = [
        each for each in await swaps_waiting(database, led_by(who)) if each.state == "accepted"
    ]
    return [swap for swap in found if decides(who, [swap.from_id, swap.to_id], team)]


async def swaps_to_answer(database: Queryable, person_id: UUID) -> list[Swap]:
    """Swaps that a colleague asks somebody for."""
    found = await swaps_of(database, person_id, limit=50)
    return [swap for swap in found if swap.to_id == person_id and swap.state == "proposed"]


async def marks_to_decide(database: Queryable, who: Principal) -> list[Mark]:
    """What others contest and no lead has decided yet; of oneself somebody else decides."""
    found = await marks_contested(database, led_by(who))
    return [mark for mark in found if mark.person_id != who.person_id]


async def my_shift(database: Queryable, person_id: UUID, *, now: datetime) -> Shift | None:
    """The shift that runs, or the next one that begins today."""
    shifts = await shifts_of(
        database, person_id, now - timedelta(hours=23), now + timedelta(days=1)
    )
    for shift in shifts:
        if shift.runs_at(now) or (shift.starts_at >= now and shift.day == day_of(now)):
            return shift
    return None


async def memos_today(database: Queryable, person_id: UUID, *, now: datetime) -> list[Memo]:
    """One's own memos that are due today or were before."""
    return await memos_due(database, person_id, day_of(now))
