"""The agent's window in a real browser: talks, broken lines, cases, keys, input methods, axe."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from playwright.async_api import Page, expect
from tests.web.chat.desk_town import DeskTown, Screen, open_screen
from tests.web.desk.window_town import Window, asks, choose, come_online, order_of, writes
from tests.web.half_typed import type_by_halves
from tests.web.readable import barriers

from gongdao.base.clock import utc_now
from gongdao.cases import commands as c
from gongdao.flows.act import open_case
from gongdao.policy.load import load_pack

pytestmark = pytest.mark.browser


@pytest.fixture
async def buyer(town: DeskTown, url: str) -> AsyncIterator[Screen]:
    screen = await open_screen(url, town.tokens["李梅"])
    yield screen
    await screen.close()


async def write(page: Page, text: str) -> None:
    await page.fill("#desk-text", text)
    await page.press("#desk-text", "Enter")


async def test_two_agents_and_a_buyer_talk_across_a_broken_line(
    town: DeskTown, window: Window, buyer: Screen
) -> None:
    await come_online(town, "小安")
    talk = await asks(town, "李梅", "冰箱门凹了一块")
    anna = await window("小安")
    await buyer.send("open", conversation=talk)
    row = anna.locator(f"#talk-{talk}")
    await expect(row.locator(".desk-clock")).to_be_visible()
    await choose(anna, talk)
    await write(anna, "您好，我看一下")
    await buyer.until(lambda s: "您好，我看一下" in s.texts(talk))
    await expect(row.locator(".desk-clock")).to_have_count(0)
    # The line of one breaks while a colleague answers.
    await anna.fill("#desk-text", "可以退一部分")
    await anna.context.set_offline(True)
    await anna.evaluate("navigator.serviceWorker, dispatchEvent(new Event('offline'))")
    bob = await window("小宝")
    await bob.goto(f"{bob.url.split('?')[0]}?view=unanswered&c={talk}")
    await expect(bob.locator("#desk-send")).to_be_enabled()
    await buyer.say(talk, "还在吗？")
    await write(bob, "我是小宝，马上给您退")
    await buyer.until(lambda s: "我是小宝，马上给您退" in s.texts(talk))
    await anna.context.set_offline(False)
    await expect(anna.locator("#desk-talk")).to_contain_text("我是小宝，马上给您退")
    assert await anna.input_value("#desk-text") == "可以退一部分", "the draft outlives the line"
    await expect(anna.locator("#desk-send")).to_be_enabled()
    await anna.press("#desk-text", "Enter")
    await buyer.until(lambda s: "可以退一部分" in s.texts(talk))
    # Everybody has everything once and in order.
    assert buyer.seqs(talk) == sorted(set(buyer.seqs(talk)))
    for page in (anna, bob):
        shown = await page.locator("#desk-talk .chat-text").all_inner_texts()
        assert shown == buyer.texts(talk)
    # Handed over with a reason, and closed by whoever has it then.
    await come_online(town, "小宝")
    await anna.click("#desk-hand-over")
    sheet = anna.locator("#desk-sheet")
    await sheet.locator("label", has_text="小宝").click()
    await sheet.locator("textarea").fill("买家要部分退款")
    await sheet.get_by_role("button", name="转接").click()
    await expect(row).to_have_count(0)
    await expect(bob.locator("#desk-talk")).to_contain_text("买家要部分退款")
    await expect(bob.locator("#desk-talk")).to_contain_text("已为您转接至 2号客服")
    assert "买家要部分退款" not in str(buyer.frames)
    await bob.click("#desk-close")
    await bob.locator("#desk-close-dialog").get_by_role("button", name="结束会话").click()
    await expect(bob.locator("#desk-standing")).to_contain_text("已结束")
    assert await town.pool.fetchval("SELECT state FROM chat_conversations") == "closed"


async def test_an_answer_that_overtakes_ones_own_is_read_first(
    town: DeskTown, url: str, window: Window
) -> None:
    await come_online(town, "小安")
    talk = await asks(town, "李梅", "在吗")
    anna = await window("小安")
    await choose(anna, talk)
    # As a screen would send it that has not been told yet.
    await anna.evaluate(
        """() => { const send = WebSocket.prototype.send;
          WebSocket.prototype.send = function (text) {
            const frame = JSON.parse(text);
            if (frame.op === "say") frame.seen = 0;
            send.call(this, JSON.stringify(frame)); }; }"""
    )
    await writes(town, url, "小宝", "我先答了", talk)
    await expect(anna.locator("#desk-talk")).to_contain_text("我先答了")
    await write(anna, "我来答")
    await expect(anna.locator("#desk-remarks")).to_contain_text("同事刚刚已经回复")
    assert await anna.input_value("#desk-text") == "我来答"
    await expect(anna.locator(".chat-found")).to_contain_text("我先答了")


async def test_a_chat_becomes_a_case_and_a_settled_refund(
    town: DeskTown, window: Window, buyer: Screen
) -> None:
    await come_online(town, "老板")
    order = await order_of(town, "李梅")
    talk = await asks(town, "李梅", "门凹了，退我 200 就行", order_id=order.id, topic="aftersale")
    page = await window("老板")
    await buyer.send("open", conversation=talk)
    await choose(page, talk)
    await page.locator(f"#order-{order.id}").get_by_role("button", name="代申请售后").click()
    sheet = page.locator("#desk-sheet")
    await sheet.locator("select").select_option("quality")
    await sheet.locator("input[value=refund_only]").check()
    await sheet.locator("#apply-amount").fill("200")
    await sheet.locator("#apply-claim").fill("左门下方凹陷，买家愿意留下，退 200 元")
    await sheet.get_by_role("button", name="提交申请").click()
    case = page.locator("#desk-case")
    await expect(case).to_contain_text("¥200.00")
    await buyer.until(
        lambda s: any(
            line["body"].get("event") == "case_opened"
            for line in s.lines.get(str(talk), [])
            if line["kind"] == "system"
        )
    )
    row = await town.pool.fetchrow("SELECT id, state ->> 'opened_by' AS by FROM cases")
    assert row and row["by"] == "buyer", "it is the buyer's to change or take back"
    # One's own deed is no news, said over what one writes next.
    await expect(page.locator(".gd-toast", has_text="页面已更新")).to_have_count(0)
    await case.locator("[data-opens=do-approve]").click()
    dialog = page.locator("#do-approve")
    await expect(dialog.locator("#do-approve-preview")).to_contain_text("¥200.00")
    await dialog.locator("button[type=submit]").click()
    await expect(case).not_to_contain_text("轮到您处理")
    assert page.url.split("?")[0].endswith("/desk")
    await case.locator("[data-send-card]").click()
    await buyer.until(lambda s: any(x["kind"] == "case" for x in s.lines.get(str(talk), [])))
    stored = await town.pool.fetchrow("SELECT stage, refunded_fen FROM cases")
    assert stored and stored["refunded_fen"] == 20_000, dict(stored or {})


async def test_half_typed_chinese_is_never_sent(town: DeskTown, window: Window) -> None:
    await come_online(town, "小安")
    talk = await asks(town, "李梅", "在吗")
    page = await window("小安")
    await choose(page, talk)
    await type_by_halves(page.locator("#desk-text"))
    await page.keyboard.press("Enter")
    await expect(page.locator(".chat-mine:not(.chat-unsent) .chat-text")).to_have_text(["你好"])
    said = await town.pool.fetch("SELECT body ->> 'text' AS text FROM chat_messages"
                                 " WHERE author = 'shop' AND kind = 'text'")  # fmt: skip
    assert [row["text"] for row in said] == ["你好"]


async def test_the_whole_work_with_the_keyboard(town: DeskTown, url: str, window: Window) -> None:
    page = await window("小安")
    await page.keyboard.press("Alt+1")
    await expect(page.locator("#desk-state-online")).to_have_attribute("aria-pressed", "true")
    late = await asks(town, "李梅", "七天了还没发货", ago=4)
    fresh = await writes(town, url, "王强", "在吗")
    await expect(page.locator("#desk-rows > li")).to_have_count(2)
    await expect(page.locator(f"#talk-{late} .desk-clock")).to_have_attribute("data-tone", "red")
    await page.keyboard.press("q")
    await expect(page.locator(f"#talk-{late} a")).to_have_attribute("aria-current", "true")
    await expect(page.locator("#desk-text")).to_be_focused()
    await expect(page.locator("#desk-send")).to_be_enabled()
    await page.keyboard.type("草稿")
    await page.keyboard.press("Alt+ArrowDown")
    await expect(page.locator(f"#talk-{fresh} a")).to_have_attribute("aria-current", "true")
    await expect(page.locator("#desk-text")).to_have_value("")
    await page.keyboard.press("Alt+ArrowUp")
    await expect(page.locator("#desk-text")).to_have_value("草稿")
    await page.focus("#desk-emoji-open")
    await page.keyboard.press("Enter")
    await expect(page.locator("#desk-emoji")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#desk-emoji")).to_be_hidden()
    await expect(page.locator("#desk-text")).to_be_focused()
    await page.keyboard.press("Alt+v")
    await expect(page.locator(".talk-bar")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator(".talk-bar")).to_have_count(0)
    await expect(page.locator("#desk-text")).to_be_focused()
    await page.fill("#desk-text", "")
    await page.keyboard.press("Alt+l")
    await expect(page.locator("#desk-scripts [role=option]").first).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("#desk-scripts")).to_be_hidden()
    await expect(page.locator("#desk-text")).not_to_have_value("/")
    await page.keyboard.press("Alt+f")
    await expect(page.locator("#hand-over-form")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.locator("#desk-text").press("Escape")
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_contain_text("最急的会话")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Alt+3")
    await expect(page.locator("#desk-state-offline")).to_have_attribute("aria-pressed", "true")


async def test_rude_words_and_notes_stay_in_the_house(
    town: DeskTown, window: Window, buyer: Screen
) -> None:
    await come_online(town, "小安", "小宝")
    talk = await asks(town, "李梅", "你们太慢了")
    await buyer.send("open", conversation=talk)
    page = await window("小安")
    await choose(page, talk)
    await page.fill("#desk-text", "加我微信 gongdao123 详谈，好评返现 5 元")
    await expect(page.locator(".desk-remark").first).to_be_visible()
    await page.fill("#desk-text", "/稍等，我查一下")
    await expect(page.locator(".desk-remark")).to_have_count(0)
    await page.fill("#desk-text", "？加我微信 gongdao123 详谈，好评返现 5 元")
    await expect(page.locator(".desk-remark").first).to_be_visible()
    await page.check("#desk-note")
    await page.fill("#desk-text", "这位买家 @小")
    await page.locator("#desk-mentions [role=option]", has_text="小宝").click()
    await page.press("#desk-text", "Enter")
    await expect(page.locator(".chat-kind-note")).to_contain_text("@小宝")
    await expect(page.locator("#desk-notes")).to_contain_text("这位买家")
    note = await town.pool.fetchval("SELECT body -> 'mentions' FROM chat_messages"
                                    " WHERE kind = 'note'")  # fmt: skip
    assert str(town.people["小宝"].person_id) in note.decode()
    assert "这位买家" not in str(buyer.frames)


async def test_a_talk_about_an_order_unfolds_no_case_about_another(
    town: DeskTown, window: Window
) -> None:
    await come_online(town, "老板")
    other, meant = await order_of(town, "李梅"), await order_of(town, "李梅", title="手持吸尘器")
    args = c.OpenArgs(procedure="after_sale", kind="refund_only", reason="quality", claim="凹陷")
    await _filed(town, other.id, args)
    talk = await asks(town, "李梅", "吸力太小", order_id=meant.id, ago=-1)
    page = await window("老板")
    await choose(page, talk)
    await expect(page.locator(f"#order-{meant.id}")).to_be_visible()
    await expect(page.locator("#desk-case")).to_have_count(0)
    await page.locator("[data-case-link]").click()
    await expect(page.locator("#desk-case")).to_contain_text("容声双门冰箱")


async def test_axe_finds_nothing_serious(town: DeskTown, window: Window) -> None:
    await come_online(town, "老板")
    order = await order_of(town, "李梅")
    talk = await asks(town, "李梅", "门凹了", order_id=order.id, ago=3)
    args = c.OpenArgs(procedure="after_sale", kind="refund_only", reason="quality", claim="凹陷")
    await _filed(town, order.id, args)
    page = await window("老板")
    found = [f"empty: {each}" for each in await barriers(page)]
    await choose(page, talk)
    await expect(page.locator("#desk-case")).to_be_visible()
    found += [f"chat: {each}" for each in await barriers(page)]
    await page.click("#desk-hand-over")
    await expect(page.locator("#hand-over-form")).to_be_visible()
    found += [f"sheet: {each}" for each in await barriers(page)]
    await page.keyboard.press("Escape")
    await page.set_viewport_size({"width": 390, "height": 844})
    wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    found += ["wider than a phone"] if wide else []
    assert not found, "\n".join(found)


async def test_nothing_is_cut_off_in_english(town: DeskTown, window: Window, url: str) -> None:
    await come_online(town, "主管")
    talk = await asks(town, "李梅", "门凹了", ago=3)
    page = await window("主管")
    await page.context.add_cookies([{"name": "gongdao_locale", "value": "en", "url": url}])
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.reload()
    await choose(page, talk)
    await expect(page.locator("#desk-hand-over")).to_have_text("Hand over")
    cut = await page.evaluate(
        """[...document.querySelectorAll(
            '#desk-presence fieldset, .desk-tools, .desk-places a, .gd-nav a')]
        .filter((each) => each.scrollWidth > each.clientWidth + 1)
        .map((each) => each.className + each.textContent.trim().slice(0, 40))"""
    )
    assert not cut


async def _filed(town: DeskTown, order_id: UUID, args: c.OpenArgs) -> None:
    who, pack = town.people["李梅"], load_pack("taobao-classic")
    await open_case(town.pool, who, order_id, args, pack=pack, now=utc_now())
