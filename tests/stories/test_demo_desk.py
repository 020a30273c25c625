"""The desk of the demo as the log-ins promise it: buyers wait, and the lead has figures.

With GONGDAO_SCREENS=1 the pictures that the README shows are taken anew.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from tests.conftest import Serve

from gongdao.flows.demo.cast import PASSWORD

pytestmark = pytest.mark.browser
SCREENS = Path(__file__).parents[2] / "docs" / "screens"


@pytest.fixture
def url(serve: Serve, database_url: str, tmp_path: Path) -> Iterator[str]:
    settings = {"GONGDAO_DATABASE_URL": database_url, "GONGDAO_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "gongdao.cli.app", "demo", "--fill-only"]
    subprocess.run(command, env=os.environ | settings, check=True, stdout=subprocess.DEVNULL)
    with serve(database_url) as served:
        yield served.url


async def enter(browser: Browser, url: str, name: str) -> Page:
    context = await browser.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1440, "height": 860}
    )
    page = await context.new_page()
    await page.goto(f"{url}/sign-in")
    await page.fill("input[name=name]", name)
    await page.fill("input[name=password]", PASSWORD)
    await page.press("input[name=password]", "Enter")
    await page.wait_for_url(lambda there: "sign-in" not in there)
    return page


async def keep(page: Page, name: str) -> None:
    if os.environ.get("GONGDAO_SCREENS") == "1":
        await page.evaluate("document.getElementById('toasts').replaceChildren()")
        await page.screenshot(path=SCREENS / f"{name}.png")


async def test_an_agent_finds_buyers_who_wait_and_a_lead_the_figures(
    browser: Browser, url: str
) -> None:
    agent = await enter(browser, url, "shop:agent1")
    await agent.goto(f"{url}/desk?view=unanswered")
    rows = agent.locator(".desk-left a", has=agent.locator(".desk-clock"))
    await expect(rows).to_have_count(3)
    # The buyer of the fan waits for an answer to a case of theirs, which stands beside the talk.
    await agent.locator(".desk-left a", has_text="张伟").click()
    await expect(agent.locator("#desk-talk")).to_contain_text("风扇的退款你们什么时候同意？")
    await expect(agent.locator("#desk-panel")).to_contain_text("落地扇")
    await expect(agent.locator("#desk-send")).to_be_enabled()
    await keep(agent, "desk")
    lead = await enter(browser, url, "shop:lead")
    await lead.goto(f"{url}/desk/figures?days=30")
    await expect(lead.locator("main")).to_contain_text("小美")
