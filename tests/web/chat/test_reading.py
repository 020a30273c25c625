"""What a buyer's screen shows is read once somebody can see it, and its end stays in sight."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import FilePayload, Page, Route, WebSocketRoute, expect
from tests.conftest import Served
from tests.files.samples import image
from tests.web.chat.desk_town import DeskTown, Screen
from tests.web.chat.test_buyer_page import agent as agent
from tests.web.chat.test_buyer_page import phone as phone
from tests.web.chat.test_widget import foreign_page as foreign_page

pytestmark = pytest.mark.browser


def marks_of_buyer(screen: Screen) -> dict[str, int]:
    """How far the buyer is, as the agent's screen was told last."""
    told = [f["state"]["marks"].get("buyer", {}) for f in screen.frames if f["op"] == "state"]
    return told[-1] if told else {}


async def begin(page: Page, town: DeskTown, agent: Screen, text: str) -> str:
    """The buyer says the first words; the conversation, which the agent has open."""
    await page.fill(".chat-input", text)
    await page.press(".chat-input", "Enter")
    await expect(page.locator(".chat-mine:not(.chat-unsent)")).to_have_count(1)
    talk = str(await town.only_talk())
    await agent.send("open", conversation=talk)
    await agent.until(lambda s: s.texts(talk) == [text])
    return talk


async def says(agent: Screen, talk: str, text: str) -> int:
    """The agent says something; its number."""
    last = agent.seqs(talk)[-1]
    said = await agent.answer_to(await agent.say(talk, text, seen=last))
    assert said["op"] == "said", said
    await agent.until(lambda s: text in s.texts(talk))
    return agent.seqs(talk)[-1]


def far(mark: str, seq: int) -> Any:
    return lambda screen: marks_of_buyer(screen).get(mark, 0) >= seq


async def test_behind_a_closed_widget_nothing_is_read(
    phone: Page, foreign_page: str, agent: Screen, town: DeskTown
) -> None:
    await phone.goto(foreign_page)
    await phone.get_by_role("button", name="联系客服").click()
    await phone.locator(".widget-panel .chat-group").first.click()
    talk = await begin(phone, town, agent, "鞋子掉色吗？")
    await phone.get_by_role("button", name="收起").click()
    seq = await says(agent, talk, "不掉色，放心洗。")
    await agent.until(far("delivered", seq))
    await expect(phone.locator(".widget-badge")).to_have_text("1")
    assert marks_of_buyer(agent)["read"] < seq, "nobody has looked yet"
    await phone.get_by_role("button", name="联系客服").click()
    await agent.until(far("read", seq))


async def test_escape_takes_back_what_was_opened_last(phone: Page, foreign_page: str) -> None:
    await phone.goto(foreign_page)
    await phone.get_by_role("button", name="联系客服").click()
    await phone.locator(".widget-panel .chat-group").first.click()
    field, tray = phone.locator(".chat-input"), phone.locator(".chat-tray")
    await phone.get_by_role("button", name="表情").click()
    await phone.locator(".chat-emoji").first.focus()
    await phone.keyboard.press("Escape")
    await expect(tray).to_be_hidden()
    await expect(field).to_be_focused()
    # What an input method takes back is no window.
    await field.dispatch_event("keydown", {"key": "Escape", "isComposing": True, "bubbles": True})
    await expect(field).to_be_visible()
    await phone.keyboard.press("Escape")
    await expect(field).to_be_hidden()
    await expect(phone.get_by_role("button", name="联系客服")).to_be_focused()


async def test_the_widget_needs_no_mouse(phone: Page, foreign_page: str, town: DeskTown) -> None:
    await phone.goto(foreign_page)
    await expect(phone.locator(".widget-button")).to_be_visible()
    for key in ("Tab", "Enter"):
        await phone.keyboard.press(key)
    await expect(phone.locator(".widget-panel .chat-group").first).to_be_visible()
    for key in ("Tab", "Enter"):
        await phone.keyboard.press(key)
    await expect(phone.locator(".chat-input")).to_be_focused()
    await phone.keyboard.type("不用鼠标")
    await phone.keyboard.press("Enter")
    await expect(phone.locator(".chat-mine:not(.chat-unsent)")).to_have_count(1)
    # Shut and opened again, it goes on where one writes.
    await phone.keyboard.press("Escape")
    await phone.keyboard.press("Enter")
    await expect(phone.locator(".chat-input")).to_be_focused()


async def test_what_grows_does_not_push_the_end_out_of_sight(
    phone: Page, agent: Screen, town: DeskTown, served: Served
) -> None:
    await phone.goto(f"{served.url}/chat/{town.shop_id}")
    await phone.locator(".chat-group").first.click()
    talk = await begin(phone, town, agent, "在吗")
    for n in range(12):
        await says(agent, talk, f"第 {n} 句话")
    # As a card does whose content is fetched, and a picture without its measures.
    await phone.evaluate(
        "document.querySelector('.chat-lines li:last-child').append("
        "Object.assign(document.createElement('div'), { style: 'height: 300px' }), '卡片的末尾')"
    )
    scroll = phone.locator(".chat-scroll")
    await expect(scroll.get_by_text("卡片的末尾")).to_be_in_viewport()
    # So it does in the frame in which the place has changed: its event comes when all has grown.
    await phone.evaluate("document.querySelector('.chat-scroll').scrollBy(0, -20)")
    await phone.evaluate("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")
    await phone.evaluate(
        "document.querySelector('.chat-scroll').scrollBy(0, 20);"
        "document.querySelector('.chat-lines li:last-child').append("
        "Object.assign(document.createElement('div'), { style: 'height: 300px' }), '再长一截')"
    )
    seq = await says(agent, talk, "最后一句")
    await agent.until(far("read", seq))
    await expect(scroll.get_by_text("最后一句")).to_be_in_viewport(ratio=1)


async def test_a_network_that_is_gone_is_seen_and_a_picture_waits_for_it(
    phone: Page, agent: Screen, town: DeskTown, served: Served
) -> None:
    await phone.goto(f"{served.url}/chat/{town.shop_id}")
    await phone.locator(".chat-group").first.click()
    talk = await begin(phone, town, agent, "您看看")
    await phone.context.set_offline(True)
    await expect(phone.locator(".chat-status")).to_contain_text("网络已断开")
    await phone.fill(".chat-input", "照片在后面")
    await phone.press(".chat-input", "Enter")
    await expect(phone.locator(".chat-pending .chat-mark")).to_have_text("等待网络")
    picture = FilePayload(name="裂纹.jpg", mimeType="image/jpeg", buffer=image("JPEG"))
    await phone.locator("input[type=file][multiple]").set_input_files(picture)
    await expect(phone.locator(".chat-foot [role=status]")).to_contain_text("网络恢复后会自动发送")
    await phone.get_by_role("button", name="发订单").click()
    await expect(phone.locator(".chat-tray")).to_have_text("网络不太顺畅，请稍后再试。")
    await phone.context.set_offline(False)
    await agent.until(lambda s: [x["kind"] for x in s.lines[talk]][-2:] == ["text", "image"])
    await expect(phone.locator(".chat-kind-image")).to_have_count(1)
    await expect(phone.locator(".chat-foot [role=status]")).to_have_count(0)
    assert agent.texts(talk) == ["您看看", "照片在后面"]


async def test_who_is_signed_out_is_told_so(
    phone: Page, agent: Screen, town: DeskTown, served: Served
) -> None:
    """No network will bring the line back; what was written stands there after a reload."""
    await phone.goto(f"{served.url}/chat/{town.shop_id}")
    await phone.locator(".chat-group").first.click()
    await begin(phone, town, agent, "在吗")
    await town.pool.execute(
        "DELETE FROM sessions WHERE person_id = $1", town.people["李梅"].person_id
    )
    await phone.fill(".chat-input", "还在吗")
    await phone.press(".chat-input", "Enter")
    await expect(phone.locator(".chat-status")).to_contain_text("登录已失效")
    await expect(phone.locator(".chat-pending li")).to_have_count(1)


async def test_a_line_that_is_silent_is_left_for_another(
    phone: Page, agent: Screen, town: DeskTown, served: Served
) -> None:
    """As behind a lift's door: nothing comes, and nobody says that the line is closed."""
    dead = asyncio.Event()

    def take(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        is_first = not dead.is_set()
        socket.on_message(lambda text: None if is_first and dead.is_set() else server.send(text))
        server.on_message(lambda text: None if is_first and dead.is_set() else socket.send(text))
        socket.on_close(lambda code, reason: None)

    await phone.clock.install()
    await phone.route_web_socket("**/chat/socket", take)
    await phone.goto(f"{served.url}/chat/{town.shop_id}")
    await phone.locator(".chat-group").first.click()
    talk = await begin(phone, town, agent, "在吗")
    dead.set()
    await phone.fill(".chat-input", "电梯里")
    await phone.press(".chat-input", "Enter")
    await expect(phone.locator(".chat-pending .chat-mark")).to_have_text("发送中")
    await phone.clock.run_for(70_000)
    await agent.until(lambda s: s.texts(talk) == ["在吗", "电梯里"])
    await expect(phone.locator(".chat-pending li")).to_have_count(0)
    await expect(phone.locator(".chat-mine .chat-text")).to_have_count(2)


async def test_a_buyer_sees_that_a_picture_is_on_its_way(
    phone: Page, agent: Screen, town: DeskTown, served: Served
) -> None:
    await phone.goto(f"{served.url}/chat/{town.shop_id}")
    await phone.locator(".chat-group").first.click()
    talk = await begin(phone, town, agent, "您看看")
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await phone.route("**/api/v1/files", hold)
    pictures = [FilePayload(name=f"{n}.jpg", mimeType="image/jpeg", buffer=image("JPEG"))
                for n in range(11)]  # fmt: skip
    await phone.locator("input[type=file][multiple]").set_input_files(pictures)
    await expect(phone.locator(".chat-foot")).to_contain_text("正在发送 0.jpg")
    held.set()
    await expect(phone.locator(".chat-kind-image")).to_have_count(11)
    await expect(phone.locator(".chat-foot [role=status]")).to_have_count(0)
    await agent.until(lambda s: sum(x["kind"] == "image" for x in s.lines[talk]) == 11)
    shown = [each["body"]["name"] for each in agent.lines[talk] if each["kind"] == "image"]
    assert shown == [f"{n}.jpg" for n in range(11)]


async def test_a_picture_that_comes_while_the_conversation_is_opened_goes_into_it(
    phone: Page, agent: Screen, town: DeskTown, served: Served
) -> None:
    held, opened = asyncio.Event(), []

    async def hold(route: Route) -> None:
        if route.request.method == "POST":
            opened.append(route.request.post_data)
            await held.wait()
        await route.continue_()

    await phone.route("**/api/v1/conversations", hold)
    await phone.goto(f"{served.url}/chat/{town.shop_id}")
    await phone.locator(".chat-group").first.click()
    await phone.fill(".chat-input", "您看看")
    await phone.press(".chat-input", "Enter")
    picture = FilePayload(name="裂纹.jpg", mimeType="image/jpeg", buffer=image("JPEG"))
    async with phone.expect_response("**/api/v1/files"):
        await phone.locator("input[type=file][multiple]").set_input_files(picture)
    # Impatience says the words no second time.
    await phone.press(".chat-input", "Enter")
    held.set()
    await expect(phone.locator(".chat-kind-image")).to_have_count(1)
    await expect(phone.locator(".chat-input")).to_have_value("")
    talk = str(await town.only_talk())
    await agent.send("open", conversation=talk)
    await agent.until(lambda s: len(s.lines.get(talk, ())) == 3)
    assert [each["kind"] for each in agent.lines[talk]] == ["system", "text", "image"]
    assert len(opened) == 1
