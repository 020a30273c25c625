"""Reads every stored byte again and says where the storage no longer holds what the rows say."""

import hashlib
from collections.abc import AsyncIterator
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.base.db import Pool
from gongdao.files.file import StoredFile
from gongdao.files.objects import Objects, object_key
from gongdao.files.store import next_addresses

_PAGE = 500


class FileProblem(msgspec.Struct, frozen=True, kw_only=True):
    """One content that is not what its row says; `file_id` is the first upload of it."""

    file_id: UUID
    sha256: str
    problem: Literal["missing", "wrong_size", "altered"]


async def verify_files(pool: Pool, objects: Objects) -> AsyncIterator[FileProblem]:
    """Hash every content once, a piece in memory at a time. Objects without a row are harmless."""
    after = b""
    while page := await next_addresses(pool, after=after, limit=_PAGE):
        for file in page:
            problem = await _problem(objects, file)
            if problem is not None:
                yield FileProblem(file_id=file.id, sha256=file.sha256.hex(), problem=problem)
        after = page[-1].sha256


async def _problem(
    objects: Objects, file: StoredFile
) -> Literal["missing", "wrong_size", "altered"] | None:
    key = object_key(file.sha256)
    size = await objects.size_of(key)
    if size is None:
        return "missing"
    if size != file.size_bytes:
        return "wrong_size"
    digest = hashlib.sha256()
    async for piece in objects.read(key, 0, size):
        digest.update(piece)
    return None if digest.digest() == file.sha256 else "altered"
