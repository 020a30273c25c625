"""How far each round of the guard has read."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable

_READ = "SELECT at FROM risk_read WHERE round = $1"
_NOTE = """
INSERT INTO risk_read (round, at) VALUES ($1, $2)
ON CONFLICT (round) DO UPDATE SET at = greatest(risk_read.at, excluded.at)
"""
_BEGIN = "INSERT INTO risk_read (round, upto, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
_TAKE = "SELECT upto, at FROM risk_read WHERE round = $1 FOR UPDATE SKIP LOCKED"
_GO_ON = "UPDATE risk_read SET upto = $2, at = $3 WHERE round = $1"
_FIRST = UUID(int=0)
#: What was being written while a round read is read again by the next one.
_OVERLAP = timedelta(minutes=15)


class ReadUpto(msgspec.Struct, frozen=True, kw_only=True):
    """An instant, and the last id of those with the same."""

    at: datetime
    id: UUID


async def read_since(
    database: Queryable, round_name: str, *, first: timedelta, now: datetime
) -> datetime:
    """From when a round reads; one that never read before looks `first` back."""
    before: datetime | None = await database.fetchval(_READ, round_name)
    return now - first if before is None else before - _OVERLAP


async def note_read(database: Queryable, round_name: str, until: datetime) -> None:
    """A round has read up to there; one that was slower takes nothing back."""
    await database.execute(_NOTE, round_name, until)


async def take_round(connection: Connection, name: str, *, begin: datetime) -> ReadUpto | None:
    """How far a round is, and nobody else goes on with it meanwhile; None: somebody is at it."""
    await connection.execute(_BEGIN, name, _FIRST, begin)
    row = await connection.fetchrow(_TAKE, name)
    return ReadUpto(at=row["at"], id=row["upto"] or _FIRST) if row else None


async def go_on(connection: Connection, name: str, upto: ReadUpto) -> None:
    """The round has read so far."""
    await connection.execute(_GO_ON, name, upto.id, upto.at)
