"""The whole application on a real socket in this process, over a shop with people at its desk."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser, Page
from tests.web.chat.desk_town import DeskTown, build_desk_town
from tests.web.desk.window_town import Window, enter

from gongdao.base.config import read_config
from gongdao.base.db import Pool
from gongdao.main import create_app


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    return await build_desk_town(pool)


@pytest.fixture
async def url(town: DeskTown, database_url: str, tmp_path: Path) -> AsyncIterator[str]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        env = {
            "GONGDAO_DATABASE_URL": database_url,
            "GONGDAO_HOME": str(tmp_path),
            "GONGDAO_PUBLIC_URL": address,
        }
        config = uvicorn.Config(
            create_app(read_config(env)),
            log_level="error",
            timeout_graceful_shutdown=1,
            ws="websockets-sansio",
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield address
        server.should_exit = True
        await serving


@pytest.fixture
async def window(browser: Browser, town: DeskTown, url: str) -> AsyncIterator[Window]:
    """Opens the window of an agent, in a browser session of its own."""
    contexts = []

    async def open_one(name: str) -> Page:
        context = await browser.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1440, "height": 900}
        )
        contexts.append(context)
        page = await context.new_page()
        await enter(town, url, page, name)
        return page

    yield open_one
    for context in contexts:
        await context.close()
