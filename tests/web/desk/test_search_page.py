"""Search on the pages: what is found stands marked in it, and leads to where it was said."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from tests.web.chat.desk_town import DeskTown
from tests.web.chat.test_buyer_page import shoot
from tests.web.desk.window_town import asks, enter, says
from tests.web.readable import require_no_barriers

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    yield await context.new_page()
    await context.close()


async def long_talk(town: DeskTown) -> Any:
    """What is looked for stands far above what a window shows at first."""
    talk = await asks(town, "李梅", "<b>冰箱</b>什么时候发货", ago=300)
    await says(town, "小安", talk, "冰箱明天就发貨，到货送装一体", ago=299)
    for n in range(80):
        await says(town, "李梅" if n % 2 else "小安", talk, f"第 {n} 句闲话", ago=200 - n)
    return talk


async def test_a_buyer_looks_for_what_was_promised(town: DeskTown, url: str, page: Page) -> None:
    await long_talk(town)
    await page.set_viewport_size({"width": 390, "height": 844})
    await enter(town, url, page, "李梅", "/chats")
    await shoot(page, "chats-search-box")
    await page.get_by_role("searchbox").fill("明天发货")
    await page.get_by_role("searchbox").press("Enter")
    await expect(page.get_by_text("没有")).not_to_have_count(0)
    await page.get_by_role("searchbox").fill("明天 发货")
    await page.get_by_role("searchbox").press("Enter")
    await expect(page.locator("[data-row]")).to_have_count(1)
    await expect(page.locator("mark")).to_have_text(["明天", "发貨"])
    await require_no_barriers(page)
    await shoot(page, "chats-search")
    await page.locator("[data-row] a").click()
    line = page.locator('[data-seq]:has-text("到货送装一体")')
    await expect(line).to_be_in_viewport()
    await expect(page.locator("#chat-choose")).to_be_visible()
    await page.goto(f"{url}/chats/search?q=%3Cb%3E冰箱")
    await expect(page.locator("[data-row] a").first).to_contain_text("<b>冰箱</b>什么时候")


async def test_an_agent_looks_for_what_a_colleague_said(
    town: DeskTown, url: str, page: Page
) -> None:
    talk = await long_talk(town)
    await page.set_viewport_size({"width": 1440, "height": 900})
    await enter(town, url, page, "小宝", "/desk")
    await page.locator(".desk-places").get_by_role("link", name="搜索").click()
    await expect(page).to_have_url(f"{url}/desk/search")
    await shoot(page, "desk-search-empty")
    await page.get_by_role("searchbox").fill("闲话")
    await page.get_by_role("searchbox").press("Enter")
    await expect(page.locator("[data-row]")).to_have_count(30)
    await require_no_barriers(page)
    await shoot(page, "desk-search")
    await page.get_by_role("link", name="下一页").click()
    await expect(page.locator("[data-row] a").first).to_contain_text("第 49 句")
    await page.goto(f"{url}/desk/search?q=送装一体")
    await page.locator("[data-row] a").click()
    await page.wait_for_url(f"**/desk?*c={talk}*")
    await expect(page.locator('[data-seq]:has-text("到货送装一体")')).to_be_in_viewport()
    for odd in ("kind=nonsense&q=闲话", "q=", "since=2026-02-31&q=闲话", "agent=-&q=闲话"):
        answer = await page.goto(f"{url}/desk/search?{odd}")
        assert answer is not None and answer.status < 500, odd
