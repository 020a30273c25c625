"""Content-addressed bytes on local disk, in S3 or in memory, as the configuration says."""

import asyncio
import os
from collections.abc import AsyncIterator
from io import FileIO
from pathlib import Path

import obstore
from obstore.store import LocalStore, ObjectStore, from_url

from gongdao.files.limits import CLEANINGS_MAX, MEBIBYTE

#: Bytes are read in pieces of this size, each its own request: a slow reader on a phone holds no
#: connection open, runs into no time limit and makes the server keep one piece.
PIECE_BYTES = MEBIBYTE


class Objects:
    """The object store of an installation, and how many files may be taken apart at once."""

    def __init__(self, bucket: ObjectStore) -> None:
        self._bucket = bucket
        self.cleaning = asyncio.Semaphore(CLEANINGS_MAX)

    async def size_of(self, key: str) -> int | None:
        """How long an object is; None where there is none."""
        try:
            return (await obstore.head_async(self._bucket, key))["size"]
        except FileNotFoundError:
            return None

    async def put(self, key: str, source: Path | bytes) -> None:
        """Keep the bytes under the key unless they are there already, whole.

        Not a conditional put: that loads the whole object into memory, older S3 servers lack it,
        and two writers of one address write the same bytes. Every store makes an object visible
        only when it is complete.
        """
        if await self.size_of(key) == _size(source):
            return
        await obstore.put_async(self._bucket, key, source)
        if isinstance(self._bucket, LocalStore) and self._bucket.prefix is not None:
            await asyncio.to_thread(_force_to_disk, self._bucket.prefix, key)

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end`, piece by piece."""
        for at in range(start, end, PIECE_BYTES):
            piece = await obstore.get_range_async(
                self._bucket, key, start=at, end=min(at + PIECE_BYTES, end)
            )
            yield bytes(piece)

    async def fetch(self, key: str, size: int, target: Path) -> None:
        """Copy an object into a file."""
        with FileIO(target, "w") as copy:
            async for piece in self.read(key, 0, size):
                copy.write(piece)


def open_objects(url: str) -> Objects:
    """Open file:///folder, s3://bucket/prefix (settings in AWS_* variables) or memory://.

    Raises ValueError for any other address.
    """
    scheme = url.partition("://")[0]
    if scheme == "file":
        return Objects(from_url(url, mkdir=True))
    if scheme in {"s3", "memory"}:
        return Objects(from_url(url))
    raise ValueError(f"files are kept under file://, s3:// or memory://, not under {url!r}")


def object_key(sha256: bytes) -> str:
    """Where the content with this hash lies."""
    name = sha256.hex()
    return f"{name[:2]}/{name[2:4]}/{name}"


def thumbnail_key(sha256: bytes, edge: int) -> str:
    """Where the preview of the content with this hash lies."""
    return f"thumbnails/{edge}/{object_key(sha256)}.webp"


def _size(source: Path | bytes) -> int:
    return len(source) if isinstance(source, bytes) else source.stat().st_size


def _force_to_disk(prefix: Path, key: str) -> None:
    """Survive a power cut: a committed row must not point to bytes that were only in memory."""
    path = prefix / key
    for place in (path, *path.parents):
        if place == prefix.parent:
            break
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
