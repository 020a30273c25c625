"""The cursors of followers, and what they and the sweeper set aside."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable
from gongdao.cases.log import Deed, Place

_REASON_MAX = 2000
# Whose turn it is not skips the row: two workers take turns, and neither waits.
_TAKE = """
SELECT xid, position, failures FROM followers
WHERE name = $1 AND (wait_until IS NULL OR wait_until <= $2) FOR UPDATE SKIP LOCKED
"""
_LOOK = """
SELECT xid, position, failures, coalesce(wait_until > $2, false) AS waits,
       xid >= pg_snapshot_xmax(pg_current_snapshot()) AS ahead
FROM followers WHERE name = $1
"""
_ADVANCE = """
UPDATE followers SET xid = $2, position = $3, failures = 0, wait_until = NULL WHERE name = $1
"""
_SET_ASIDE = """
INSERT INTO deeds_set_aside (follower, case_id, first_version, last_version, at, reason)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (follower, case_id, first_version)
DO UPDATE SET at = excluded.at, reason = excluded.reason
"""

# What is over is dropped first: the case has another clock, or none.
_OVER = """
DELETE FROM clocks_set_aside s WHERE NOT EXISTS (
    SELECT FROM cases c WHERE c.id = s.case_id AND c.due_at = s.due_at)
"""
_AGAIN = """
SELECT case_id FROM clocks_set_aside WHERE wait_until <= $1 ORDER BY wait_until LIMIT $2
"""
_SET_CLOCK_ASIDE = """
INSERT INTO clocks_set_aside AS s (case_id, due_at, failures, since, wait_until, reason)
SELECT c.id, c.due_at, 1, $2, $2, $3 FROM cases c WHERE c.id = $1 AND c.due_at IS NOT NULL
ON CONFLICT (case_id) DO UPDATE
   SET due_at = excluded.due_at, wait_until = $2, reason = $3,
       failures = CASE WHEN s.due_at = excluded.due_at THEN s.failures + 1 ELSE 1 END,
       since = CASE WHEN s.due_at = excluded.due_at THEN s.since ELSE $2 END
RETURNING failures, (SELECT number FROM cases WHERE id = $1) AS number,
          (SELECT o.reason FROM clocks_set_aside o WHERE o.case_id = $1) AS before
"""


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """How far a follower has read, and how often what comes next has failed by itself."""

    place: Place
    failures: int = 0


class ClockSetAside(msgspec.Struct, frozen=True, kw_only=True):
    """How often the silence of a case could not be decided."""

    number: int
    failures: int
    is_news: bool
    """Whether it failed for the first time, or in another way than the last time."""


async def clocks_to_try_again(connection: Connection, *, now: datetime, limit: int) -> list[UUID]:
    """The cases that were set aside and have waited long enough."""
    await connection.execute(_OVER)
    return [row["case_id"] for row in await connection.fetch(_AGAIN, now, limit)]


async def set_clock_aside(
    connection: Connection, case_id: UUID, *, reason: str, now: datetime
) -> ClockSetAside | None:
    """Note that the silence of a case could not be decided; None when its clock is gone."""
    reason = _kept(reason)
    row = await connection.fetchrow(_SET_CLOCK_ASIDE, case_id, now, reason)
    if row is None:
        return None
    is_news = row["failures"] == 1 or row["before"] != reason
    return ClockSetAside(number=row["number"], failures=row["failures"], is_news=is_news)


async def let_clock_wait(connection: Connection, case_id: UUID, *, until: datetime) -> None:
    """Leave a case alone until then."""
    await connection.execute(
        "UPDATE clocks_set_aside SET wait_until = $2 WHERE case_id = $1", case_id, until
    )


async def look_at_cursor(database: Queryable, name: str, *, now: datetime) -> Cursor | None:
    """The cursor of a follower without taking it; None while the follower waits.

    A follower without a cursor gets one at the beginning of the log. Raises RuntimeError when the
    log was moved to another server, where transactions are numbered anew.
    """
    row = await database.fetchrow(_LOOK, name, now)
    if row is None:
        await database.execute(
            "INSERT INTO followers (name) VALUES ($1) ON CONFLICT (name) DO NOTHING", name
        )
        return Cursor(place=Place())
    if row["ahead"]:
        raise RuntimeError(
            f"follower {name} has read transaction {row['xid']}, which this server has yet to"
            " come to: the database was restored elsewhere; see docs/how-to/add-a-follower.md"
        )
    if row["waits"]:
        return None
    return Cursor(place=Place(row["xid"], row["position"]), failures=row["failures"])


async def take_cursor(connection: Connection, name: str, *, now: datetime) -> Cursor | None:
    """The cursor, held until the end of the transaction; None while another one holds it."""
    row = await connection.fetchrow(_TAKE, name, now)
    if row is None:
        return None
    return Cursor(place=Place(row["xid"], row["position"]), failures=row["failures"])


async def advance(connection: Connection, name: str, place: Place) -> None:
    """A follower has read up to here."""
    await connection.execute(_ADVANCE, name, place.xid, place.position)


async def back_off(connection: Connection, name: str, *, failures: int, until: datetime) -> None:
    """What comes next has failed so many times; leave it alone for a while."""
    await connection.execute(
        "UPDATE followers SET failures = $2, wait_until = $3 WHERE name = $1",
        name,
        failures,
        until,
    )


async def set_aside(
    connection: Connection, name: str, deed: Deed, *, reason: str, now: datetime
) -> None:
    """Note what a follower could not read."""
    await connection.execute(
        _SET_ASIDE,
        name,
        deed.case_id,
        deed.first_version,
        deed.last_version,
        now,
        _kept(reason),
    )


def _kept(reason: str) -> str:
    """What text columns cannot hold must not keep the reason from being noted."""
    return reason.replace("\0", "")[:_REASON_MAX]
