"""The log of all cases, newest first.

The log is read by its position. A filter by person or type has no index: the search looks at SPAN
events at a time and says where it stopped, so that a rare one costs clicks and not the database.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from gongdao.base.cursor import Place
from gongdao.base.db import Queryable, Record
from gongdao.cases.events import Recorded
from gongdao.cases.store import recorded

PAGE = 50
SPAN = 20_000

_COLUMNS = (
    "e.xid AS log_xid, e.xid::text AS xid, e.position, e.case_id, e.version, e.type, e.at, e.by,"
    " e.person_id, e.pack, e.body, e.hash"
)
_NEWEST = f"""
SELECT x.*, c.number, n.name FROM (
    SELECT * FROM (
        SELECT {_COLUMNS} FROM case_events e
         WHERE (e.xid, e.position) < ($1::text::xid8, $2)
         ORDER BY e.xid DESC, e.position DESC LIMIT $3) s
     WHERE ($4::text = '' OR s.type = $4) AND ($5::uuid IS NULL OR s.person_id = $5)
     LIMIT $6) x
JOIN cases c ON c.id = x.case_id LEFT JOIN people n ON n.id = x.person_id
ORDER BY x.log_xid DESC, x.position DESC
"""  # noqa: S608 - made of constants
_END_OF_SPAN = """
SELECT e.xid::text AS xid, e.position FROM case_events e
 WHERE (e.xid, e.position) < ($1::text::xid8, $2)
 ORDER BY e.xid DESC, e.position DESC OFFSET $3 LIMIT 1
"""
_OF_CASE = f"""
SELECT {_COLUMNS}, c.number, n.name FROM case_events e
  JOIN cases c ON c.id = e.case_id LEFT JOIN people n ON n.id = e.person_id
 WHERE e.case_id = $1 AND (e.xid, e.position) < ($2::text::xid8, $3)
   AND ($4::text = '' OR e.type = $4) AND ($5::uuid IS NULL OR e.person_id = $5)
 ORDER BY e.version DESC LIMIT $6
"""  # noqa: S608 - made of constants
_XID_MAX, _POSITION_MAX = 2**63 - 1, 2**62


class LogPlace(Place, frozen=True):
    """Where the log goes on."""

    xid: Annotated[int, msgspec.Meta(ge=0, le=_XID_MAX)] = _XID_MAX
    position: Annotated[int, msgspec.Meta(ge=0, le=_POSITION_MAX)] = _POSITION_MAX


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the log, with the case and the person it belongs to."""

    record: Recorded
    case_id: UUID
    number: int
    name: str
    hash: str
    place: LogPlace
    at: datetime


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the log; `searched` says that it ended because SPAN events were looked at."""

    entries: tuple[Entry, ...]
    following: LogPlace | None = None
    searched: bool = False


async def read_log(
    database: Queryable,
    *,
    case_id: UUID | None = None,
    person_id: UUID | None = None,
    type_: str = "",
    before: LogPlace | None = None,
) -> Page:
    """A page of the log, newest first, of everything or of what is asked for."""
    start = before or LogPlace()
    at = (str(start.xid), start.position)
    if case_id is not None:
        rows = await database.fetch(_OF_CASE, case_id, *at, type_, person_id, PAGE + 1)
        return _page(rows, None)
    span = SPAN if type_ or person_id else PAGE + 1
    rows = await database.fetch(_NEWEST, *at, span, type_, person_id, PAGE + 1)
    stopped = None
    if len(rows) <= PAGE and span == SPAN:
        stopped = await database.fetchrow(_END_OF_SPAN, *at, SPAN - 1)
    return _page(rows, LogPlace(int(stopped["xid"]), stopped["position"]) if stopped else None)


def _page(rows: list[Record], stopped: LogPlace | None) -> Page:
    entries = tuple(_entry(row) for row in rows[:PAGE])
    if len(rows) > PAGE:
        return Page(entries=entries, following=entries[-1].place)
    return Page(entries=entries, following=stopped, searched=stopped is not None)


def _entry(row: Record) -> Entry:
    return Entry(
        record=recorded(row),
        case_id=row["case_id"],
        number=row["number"],
        name=row["name"] or "",
        hash=row["hash"].hex(),
        place=LogPlace(int(row["xid"]), row["position"]),
        at=row["at"],
    )
