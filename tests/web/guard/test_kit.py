"""The police kit and the letter: filled with what is known, readable, one sheet of A4."""

import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from tests.flows.guard.watchful import begin, found_in, kept
from tests.web.chat.desk_town import DeskTown
from tests.web.desk.window_town import order_of
from tests.web.guard.conftest import Visit
from tests.web.readable import require_readable

from gongdao.base.clock import utc_now

pytestmark = pytest.mark.browser
_PAGES = re.compile(rb"/Type\s*/Page\b")


async def shoot(page: Page, name: str) -> None:
    """A picture for whoever looks at the pages, where GONGDAO_SHOTS names a folder."""
    if folder := os.environ.get("GONGDAO_SHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.fact("S0-35")
async def test_nobody_has_to_sign_in_to_read_what_to_do(visit: Visit) -> None:
    page = await visit("/help/scam")
    await expect(page.locator("a[href='tel:110']")).to_be_visible()
    await expect(page.locator("a[href='tel:96110']")).to_be_visible()
    calls = await page.locator(".gs-calls b").all_inner_texts()
    assert calls == ["报警：110", "反诈专线：96110", "银行或贷款机构", "支付平台", "本平台"]
    stop = await page.locator("#stop").inner_text()
    for never in ("支付账户借给", "短信验证码", "对方发来的网页", "新支付方式", "确认收货"):
        assert never in stop
    await expect(page.locator("#rules")).to_contain_text("LAW-ECOM-57")
    await require_readable(page)
    await shoot(page, "kit-stranger")
    english = await visit("/help/scam/letter", locale="en-GB", color_scheme="dark")
    await english.goto(
        english.url.replace("/help/scam/letter", "/locale/en?back=/help/scam/letter")
    )
    await expect(english.locator("h1")).to_contain_text("unauthorised payment")
    await require_readable(english)
    await shoot(english, "letter-english-dark")


@pytest.mark.fact("S0-35")
async def test_the_kit_of_an_order_is_filled_and_ticked(visit: Visit, town: DeskTown) -> None:
    order = await order_of(town, "李梅", price_fen=299_970)
    page = await visit(f"/help/scam?order={order.id}", "李梅")
    await expect(page.locator("#known")).to_contain_text(order.number)
    await expect(page.locator("#known")).to_contain_text("2,999.70")
    await expect(page.locator(".gs-say")).to_contain_text(order.number)
    await page.locator("input[name=no_confirm]").check()
    await page.reload()
    await expect(page.locator("input[name=no_confirm]")).to_be_checked()
    await expect(page.locator("input[name=no_pay]")).not_to_be_checked()
    await require_readable(page)
    await shoot(page, "kit-order")
    foreign = await visit(f"/help/scam?order={order.id}", "王强")
    await expect(foreign.locator("body")).not_to_contain_text(order.number)


async def test_the_letter_is_one_sheet_with_what_is_known(visit: Visit, town: DeskTown) -> None:
    order = await order_of(town, "李梅", price_fen=299_970)
    talk = await begin(town.pool, town.market, town.people["李梅"])
    for seq, code in enumerate(
        ("remote-control", "same-lines-order", "near-credit-limit"), start=1
    ):
        await kept(town.pool, found_in(talk, seq, code=code, at=utc_now()))
    page = await visit(f"/help/scam/letter?order={order.id}", "李梅")
    paper = page.locator(".gs-paper")
    for known in (order.number, "¥2,999.70", "李梅", "AnyDesk", "第五十七条"):
        await expect(paper).to_contain_text(known)
    await require_readable(page)
    await shoot(page, "letter-phone")
    printed = await page.pdf(prefer_css_page_size=True)
    if folder := os.environ.get("GONGDAO_SHOTS"):
        (Path(folder) / "letter.pdf").write_bytes(printed)
    assert len(_PAGES.findall(printed)) == 1
    talked = await visit(f"/help/scam?conversation={talk.id}", "李梅", color_scheme="dark")
    await expect(talked.locator("#known")).to_contain_text("AnyDesk")
    await expect(talked.locator("#letter a")).to_have_attribute(
        "href", f"/help/scam/letter?conversation={talk.id}"
    )
    await require_readable(talked)
    await shoot(talked, "kit-talk-dark")
