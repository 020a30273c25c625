"""The rows of uploaded files; the only SQL for the table `files`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Pool, Record
from gongdao.files.file import Facts, StoredFile

#: A connection, perhaps within a transaction, or the pool.
Querying: TypeAlias = "Connection | Pool"

_COLUMNS = (
    "id, sha256, uploaded_sha256, media_type, size_bytes, width, height, pages, duration_ms,"
    " original_name, uploaded_by, created_at"
)
_INSERT = f"""
    INSERT INTO files ({_COLUMNS})
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""  # noqa: S608 - the columns are a constant
_INSERT_ONCE = f"{_INSERT} ON CONFLICT (id) DO NOTHING"
_FIND = f"SELECT {_COLUMNS} FROM files WHERE id = ANY($1::uuid[])"  # noqa: S608
_USED = """
    SELECT count(*) AS files, coalesce(sum(size_bytes), 0)::bigint AS size_bytes
    FROM files WHERE uploaded_by = $1 AND created_at > $2
"""
_ADDRESSES = f"""
    SELECT DISTINCT ON (sha256) {_COLUMNS} FROM files
    WHERE sha256 > $1 ORDER BY sha256, id LIMIT $2
"""  # noqa: S608

#: The most files that are looked up at once.
FIND_MAX = 500


class Used(msgspec.Struct, frozen=True):
    """What a person has uploaded in a stretch of time."""

    files: int
    size_bytes: int


async def insert_file(connection: Querying, file: StoredFile) -> None:
    """Remember an upload whose bytes are stored already."""
    await connection.execute(_INSERT, *_values(file))


async def insert_file_once(connection: Querying, file: StoredFile) -> None:
    """The same, unless a file of this id is remembered already."""
    await connection.execute(_INSERT_ONCE, *_values(file))


def _values(file: StoredFile) -> tuple[Any, ...]:
    facts = file.facts
    return (
        file.id,
        file.sha256,
        file.uploaded_sha256,
        file.media_type,
        file.size_bytes,
        facts.width,
        facts.height,
        facts.pages,
        facts.duration_ms,
        file.original_name,
        file.uploaded_by,
        file.created_at,
    )


async def find_files(connection: Querying, ids: Sequence[UUID]) -> dict[UUID, StoredFile]:
    """Uploads by their ids, at most 500; ids that are not there are left out."""
    assert len(ids) <= FIND_MAX, "a page or a case never shows that many"
    rows = await connection.fetch(_FIND, list(ids))
    return {row["id"]: _read(row) for row in rows}


async def used_since(connection: Querying, person: UUID, since: datetime) -> Used:
    """How much a person has uploaded after an instant."""
    row = await connection.fetchrow(_USED, person, since)
    assert row is not None, "an aggregate always answers"
    return Used(row["files"], row["size_bytes"])


async def next_addresses(connection: Querying, *, after: bytes, limit: int) -> list[StoredFile]:
    """One upload of each content, in the order of the hashes, after the given one."""
    return [_read(row) for row in await connection.fetch(_ADDRESSES, after, limit)]


def _read(row: "Record") -> StoredFile:
    values: dict[str, Any] = dict(row)
    facts = Facts(**{name: values.pop(name) for name in Facts.__struct_fields__})
    return StoredFile(**values, facts=facts)
