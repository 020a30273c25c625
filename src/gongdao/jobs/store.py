"""The cursors of followers, and what they set aside."""

from datetime import datetime

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


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """How far a follower has read, and how often what comes next has failed by itself."""

    place: Place
    failures: int = 0


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
        # What text columns cannot hold must not keep the reason from being noted.
        reason.replace("\0", "")[:_REASON_MAX],
    )
