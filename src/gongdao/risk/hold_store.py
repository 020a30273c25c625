"""Payouts that wait for a person, at most until their time is over."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.cursor import Cursor
from gongdao.base.db import Connection, Queryable

PAGE_MAX = 100


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A payout that is looked at before it goes out."""

    payout_id: UUID
    case_id: UUID | None
    amount_fen: int
    findings: tuple[UUID, ...]
    since: datetime
    until: datetime
    released_by: UUID | None = None
    """Nobody, and released: its time ran out."""
    released_at: datetime | None = None
    why: str = ""


_COLUMNS = ", ".join(Hold.__struct_fields__)
_KEEP = """
INSERT INTO risk_holds (payout_id, case_id, amount_fen, findings, since, until)
SELECT payout_id, case_id, amount_fen, findings, since, until
  FROM jsonb_to_recordset($1) AS held (payout_id uuid, case_id uuid, amount_fen bigint,
       findings uuid[], since timestamptz, until timestamptz)
ON CONFLICT (payout_id) DO NOTHING RETURNING payout_id
"""
_RELEASE = f"""
UPDATE risk_holds SET released_by = $2, released_at = $3, why = $4
 WHERE payout_id = $1 AND released_at IS NULL RETURNING {_COLUMNS}
"""  # noqa: S608 - made of constants
_RUN_OUT = f"""
UPDATE risk_holds SET released_at = $1 WHERE payout_id = ANY (ARRAY(
    SELECT payout_id FROM risk_holds WHERE released_at IS NULL AND until <= $1
     ORDER BY until LIMIT $2 FOR UPDATE SKIP LOCKED))
RETURNING {_COLUMNS}
"""  # noqa: S608 - made of constants
_ONE = f"SELECT {_COLUMNS} FROM risk_holds WHERE payout_id = $1"  # noqa: S608
_OF_PAYOUTS = f"SELECT {_COLUMNS} FROM risk_holds WHERE payout_id = ANY ($1)"  # noqa: S608
_LIST = f"""
SELECT {_COLUMNS} FROM risk_holds WHERE (since, payout_id) < ($1, $2) {{waiting}}
 ORDER BY since DESC, payout_id DESC LIMIT $3
"""  # noqa: S608 - made of constants
# Two statements, since one of both would read all that has waited for the few that wait.
_ALL, _WAITING = (_LIST.format(waiting=each) for each in ("", "AND released_at IS NULL"))


async def keep_holds(connection: Connection, holds: Sequence[Hold]) -> set[UUID]:
    """Hold these payouts, each once for ever. Returns those that were not held before."""
    rows = await connection.fetch(_KEEP, msgspec.json.encode(holds))
    return {row["payout_id"] for row in rows}


async def release_hold(
    connection: Connection, payout_id: UUID, *, by_id: UUID, why: str, at: datetime
) -> Hold | None:
    """A person lets it go. None: it does not wait any more, or never did."""
    row = await connection.fetchrow(_RELEASE, payout_id, by_id, at, why)
    return _hold(row) if row else None


async def let_run_out(connection: Connection, *, now: datetime, limit: int = 100) -> list[Hold]:
    """Note that the time of these is over; their money goes by itself."""
    return [_hold(row) for row in await connection.fetch(_RUN_OUT, now, limit)]


async def hold_of(database: Queryable, payout_id: UUID) -> Hold | None:
    """The hold of a payout."""
    row = await database.fetchrow(_ONE, payout_id)
    return _hold(row) if row else None


async def holds_of_payouts(database: Queryable, payouts: Sequence[UUID]) -> dict[UUID, Hold]:
    """The holds of payouts, those that are over too."""
    rows = await database.fetch(_OF_PAYOUTS, list(payouts))
    return {row["payout_id"]: _hold(row) for row in rows}


async def read_holds(
    database: Queryable, *, with_past: bool = False, after: Cursor, limit: int = 50
) -> list[Hold]:
    """What waits now, the newest first; `with_past` also what has waited."""
    rows = await database.fetch(_ALL if with_past else _WAITING, after.at, after.id, limit)
    return [_hold(row) for row in rows]


def _hold(row: object) -> Hold:
    return msgspec.convert(dict(row), Hold)  # pyright: ignore
