"""The figures of a shop: the one function behind the page, the API and the report."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from msgspec.structs import replace

from gongdao.base.db import Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, ZONE
from gongdao.chat.figures import Period, read_figures
from gongdao.figures.count import count_lines
from gongdao.figures.line import Line
from gongdao.figures.measures import DAYS_MAX, By

_NAMES = """
SELECT p.id::text AS id, coalesce(a.nickname, p.name) AS name
  FROM people p LEFT JOIN chat_agents a ON a.person_id = p.id AND a.shop_id = $1
 WHERE p.id = ANY ($2::uuid[])
"""


async def shop_figures(
    database: Queryable,
    shop_id: UUID,
    since: datetime,
    until: datetime,
    *,
    by: By = "all",
    now: datetime,
) -> list[Line]:
    """What a shop counts of itself from an instant up to, without, another.

    One line for each agent, product (the largest first), hour or day; by `all` exactly one. Raises
    Refusal invalid for a period that ends before it begins, or is too long.
    """
    found = await figures_by(database, shop_id, since, until, divisions=(by,), now=now)
    return found[by]


async def figures_by(
    database: Queryable,
    shop_id: UUID,
    since: datetime,
    until: datetime,
    *,
    divisions: Sequence[By],
    now: datetime,
) -> dict[By, list[Line]]:
    """The same in several divisions at once, which costs little more than one. Raises invalid."""
    if not since < until <= since + timedelta(days=DAYS_MAX):
        raise Refusal("invalid", N_("A period has 1 to {most} days."), most=DAYS_MAX)
    divisions = list(dict.fromkeys(divisions))
    counted = await count_lines(database, shop_id, since, until, by=divisions)
    return {
        by: await _with_desk(database, shop_id, Period(since, until), lines, by=by, now=now)
        for by, lines in counted.items()
    }


async def _with_desk(
    database: Queryable,
    shop_id: UUID,
    period: Period,
    counted: list[Line],
    *,
    by: By,
    now: datetime,
) -> list[Line]:
    lines = {line.key: line for line in counted}
    if by != "product":
        for desk in await read_figures(database, shop_id, period, by=by, now=now):
            lines[desk.key] = replace(lines.get(desk.key, Line(key=desk.key)), desk=desk)
    if by == "agent":
        return await _named(database, shop_id, list(lines.values()))
    if by == "all":
        return [lines.get("", Line())]
    if by in ("hour", "day"):
        return [replace(lines[key], name=key) for key in sorted(lines)]
    return list(lines.values())


async def _named(database: Queryable, shop_id: UUID, lines: list[Line]) -> list[Line]:
    rows = await database.fetch(_NAMES, shop_id, [UUID(line.key) for line in lines if line.key])
    names = {row["id"]: row["name"] for row in rows}
    return [replace(line, name=names.get(line.key, "")) for line in lines]


def range_before(since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """The range of the same length that ends where this one begins."""
    return since - (until - since), since


def filled_days(lines: list[Line], since: datetime, until: datetime) -> list[Line]:
    """One line for each day of the range, also for those on which nothing happened."""
    found = {line.key: line for line in lines}
    day, end = since.astimezone(ZONE).date(), until.astimezone(ZONE)
    days: list[Line] = []
    while datetime.combine(day, time(), ZONE) < end:
        days.append(found.get(day.isoformat(), Line(key=day.isoformat(), name=day.isoformat())))
        day += timedelta(days=1)
    return days


def days_between(first: str, last: str) -> tuple[datetime, datetime]:
    """The range of whole days in Shanghai, both included. Raises Refusal invalid."""
    try:
        start, end = _day(first), _day(last)
        until = end + timedelta(days=1)
    except (ValueError, OverflowError):
        raise Refusal("invalid", N_("A day looks like 2026-11-22.")) from None
    if start >= until:
        raise Refusal("invalid", N_("The last day is not before the first."))
    if until - start > timedelta(days=DAYS_MAX):
        raise Refusal("invalid", N_("A period has 1 to {most} days."), most=DAYS_MAX)
    return start.astimezone(UTC), until.astimezone(UTC)


def _day(text: str) -> datetime:
    if len(text) != len("2026-11-22"):
        raise ValueError
    return datetime.combine(date.fromisoformat(text), time(), ZONE)
