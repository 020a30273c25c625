"""Hands a stored file out, with the headers under which a browser can do nothing but show it."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote
from uuid import UUID

import msgspec

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.files.file import DOCUMENT_TYPES, StoredFile
from gongdao.files.limits import THUMBNAIL_EDGES
from gongdao.files.objects import Objects, object_key, thumbnail_key
from gongdao.files.store import find_files
from gongdao.files.thumbnail import draw_thumbnails, no_thumbnail

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
_POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"


class OpenedFile(msgspec.Struct, frozen=True, kw_only=True):
    """An answer for web and api: status, headers, and the bytes piece by piece."""

    file: StoredFile
    status: int
    headers: dict[str, str]
    pieces: AsyncIterator[bytes]


async def open_file(
    pool: Pool, objects: Objects, file_id: UUID, *, byte_range: str | None = None
) -> OpenedFile:
    """The stored bytes, or the part that a Range header asks for. Who may see it is not asked."""
    file = await _find(pool, file_id)
    key = object_key(file.sha256)
    if await objects.size_of(key) != file.size_bytes:
        raise _bytes_missing()
    headers = _headers(file, file.media_type, file.original_name)
    headers["ETag"] = f'"{file.sha256.hex()}"'
    headers["Accept-Ranges"] = "bytes"
    span = _span(byte_range, file.size_bytes)
    if span is None:
        status, start, end = 200, 0, file.size_bytes
    elif span[0] >= span[1]:
        status, start, end = 416, 0, 0
        headers["Content-Range"] = f"bytes */{file.size_bytes}"
    else:
        status, (start, end) = 206, span
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size_bytes}"
    headers["Content-Length"] = str(end - start)
    pieces = objects.read(key, start, end)
    return OpenedFile(file=file, status=status, headers=headers, pieces=pieces)


async def open_thumbnail(pool: Pool, objects: Objects, file_id: UUID, *, edge: int) -> OpenedFile:
    """A WebP preview, drawn again where it got lost. A document has none."""
    file = await _find(pool, file_id)
    if edge not in THUMBNAIL_EDGES or file.media_type in DOCUMENT_TYPES:
        raise no_thumbnail()
    key = thumbnail_key(file.sha256, edge)
    size = await objects.size_of(key)
    if size is None:
        size = await _redraw(objects, file, edge)
    headers = _headers(file, "image/webp", f"{file.original_name}.webp")
    headers["ETag"] = f'"{file.sha256.hex()}-{edge}"'
    headers["Content-Length"] = str(size)
    return OpenedFile(file=file, status=200, headers=headers, pieces=objects.read(key, 0, size))


async def _find(pool: Pool, file_id: UUID) -> StoredFile:
    found = await find_files(pool, [file_id])
    if file_id not in found:
        raise Refusal("not_found", N_("There is no such file."))
    return found[file_id]


def _bytes_missing() -> Refusal:
    return Refusal("not_found", N_("The bytes of this file are missing from the storage."))


def _headers(file: StoredFile, media_type: str, name: str) -> dict[str, str]:
    # A browser shows no PDF inside a sandbox, so a PDF is always saved, never shown in place.
    way = "attachment" if file.media_type in DOCUMENT_TYPES else "inline"
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    coded = quote(name, safe="")
    return {
        "Content-Type": media_type,
        "Content-Disposition": f"{way}; filename=\"{plain}\"; filename*=UTF-8''{coded}",
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, max-age=600",
    }


def _span(byte_range: str | None, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last; None for the whole. Empty if it cannot be met."""
    match = _RANGE.fullmatch(byte_range.strip()) if byte_range else None
    if match is None or match.group() == "bytes=-":
        return None  # several ranges, or another unit: a server may answer with everything
    first, last = match.groups()
    if not first:
        return max(size - int(last), 0), size
    end = min(int(last) + 1, size) if last else size
    return (int(first), end) if not last or int(first) <= int(last) else None


async def _redraw(objects: Objects, file: StoredFile, edge: int) -> int:
    key = object_key(file.sha256)
    if await objects.size_of(key) != file.size_bytes:
        raise _bytes_missing()
    with TemporaryDirectory(prefix="gongdao-preview-") as folder:
        source = Path(folder, "clean")
        await objects.fetch(key, file.size_bytes, source)
        async with objects.cleaning:
            drawn = await asyncio.to_thread(draw_thumbnails, source, file.media_type, (edge,))
    await objects.put(thumbnail_key(file.sha256, edge), drawn[edge])
    return len(drawn[edge])
