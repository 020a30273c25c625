"""The log of all cases as its followers read it: what each commit did to each case, in order.

Positions are given before the commit, so by themselves they could come to light out of order. A
transaction that is still running is therefore waited for: only what is older than every running
one is read, by (xid, position).
"""

from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable
from gongdao.cases.events import Recorded
from gongdao.cases.store import recorded

#: How many events one read takes at most.
BATCH = 500

_READABLE = "xid < pg_snapshot_xmin(pg_current_snapshot())"
_READ = f"""
SELECT xid, position, case_id, version, at, by, person_id, pack, body FROM case_events
WHERE (xid, position) > ($1, $2) AND {_READABLE} ORDER BY xid, position LIMIT $3
"""  # noqa: S608 - made of constants
_NEWS = f"""
SELECT EXISTS (SELECT FROM case_events WHERE (xid, position) > ($1, $2) AND {_READABLE})
"""  # noqa: S608 - made of constants


class Place(msgspec.Struct, frozen=True, order=True):
    """How far the log has been read: this event, and everything before it."""

    xid: int = 0
    position: int = 0


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """What one commit did to one case: its events in their order, as rows of the log."""

    case_id: UUID
    first_version: int
    last_version: int
    end: Place
    rows: tuple[Any, ...]

    @property
    def records(self) -> list[Recorded]:
        """The events."""
        return [recorded(row) for row in self.rows]


async def has_news(database: Queryable, after: Place) -> bool:
    """Whether the log goes on after a place."""
    return await database.fetchval(_NEWS, after.xid, after.position)


async def read_log(connection: Connection, after: Place, *, limit: int = BATCH) -> list[Deed]:
    """What happened after a place, at most so many events; a deed is never cut in two."""
    rows = await connection.fetch(_READ, after.xid, after.position, limit)
    deeds = [
        _deed(case_id, tuple(run))
        for (_, case_id), run in groupby(rows, key=lambda row: (row["xid"], row["case_id"]))
    ]
    # The last deed of a full read may go on behind it; a deed has far fewer events than a read.
    if len(rows) == limit and len(deeds) > 1:
        deeds.pop()
    return deeds


def _deed(case_id: UUID, rows: tuple[Any, ...]) -> Deed:
    return Deed(
        case_id=case_id,
        first_version=rows[0]["version"],
        last_version=rows[-1]["version"],
        end=Place(rows[-1]["xid"], rows[-1]["position"]),
        rows=rows,
    )
