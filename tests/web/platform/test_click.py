"""The desk in a real browser: an arbiter rules with mouse and keys; everybody can read it."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, expect
from tests.web.readable import require_readable

from gongdao.cases.store import load_case
from gongdao.web.platform.reads import next_waiting

from .desk import PASSWORD, Desk

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


async def enter(context: BrowserContext, desk: Desk, who: str, size: Any = DESK) -> Page:
    """Somebody who has signed in; any complaint of the browser fails the test."""
    page = await context.new_page()
    await page.set_viewport_size(size)
    page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
    await page.goto(f"{desk.url}/sign-in")
    await page.fill("[name=name]", who)
    await page.fill("[name=password]", PASSWORD)
    await page.click("main button[type=submit]")
    await page.wait_for_url("**/platform/**")
    return page


@pytest.mark.browser
async def test_a_ruling_is_computed_confirmed_and_followed_by_the_next_case(
    desk: Desk, context: BrowserContext, tmp_path: Path
) -> None:
    case_id = await desk.before_the_arbiter("落地扇", price=36_800)
    page = await enter(context, desk, "arbiter")
    await page.goto(f"{desk.url}/platform/cases/{case_id}")
    await page.locator("label", has_text="商家").locator("input[name=liability]").check()
    await page.locator("input[name=remedy][value=full_refund]").check()
    sums = page.locator("#ruling-preview")
    await expect(sums).to_contain_text("¥368.00")
    await page.fill("#refund", "300")
    await expect(sums).to_contain_text("按规则应退 ¥368.00，您填写的是 ¥300.00")
    await page.locator("#refund").press("Escape")
    await page.keyboard.press("d")
    confirm = page.locator("#ruling-confirm")
    await expect(confirm).to_contain_text("请先在判定理由中说明原因")
    await expect(confirm.locator("button[type=submit]")).to_have_count(0)
    await page.keyboard.press("Escape")
    await page.fill("#ruling-note", "买家已使用一个月，酌减。")
    await expect(page.locator("#ruling-echo button[type=submit]")).to_have_count(1)
    await page.locator("#ruling-note").press("Escape")
    await page.keyboard.press("d")
    await page.screenshot(path=tmp_path / "confirm.png")
    await confirm.locator("button[type=submit]").click()
    await expect(page.locator(".gd-done")).to_contain_text("判定已作出")
    await expect(page.locator("#money")).to_contain_text("¥300.00")
    stored = await load_case(desk.pool, case_id)
    assert stored and stored.case.ruling
    assert stored.case.ruling.note == "买家已使用一个月，酌减。"
    # What other tests have left in the queue is there too.
    me = desk.staff["arbiter"].person_id
    following = await next_waiting(desk.pool, me=me, not_this=case_id)
    assert following and following != case_id
    await page.keyboard.press("n")
    await page.wait_for_url(f"**/platform/cases/{following}")


@pytest.mark.browser
async def test_the_page_follows_the_parties_and_keeps_what_is_chosen(
    desk: Desk, context: BrowserContext
) -> None:
    case_id = await desk.before_the_arbiter("空气炸锅", price=25_900)
    page = await enter(context, desk, "arbiter")
    await page.goto(f"{desk.url}/platform/cases/{case_id}")
    await page.locator("input[name=liability][value=buyer]").check()
    owner = await enter_shop(context, desk)
    await owner.request.get(f"{desk.url}/account")
    await owner.goto(f"{desk.url}/shop/cases/{case_id}")
    await owner.locator("textarea[name=note], textarea[name=text]").first.fill("我们已补发配件。")
    await owner.keyboard.press("Enter")
    await expect(page.locator("#talk")).to_contain_text("我们已补发配件。")
    await expect(page.locator("input[name=liability][value=buyer]")).to_be_checked()


async def enter_shop(context: BrowserContext, desk: Desk) -> Page:
    """The shop's owner, in a session beside the arbiter's."""
    browser = context.browser
    assert browser
    other = await browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    page = await other.new_page()
    await page.goto(f"{desk.url}/sign-in")
    await page.fill("[name=name]", "owner")
    await page.fill("[name=password]", PASSWORD)
    await page.click("main button[type=submit]")
    await page.wait_for_url("**/shop/**")
    return page


@pytest.mark.browser
@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")])
async def test_every_page_is_readable_for_everybody(
    desk: Desk, context: BrowserContext, tmp_path: Path, size: dict[str, int], scheme: Any
) -> None:
    for who, addresses in {
        "arbiter": ("cases", "policy", f"cases/{desk.fridge}"),
        "operator": ("policy/taobao-classic@1", "money/shops", "money"),
        "auditor": ("log",),
    }.items():
        page = await enter(context, desk, who, size)
        await page.emulate_media(color_scheme=scheme)
        # A phone has the same words: its width is what the narrow pages are looked at for.
        for address in addresses if size == DESK else addresses[-1:]:
            await page.goto(f"{desk.url}/platform/{address}")
            if address.endswith(str(desk.fridge)):
                await page.locator("input[name=liability][value=seller]").check()
                await page.locator("input[name=remedy][value=return_and_refund]").check()
                await expect(page.locator("#ruling-preview")).to_contain_text("¥3,655.00")
            await require_readable(page)
        await page.close()
        await context.clear_cookies()


@pytest.mark.browser
async def test_a_ruling_that_meets_a_newer_case_keeps_what_was_chosen(
    desk: Desk, context: BrowserContext
) -> None:
    case_id = await desk.before_the_arbiter("电饭煲", price=25_900)
    page = await enter(context, desk, "arbiter")
    await page.goto(f"{desk.url}/platform/cases/{case_id}")
    await page.locator("input[name=liability][value=seller]").check()
    await page.locator("input[name=remedy][value=full_refund]").check()
    await page.fill("#ruling-note", "商家未能举证。")
    await expect(page.locator("#ruling-echo button[type=submit]")).to_have_count(1)
    await desk.act(desk.buyer, case_id, "note", desk.now, note="我又找到了一张照片。")
    await page.locator("#ruling-note").press("Escape")
    await page.keyboard.press("d")
    confirm = page.locator("#ruling-confirm")
    await confirm.locator("button[type=submit]").click()
    await expect(confirm).to_contain_text("在您填写期间，案件有了新进展")
    await expect(confirm).to_contain_text("我又找到了一张照片。")
    await expect(page.locator("input[name=remedy][value=full_refund]")).to_be_checked()
    await expect(page.locator("#ruling-note")).to_have_value("商家未能举证。")
    await expect(page.locator("#ruling-preview")).to_contain_text("¥259.00")
    await confirm.locator("button[type=submit]").click()
    await expect(page.locator(".gd-done")).to_contain_text("判定已作出")
