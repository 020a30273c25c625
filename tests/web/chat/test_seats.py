"""An agent is there as long as a screen of theirs stands, and back as soon as one comes back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from tests.web.chat.desk_town import DeskTown, Screen, build_desk_town, open_screen

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.flows.talk.presence import keep_desks, own_presence, set_own_state


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    return await build_desk_town(pool)


@asynccontextmanager
async def seated(town: DeskTown, url: str, name: str) -> AsyncIterator[Screen]:
    screen = await open_screen(url, town.tokens[name])
    await screen.send("desk")
    try:
        yield screen
    finally:
        await screen.close()


async def test_a_screen_brings_a_dropped_agent_back(town: DeskTown, serve, database_url: str):
    agent = town.people["小安"]
    long_ago = utc_now() - timedelta(minutes=5)
    await set_own_state(town.pool, agent, "online", now=long_ago)
    assert await keep_desks(town.pool, now=long_ago + timedelta(minutes=1)) == 1
    server = serve(database_url)
    served = await asyncio.to_thread(server.__enter__)
    try:
        async with seated(town, served.url, "小安"):
            async with asyncio.timeout(20):
                while (await own_presence(town.pool, agent)).state != "online":
                    await asyncio.sleep(0.05)
            seen = await town.pool.fetchval(
                "SELECT seen_at FROM chat_agents WHERE person_id = $1", agent.person_id
            )
            assert utc_now() - seen < timedelta(seconds=20)
    finally:
        await asyncio.to_thread(server.__exit__, None, None, None)
