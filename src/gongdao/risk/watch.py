"""Whom and what the platform's people watch; what is taken off stays to be read."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.base.cursor import Cursor
from gongdao.base.db import Connection, Queryable

TraitKind = Literal["device", "network", "address", "payee", "phone"]
WatchKind = Literal["person", "shop", "device", "network", "address", "payee", "phone"]
TRAIT_KINDS: tuple[TraitKind, ...] = ("device", "network", "address", "payee", "phone")
PAGE_MAX = 100


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """One of the watch list: a person, a shop, or a trait by its digest."""

    id: UUID
    kind: WatchKind
    subject_id: UUID | None
    digest: bytes | None
    shown: str
    why: str
    by_id: UUID
    at: datetime
    until: datetime | None
    off_by: UUID | None = None
    off_at: datetime | None = None
    off_why: str | None = None


_COLUMNS = ", ".join(Watched.__struct_fields__)
_ADD = f"""
INSERT INTO risk_watched ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, NULL, NULL)
ON CONFLICT DO NOTHING RETURNING id
"""  # noqa: S608 - made of constants
_ONE = f"SELECT {_COLUMNS} FROM risk_watched WHERE id = $1"  # noqa: S608
# One whose time ran out makes room for the same again.
_MAKE_ROOM = """
UPDATE risk_watched SET off_by = by_id, off_at = until, off_why = ''
 WHERE off_at IS NULL AND until <= $4 AND kind = $1
   AND subject_id IS NOT DISTINCT FROM $2 AND digest IS NOT DISTINCT FROM $3
"""
_TAKE_OFF = """
UPDATE risk_watched SET off_by = $2, off_at = $3, off_why = $4 WHERE id = $1 AND off_at IS NULL
"""
_ALL = f"""
SELECT {_COLUMNS} FROM risk_watched WHERE (at, id) < ($1, $2)
 ORDER BY at DESC, id DESC LIMIT $3
"""  # noqa: S608 - made of constants
_NOW = f"""
SELECT {_COLUMNS} FROM risk_watched
 WHERE (at, id) < ($1, $2) AND off_at IS NULL AND (until IS NULL OR until > $4)
 ORDER BY at DESC, id DESC LIMIT $3
"""  # noqa: S608 - made of constants


async def add_watched(connection: Connection, one: Watched) -> Watched | None:
    """Put it on the list; the same id again is what stands there. None: it is watched already."""
    await connection.execute(_MAKE_ROOM, one.kind, one.subject_id, one.digest, one.at)
    await connection.execute(_ADD, *msgspec.structs.astuple(one)[:9])
    row = await connection.fetchrow(_ONE, one.id)
    return Watched(**dict(row)) if row else None


async def take_off(
    connection: Connection, watched_id: UUID, *, why: str, by_id: UUID, at: datetime
) -> Watched | None:
    """Take it off the list, once. None: there is none of this id."""
    await connection.execute(_TAKE_OFF, watched_id, by_id, at, why)
    row = await connection.fetchrow(_ONE, watched_id)
    return Watched(**dict(row)) if row else None


async def list_watched(
    database: Queryable,
    *,
    with_past: bool = False,
    after: Cursor,
    now: datetime,
    limit: int = 50,
) -> list[Watched]:
    """Those that are watched now, the newest first; `with_past` also those that were."""
    if with_past:
        rows = await database.fetch(_ALL, after.at, after.id, limit)
    else:
        rows = await database.fetch(_NOW, after.at, after.id, limit, now)
    return [Watched(**dict(row)) for row in rows]
