"""Retrials: past cases to be judged by another rule book, as people ask for them and as they go."""

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_

RetrialState = Literal["queued", "running", "done", "failed"]
#: So many cases are judged again at most when a page asks for it.
CASES_MAX = 200_000
#: So many of one person may wait or run: each takes every core there is.
WAITING_MAX = 3
#: So many are kept; older ones are dropped.
KEPT = 50
#: Whoever has taken one and says nothing for so long has died.
SILENT = timedelta(minutes=2)
_REASON_MAX = 2000

_COLUMNS = "id, pack, since, cases_max, by_id, asked_at, state, cases, total, found, reason"
_ASK = """
INSERT INTO retrials (id, pack, since, cases_max, by_id, asked_at)
SELECT $1, $2, $3, $4, $5, $6
 WHERE (SELECT count(*) FROM retrials WHERE by_id = $5 AND state IN ('queued', 'running')) < $7
RETURNING true
"""
_DROP = """
DELETE FROM retrials WHERE id IN (
    SELECT id FROM retrials WHERE state IN ('done', 'failed')
    ORDER BY asked_at DESC, id DESC OFFSET $1)
"""
_TAKE = f"""
UPDATE retrials SET state = 'running', moved_at = $1, cases = 0
WHERE id = (SELECT id FROM retrials
            WHERE state = 'queued' OR (state = 'running' AND moved_at < $2)
            ORDER BY asked_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING {_COLUMNS}
"""  # noqa: S608 - made of constants
_MOVE = "UPDATE retrials SET cases = $2, total = $3, moved_at = $4 WHERE id = $1"
_END = """
UPDATE retrials SET state = $2, found = $3, reason = $4, cases = $5, moved_at = $6 WHERE id = $1
"""
_FIND = f"SELECT {_COLUMNS} FROM retrials WHERE id = $1"  # noqa: S608 - made of constants
_LIST = f"""
SELECT {_COLUMNS.replace("found", "NULL::jsonb AS found")} FROM retrials
ORDER BY asked_at DESC, id DESC LIMIT $1
"""  # noqa: S608 - made of constants


class Retrial(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for, how far it is, and what came out of it (`found`, as JSON)."""

    id: UUID
    pack: str
    since: datetime
    cases_max: int
    by_id: UUID
    asked_at: datetime
    state: RetrialState
    cases: int
    total: int
    found: bytes | None
    reason: str | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("done", "failed")


async def ask_retrial(
    database: Queryable,
    retrial_id: UUID,
    *,
    pack: str,
    since: datetime,
    by_id: UUID,
    now: datetime,
) -> None:
    """Ask for one; the worker takes it within seconds. Raises Refusal while too many wait."""
    args = (retrial_id, pack, since, CASES_MAX, by_id, now, WAITING_MAX)
    if not await database.fetchval(_ASK, *args):
        raise Refusal(
            "rate_limited",
            N_("{n} of your comparisons are waiting or running; let one of them finish first."),
            n=WAITING_MAX,
        )
    await database.execute(_DROP, KEPT)


async def take_retrial(database: Queryable, *, now: datetime) -> Retrial | None:
    """Take the one that has waited longest, or that somebody has left; None where none waits."""
    row = await database.fetchrow(_TAKE, now, now - SILENT)
    return _retrial(row) if row else None


async def note_progress(
    database: Queryable, retrial_id: UUID, *, cases: int, total: int, now: datetime
) -> None:
    """Say how many have been judged."""
    await database.execute(_MOVE, retrial_id, cases, total, now)


async def note_found(
    database: Queryable, retrial_id: UUID, found: bytes, *, cases: int, now: datetime
) -> None:
    """Keep what came out."""
    await database.execute(_END, retrial_id, "done", found, None, cases, now)


async def note_failed(database: Queryable, retrial_id: UUID, reason: str, *, now: datetime) -> None:
    """Keep why nothing came out."""
    said = reason.replace("\0", "")[:_REASON_MAX]
    await database.execute(_END, retrial_id, "failed", None, said, 0, now)


async def find_retrial(database: Queryable, retrial_id: UUID) -> Retrial | None:
    """One of them."""
    row = await database.fetchrow(_FIND, retrial_id)
    return _retrial(row) if row else None


async def list_retrials(database: Queryable, *, limit: int = 10) -> list[Retrial]:
    """The newest ones, without what came out."""
    return [_retrial(row) for row in await database.fetch(_LIST, limit)]


def _retrial(row: Any) -> Retrial:
    return Retrial(**dict(row))
