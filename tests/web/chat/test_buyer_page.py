"""A buyer's conversation in a real browser, on a phone: chosen, written, answered, graded."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from tests.conftest import Served
from tests.files.samples import image
from tests.people import sign_in_on_page
from tests.web.chat.desk_town import DeskTown, Screen, open_screen
from tests.web.half_typed import type_by_halves
from tests.web.readable import require_no_barriers

from gongdao.base.clock import utc_now
from gongdao.flows.talk.presence import set_own_state

pytestmark = pytest.mark.browser
TALKS = "SELECT count(*) FROM chat_conversations WHERE shop_id = $1"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
async def agent(town: DeskTown, served: Served) -> AsyncIterator[Screen]:
    await set_own_state(town.pool, town.people["小安"], "online", now=utc_now())
    screen = await open_screen(served.url, town.tokens["小安"])
    yield screen
    await screen.close()


@pytest.fixture
async def phone(browser: Browser, town: DeskTown, served: Served) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True)
    page = await context.new_page()
    await sign_in_on_page(page, served.url, town.sign_in_names["李梅"], "/orders")
    yield page
    await context.close()


async def shoot(page: Page, name: str) -> None:
    """A picture for whoever looks at the pages, where GONGDAO_SHOTS names a folder."""
    if folder := os.environ.get("GONGDAO_SHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png")


async def test_a_buyer_talks_with_a_shop(
    phone: Page, agent: Screen, town: DeskTown, served: Served, tmp_path: Path
) -> None:
    await phone.goto(f"{served.url}/chat/{town.shop_id}")
    await expect(phone.locator(".chat-group").first).to_be_visible()
    await shoot(phone, "chat-front")
    await phone.locator(".chat-group").first.click()
    await expect(phone.locator(".chat-input")).to_be_focused()
    await shoot(phone, "chat-chosen")
    assert await town.pool.fetchval(TALKS, town.shop_id) == 0, "nobody has said anything yet"
    await phone.fill(".chat-input", "您好，这双鞋有 42 码吗？")
    await phone.click(".chat-send")
    await expect(phone.locator(".chat-standing")).to_contain_text("正在为您服务")
    await expect(phone.locator(".chat-input")).to_have_value("")
    await expect(phone.locator(".chat-mine .chat-text")).to_have_text("您好，这双鞋有 42 码吗？")

    talk = str(await town.only_talk())
    await agent.send("open", conversation=talk)
    await agent.until(lambda s: s.texts(talk))
    await agent.send("typing", conversation=talk)
    await expect(phone.locator(".chat-status")).to_have_text("对方正在输入…")
    last = agent.seqs(talk)[-1]
    await agent.answer_to(await agent.say(talk, "有的，今天下单今天发货。", seen=last))
    await expect(phone.locator(".chat-theirs .chat-text").last).to_contain_text("今天发货")
    await agent.send("mark", conversation=talk, delivered=last + 1, read=last + 1)
    await expect(phone.locator(".chat-mark").last).to_have_text("已读")

    picture = tmp_path / "鞋.jpg"
    picture.write_bytes(image("JPEG"))
    await phone.locator("input[type=file][multiple]").set_input_files(picture)
    await expect(phone.locator(".chat-kind-image img")).to_have_js_property("complete", True)
    await expect(phone.locator(".chat-pending li")).to_have_count(0)
    await shoot(phone, "chat-talk")
    await require_no_barriers(phone)

    await phone.click(".chat-close-talk")
    await expect(phone.locator(".chat-grade")).to_be_visible()
    await shoot(phone, "chat-grade")
    await phone.locator(".chat-star").nth(4).click()
    await expect(phone.locator(".chat-grade")).to_contain_text("感谢您的评价")
    assert await town.only_talk("grade") == 5
    await phone.goto(f"{served.url}/chats")
    await expect(phone.locator(".chat-list .gd-row")).to_have_count(1)
    await shoot(phone, "chats")


async def test_what_is_written_without_a_network_arrives_once(
    phone: Page, agent: Screen, town: DeskTown, served: Served
) -> None:
    await phone.goto(f"{served.url}/chat/{town.shop_id}")
    await phone.locator(".chat-group").first.click()
    await phone.context.set_offline(True)
    await phone.fill(".chat-input", "在吗")
    await phone.click(".chat-send")
    await expect(phone.locator(".chat-toast")).to_contain_text("网络不太顺畅")
    await expect(phone.locator(".chat-input")).to_have_value("在吗")
    assert await town.pool.fetchval(TALKS, town.shop_id) == 0
    await phone.context.set_offline(False)
    await phone.click(".chat-send")
    await expect(phone.locator(".chat-standing")).to_contain_text("正在为您服务")
    talk = str(await town.only_talk())
    await agent.send("open", conversation=talk)
    await phone.context.set_offline(True)
    for text in ("我的快递三天没动了", "帮我催一下"):
        await phone.fill(".chat-input", text)
        await phone.click(".chat-send")
    await phone.context.set_offline(False)
    await agent.until(lambda s: s.texts(talk)[-1:] == ["帮我催一下"], patience=40)
    assert agent.texts(talk) == ["在吗", "我的快递三天没动了", "帮我催一下"]
    await expect(phone.locator(".chat-pending li")).to_have_count(0)
    await expect(phone.locator(".chat-mine .chat-text")).to_have_count(3)


async def test_half_typed_chinese_is_never_sent(
    phone: Page, agent: Screen, town: DeskTown, served: Served
) -> None:
    await phone.goto(f"{served.url}/chat/{town.shop_id}")
    await phone.locator(".chat-group").first.click()
    await type_by_halves(phone.locator(".chat-input"))
    assert await town.pool.fetchval(TALKS, town.shop_id) == 0, "nothing has begun"
    for sent in range(1, 3):
        await phone.press(".chat-input", "Enter")
        await expect(phone.locator(".chat-mine .chat-text")).to_have_text(["你好"] * sent)
        await type_by_halves(phone.locator(".chat-input"))
    await expect(phone.locator(".chat-mine")).to_have_count(2)
