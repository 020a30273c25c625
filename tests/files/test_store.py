"""Uploads end to end: spool, clean, store, row, out again; on disk, in memory and in S3."""

import asyncio
import hashlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

import asyncpg
import boto3
import pytest
from moto.server import ThreadedMotoServer
from PIL import Image
from tests.files import samples

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.files.file import StoredFile
from gongdao.files.limits import IMAGE_BYTES_MAX, MEBIBYTE
from gongdao.files.objects import Objects, object_key, open_objects, thumbnail_key
from gongdao.files.open_file import OpenedFile, open_file, open_thumbnail
from gongdao.files.receive_file import pieces_of, receive_file
from gongdao.files.store import find_files, used_since
from gongdao.files.verify_files import verify_files

NOW = utc_now()


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    """A bucket on an S3 server of this run, with the settings where obstore looks for them."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    settings = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        client = boto3.client("s3", endpoint_url=settings["AWS_ENDPOINT_URL"])
        client.create_bucket(Bucket="evidence")
        client.close()
        yield "s3://evidence/gongdao"
    server.stop()


@pytest.fixture(params=["disk", "memory", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    """Each kind of storage, from its address alone."""
    if request.param == "s3":
        return open_objects(request.getfixturevalue("s3_url"))
    return open_objects("memory://" if request.param == "memory" else f"file://{tmp_path}/f 件")


@pytest.fixture
def disk(tmp_path: Path) -> Objects:
    return open_objects(f"file://{tmp_path}/files")


async def cut(raw: bytes, size: int = 3000) -> AsyncIterator[bytes]:
    for at in range(0, len(raw), size):
        yield raw[at : at + size]


async def bring(
    pool: Pool, objects: Objects, raw: bytes, name: str = "a", person: UUID | None = None
) -> StoredFile:
    return await receive_file(
        pool,
        objects,
        cut(raw),
        file_id=new_id(),
        name=name,
        uploaded_by=person or new_id(),
        now=NOW,
    )


def stored_under(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def whole(opened: OpenedFile) -> bytes:
    return b"".join([piece async for piece in opened.pieces])


async def test_an_upload_comes_out_clean(shared_pool: Pool, objects: Objects):
    raw = samples.tagged("JPEG")
    file = await bring(shared_pool, objects, raw, "冰箱.jpg")
    opened = await open_file(shared_pool, objects, file.id)
    body = await whole(opened)
    assert opened.file == file and opened.status == 200 and samples.SECRET not in body
    assert hashlib.sha256(body).digest() == file.sha256
    assert hashlib.sha256(raw).digest() == file.uploaded_sha256
    assert opened.headers["Content-Type"] == "image/jpeg"
    assert opened.headers["Content-Length"] == str(len(body))
    assert opened.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in opened.headers["Content-Security-Policy"]
    assert opened.headers["Content-Disposition"] == (
        "inline; filename=\"__.jpg\"; filename*=UTF-8''%E5%86%B0%E7%AE%B1.jpg"
    )
    opened.headers["Content-Disposition"].encode("ascii")
    for edge in (480, 160):
        preview = await open_thumbnail(shared_pool, objects, file.id, edge=edge)
        shown = Image.open(BytesIO(await whole(preview)))
        assert shown.format == "WEBP" and max(shown.size) <= edge


async def test_documents_and_videos_too(shared_pool: Pool, objects: Objects):
    document = await bring(shared_pool, objects, samples.pdf(2), "invoice.pdf")
    assert document.facts.pages == 2
    opened = await open_file(shared_pool, objects, document.id)
    assert opened.headers["Content-Disposition"].startswith("attachment;")
    with pytest.raises(Refusal) as refused:
        await open_thumbnail(shared_pool, objects, document.id, edge=160)
    assert refused.value.code == "not_found"
    film = await bring(shared_pool, objects, samples.video("mov"), "IMG_1.MOV")
    assert (film.media_type, film.original_name) == ("video/mp4", "IMG_1.mp4")
    preview = await open_thumbnail(shared_pool, objects, film.id, edge=160)
    assert Image.open(BytesIO(await whole(preview))).size == (64, 48)


async def test_the_same_content_twice_is_one_object_and_two_rows(pool: Pool, disk: Objects):
    raw, person = samples.image("PNG"), new_id()
    one, two = await asyncio.gather(*(bring(pool, disk, raw, person=person) for _ in "ab"))
    assert one.sha256 == two.sha256 and one.id != two.id
    assert set(await find_files(pool, [one.id, two.id, new_id()])) == {one.id, two.id}
    used = await used_since(pool, person, NOW - timedelta(days=1))
    assert (used.files, used.size_bytes) == (2, 2 * one.size_bytes)
    assert await used_since(pool, person, NOW) == type(used)(0, 0)


async def test_large_videos_travel_in_parts(shared_pool: Pool, objects: Objects):
    # Larger than one part of a multipart upload, and than one piece of a download.
    raw = os.urandom(12 * MEBIBYTE)
    key = object_key(hashlib.sha256(raw).digest())
    await objects.put(key, raw)
    pieces = [piece async for piece in objects.read(key, 0, len(raw))]
    assert b"".join(pieces) == raw and max(map(len, pieces)) <= MEBIBYTE
    await objects.put(key, raw)
    assert await objects.size_of(key) == len(raw)


@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [
        ("bytes=0-9", 206, 0, 9),
        ("bytes=5-", 206, 5, None),
        ("bytes=-4", 206, -4, None),
        ("bytes=0-99999999", 206, 0, None),
        ("bytes=99999999-", 416, 0, -1),
        ("bytes=-0", 416, 0, -1),
        ("bytes=9-2", 200, 0, None),
        ("bytes=-", 200, 0, None),
        ("bytes=0-1,4-5", 200, 0, None),
        ("lines=1-2", 200, 0, None),
    ],
)
async def test_ranges(
    shared_pool: Pool, tmp_path: Path, asked: str, status: int, first: int, last: int | None
):
    disk = open_objects(f"file://{tmp_path}")
    file = await bring(shared_pool, disk, samples.image("PNG"))
    body = await whole(await open_file(shared_pool, disk, file.id))
    opened = await open_file(shared_pool, disk, file.id, byte_range=asked)
    wanted = b"" if last == -1 else body[first : None if last is None else last + 1]
    assert opened.status == status and await whole(opened) == wanted
    assert opened.headers["Content-Length"] == str(len(wanted))
    assert ("Content-Range" in opened.headers) == (status != 200)


async def test_reading_stops_at_the_limit(pool: Pool, disk: Objects):
    taken = 0

    async def endless(start: bytes) -> AsyncIterator[bytes]:
        nonlocal taken
        yield start
        while True:
            taken += MEBIBYTE
            yield bytes(MEBIBYTE)

    for start, most in ((samples.image("PNG"), IMAGE_BYTES_MAX), (samples.pdf(), 20 * MEBIBYTE)):
        taken = 0
        with pytest.raises(Refusal) as refused:
            await receive_file(
                pool,
                disk,
                endless(start),
                file_id=new_id(),
                name="a",
                uploaded_by=new_id(),
                now=NOW,
            )
        assert refused.value.code == "too_large" and taken <= most + MEBIBYTE


async def test_a_refused_upload_leaves_nothing(pool: Pool, tmp_path: Path):
    disk = open_objects(f"file://{tmp_path}/files")
    bad = {
        b"": "a.jpg",
        b"<html><script>1</script>": "a.jpg",
        samples.image("PNG"): "a.html",
        samples.image("PNG")[:-30]: "a.png",
        samples.image("AVIF"): "a.avif",
        b"MZ" + bytes(5000): "a.exe",
        b"junk" + samples.pdf(): "a.pdf",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>": "a.svg",
    }
    for raw, name in bad.items():
        with pytest.raises(Refusal) as refused:
            await bring(pool, disk, raw, name)
        assert refused.value.code == "invalid"
    assert await pool.fetchval("SELECT count(*) FROM files") == 0
    assert not stored_under(tmp_path)


async def test_one_person_cannot_flood_the_disk(pool: Pool, disk: Objects):
    person = new_id()
    file = await bring(pool, disk, samples.image("PNG"), person=person)
    await pool.execute(
        """INSERT INTO files SELECT gen_random_uuid(), sha256, uploaded_sha256, media_type,
           size_bytes, width, height, pages, duration_ms, original_name, uploaded_by, created_at
           FROM files, generate_series(1, 499) WHERE id = $1""",
        file.id,
    )
    with pytest.raises(Refusal) as refused:
        await bring(pool, disk, samples.image("PNG"), person=person)
    assert refused.value.code == "too_large"
    await bring(pool, disk, samples.image("PNG"))


async def test_a_lost_preview_is_drawn_again(shared_pool: Pool, tmp_path: Path):
    disk = open_objects(f"file://{tmp_path}")
    for raw in (samples.image("JPEG"), samples.video()):
        file = await bring(shared_pool, disk, raw)
        (tmp_path / thumbnail_key(file.sha256, 160)).unlink()
        opened = await open_thumbnail(shared_pool, disk, file.id, edge=160)
        assert (await whole(opened))[8:12] == b"WEBP"
    with pytest.raises(Refusal):
        await open_thumbnail(shared_pool, disk, file.id, edge=161)  # pyright: ignore


async def test_rows_are_never_changed(pool: Pool, disk: Objects):
    file = await bring(pool, disk, samples.image("PNG"))
    for statement in (
        "UPDATE files SET original_name = 'b' WHERE id = $1",
        "DELETE FROM files WHERE id = $1",
    ):
        with pytest.raises(asyncpg.RestrictViolationError):
            await pool.execute(statement, file.id)


async def test_verify_finds_every_wound_and_ignores_orphans(pool: Pool, tmp_path: Path):
    disk = open_objects(f"file://{tmp_path}")
    shades = [samples.image("PNG", shown=Image.new("RGB", (9, n), "red")) for n in range(1, 8)]
    files = [await bring(pool, disk, raw) for raw in shades]
    await bring(pool, disk, shades[0])
    await disk.put(object_key(hashlib.sha256(b"orphan").digest()), b"orphan")
    assert [problem async for problem in verify_files(pool, disk)] == []
    lost, short, bent = files[1:4]
    (tmp_path / object_key(lost.sha256)).unlink()
    (tmp_path / object_key(short.sha256)).write_bytes(b"x")
    path = tmp_path / object_key(bent.sha256)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    found = {p.file_id: p.problem async for p in verify_files(pool, disk)}
    assert found == {lost.id: "missing", short.id: "wrong_size", bent.id: "altered"}
    for broken in (lost, short):
        with pytest.raises(Refusal) as refused:
            await open_file(pool, disk, broken.id)
        assert refused.value.code == "not_found"
    await bring(pool, disk, shades[1])  # the same content again heals the loss
    assert lost.id not in {p.file_id async for p in verify_files(pool, disk)}


UPLOADER = """
import asyncio, sys, uuid
from gongdao.base.clock import utc_now
from gongdao.base.db import open_pool
from gongdao.files.objects import open_objects
from gongdao.files.receive_file import receive_file

async def pieces():
    yield sys.stdin.buffer.read()

async def main():
    pool = await open_pool(sys.argv[1], size=1)
    await receive_file(
        pool, open_objects(sys.argv[2]), pieces(),
        file_id=uuid.uuid4(), name="a", uploaded_by=uuid.uuid4(), now=utc_now(),
    )

asyncio.run(main())
"""


async def test_dying_between_object_and_row_leaves_a_harmless_object(
    pool: Pool, database_url: str, tmp_path: Path
):
    raw, url = samples.image("PNG"), f"file://{tmp_path}"
    disk = open_objects(url)
    async with pool.acquire() as connection, connection.transaction():
        # The row waits for this lock; the bytes are stored before it is asked for.
        await connection.execute("LOCK TABLE files IN SHARE MODE")
        uploader = await asyncio.create_subprocess_exec(
            sys.executable, "-c", UPLOADER, database_url, url, stdin=asyncio.subprocess.PIPE
        )
        assert uploader.stdin is not None
        uploader.stdin.write(raw)
        uploader.stdin.close()
        async with asyncio.timeout(30):
            while not await waiting_for_the_table(pool):
                await pool.execute("SELECT pg_sleep(0.02)")
        uploader.kill()
        await uploader.wait()
        assert stored_under(tmp_path)
        # The server notices the death when it next talks to the dead; here it is told.
        await pool.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'files'::regclass"
            " AND NOT granted"
        )
    assert await pool.fetchval("SELECT count(*) FROM files") == 0
    assert [problem async for problem in verify_files(pool, disk)] == []
    file = await bring(pool, disk, raw)
    assert await whole(await open_file(pool, disk, file.id))


async def waiting_for_the_table(pool: Pool) -> bool:
    return await pool.fetchval(
        "SELECT count(*) > 0 FROM pg_locks WHERE relation = 'files'::regclass AND NOT granted"
    )


async def test_unknown_files_and_addresses(pool: Pool, disk: Objects):
    with pytest.raises(Refusal) as refused:
        await open_file(pool, disk, new_id())
    assert refused.value.code == "not_found"
    with pytest.raises(ValueError, match="ftp"):
        open_objects("ftp://somewhere")


async def test_pieces_of_an_upload():
    class Whole:
        def __init__(self, raw: bytes) -> None:
            self.source = BytesIO(raw)

        async def read(self, size: int = -1, /) -> bytes:
            return self.source.read(size)

    raw = bytes(700_000)
    pieces = [piece async for piece in pieces_of(Whole(raw))]
    assert b"".join(pieces) == raw and max(map(len, pieces)) <= 262_144
