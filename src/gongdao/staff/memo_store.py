"""The private memos of a person: read and written by nobody else."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable

MEMOS_MAX = 200


class Memo(msgspec.Struct, frozen=True, kw_only=True):
    """A line in somebody's own book."""

    id: UUID
    text: str
    due_on: date | None
    done_at: datetime | None
    at: datetime


_ADD = """
INSERT INTO staff_memos (id, person_id, shop_id, text, due_on, at)
SELECT $1, $2, $3, $4, $5, $6
 WHERE $7 > (SELECT count(*) FROM staff_memos WHERE person_id = $2)
ON CONFLICT (id) DO NOTHING
"""
_OF_PERSON = """
SELECT id, text, due_on, done_at, at FROM staff_memos WHERE person_id = $1
 ORDER BY done_at IS NOT NULL, due_on NULLS LAST, id DESC LIMIT $2
"""
_DUE = """
SELECT id, text, due_on, done_at, at FROM staff_memos
 WHERE person_id = $1 AND done_at IS NULL AND due_on <= $2 ORDER BY due_on, id LIMIT $3
"""
_DONE = "UPDATE staff_memos SET done_at = $3 WHERE id = $2 AND person_id = $1"
_DROP = "DELETE FROM staff_memos WHERE id = $2 AND person_id = $1"
_THERE = """
SELECT id, text, due_on, done_at, at FROM staff_memos WHERE id = $1 AND person_id = $2
"""
_COUNT = "SELECT count(*) FROM staff_memos WHERE person_id = $1"


async def add_memo(
    database: Queryable, memo: Memo, *, person_id: UUID, shop_id: UUID
) -> Memo | None:
    """Keep a memo; sent twice it is one. None where there is no room, or the id is another's."""
    await database.execute(
        _ADD, memo.id, person_id, shop_id, memo.text, memo.due_on, memo.at, MEMOS_MAX
    )
    row = await database.fetchrow(_THERE, memo.id, person_id)
    return Memo(**dict(row)) if row else None


async def count_memos(database: Queryable, person_id: UUID) -> int:
    """How many memos somebody has."""
    found: int = await database.fetchval(_COUNT, person_id)
    return found


async def memos_of(database: Queryable, person_id: UUID) -> list[Memo]:
    """Somebody's memos: what is due first, what is done last."""
    return [Memo(**dict(row)) for row in await database.fetch(_OF_PERSON, person_id, MEMOS_MAX)]


async def memos_due(
    database: Queryable, person_id: UUID, day: date, *, limit: int = MEMOS_MAX
) -> list[Memo]:
    """What is due on a day or was before."""
    return [Memo(**dict(row)) for row in await database.fetch(_DUE, person_id, day, limit)]


async def set_done(
    database: Queryable, person_id: UUID, memo_id: UUID, done_at: datetime | None
) -> bool:
    """Done, or not yet after all; False where it is not theirs."""
    return await database.execute(_DONE, person_id, memo_id, done_at) == "UPDATE 1"


async def drop_memo(database: Queryable, person_id: UUID, memo_id: UUID) -> bool:
    """Throw it away; False where it is not theirs."""
    return await database.execute(_DROP, person_id, memo_id) == "DELETE 1"
