"""Warned while it can still help: under the shop's message, live, after a reload, in the widget."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect
from tests.conftest import Served
from tests.web.chat.desk_town import DeskTown, Screen, open_screen
from tests.web.desk.window_town import asks
from tests.web.guard.conftest import DESK, Visit
from tests.web.guard.test_kit import shoot
from tests.web.readable import require_no_barriers

from gongdao.base.clock import utc_now
from gongdao.flows.talk.presence import set_own_state

pytestmark = pytest.mark.browser
ASKED = "亲，您下载一个向日葵远程控制，把屏幕共享给我，我帮您退款"


@pytest.fixture
async def agent(town: DeskTown, served: Served) -> AsyncIterator[Screen]:
    await set_own_state(town.pool, town.people["小安"], "online", now=utc_now())
    screen = await open_screen(served.url, town.tokens["小安"])
    yield screen
    await screen.close()


async def scammed(page: Page, agent: Screen, talk: str) -> None:
    """The shop asks for remote control in a talk that the buyer has open."""
    await agent.send("open", conversation=talk)
    await agent.until(lambda s: s.seqs(talk))
    await agent.answer_to(await agent.say(talk, ASKED, seen=agent.seqs(talk)[-1]))


@pytest.mark.fact("S0-36")
async def test_a_buyer_is_warned_while_they_read(
    visit: Visit, agent: Screen, town: DeskTown
) -> None:
    talk = str(await asks(town, "李梅", "我的退款怎么还没到"))
    phone = await visit(f"/chat/{town.shop_id}?talk={talk}", "李梅")
    await expect(phone.locator(".chat-mine .chat-text")).to_contain_text("退款")
    await expect(phone.locator(".chat-guard")).to_have_count(0)
    await scammed(phone, agent, talk)
    strip = phone.locator(".chat-theirs + .chat-guard")
    await expect(strip).to_contain_text("远程")
    await expect(strip.locator("a")).to_have_attribute("href", f"/help/scam?conversation={talk}")
    assert await phone.locator("[role=log][aria-live=polite] .chat-guard").count() == 1
    assert await phone.locator("dialog[open], [role=alertdialog]").count() == 0
    await shoot(phone, "chat-warned")
    await phone.reload()
    await expect(strip).to_contain_text("远程")
    await require_no_barriers(phone)
    dark = await visit(f"/chat/{town.shop_id}?talk={talk}", "李梅", color_scheme="dark")
    await dark.goto(dark.url.split("/chat/")[0] + f"/locale/en?back=/chat/{town.shop_id}")
    await expect(dark.locator(".chat-guard-danger")).to_contain_text("control your phone")
    await require_no_barriers(dark)
    await shoot(dark, "chat-warned-dark-english")


async def test_the_shop_that_said_it_sees_no_warning(
    visit: Visit, agent: Screen, town: DeskTown
) -> None:
    talk = str(await asks(town, "李梅", "在吗"))
    window = await visit(f"/desk?view=all&c={talk}", "小安", viewport=DESK)
    await expect(window.locator("#desk-talk .chat-text")).to_have_count(1)
    await scammed(window, agent, talk)
    await expect(window.locator("#desk-talk .chat-text")).to_have_count(2)
    found = "SELECT count(*) FROM risk_findings WHERE conversation_id = $1::text::uuid"
    for _ in range(100):
        if await town.pool.fetchval(found, talk):
            break
        await window.wait_for_timeout(50)
    assert await town.pool.fetchval(found, talk)
    await window.wait_for_timeout(300)
    await expect(window.locator(".desk-sign, .desk-told, .chat-guard")).to_have_count(0)
