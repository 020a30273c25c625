"""Warned while it can still help: under the shop's message, live, after a reload, in the widget."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from playwright.async_api import Page, WebSocketRoute, expect
from tests.conftest import Served
from tests.web.chat.desk_town import DeskTown, Screen, open_screen
from tests.web.desk.window_town import asks, says
from tests.web.guard.conftest import DESK, Visit
from tests.web.guard.test_kit import shoot
from tests.web.readable import require_no_barriers

from gongdao.base.clock import utc_now
from gongdao.flows.talk.presence import set_own_state

pytestmark = pytest.mark.browser
ASKED = "亲，您下载一个向日葵远程控制，把屏幕共享给我，我帮您退款"

CODE = "把手机收到的短信验证码发给我，我帮您取消贷款"


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


class Line:
    """The socket of a page, which a test cuts and mends."""

    def __init__(self) -> None:
        self.is_whole = True
        self.ends: list[WebSocketRoute] = []

    async def take(self, end: WebSocketRoute) -> None:
        """A page opens a socket; while the line is cut nobody answers."""
        if not self.is_whole:
            return await end.close()
        end.connect_to_server()
        self.ends.append(end)


async def cut(page: Page) -> Line:
    """From the next page on its socket is one that can be cut."""
    line = Line()
    await page.route_web_socket("**/chat/socket", line.take)
    return line


async def found(town: DeskTown, talk: str, code: str) -> None:
    """Wait until the guard has found it."""
    asked = (
        "SELECT count(*) FROM risk_findings WHERE conversation_id = $1::text::uuid AND code = $2"
    )
    for _ in range(100):
        if await town.pool.fetchval(asked, talk, code):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{code} was not found")


@pytest.mark.fact("S0-36")
async def test_a_buyer_is_warned_while_they_read(
    visit: Visit, agent: Screen, town: DeskTown
) -> None:
    talk = str(await asks(town, "李梅", "我的退款怎么还没到"))
    for day in range(1, 12):
        await says(town, "李梅", UUID(talk), f"第 {day} 天了，退款还没到")
    phone = await visit(f"/chat/{town.shop_id}?talk={talk}", "李梅")
    await expect(phone.locator(".chat-mine .chat-text").last).to_be_in_viewport(ratio=1)
    await expect(phone.locator(".chat-guard")).to_have_count(0)
    await scammed(phone, agent, talk)
    strip = phone.locator(".chat-theirs + .chat-guard")
    await expect(strip).to_contain_text("远程")
    await expect(strip.locator("a")).to_have_attribute("href", f"/help/scam?conversation={talk}")
    assert await phone.locator("[role=log][aria-live=polite] .chat-guard").count() == 1
    assert await phone.locator("dialog[open], [role=alertdialog]").count() == 0
    await shoot(phone, "chat-warned")
    line = await cut(phone)
    await phone.reload()
    await expect(strip).to_contain_text("远程")
    await expect(strip).to_be_in_viewport(ratio=1)
    # What was found while the line was broken is asked for once it stands again.
    line.is_whole = False
    await line.ends[-1].close()
    await expect(phone.locator(".chat-away")).to_have_count(1)
    await agent.answer_to(await agent.say(talk, CODE, seen=agent.seqs(talk)[-1]))
    await found(town, talk, "code-or-password")
    line.is_whole = True
    await expect(strip).to_contain_text(["远程", "验证码"])
    await require_no_barriers(phone)
    dark = await visit(f"/chat/{town.shop_id}?talk={talk}", "李梅", color_scheme="dark")
    await dark.goto(dark.url.split("/chat/")[0] + f"/locale/en?back=/chat/{town.shop_id}")
    await expect(dark.locator(".chat-guard-danger").first).to_contain_text(
        "remote control of a phone"
    )
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
    await found(town, talk, "remote-control")
    await window.wait_for_timeout(300)
    await expect(window.locator(".desk-sign, .desk-told, .chat-guard")).to_have_count(0)
