"""What strangers try: every answer defends itself, and no anonymous form costs much to read."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gongdao.base.config import read_config
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.live import STREAMS_MAX, Hub
from gongdao.main import create_app

URL = "http://gongdao.test"


@pytest.fixture
async def stranger(database_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = {
        "GONGDAO_DATABASE_URL": database_url,
        "GONGDAO_PUBLIC_URL": URL,
        "GONGDAO_FILES_URL": f"file://{tmp_path}/files",
    }
    app = create_app(read_config(settings))
    begun, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        # In a task of its own: pytest begins and ends a fixture in two different ones.
        async with app.lifespan():
            begun.set()
            await over.wait()

    living = asyncio.create_task(live())
    await begun.wait()
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
        yield client
    over.set()
    await living


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/sign-in", "/nothing-here", "/healthz", "/static/app.js", "/locale/en"),
        *("/static/..%2fmain.py", "/api/v1/me", "/api/v1/nothing-here", "/api/v1/openapi.json"),
    ],
)
async def test_every_answer_forbids_sniffing_framing_and_strange_origins(
    stranger: httpx.AsyncClient, path: str
) -> None:
    headers = (await stranger.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


async def test_no_answer_of_the_api_is_kept_by_a_cache(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/api/v1/me")).headers["cache-control"] == "no-store"


async def test_a_stranger_sends_no_large_form(stranger: httpx.AsyncClient) -> None:
    form = b"&".join([b"a=1"] * 100_000)
    kind = {"content-type": "application/x-www-form-urlencoded"}
    answer = await stranger.post("/sign-in", content=form, headers=kind)
    assert answer.status_code == 413


async def test_one_stream_too_many_is_refused_before_its_answer_begins(
    pool: Pool, database_url: str
) -> None:
    hub = Hub(pool, database_url)
    streams = [hub.hear("case:1", listener="me") for _ in range(STREAMS_MAX)]
    waiting = [asyncio.ensure_future(anext(stream)) for stream in streams]
    await asyncio.sleep(0)
    with pytest.raises(Refusal) as refused:
        hub.require_room("me")
    assert refused.value.code == "rate_limited"
    hub.require_room("somebody else")
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    hub.require_room("me")
