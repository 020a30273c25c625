"""The day around orders in a browser: a COD order from call to parcel, a receiver on a phone."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page, expect
from tests.conftest import Served
from tests.flows.orders.day_town import order_of, product_of, wish
from tests.people import sign_in_on_page
from tests.web.chat.desk_town import DeskTown
from tests.web.readable import require_no_barriers

from gongdao.base.clock import utc_now
from gongdao.customers.rights_store import log_of_pair
from gongdao.flows.orders.check_receiver import ask_receiver
from gongdao.flows.orders.tell_dispatch import tell_next_dispatch
from gongdao.flows.talk.presence import set_own_state

pytestmark = pytest.mark.browser


@pytest.fixture
async def desk(browser: Browser, town: DeskTown, served: Served) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = await context.new_page()
    await sign_in_on_page(page, served.url, town.sign_in_names["小安"], "/shop/today")
    yield page
    await context.close()


@pytest.fixture
async def phone(browser: Browser, town: DeskTown, served: Served) -> AsyncIterator[Page]:
    context = await browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True
    )
    page = await context.new_page()
    await sign_in_on_page(page, served.url, town.sign_in_names["李梅"], "/orders")
    yield page
    await context.close()


async def shoot(page: Page, name: str) -> None:
    """A picture for whoever looks at the pages, where GONGDAO_SHOTS names a folder."""
    if folder := os.environ.get("GONGDAO_SHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.fact("S0-18")
async def test_a_cod_order_from_the_call_to_the_parcel(
    desk: Page, town: DeskTown, served: Served
) -> None:
    order = await order_of(town, payment="cod")
    await order_of(town, hours=14)
    await order_of(town, hours=13, paid=True)
    await product_of(town, sku=f"lamp-{order.number}", stock=3)
    await desk.goto(f"{served.url}/shop/orders/care?list=unpaid")
    await shoot(desk, "care-unpaid")
    await require_no_barriers(desk)
    await desk.goto(f"{served.url}/shop/orders/care?list=low_stock")
    await shoot(desk, "care-stock")
    await require_no_barriers(desk)
    await desk.goto(f"{served.url}/shop/orders/{order.id}")
    await desk.fill("#carrier", "顺丰速运")
    await desk.fill("#tracking", "SF1006")
    await desk.get_by_role("button", name="标记发货").click()
    await expect(desk.get_by_text("货到付款，买家还没有电话确认").first).to_be_visible()
    await desk.goto(f"{served.url}/shop/orders/care?list=cod")
    await expect(desk.locator(f"#line-{order.id}")).to_contain_text("签收时付 ¥106.00")
    await shoot(desk, "care-cod")
    await require_no_barriers(desk)
    await see_the_number(desk, town, order.id)
    call = desk.locator(f"#call-{order.id}")
    await call.locator("select").select_option("confirmed")
    await call.get_by_role("button").click()
    await expect(desk.locator(f"#line-{order.id}")).to_have_count(0)
    await desk.goto(f"{served.url}/shop/orders/{order.id}")
    await expect(desk.locator("#calls")).to_contain_text("告知应付 ¥106.00")
    await desk.fill("#carrier", "顺丰速运")
    await desk.fill("#tracking", "SF1006")
    await desk.get_by_role("button", name="标记发货").click()
    await expect(desk.locator("#dispatch")).to_have_count(0)
    while await tell_next_dispatch(town.pool, None, now=utc_now()):
        continue
    await desk.reload()
    await expect(desk.locator("#dispatch-notices")).to_contain_text("已用站内信通知发货")
    await desk.locator('#remark-form input[value="red"]').check()
    await desk.get_by_role("button", name="添加备注").click()
    await expect(desk.get_by_text("请填写备注原因")).to_be_visible()
    await desk.fill("#remark-reason", "买家要礼盒")
    await desk.get_by_role("button", name="添加备注").click()
    await expect(desk.locator("#remarks .gd-remarks")).to_contain_text("买家要礼盒")
    await shoot(desk, "care-order")
    await require_no_barriers(desk)
    await desk.goto(f"{served.url}/shop/orders?flag=red")
    await expect(desk.locator("#order-rows .gd-flag-red")).to_have_count(1)
    await shoot(desk, "care-orders")


async def see_the_number(desk: Page, town: DeskTown, order_id: UUID) -> None:
    """One tap shows whom to call, and is kept where the looks at customers are kept."""
    line = desk.locator(f"#line-{order_id}")
    await expect(line).to_contain_text("138****1111")
    assert "13800001111" not in await desk.content()
    await line.get_by_role("button", name="显示号码").click()
    await expect(line.locator('a[href="tel:13800001111"]')).to_be_visible()
    await expect(line).to_contain_text("本次查看已留痕")
    await shoot(desk, "care-cod-revealed")
    await require_no_barriers(desk)
    looks = await log_of_pair(town.pool, town.shop_id, town.people["李梅"].person_id)
    kept = [(each.by_id, each.what, each.why, each.order_id) for each in looks]
    caller = town.people["小安"].person_id
    assert kept == [(caller, "revealed", "致电确认货到付款", order_id)]


async def test_orders_to_be_merged_show_their_address_to_who_asks_once(
    desk: Page, town: DeskTown, served: Served
) -> None:
    first, _ = await order_of(town, hours=2, paid=True), await order_of(town, paid=True)
    await desk.goto(f"{served.url}/shop/orders/care?list=merge")
    line = desk.locator(f"#line-{first.id}")
    await expect(line).to_contain_text("李** · 2")
    await expect(line).to_contain_text("138****1111 浙江省杭州市****")
    assert "文一路" not in await desk.content()
    await line.get_by_role("button", name="查看完整信息").click()
    await expect(line).to_contain_text("文一路 1 号")
    await shoot(desk, "care-merge-revealed")
    (look,) = await log_of_pair(town.pool, town.shop_id, first.buyer_id)
    assert (look.what, look.order_id) == ("revealed", first.id)
    await desk.goto(f"{served.url}/shop/orders/care?list=merge")
    await expect(line).not_to_contain_text("文一路")


@pytest.mark.fact("S0-43")
async def test_a_buyer_confirms_and_corrects_the_receiver_on_a_phone(
    phone: Page, desk: Page, town: DeskTown, served: Served
) -> None:
    await set_own_state(town.pool, town.people["小安"], "online", now=utc_now())
    first, second = await order_of(town, paid=True), await order_of(town, paid=True)
    for order in (first, second):
        await ask_receiver(town.pool, wish(town, order))
        await ask_receiver(town.pool, wish(town, order))
    await phone.goto(f"{served.url}/chat/{town.shop_id}")
    cards = phone.locator(".chat-receiver")
    await expect(cards).to_have_count(2)
    await expect(cards.first).to_contain_text("浙江省杭州市文一路 1 号")
    await shoot(phone, "receiver-asked")
    await require_no_barriers(phone)
    await cards.first.get_by_role("button", name="信息正确").click()
    await expect(cards.first).to_contain_text("已确认")
    await cards.nth(1).get_by_role("button", name="有误").click()
    await cards.nth(1).locator("[name=address]").fill("浙江省杭州市文三路 9 号")
    await shoot(phone, "receiver-form")
    await require_no_barriers(phone)
    await cards.nth(1).get_by_role("button", name="提交修改").click()
    await expect(cards.nth(1)).to_contain_text("文三路 9 号")
    await expect(cards.nth(1)).to_contain_text("已改为以上信息")
    await expect(phone.get_by_text(f"买家修改了订单 {second.number} 的收货信息")).to_be_visible()
    await shoot(phone, "receiver-answered")
    row = await town.pool.fetchrow(
        "SELECT o.receiver_address, k.answer, k.was ->> 'address' AS was FROM orders o"
        " JOIN receiver_checks k ON k.order_id = o.id WHERE o.id = $1",
        second.id,
    )
    assert tuple(row or ()) == ("浙江省杭州市文三路 9 号", "changed", "浙江省杭州市文一路 1 号")
    await desk.goto(f"{served.url}/shop/orders/{first.id}")
    await expect(desk.locator("#checks")).to_contain_text("买家已确认收货信息")
    await desk.set_viewport_size({"width": 390, "height": 844})
    await shoot(desk, "care-order-phone")
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for address in (f"/shop/orders/{first.id}", "/shop/orders/care?list=cod", "/shop/orders"):
        await desk.goto(f"{served.url}{address}")
        assert await desk.evaluate(width) <= 0, address
