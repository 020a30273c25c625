"""Customers and figures in a browser: a range, a file, a look that is kept, an erasure."""

import csv
import io
from datetime import timedelta

import httpx
import pytest
from playwright.async_api import Browser, Page, expect
from tests.web.chat.desk_town import DeskTown
from tests.web.chat.test_buyer_page import shoot
from tests.web.desk.window_town import asks, enter, order_of, says
from tests.web.readable import require_no_barriers

from gongdao.base.clock import utc_now
from gongdao.base.i18n import ZONE
from gongdao.base.ids import new_id
from gongdao.flows.customers.keep import put_in_group, write_note
from gongdao.shops.shop import Address
from gongdao.shops.store import change_receiver

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(browser: Browser, town: DeskTown) -> Page:
    context = await browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    return await context.new_page()


async def on_a_phone(page: Page, name: str) -> None:
    """It is no wider than a phone."""
    await page.set_viewport_size({"width": 390, "height": 844})
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    await shoot(page, f"{name}-390")
    assert await page.evaluate(wide) <= 0, name
    await page.set_viewport_size({"width": 1440, "height": 900})


async def test_an_owner_reads_figures_and_takes_them_along(
    page: Page, town: DeskTown, url: str
) -> None:
    await order_of(town, "李梅")
    await order_of(town, "李梅", title="电饭煲", price_fen=30_000)
    await order_of(town, "王强", price_fen=100_000)
    talk = await asks(town, "王强", "这款还有货吗", ago=30, topic="presale")
    await says(town, "小安", talk, "有的", ago=28)
    await enter(town, url, page, "老板", "/shop/figures")
    await expect(page.locator("#count-orders")).to_have_text("3")
    value = page.locator("#figure-order_value_fen .sf-value")
    await expect(value).to_have_text("¥1,990.00")  # 3,980 yuan of two buyers
    await page.locator("#figure-order_value_fen summary").click()
    await expect(page.locator("#figure-order_value_fen details")).to_contain_text("支付买家数")
    await expect(page.locator("#figure-refund_rate")).to_contain_text("样本少")
    await require_no_barriers(page)
    await shoot(page, "shop-figures")
    await on_a_phone(page, "shop-figures")
    # The orders were paid five days ago: none today.
    await page.locator(".df-spans a").first.click()
    await expect(page.locator("#count-orders")).to_have_text("0")
    day = (utc_now() - timedelta(days=5)).astimezone(ZONE).date().isoformat()
    await page.fill("#first", day)
    await page.fill("#last", day)
    await page.locator(".sf-days button").click()
    await expect(page.locator("#count-orders")).to_have_text("3")
    await page.locator("#divided").get_by_role("link", name="商品").click()
    table = page.locator("section[aria-labelledby=by] tbody tr")
    await expect(table).to_have_count(2)
    async with page.expect_download() as loading:
        await page.locator(".df-csv").click()
    path = await (await loading.value).path()
    head, *rows = csv.reader(io.StringIO(path.read_text("utf-8-sig")))
    for number, row in enumerate(rows):
        cells = await table.nth(number).locator("th, td").all_inner_texts()
        assert cells[0] == row[0]
        paid = head.index("支付金额")
        assert cells[paid].lstrip("¥").replace(",", "") == row[paid]
        rate = head.index("退款率（按订单）")
        assert float(cells[rate].rstrip("%")) / 100 == float(row[rate])


async def test_a_look_is_kept_and_the_buyer_sees_it(page: Page, town: DeskTown, url: str) -> None:
    order = await order_of(town, "李梅")
    receiver = Address(name="李梅", phone="13812341234", address="浙江省杭州市西湖区文三路 9 号")
    async with town.pool.acquire() as connection:
        await change_receiver(connection, order.id, receiver)
    buyer = town.people["李梅"].person_id
    note_id, due = new_id(), utc_now() + timedelta(days=1)
    agent = town.people["小安"]
    await write_note(
        town.pool, agent, buyer, "晚上再打", note_id=note_id, due_at=due, now=utc_now()
    )
    await put_in_group(town.pool, agent, [buyer], "regular", now=utc_now())
    await enter(town, url, page, "小安", f"/shop/orders/{order.id}")
    await expect(page.locator("#receiver")).to_contain_text("138****1234")
    await page.goto(f"{url}/shop/customers")
    await expect(page.locator("#customer-rows")).to_contain_text("老客")
    await shoot(page, "customers")
    await page.goto(f"{url}/shop/customers/{buyer}")
    card = page.locator("#receivers")
    await expect(card).to_contain_text("浙江省杭州市西湖区****")
    assert "13812341234" not in await page.content()
    await require_no_barriers(page)
    await shoot(page, "customer")
    await on_a_phone(page, "customer")
    await card.locator("summary").click()
    await card.locator("[name=why]").fill("电话确认送货时间")
    await card.locator(".sc-why button").click()
    await expect(page.locator("#revealed")).to_contain_text("13812341234")
    await page.locator("#note-text").fill("约好周六送")
    await page.get_by_role("button", name="记下").click()
    await expect(page.locator("#notes .gd-timeline")).to_contain_text("约好周六送")
    await page.context.clear_cookies()
    await enter(town, url, page, "李梅", "/privacy")
    await expect(page.locator("#looks")).to_contain_text("电话确认送货时间")
    await expect(page.locator("#looks")).to_contain_text("小安")
    await require_no_barriers(page)
    await shoot(page, "privacy")
    await on_a_phone(page, "privacy")


async def test_an_erasure_from_the_request_to_the_log(page: Page, town: DeskTown, url: str) -> None:
    await order_of(town, "李梅")
    buyer = town.people["李梅"].person_id
    await write_note(
        town.pool, town.people["小安"], buyer, "爱还价", note_id=new_id(), now=utc_now()
    )
    await enter(town, url, page, "李梅", "/privacy")
    await page.locator("[name=what][value=erasure]").check()
    await page.get_by_role("button", name="提交请求").click()
    await expect(page.locator("#requests")).to_contain_text("店铺答复期限")
    await page.context.clear_cookies()
    await enter(town, url, page, "主管", "/shop/customers/requests")
    await shoot(page, "customer-requests")
    await page.get_by_role("button", name="删除", exact=True).click()
    dialog = page.locator("dialog[open]")
    await expect(dialog).to_contain_text("《电子商务法》第三十一条")
    await shoot(page, "customer-erase")
    await dialog.get_by_role("button", name="永久删除").click()
    await expect(page.locator("#requests .gd-empty")).to_be_visible()
    await expect(page.locator("#requests .sc-lines")).to_contain_text("完成")
    await page.goto(f"{url}/shop/customers/requests")
    await require_no_barriers(page)
    await page.goto(f"{url}/shop/customers/{buyer}")
    await expect(page.locator("#notes")).not_to_contain_text("爱还价")
    await expect(page.locator("#orders")).to_contain_text("E")
    await page.goto(f"{url}/shop/customers/looks")
    await expect(page.locator("#looks")).to_contain_text("删除了留存信息")
    await shoot(page, "customer-looks")
    await require_no_barriers(page)
    async with httpx.AsyncClient(base_url=url) as client:
        client.headers["Authorization"] = f"Bearer {town.tokens['小安']}"
        for path in ("/shop/customers/requests", "/shop/customers/looks", "/shop/figures"):
            assert (await client.get(path)).status_code == 403, path
