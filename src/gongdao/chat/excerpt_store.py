"""Sealed excerpts in the database: added, never changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable

_COLUMNS = (
    "id, conversation_id, sealed_by, sealed_at, seqs, case_id, body, sha256, file_id, paper_id"
)
_KEEP = f"""
INSERT INTO chat_excerpts ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (id) DO NOTHING
"""  # noqa: S608 - made of constants
_FIND = f"SELECT {_COLUMNS} FROM chat_excerpts WHERE id = $1"  # noqa: S608
_OF_CONVERSATION = f"""
SELECT {_COLUMNS} FROM chat_excerpts WHERE conversation_id = $1
   AND ($2::uuid IS NULL OR sealed_by = $2)
 ORDER BY sealed_at DESC, id LIMIT $3
"""  # noqa: S608 - made of constants

#: So many excerpts of one conversation are listed.
LISTED_MAX = 100


class SealedExcerpt(msgspec.Struct, frozen=True, kw_only=True):
    """An excerpt as it was sealed, and the files that carry it."""

    id: UUID
    conversation_id: UUID
    sealed_by: UUID
    sealed_at: datetime
    seqs: list[int]
    case_id: UUID | None
    body: bytes
    sha256: bytes
    file_id: UUID
    paper_id: UUID


async def keep_excerpt(database: Queryable, sealed: SealedExcerpt) -> SealedExcerpt:
    """Keep it; what was sealed under this id before stays, and is the answer."""
    await database.execute(_KEEP, *msgspec.structs.astuple(sealed))
    kept = await find_excerpt(database, sealed.id)
    assert kept, "excerpts are never deleted"
    return kept


async def find_excerpt(database: Queryable, excerpt_id: UUID) -> SealedExcerpt | None:
    """One excerpt."""
    row: Any = await database.fetchrow(_FIND, excerpt_id)
    return SealedExcerpt(**dict(row)) if row else None


async def list_excerpts(
    database: Queryable, conversation_id: UUID, *, sealed_by: UUID | None = None
) -> Sequence[SealedExcerpt]:
    """The excerpts of a conversation, the newest first; those of one person, or all."""
    rows: list[Any] = await database.fetch(_OF_CONVERSATION, conversation_id, sealed_by, LISTED_MAX)
    return [SealedExcerpt(**dict(row)) for row in rows]
