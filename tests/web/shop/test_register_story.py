"""A complaint from the first call to the last, in a real browser; the customer signs on a phone."""

import re

import pytest
from playwright.async_api import Browser, Page, expect
from tests.web.readable import require_readable

from gongdao.flows.verify_register import verify_register

from .conftest import PASSWORD, Desk

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


async def enter(desk: Desk, page: Page, name: str) -> None:
    await page.goto(f"{desk.url}/sign-in")
    await page.fill("input[name=name]", name)
    await page.fill("input[name=password]", PASSWORD)
    await page.press("input[name=password]", "Enter")
    await page.wait_for_url("**/shop/today")


async def choose(page: Page, label: str) -> None:
    """One of several: the word is pressed, as with a finger."""
    await page.locator(".rg-pills label", has_text=label).first.click()
    await expect(page.get_by_label(label, exact=True).first).to_be_checked()


async def press(page: Page, name: str, heading: str) -> None:
    """Press the button of the open form, and wait for the step that follows."""
    await page.get_by_role("button", name=name, exact=True).first.click()
    await expect(page.locator("#next h2").first).to_have_text(heading)


@pytest.mark.fact("S3-31", "S0-45")
async def test_from_the_call_to_what_was_learned(desk: Desk, browser: Browser, page: Page):
    await enter(desk, page, "agent")
    await page.keyboard.press("g")
    await page.keyboard.press("r")
    await page.wait_for_url("**/shop/register")
    await page.get_by_role("link", name="登记投诉", exact=False).first.click()
    await page.fill("#in-name", "何建平")
    await page.fill("#in-phone", "138 5550 1101")
    await choose(page, "商品质量")
    await page.fill("#in-story", "冰箱门关不严，冷冻室结霜。")
    await page.fill("#in-signature", "小何")
    await require_readable(page)
    await page.get_by_role("button", name="保存").click()
    await expect(page.locator("#next h2").first).to_have_text("下一步：联系客户")
    await expect(page.locator("#who")).to_contain_text("138****1101")
    await page.locator("#look-call button").click()
    await expect(page.locator(".rg-reach a").first).to_have_text("138 5550 1101")
    await page.fill("#contact-said", "下门角漏缝，已复述确认。")
    await page.fill("#contact-product", "双门冰箱")
    await require_readable(page)
    await press(page, "保存，进入调查分析", "下一步：调查分析")
    await page.fill("#analyse-facts", "门封条没有压入槽内。")
    await choose(page, "一般")
    await page.select_option("#analyse-fault", "main")
    await require_readable(page)
    await press(page, "保存分析", "下一步：提出处理方案")
    await expect(page.locator(".rg-hint")).to_contain_text("建议从优补偿")
    await page.fill("#propose-words", "本周上门更换门封条，并补偿 120 元。")
    await page.fill("#propose-money", "120")
    await require_readable(page)
    await press(page, "提出方案", "下一步：等待审批")
    entry = page.url
    await lead_approves(desk, browser)
    await expect(page.locator("#next h2").first).to_have_text("下一步：请客户确认")
    await page.get_by_role("button", name="生成客户签署链接").click()
    link = await page.locator("#link-address").input_value()
    await require_readable(page)
    await customer_signs(browser, link)

    await page.goto(entry)
    await expect(page.locator("#next h2").first).to_have_text("下一步：各部门执行")
    await press(page, "按协议派发给各部门", "下一步：各部门执行")
    await expect(page.locator("#instructions")).to_contain_text("向客户支付 120.00 元")
    await require_readable(page)
    await page.get_by_role("button", name="完成", exact=True).first.click()
    await page.fill("#done1-reference", "FK-0417")
    await page.locator("#done-1").get_by_role("button", name="完成", exact=True).click()
    await expect(page.locator("#next h2").first).to_have_text("下一步：回访客户是否满意")
    await choose(page, "满意，结案")
    await page.fill("#follow-lesson", "出库前逐台检查门封条")
    await press(page, "保存回访结果", "本投诉已结案")
    await require_readable(page)
    await page.goto(f"{desk.url}/shop/register?view=all&q=门封条")
    await expect(page.locator("tr[data-row]")).to_have_count(1)
    async with desk.pool.acquire() as connection:
        assert [fault async for fault in verify_register(connection)] == []


async def lead_approves(desk: Desk, browser: Browser) -> None:
    """Between two meetings, on a phone, from the notice."""
    lead = await browser.new_context(viewport=PHONE, locale="zh-CN")
    theirs = await lead.new_page()
    await enter(desk, theirs, "lead")
    await theirs.goto(f"{desk.url}/notices")
    await require_readable(theirs)
    await theirs.locator("#register-notices a").first.click()
    await require_readable(theirs)
    await press(theirs, "批准方案", "下一步：请客户确认")
    await lead.close()


async def customer_signs(browser: Browser, link: str) -> None:
    """On a phone of their own, without an account."""
    context = await browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True)
    page = await context.new_page()
    await page.goto(link)
    await expect(page.locator("h1")).to_have_text("投诉处理协议")
    await expect(page.locator(".rg-clauses")).to_contain_text("¥120.00")
    await require_readable(page)
    await page.locator("input[name=consent]").check()
    await page.fill("#sign-name", "何建平")
    await page.get_by_role("button", name="签署").click()
    await expect(page.locator("h1")).to_have_text("感谢您")
    await require_readable(page)
    await context.close()


async def test_the_other_pages_in_both_languages(desk: Desk, page: Page):
    await page.set_viewport_size({"width": 390, "height": 844})
    await enter(desk, page, "owner")
    for locale in ("zh", "en"):
        for place in ("register", "register/numbers", "register/rules", "register/new"):
            await page.goto(f"{desk.url}/locale/{locale}?back=/shop/{place}")
            await require_readable(page)
    shown = await page.locator("main").inner_text()
    assert not re.search(r"[\u4e00-\u9fff]", re.sub("陈伯年|许静|小何", "", shown))
