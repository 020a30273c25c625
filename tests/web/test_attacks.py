"""What strangers try: every answer defends itself, and no anonymous form costs much to read."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from tests.conftest import Serve
from tests.living import alive

from gongdao.accounts.rate import STRANGER_RATE
from gongdao.base.bus import PostgresBus
from gongdao.base.config import read_config
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.live import STREAMS_MAX, Hub
from gongdao.main import create_app

URL = "http://gongdao.test"


HTTPS = "https://gongdao.test"


@asynccontextmanager
async def visiting(
    database_url: str, folder: Path, **env: str
) -> AsyncGenerator[httpx.AsyncClient]:
    """Somebody whom nobody knows, before the whole application."""
    settings = {
        "GONGDAO_DATABASE_URL": database_url,
        "GONGDAO_PUBLIC_URL": URL,
        "GONGDAO_FILES_URL": f"file://{folder}/files",
    }
    app = create_app(read_config(settings | env))
    async with alive(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
            yield client


@pytest.fixture
async def stranger(database_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with visiting(database_url, tmp_path) as client:
        yield client


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


@pytest.mark.parametrize("path", ["/static/%00app.js", "/static/app.js%00.png", "/%00", "/api/%00"])
async def test_no_address_holds_a_nul(stranger: httpx.AsyncClient, path: str) -> None:
    assert (await stranger.get(path)).status_code == 404


async def test_no_answer_of_the_api_is_kept_by_a_cache(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/api/v1/me")).headers["cache-control"] == "no-store"


async def test_no_answer_says_a_header_or_its_charset_twice(stranger: httpx.AsyncClient) -> None:
    for path in ("/sign-in", "/api/docs", "/nothing-here", "/api/v1/me", "/api/v1/openapi.json"):
        headers = (await stranger.get(path)).headers
        names = [name.lower() for name, _ in headers.raw]
        assert len(names) == len(set(names)), path
        assert headers["content-type"].count("charset") <= 1, path


async def test_over_https_the_locale_is_sent_back_encrypted_only(
    stranger: httpx.AsyncClient, database_url: str, tmp_path: Path
) -> None:
    assert "Secure" not in (await stranger.get("/locale/en")).headers["set-cookie"]
    async with visiting(database_url, tmp_path, GONGDAO_PUBLIC_URL=HTTPS) as client:
        answer = await client.get("/locale/en")
        assert "Secure" in answer.headers["set-cookie"]
        assert "strict-transport-security" not in answer.headers


async def test_browsers_are_told_to_insist_on_https_where_the_operator_says_so(
    database_url: str, tmp_path: Path
) -> None:
    env = {"GONGDAO_PUBLIC_URL": HTTPS, "GONGDAO_HSTS": "31536000"}
    async with visiting(database_url, tmp_path, **env) as client:
        for path in ("/sign-in", "/api/v1/me", "/static/app.js"):
            answer = await client.get(path)
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
    with pytest.raises(ValueError, match="GONGDAO_HSTS"):
        read_config({"GONGDAO_HSTS": "1"})


async def test_who_writes_too_much_is_told_when_to_come_back(
    stranger: httpx.AsyncClient, database_url: str, tmp_path: Path
) -> None:
    calls = int(STRANGER_RATE.burst) + 20
    answers = [await stranger.post("/api/v1/tokens", json={}) for _ in range(calls)]
    assert {answer.status_code for answer in answers[:60]} <= {401, 403, 422}
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert refused[0].headers["content-type"] == "application/problem+json"
    assert refused[0].headers["retry-after"] == "1"
    assert refused[0].json()["code"] == "rate_limited"
    page = await stranger.post("/sign-in", data={"name": "x", "password": "y"})
    assert (page.status_code, page.headers["retry-after"]) == (429, "1")
    assert (await stranger.get("/sign-in")).status_code == 200, "reading is not limited"
    wrong = {"authorization": "Bearer gdt_wrong"}
    guesses = [await stranger.get("/api/v1/me", headers=wrong) for _ in range(calls)]
    assert 429 in {guess.status_code for guess in guesses}, "but guessing tokens is"
    async with visiting(database_url, tmp_path, GONGDAO_RATE_LIMIT="off") as client:
        answers = [await client.post("/api/v1/tokens", json={}) for _ in range(calls)]
        assert 429 not in {answer.status_code for answer in answers}


@pytest.mark.parametrize(("trusted", "network"), [("", "127.0.0.1"), ("127.0.0.1", "203.0.113.9")])
async def test_only_a_trusted_proxy_says_who_signs_in(
    serve: Serve, database_url: str, pool: Pool, trusted: str, network: str
) -> None:
    with serve(database_url, GONGDAO_TRUSTED_PROXIES=trusted) as served:
        async with httpx.AsyncClient(base_url=served.url) as client:
            form = {"name": "somebody", "password": "a guess or so"}
            told = {"x-forwarded-for": "203.0.113.9"}
            assert (await client.post("/sign-in", data=form, headers=told)).status_code == 401
    assert str(await pool.fetchval("SELECT network FROM sign_in_attempts")) == network


@pytest.mark.parametrize("trusted", ["*", "10.0.0.1/8", "proxy.example"])
def test_a_proxy_is_trusted_by_address(trusted: str) -> None:
    with pytest.raises(ValueError, match="GONGDAO_TRUSTED_PROXIES"):
        read_config({"GONGDAO_TRUSTED_PROXIES": trusted})


async def test_a_stranger_sends_no_large_form(stranger: httpx.AsyncClient) -> None:
    form = b"&".join([b"a=1"] * 100_000)
    kind = {"content-type": "application/x-www-form-urlencoded"}
    answer = await stranger.post("/sign-in", content=form, headers=kind)
    assert answer.status_code == 413


async def test_one_stream_too_many_is_refused_before_its_answer_begins(
    pool: Pool, database_url: str
) -> None:
    hub = Hub(PostgresBus(database_url))
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
