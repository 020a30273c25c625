"""Beside the buyer's message: the sentence, the words, right and wrong, and what was missed."""

from uuid import UUID

import msgspec
import pytest
from playwright.async_api import expect
from tests.flows.guard.watchful import finding, kept
from tests.web.chat.desk_town import DeskTown
from tests.web.desk.window_town import asks, choose, come_online, order_of, says
from tests.web.guard.conftest import DESK, Visit
from tests.web.guard.test_kit import shoot
from tests.web.readable import require_no_barriers, require_readable

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.risk.finding import Evidence, Place

pytestmark = pytest.mark.browser
THREAT = "👋 赔我500，不然给差评"
WORDS = Evidence(shows="words", said="不然给差评", start=8, end=13)
FIGURES = (
    Evidence(shows="count", said="6", label="times"),
    Evidence(shows="count", said="9", label="orders"),
    Evidence(shows="count", said="90", label="days"),
)
VERDICTS = "SELECT code, verdict FROM risk_findings WHERE buyer_id = $1 ORDER BY code"


async def threatened(town: DeskTown, talk: UUID, seq: int) -> None:
    """What a round of the worker finds in the buyer's message, and of the buyer as a whole."""
    buyer = town.people["李梅"].person_id
    sides = {"shop_id": town.shop_id, "buyer_id": buyer, "about": "buyer"}
    said = Place(
        subject="message", subject_id=new_id(), conversation_id=talk, seq=seq, **sides
    )  # fmt: skip
    known = Place(subject="buyer", subject_id=buyer, **sides)
    now = utc_now()
    await town.pool.execute("DELETE FROM risk_findings WHERE buyer_id = $1", buyer)
    await kept(town.pool, finding(said, code="review-threat", weight=30, evidence=(WORDS,), at=now))
    await kept(
        town.pool, finding(known, code="repeated-refunds", weight=30, evidence=FIGURES, at=now)
    )


async def test_an_agent_reads_it_and_says_what_is_right(visit: Visit, town: DeskTown) -> None:
    await come_online(town, "小安")
    talk = await asks(town, "李梅", "在吗")
    await says(town, "李梅", talk, THREAT)
    seq = await town.pool.fetchval(
        "SELECT max(seq) FROM chat_messages WHERE conversation_id = $1 AND kind = 'text'", talk
    )
    await threatened(town, talk, seq)
    window = await visit("/desk", "小安", viewport=DESK)
    await choose(window, talk)
    sign = window.locator(f"[data-seq='{seq}'] .desk-sign")
    await expect(sign).to_be_visible()
    await expect(window.locator(f"[data-seq='{seq}'] mark")).to_have_text("不然给差评")
    await expect(window.locator("#desk-told")).to_be_visible()
    await shoot(window, "desk-signs")
    await require_no_barriers(window)
    # By the keys alone: wrong needs a reason, one click of the usual ones is enough.
    await sign.get_by_role("button", name="不对").focus()
    await window.keyboard.press("Enter")
    await expect(sign.locator("form")).to_be_visible()
    await shoot(window, "desk-sign-why")
    await window.keyboard.press("Enter")
    await expect(sign).to_contain_text("已标记：判断有误")
    await window.locator("#desk-told").get_by_role("button", name="正确").click()
    await expect(window.locator("#desk-told")).to_contain_text("已标记为准确")
    marked = [tuple(row) for row in await town.pool.fetch(VERDICTS, town.people["李梅"].person_id)]
    assert marked == [("repeated-refunds", "right"), ("review-threat", "wrong")]


async def test_what_was_missed_is_named(visit: Visit, town: DeskTown) -> None:
    await come_online(town, "小安")
    talk = await asks(town, "李梅", "我认识很多记者，你们看着办")
    window = await visit("/desk", "小安", viewport=DESK, color_scheme="dark")
    await choose(window, talk)
    line = window.locator(".chat-line[data-author=buyer]").first
    await line.hover()
    await line.get_by_role("button", name="漏报").click()
    form = line.locator("form")
    await form.locator("select").select_option("review-threat")
    await form.locator("input").fill("暗示曝光")
    await shoot(window, "desk-missed-dark")
    await require_no_barriers(window)
    await form.get_by_role("button", name="提交").click()
    await expect(form).to_have_count(0)
    missed = await town.pool.fetch(
        "SELECT code, why FROM risk_missed WHERE conversation_id = $1", talk
    )
    assert [tuple(row) for row in missed] == [("review-threat", "暗示曝光")]


async def test_each_side_reads_of_the_other_on_the_order(visit: Visit, town: DeskTown) -> None:
    order = await order_of(town, "李梅", price_fen=299_970)
    buyer = town.people["李梅"].person_id
    on_order = Place(
        subject="order", subject_id=order.id, shop_id=town.shop_id, buyer_id=buyer,
        order_id=order.id, about="shop",
    )  # fmt: skip
    figures = tuple(
        Evidence(shows="amount", said=said, label=label)
        for label, said in (("times", "30"), ("price", "99.99"), ("total", "2999.70"))
    )
    of_order = finding(on_order, code="same-lines-order", weight=40, evidence=figures, at=utc_now())
    await kept(town.pool, of_order)
    known = msgspec.structs.replace(on_order, subject="buyer", subject_id=buyer, about="buyer")
    known = msgspec.structs.replace(known, order_id=None)
    await kept(
        town.pool,
        finding(known, code="repeated-refunds", weight=30, evidence=FIGURES, at=utc_now()),
    )
    phone = await visit(f"/orders/{order.id}", "李梅")
    box = phone.locator("#guard")
    await expect(box).to_contain_text("99.99")
    await expect(box.locator("a")).to_have_attribute("href", f"/help/scam?order={order.id}")
    await expect(phone.locator("body")).not_to_contain_text("近 90 天")
    await require_readable(phone)
    await shoot(phone, "order-buyer")
    shop = await visit(f"/shop/orders/{order.id}", "老板", viewport=DESK)
    await expect(shop.locator("#guard li")).to_have_count(1)
    await expect(shop.locator("#guard")).to_contain_text("90")
    await require_readable(shop)
    await shoot(shop, "order-shop")
