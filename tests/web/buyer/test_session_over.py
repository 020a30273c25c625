"""A session that ends in the middle of a form: what was typed is still there, and can be sent."""

import pytest
from playwright.async_api import BrowserContext, expect

from gongdao.cases.chain import decode_state

from .conftest import PASSWORD, House, name_of
from .test_case_page import PHONE, entered


@pytest.mark.browser
async def test_one_signs_in_elsewhere_and_sends_what_one_wrote(
    house: House, context: BrowserContext
) -> None:
    order = await house.order(title="冰箱")
    page = await entered(context, house, PHONE)
    said = "step=3&received=yes&problem=quality&want=return_refund"
    await page.goto(f"{house.url}/orders/{order.id}/apply?{said}")
    await page.fill("#claim", "门关不严，写了很久。")
    await context.clear_cookies()
    send = page.get_by_role("button", name="提交申请")
    await send.click()
    await expect(page.locator(".gd-toast")).to_contain_text("填写的内容都还在")
    await expect(page.locator("#claim")).to_have_value("门关不严，写了很久。")
    async with context.expect_page() as opened:
        await page.locator(".gd-toast a").click()
    other = await opened.value
    await other.fill("#name", name_of(house.buyer.person_id, "buyer"))
    await other.fill("#password", PASSWORD)
    await other.get_by_role("button", name="登录").click()
    await other.wait_for_url("**/orders")
    await page.bring_to_front()
    await page.locator(".gd-toast button").click()
    await send.click()
    await page.wait_for_url("**/cases/*")
    case = decode_state((await house.case_of(order.id))["state"])
    assert case.claim == "门关不严，写了很久。"
