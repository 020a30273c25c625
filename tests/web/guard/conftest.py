"""One server for all tests of what the guard says: each minds its own shop."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page
from tests.conftest import Served
from tests.people import sign_in_on_page
from tests.web.chat.desk_town import DeskTown, build_desk_town

from gongdao.base.db import Pool

#: Opens a page as somebody of the town: on a phone, or on what else is said.
Visit = Callable[..., Awaitable[Page]]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


@pytest.fixture
def served(shared_served: Served) -> Served:
    return shared_served


@pytest.fixture
async def town(shared_pool: Pool) -> DeskTown:
    return await build_desk_town(shared_pool)


@pytest.fixture
async def visit(browser: Browser, town: DeskTown, served: Served) -> AsyncIterator[Visit]:
    """Opens a page in a browser session of its own, signed in unless nobody is named."""
    contexts: list[BrowserContext] = []

    async def open_one(path: str, name: str = "", **options: Any) -> Page:
        settings: dict[str, Any] = {"viewport": PHONE, "locale": "zh-CN", **options}
        context = await browser.new_context(timezone_id="Asia/Shanghai", **settings)
        contexts.append(context)
        page = await context.new_page()
        if name:
            await sign_in_on_page(page, served.url, town.sign_in_names[name], path)
        else:
            await page.goto(f"{served.url}{path}")
        return page

    yield open_one
    for context in contexts:
        await context.close()
