"""Somebody looks where a customer is reached while a colleague writes: nothing typed is lost."""

import pytest
from playwright.async_api import Browser, Page, expect

from gongdao.register.entry import Entry

from .conftest import Desk
from .test_register import register
from .test_register_story import enter

pytestmark = pytest.mark.browser
_LOOKED = "查看了客户的电话、邮箱和地址。"


async def look(desk: Desk, browser: Browser, entry: Entry, name: str) -> None:
    context = await browser.new_context(locale="zh-CN")
    page = await context.new_page()
    await enter(desk, page, name)
    await page.goto(f"{desk.url}/shop/register/{entry.id}")
    await page.locator("#look button").click()
    await expect(page.locator("#who")).to_contain_text("13855501101")
    await context.close()


async def test_an_open_form_keeps_what_was_typed_and_is_saved(
    desk: Desk, browser: Browser, page: Page
):
    entry = await register(desk, phone="13855501101")
    await enter(desk, page, "agent")
    await page.goto(f"{desk.url}/shop/register/{entry.id}")
    await page.fill("#contact-said", "下门角漏缝，已复述确认。")
    await look(desk, browser, entry, "owner")
    await expect(page.locator("#entry")).to_contain_text(_LOOKED)
    await expect(page.locator("#contact-said")).to_have_value("下门角漏缝，已复述确认。")
    await expect(page.locator("#who")).to_contain_text("138****1101")
    await page.get_by_role("button", name="保存，进入调查分析", exact=True).click()
    await expect(page.locator("#next h2").first).to_have_text("下一步：调查分析")


async def test_a_correction_that_is_open_meanwhile_is_saved_too(
    desk: Desk, browser: Browser, page: Page
):
    entry = await register(desk, phone="13855501101", signature="")
    url = f"{desk.url}/shop/register/{entry.id}"
    await enter(desk, page, "agent")
    await page.goto(url)
    await page.locator("#look-amend button").click()
    await page.wait_for_url("**/amend")
    await page.fill("#in-story", "冰箱门关不严，还有异响。")
    await look(desk, browser, entry, "owner")
    await page.get_by_role("button", name="保存").click()
    await page.wait_for_url(url)
    await expect(page.locator("#form")).to_contain_text("还有异响")
