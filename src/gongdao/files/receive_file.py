"""Takes an upload in: to disk under a hard limit, checked, cleaned, stored, then remembered."""

import asyncio
import hashlib
from collections.abc import AsyncIterable, AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol
from uuid import UUID

import msgspec

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.files.clean import clean_file
from gongdao.files.file import BYTES_MAX, Facts, MediaType, StoredFile
from gongdao.files.limits import (
    MEBIBYTE,
    PERSON_DAY_BYTES_MAX,
    PERSON_DAY_FILES_MAX,
    THUMBNAIL_EDGES,
)
from gongdao.files.name import show_name
from gongdao.files.objects import Objects, object_key, thumbnail_key
from gongdao.files.sniff import SNIFF_BYTES, sniff
from gongdao.files.store import insert_file, used_since
from gongdao.files.thumbnail import draw_thumbnails


class Upload(Protocol):
    """What a web framework hands over: something that is read piece by piece."""

    async def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most `size`; none at the end."""
        ...


async def pieces_of(upload: Upload) -> AsyncIterator[bytes]:
    """The pieces of an upload, as `receive_file` takes them."""
    while piece := await upload.read(MEBIBYTE // 4):
        yield piece


async def receive_file(
    pool: Pool,
    objects: Objects,
    pieces: AsyncIterable[bytes],
    *,
    file_id: UUID,
    name: str,
    uploaded_by: UUID,
    now: datetime,
) -> StoredFile:
    """Check, clean and keep an upload. Refuses what is not accepted, before reading past a limit.

    The object is stored before the row is committed: if the server dies in between, an object
    that nobody points to is left, which does no harm and serves the next try.
    """
    await _refuse_excess(pool, uploaded_by, now)
    with TemporaryDirectory(prefix="gongdao-upload-") as folder:
        spool = Spool(Path(folder, "uploaded"))
        try:
            async for piece in pieces:
                spool.add(piece)
            media_type = spool.finish()
        finally:
            spool.close()
        shown = show_name(name, media_type)
        clean = Path(folder, "clean")
        async with objects.cleaning:
            parts = await asyncio.to_thread(_take_apart, spool.path, media_type, clean)
        await objects.put(object_key(parts.sha256), clean)
        for edge, thumbnail in parts.thumbnails.items():
            await objects.put(thumbnail_key(parts.sha256, edge), thumbnail)
    file = StoredFile(
        id=file_id,
        sha256=parts.sha256,
        uploaded_sha256=spool.sha256,
        media_type=media_type,
        size_bytes=parts.size_bytes,
        facts=parts.facts,
        original_name=shown,
        uploaded_by=uploaded_by,
        created_at=now,
    )
    await insert_file(pool, file)
    return file


class Spool:
    """An upload on its way to disk, which stops as soon as it is too large for what it is."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("wb")
        self._hash = hashlib.sha256()
        self._head = bytearray()
        self._size = 0
        self._limit = max(BYTES_MAX.values())
        self._media_type: MediaType | None = None

    def add(self, piece: bytes) -> None:
        """Take the next piece, or refuse it before it is written."""
        self._size += len(piece)
        if self._media_type is None:
            self._head += piece[:SNIFF_BYTES]
            if len(self._head) >= SNIFF_BYTES:
                self._recognise()
        self._refuse_too_large()
        self._hash.update(piece)
        self._file.write(piece)

    def finish(self) -> MediaType:
        """Close the file and say what it is."""
        self.close()
        media_type = self._media_type or self._recognise()
        self._refuse_too_large()
        return media_type

    def close(self) -> None:
        """Close the file; it is removed with its folder."""
        self._file.close()

    @property
    def sha256(self) -> bytes:
        """The hash of everything that was taken."""
        return self._hash.digest()

    def _recognise(self) -> MediaType:
        self._media_type = media_type = sniff(bytes(self._head))
        self._limit = BYTES_MAX[media_type]
        return media_type

    def _refuse_too_large(self) -> None:
        if self._size > self._limit:
            raise Refusal(
                "too_large",
                N_("The file is too large; at most {most} MB are accepted for this kind."),
                most=self._limit // MEBIBYTE,
            )


class _Parts(msgspec.Struct, frozen=True, kw_only=True):
    facts: Facts
    sha256: bytes
    size_bytes: int
    thumbnails: dict[int, bytes]


def _take_apart(source: Path, media_type: MediaType, target: Path) -> _Parts:
    facts = clean_file(source, media_type, target)
    with target.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").digest()
    return _Parts(
        facts=facts,
        sha256=sha256,
        size_bytes=target.stat().st_size,
        thumbnails=draw_thumbnails(target, media_type, THUMBNAIL_EDGES),
    )


async def _refuse_excess(pool: Pool, person: UUID, now: datetime) -> None:
    # Uploads at the same instant may pass together: this guards the disk against one person's
    # flood, and a few files more or less change nothing in that.
    used = await used_since(pool, person, now - timedelta(days=1))
    if used.files >= PERSON_DAY_FILES_MAX or used.size_bytes >= PERSON_DAY_BYTES_MAX:
        raise Refusal(
            "too_large",
            N_("You have uploaded {files} files in 24 hours, which is the most. Try again later."),
            files=used.files,
        )
