"""A stream that was opened once is no leave for ever: it ends with the session that opened it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from tests.conftest import Served
from tests.people import PASSWORD, Settled, settle_person

from gongdao.accounts import own, staff
from gongdao.accounts.gate import session_cookie_name
from gongdao.accounts.sign_in import sign_in, sign_out
from gongdao.base.bus import PostgresBus
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.live import Hub

_PATIENCE_SECONDS = 30


@asynccontextmanager
async def telling(database_url: str) -> AsyncGenerator[Callable[[str], None]]:
    """Another process of the product, in which things happen."""
    hub = Hub(PostgresBus(database_url))
    await hub.start_telling()
    try:
        yield lambda name: hub.tell([name])
    finally:
        await hub.stop()


@asynccontextmanager
async def listening(
    url: str, channel: str, headers: dict[str, str]
) -> AsyncGenerator[AsyncIterator[str]]:
    """The lines of a stream that is open and was told something."""
    async with (
        httpx.AsyncClient(base_url=url, headers=headers, timeout=_PATIENCE_SECONDS) as client,
        client.stream("GET", f"/live/{channel}") as answer,
    ):
        assert answer.status_code == 200
        lines = answer.aiter_lines()
        assert await anext(lines) == ": open"
        yield lines


async def heard(lines: AsyncIterator[str]) -> str:
    """What is said next; an empty text when the stream ends."""
    async for line in lines:
        # A stream opens, and stays open, with lines that say nothing.
        if word := line.removeprefix("data:").strip() if line.startswith("data:") else "":
            return word
    return ""


async def signed_out(pool: Pool, _: Settled, secret: str) -> None:
    await sign_out(pool, secret)


async def locked(pool: Pool, who: Settled, _: str) -> None:
    await pool.execute(
        "UPDATE people SET disabled_at = $2 WHERE id = $1", who.principal.person_id, utc_now()
    )


async def other_role(pool: Pool, who: Settled, _: str) -> None:
    auditor = await pool.fetchval("SELECT id FROM roles WHERE shop_id IS NULL AND name = 'auditor'")
    await pool.execute(
        "UPDATE people SET role_id = $2 WHERE id = $1", who.principal.person_id, auditor
    )


@pytest.mark.parametrize("over", [signed_out, locked, other_role])
async def test_a_stream_ends_when_whoever_opened_it_is_no_longer_let_in(
    served: Served, pool: Pool, over: Callable[[Pool, Settled, str], Awaitable[None]]
) -> None:
    roles = await staff.create_first_roles(pool, shop_id=None, now=utc_now())
    who = await settle_person(pool, "周仲裁", kind="platform", role_id=roles["arbiter"])
    signed = await sign_in(pool, who.sign_in_name, PASSWORD, now=utc_now())
    channel = f"notices:{who.principal.person_id}"
    headers = {"cookie": f"{session_cookie_name(served.url)}={signed.secret}"}
    async with (
        telling(served.database_url) as tell,
        listening(served.url, channel, headers) as lines,
        asyncio.timeout(_PATIENCE_SECONDS),
    ):
        tell(channel)
        assert await heard(lines) == "changed"
        await over(pool, who, signed.secret)
        tell(channel)
        assert await heard(lines) == ""


async def test_a_stream_ends_with_the_token_that_opened_it(served: Served, pool: Pool) -> None:
    who = await settle_person(pool, "陈晓芸")
    assert who.token_id
    channel = f"notices:{who.principal.person_id}"
    headers = {"authorization": f"Bearer {who.token}"}
    async with (
        telling(served.database_url) as tell,
        listening(served.url, channel, headers) as lines,
        asyncio.timeout(_PATIENCE_SECONDS),
    ):
        tell(channel)
        assert await heard(lines) == "changed"
        await own.revoke_token(pool, who.principal, who.token_id, now=utc_now())
        tell(channel)
        assert await heard(lines) == ""
