"""Lists and numbers of a shop's register: what is open and late, where complaints come from."""

from datetime import MAXYEAR, MINYEAR, datetime, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec

from gongdao.base.cursor import Cursor
from gongdao.base.db import Queryable
from gongdao.base.i18n import ZONE
from gongdao.register.entry import Entry, Reason, Stage, decode_entry
from gongdao.register.search import words_of_query

#: The longest page of a list, how far is counted, and how many months the numbers go back.
PAGE_MAX, COUNT_MAX, MONTHS = 100, 1000, 12

View = Literal["open", "mine", "approval", "late", "closed", "all"]
VIEWS: tuple[View, ...] = get_args(View)

#: What each view shows; $1 is the shop, $2 the person, $3 the present.
_SHOWS: dict[View, str] = {
    "open": "r.stage <> 'closed'",
    "mine": "r.stage <> 'closed' AND r.in_charge = $2",
    "approval": "r.stage = 'approval'",
    "late": "r.stage <> 'closed' AND (r.due_at < $3 OR r.answer_due_at < $3)",
    "closed": "r.stage = 'closed'",
    "all": "true",
}
_COUNTED: tuple[View, ...] = ("open", "mine", "approval", "late")
_COUNTS = ", ".join(
    f"(SELECT count(*) FROM (SELECT FROM register_entries r WHERE r.shop_id = $1"  # noqa: S608
    f" AND ($2::uuid IS NOT NULL AND $3::timestamptz IS NOT NULL) AND {_SHOWS[view]}"
    f" LIMIT {COUNT_MAX}) AS counted) AS {view}"
    for view in _COUNTED
)
# Both read an index alone (register_of_shop, register_conduct): no state is opened for a figure.
_BY_MONTH = """
SELECT m.month, told.*
  FROM unnest($2::text[], $3::timestamptz[], $4::timestamptz[]) AS m (month, first, after),
       LATERAL (SELECT r.reason, count(*) AS entries, sum(r.agreed_fen)::bigint AS agreed_fen,
                       count(*) FILTER (WHERE r.settled) AS settled,
                       count(*) FILTER (WHERE r.in_time IS NOT NULL OR r.answer_due_at < $5)
                           AS clocked,
                       count(*) FILTER (WHERE r.in_time) AS in_time
                  FROM register_entries r
                 WHERE r.shop_id = $1 AND r.opened_at >= m.first AND r.opened_at < m.after
                 GROUP BY r.reason) AS told
 ORDER BY m.month, told.reason
"""
_CONDUCT = """
SELECT to_char(r.opened_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') AS month, p.id AS person_id,
       p.name, count(*) AS entries
  FROM register_entries r JOIN people p ON p.id = r.about_id
 WHERE r.shop_id = $1 AND r.reason = 'staff_conduct' AND r.opened_at >= $2 AND NOT r.unfounded
 GROUP BY 1, 2, 3 ORDER BY 1 DESC, 4 DESC, 3 LIMIT 200
"""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is narrowed to; empty is any."""

    view: View = "open"
    stage: Stage | None = None
    reason: Reason | None = None
    month: str = ""
    """A calendar month of the shop's wall, such as 2026-05."""
    text: str = ""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """Entries of a list with their numbers, newest first, and where the rest begins."""

    entries: list[tuple[int, Entry]]
    following: Cursor | None = None


class MonthCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many complaints of a reason came in a month, and what became of them."""

    month: str
    reason: Reason
    entries: int
    agreed_fen: int
    settled: int
    clocked: int
    in_time: int


class ConductCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many complaints about the conduct of somebody came in a calendar month."""

    month: str
    person_id: UUID
    name: str
    entries: int


def month_span(month: str) -> tuple[datetime, datetime]:
    """The first instant of a calendar month and of the one after it. Raises ValueError."""
    first = datetime.strptime(month, "%Y-%m").replace(tzinfo=ZONE)
    if first.year in (MINYEAR, MAXYEAR):
        raise ValueError(month)
    after = (first + timedelta(days=32)).replace(day=1)
    return first, after


async def list_entries(
    database: Queryable,
    shop_id: UUID,
    *,
    person_id: UUID,
    wanted: Wanted,
    now: datetime,
    after: Cursor | None = None,
    limit: int = 40,
) -> Listed:
    """One page of a shop's entries, newest first."""
    assert 0 < limit <= PAGE_MAX, "the edge checks the limit"
    conditions, values = _conditions(wanted, after)
    rows = await database.fetch(
        "SELECT r.number, r.state FROM register_entries r WHERE r.shop_id = $1"  # noqa: S608
        " AND ($2::uuid IS NOT NULL AND $3::timestamptz IS NOT NULL)"
        f" AND {' AND '.join(conditions)}"
        f" ORDER BY r.opened_at DESC, r.id DESC LIMIT {limit + 1}",
        shop_id,
        person_id,
        now,
        *values,
    )
    found = [(row["number"], decode_entry(row["state"])) for row in rows[:limit]]
    last = found[-1][1] if len(rows) > limit else None
    return Listed(entries=found, following=Cursor(last.opened_at, last.id) if last else None)


def _conditions(wanted: Wanted, after: Cursor | None) -> tuple[list[str], list[Any]]:
    conditions, values = [_SHOWS[wanted.view]], list[Any]()

    def add(condition: str, *said: Any) -> None:
        places = range(len(values) + 4, len(values) + 4 + len(said))
        conditions.append(condition.format(*(f"${place}" for place in places)))
        values.extend(said)

    if wanted.stage:
        add("r.stage = {}", wanted.stage)
    if wanted.reason:
        add("r.reason = {}", wanted.reason)
    if wanted.month:
        add("r.opened_at >= {} AND r.opened_at < {}", *month_span(wanted.month))
    if wanted.text.isdecimal() and wanted.text.isascii() and len(wanted.text) == 6:
        add("(r.number = {}::bigint OR r.words @> {}::text[])", int(wanted.text), [wanted.text])
    elif wanted.text:
        add("r.words @> {}::text[]", words_of_query(wanted.text) or [wanted.text])
    if after:
        add("(r.opened_at, r.id) < ({}, {})", after.at, after.id)
    return conditions, values


async def count_views(
    database: Queryable, shop_id: UUID, *, person_id: UUID, now: datetime
) -> dict[str, int]:
    """How many entries each view has; COUNT_MAX stands for that many or more."""
    row = await database.fetchrow(f"SELECT {_COUNTS}", shop_id, person_id, now)
    return dict(row) if row else {}


async def count_months(database: Queryable, shop_id: UUID, *, now: datetime) -> list[MonthCount]:
    """The complaints of the last twelve months by month and reason."""
    months = months_until(now)
    firsts, afters = zip(*map(month_span, months), strict=True)
    rows = await database.fetch(_BY_MONTH, shop_id, months, firsts, afters, now)
    return [msgspec.convert(dict(row), MonthCount) for row in rows]


async def count_conduct(database: Queryable, shop_id: UUID, *, now: datetime) -> list[ConductCount]:
    """Complaints about conduct by person and calendar month; only counted, nothing follows."""
    rows = await database.fetch(_CONDUCT, shop_id, month_span(months_until(now)[0])[0])
    return [msgspec.convert(dict(row), ConductCount) for row in rows]


def months_until(now: datetime) -> list[str]:
    """The last twelve calendar months, the oldest first."""
    local = now.astimezone(ZONE)
    months = [divmod(local.year * 12 + local.month - 1 - back, 12) for back in range(MONTHS)]
    return [f"{year:04d}-{month + 1:02d}" for year, month in reversed(months)]
