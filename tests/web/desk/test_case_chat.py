"""The conversation of a case with three people, and chosen messages sealed from the pages."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page, expect
from tests.web.chat.desk_town import DeskTown
from tests.web.chat.test_buyer_page import shoot
from tests.web.desk.window_town import asks, enter, order_of, says
from tests.web.readable import require_no_barriers

from gongdao.base.clock import utc_now
from gongdao.cases import commands as c
from gongdao.flows.act import open_case
from gongdao.policy.load import load_pack

pytestmark = pytest.mark.browser
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
REMOTE = "亲，您下载一个向日葵远程控制，把屏幕共享给我，我帮您退款"
Open = Callable[[str, str], Awaitable[Page]]


@pytest.fixture
async def open_as(browser: Browser, town: DeskTown, url: str) -> AsyncIterator[Open]:
    """Opens a page as somebody: the buyer on a phone, the others at a desk."""
    contexts = []

    async def open_one(name: str, path: str) -> Page:
        size = PHONE if name == "李梅" else DESK
        context = await browser.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", viewport=size
        )
        contexts.append(context)
        page = await context.new_page()
        await enter(town, url, page, name, path)
        return page

    yield open_one
    for context in contexts:
        await context.close()


async def case_of(town: DeskTown) -> UUID:
    order = await order_of(town, "李梅")
    args = c.OpenArgs(procedure="complaint", kind="not_as_described")
    opened = await open_case(
        town.pool, town.people["李梅"], order.id, args, pack=load_pack("taobao-classic"),
        now=utc_now(),
    )  # fmt: skip
    return opened.case.id


async def write(page: Page, text: str) -> None:
    await page.fill("#talk-text", text)
    await page.press("#talk-text", "Enter")
    await expect(page.locator(".chat-pending li")).to_have_count(0)


async def test_three_sides_talk_about_a_case(open_as: Open, town: DeskTown) -> None:
    case_id = await case_of(town)
    buyer = await open_as("李梅", f"/cases/{case_id}")
    await buyer.get_by_role("link", name="与商家、平台沟通").click()
    await expect(buyer.locator("#talk-none")).to_be_visible()
    arbiter = await open_as("仲裁员", f"/platform/cases/{case_id}")
    await arbiter.get_by_role("link", name="与买卖双方沟通").click()
    await expect(arbiter.locator("#talk-none")).to_be_visible()
    # Whoever only looks begins nothing.
    assert await town.pool.fetchval("SELECT count(*) FROM chat_conversations") == 0
    await write(buyer, "冰箱门关不严，视频已上传")
    # The others' open pages hear of it by themselves.
    await expect(arbiter.locator(".chat-theirs .chat-text")).to_have_text(
        "冰箱门关不严，视频已上传"
    )
    await expect(arbiter.locator(".chat-theirs .chat-name")).to_have_text("买家 · 李梅")
    shop = await open_as("小安", f"/shop/cases/{case_id}")
    await shop.get_by_role("link", name="与买家、平台沟通").click()
    await expect(shop.locator(".chat-text")).to_have_count(1)
    await write(shop, "可以上门检测")
    await write(arbiter, "请商家今天内安排上门")
    for page in (buyer, shop, arbiter):
        await expect(page.locator(".chat-text")).to_have_text(
            ["冰箱门关不严，视频已上传", "可以上门检测", "请商家今天内安排上门"]
        )
    shop_name = await town.pool.fetchval("SELECT name FROM shops WHERE id = $1", town.shop_id)
    await expect(buyer.locator(".chat-name")).to_have_text(
        ["我", f"客服 · {shop_name}", "平台客服"]
    )
    for page, name in ((buyer, "case-chat-phone"), (arbiter, "case-chat-arbiter")):
        await require_no_barriers(page)
        await shoot(page, name)
    assert await town.pool.fetchval("SELECT count(*) FROM chat_conversations") == 1
    await warned_in_a_case(buyer, shop, arbiter, town)
    # The kit leads back to the talk of the case, where it is sealed.
    kit = await buyer.locator(".chat-guard a").get_attribute("href")
    asked = await buyer.request.get(f"{buyer.url.split('/cases/')[0]}{kit}")
    assert f'href="/cases/{case_id}/chat"' in await asked.text()
    await buyer.reload()
    await expect(buyer.locator(".chat-text")).to_have_count(4)
    await expect(buyer.locator(".chat-guard")).to_have_count(1)
    await arbiter.locator("#talk-choose").click()
    await arbiter.get_by_label("可以上门检测").check()
    await arbiter.get_by_role("button", name="生成聊天凭证").click()
    await arbiter.get_by_role("dialog").get_by_role("button", name="生成聊天凭证").click()
    await expect(arbiter.get_by_role("dialog")).to_contain_text("聊天凭证已生成")
    sealed = await town.pool.fetchrow("SELECT seqs, case_id FROM chat_excerpts")
    assert (sealed["seqs"], sealed["case_id"]) == ([2], case_id)


async def warned_in_a_case(buyer: Page, shop: Page, arbiter: Page, town: DeskTown) -> None:
    """The buyer hears what to do, the arbiter reads and judges it, the shop sees nothing of it."""
    await write(shop, REMOTE)
    strip = buyer.locator("[data-author=shop] > .chat-guard-danger")
    await expect(strip).to_contain_text("远程")
    talk = await town.only_talk()
    await expect(strip.locator("a")).to_have_attribute("href", f"/help/scam?conversation={talk}")
    sign = arbiter.locator("[data-author=shop] .desk-sign")
    await expect(sign).to_contain_text("远程")
    await expect(sign.locator("xpath=../..").locator("mark").first).to_be_visible()
    await expect(shop.locator(".chat-text")).to_have_count(4)
    await shop.wait_for_timeout(300)
    for part in (".desk-sign", ".chat-guard", ".desk-sign-words"):
        await expect(shop.locator(part)).to_have_count(0)
    # The shop may say what was missed in the buyer's words alone, the arbiter in both sides'.
    await expect(shop.locator(".desk-missed")).to_have_count(1)
    await expect(arbiter.locator(".desk-missed")).to_have_count(3)
    await expect(buyer.locator(".desk-missed, .desk-sign")).to_have_count(0)
    for page, name in ((buyer, "case-chat-warned-phone"), (arbiter, "case-chat-signs")):
        await require_no_barriers(page)
        await shoot(page, name)
    await sign.locator(".desk-sign-act").first.click()
    await expect(sign).to_contain_text("已标记：判断正确")
    line = arbiter.locator("[data-author=shop]").first
    await line.locator(".chat-bubble").hover()
    await line.get_by_role("button", name="漏报").click()
    await line.locator("select").select_option("other-channel")
    await line.get_by_role("button", name="提交").click()
    await expect(line.locator("form")).to_have_count(0)
    marked = await town.pool.fetchrow(
        "SELECT f.verdict, m.code FROM risk_findings f, risk_missed m WHERE f.seq = 4 AND m.seq = 2"
    )
    assert marked and tuple(marked) == ("right", "other-channel")


async def test_a_buyer_chooses_proof_from_the_chat(open_as: Open, town: DeskTown) -> None:
    case_id = await case_of(town)
    talk = await asks(town, "李梅", "冰箱门关不严", ago=30)
    await says(town, "小安", talk, "签收了就不能退", ago=20)
    await says(town, "李梅", talk, "质量问题也不退吗", ago=10)
    await says(town, "小安", talk, "可以退您 100 元", ago=1)
    page = await open_as("李梅", f"/cases/{case_id}")
    if not await page.locator("#add-evidence[open]").count():
        await page.locator("#add-evidence > summary").click()
    await page.get_by_role("link", name="从聊天记录中选取").click()
    await expect(page.locator(".talk-bar")).to_contain_text("请选择要作为凭证的消息")
    choices = page.locator(".talk-choice input")
    await expect(choices).not_to_have_count(0)
    assert not await page.locator(".chat-foot").is_visible()
    # With the keys alone: the last one is in focus; a range with Shift; Escape leaves it.
    await page.keyboard.press("Space")
    await expect(page.locator(".talk-count")).to_have_text("已选 1 条消息")
    await page.keyboard.press("Escape")
    await expect(page.locator(".talk-bar")).to_have_count(0)
    await page.locator("#chat-choose").click()
    await page.get_by_label("签收了就不能退").check()
    await page.get_by_label("可以退您 100 元").click(modifiers=["Shift"])
    await expect(page.locator(".talk-count")).to_have_text("已选 3 条消息")
    await page.get_by_label("质量问题也不退吗").uncheck()
    await require_no_barriers(page)
    await shoot(page, "seal-choose")
    await page.get_by_role("button", name="生成聊天凭证").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("提交为售后单")).to_be_checked()
    await require_no_barriers(page)
    await shoot(page, "seal-where")
    await dialog.get_by_role("button", name="生成聊天凭证").click()
    await expect(dialog).to_contain_text("已作为第 1 项凭证提交")
    await shoot(page, "seal-done")
    sealed = await town.pool.fetchrow("SELECT seqs, sha256, body FROM chat_excerpts")
    assert len(sealed["seqs"]) == 2 and hashlib.sha256(sealed["body"]).digest() == sealed["sha256"]
    await expect(dialog.locator("code")).to_have_text(sealed["sha256"].hex())
    await dialog.get_by_role("link", name="查看售后单").click()
    await expect(page.locator("#evidence")).to_contain_text("聊天记录摘录，第 3 至 5 条")


async def test_an_agent_seals_for_a_case_or_for_none(open_as: Open, town: DeskTown) -> None:
    case_id = await case_of(town)
    talk = await asks(town, "李梅", "冰箱门关不严", ago=30)
    await says(town, "小安", talk, "可以退您 100 元", ago=1)
    page = await open_as("小安", f"/shop/cases/{case_id}/chat/choose")
    await page.wait_for_url(f"**/desk?*c={talk}*")
    await expect(page.locator(".talk-bar")).to_be_visible()
    await page.get_by_label("可以退您 100 元").check()
    await page.get_by_label("冰箱门关不严").check()
    await require_no_barriers(page)
    await shoot(page, "seal-desk")
    await page.locator(".talk-bar").get_by_role("button", name="生成聊天凭证").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("提交为售后单")).to_be_checked()
    await dialog.get_by_label("仅生成凭证").check()
    await shoot(page, "seal-desk-where")
    await dialog.get_by_role("button", name="生成聊天凭证").click()
    await expect(dialog).to_contain_text("聊天凭证已生成")
    assert await town.pool.fetchval("SELECT case_id IS NULL FROM chat_excerpts")
    await dialog.get_by_role("button", name="完成").click()
    await expect(page.locator("#desk-say")).to_be_visible()
    # A note never leaves the shop, so it cannot be chosen.
    await page.locator("#desk-note").check()
    await page.fill("#desk-text", "这位买家要小心")
    await page.press("#desk-text", "Enter")
    await expect(page.locator(".chat-kind-note")).to_be_visible()
    await page.locator("#desk-seal").click()
    await expect(page.locator(".talk-choice").first).to_be_visible()
    await expect(page.locator("li:has(.chat-kind-note) .talk-choice")).to_have_count(0)
