"""Pictures in the agent's window: chosen, pasted, dropped; and never out of a note to the buyer."""

import base64
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect
from tests.files.samples import image
from tests.web.chat.desk_town import DeskTown
from tests.web.desk.window_town import Window, asks, choose, come_online

from gongdao.base.clock import utc_now
from gongdao.flows.talk.say import ToSay, say_in_talk

pytestmark = pytest.mark.browser
_BRING = """([kind, files]) => {
  const brought = new DataTransfer();
  for (const [name, said] of files) {
    const bytes = Uint8Array.from(atob(said), (each) => each.charCodeAt(0));
    brought.items.add(new File([bytes], name, { type: "image/png" }));
  }
  const [Made, carried, target] = kind === "paste"
    ? [ClipboardEvent, "clipboardData", "#desk-text"] : [DragEvent, "dataTransfer", "#desk-talk"];
  const event = new Made(kind, { [carried]: brought, bubbles: true, cancelable: true });
  document.querySelector(target).dispatchEvent(event);
}"""


async def bring(page: Page, kind: str, *names: str) -> None:
    """Paste into the field, or drop on the talk."""
    said = base64.b64encode(image("PNG")).decode()
    await page.evaluate(_BRING, [kind, [[name, said] for name in names]])


async def test_pictures_are_pasted_and_dropped_in_their_order(
    town: DeskTown, window: Window
) -> None:
    await come_online(town, "小安")
    talk = await asks(town, "李梅", "是哪一款？")
    page = await window("小安")
    await choose(page, talk)
    await bring(page, "paste", "pasted.png")
    await expect(page.locator(".chat-kind-image img")).to_have_count(1)
    await bring(page, "drop", "1.png", "2.png", "3.png", "4.png")
    await expect(page.locator(".chat-kind-image img")).to_have_count(5)
    rows = await town.pool.fetch("SELECT body ->> 'name' AS name FROM chat_messages"
                                 " WHERE kind = 'image' ORDER BY seq")  # fmt: skip
    assert [row["name"] for row in rows] == ["pasted.png", "1.png", "2.png", "3.png", "4.png"]


async def test_a_picture_without_a_network_waits_for_it(town: DeskTown, window: Window) -> None:
    await come_online(town, "小安")
    talk = await asks(town, "李梅", "是哪一款？")
    page = await window("小安")
    await choose(page, talk)
    await expect(page.locator("#desk-send")).to_be_enabled()
    await page.context.set_offline(True)
    await expect(page.locator(".chat-status")).to_contain_text("网络已断开")
    await bring(page, "paste", "blue.png")
    await expect(page.locator("#desk-remarks")).to_contain_text("网络恢复后会自动发送 blue.png")
    await page.context.set_offline(False)
    await expect(page.locator(".chat-kind-image img")).to_have_count(1)
    await expect(page.locator("#desk-remarks")).not_to_contain_text("blue.png")
    # A colleague answered while it waited: it asks to be sent after that was read, and then goes.
    await page.context.set_offline(True)
    await bring(page, "paste", "red.png")
    await expect(page.locator("#desk-remarks")).to_contain_text("网络恢复后会自动发送 red.png")
    last = "SELECT max(seq) FROM chat_messages WHERE conversation_id = $1"
    seen = await town.pool.fetchval(last, talk)
    sent = ToSay(conversation_id=talk, client_id=uuid4(), body={"text": "是蓝色的"}, seen=seen)
    await say_in_talk(town.pool, town.people["小宝"], sent, now=utc_now())
    await page.context.set_offline(False)
    await expect(page.locator(".chat-theirs, .chat-mine").get_by_text("是蓝色的")).to_be_visible()
    await expect(page.locator(".chat-failed")).to_contain_text("同事")
    await expect(page.locator(".chat-kind-image img")).to_have_count(1)
    await page.get_by_role("button", name="重新发送").click()
    await expect(page.locator(".chat-kind-image img")).to_have_count(2)
    await expect(page.locator(".chat-failed")).to_have_count(0)


async def test_a_picture_does_not_slip_out_of_a_note(town: DeskTown, window: Window) -> None:
    await come_online(town, "小安")
    talk = await asks(town, "李梅", "在吗")
    page = await window("小安")
    await choose(page, talk)
    await page.check("#desk-note")
    await bring(page, "paste", "among-us.png")
    await expect(page.locator(".gd-toast")).to_contain_text("内部备注")
    await page.fill("#desk-text", "给同事看的")
    await page.press("#desk-text", "Enter")
    await expect(page.locator(".chat-kind-note")).to_contain_text("给同事看的")
    sent = "SELECT count(*) FROM chat_messages WHERE kind = 'image'"
    assert await town.pool.fetchval(sent) == 0
