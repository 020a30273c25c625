"""The lists of the day in the browser: each line can be done where it stands."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from playwright.async_api import FilePayload, Page, expect

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.flows.order_desk import Wish
from gongdao.flows.orders.add_items import add_items
from gongdao.flows.orders.call_cod import call_cod
from gongdao.settings.setting import DayRules
from gongdao.shops.order import Line, Order
from gongdao.shops.purchase import Purchase, Remarks
from gongdao.shops.shop import Address, Product
from gongdao.shops.store import insert_orders, insert_products

from .conftest import PASSWORD, Desk, Visitor

HOME = Address(name="林小雨", phone="13800001111", address="浙江省杭州市文一路 1 号")


async def placed(desk: Desk, *, hours: float = 2, **more: Any) -> Order:
    """An order that has not left."""
    at = desk.now - timedelta(hours=hours)
    fields: dict[str, Any] = {
        "id": new_id(),
        "number": f"C{new_id().int % 10**12:012d}",
        "shop_id": desk.shop_id,
        "buyer_id": desk.people["buyer"].person_id,
        "placed_at": at,
        "lines": (Line(line=1, title="台灯", price_fen=9_600),),
    }
    order = Order(**fields | more)
    bought = Purchase(order=order, remarks=Remarks(buyer_name="林小雨", receiver=HOME))
    async with desk.pool.acquire() as connection, connection.transaction():
        await insert_orders(connection, [bought], by=None, now=at)
    return order


def wish(desk: Desk, order: Order) -> Wish:
    return Wish(who=desk.people["agent"], order_id=order.id, now=utc_now())


async def come_in(desk: Desk, page: Page, name: str) -> None:
    await page.goto(f"{desk.url}/sign-in")
    await page.fill("input[name=name]", name)
    await page.fill("input[name=password]", PASSWORD)
    await page.press("input[name=password]", "Enter")
    await page.wait_for_url("**/shop/today")


@pytest.mark.browser
@pytest.mark.fact("S0-18")
async def test_a_call_that_is_refused_ends_with_the_order_closed(desk: Desk, page: Page) -> None:
    order, other = await placed(desk, payment="cod"), await placed(desk, payment="cod", hours=3)
    await come_in(desk, page, "agent")
    # On a telephone all of the form is there.
    await page.set_viewport_size({"width": 390, "height": 800})
    await page.goto(f"{desk.url}/shop/orders/care?list=cod")
    line = page.locator(f"#line-{order.id}")
    await line.locator("summary").click()
    await line.locator("select").select_option("refused")
    await line.locator('[id^="note-"]').fill("嫌到付太贵")
    await line.locator(".gd-call button[type=submit]").click()
    await line.get_by_role("button", name="关闭订单").click()
    await expect(line).to_have_count(0)
    await expect(page.locator(f"#line-{other.id}")).to_have_count(1)
    # The page of the order offers the same.
    await call_cod(desk.pool, wish(desk, other), result="refused", note="不要了")
    await page.goto(f"{desk.url}/shop/orders/{other.id}")
    await page.locator("#calls").get_by_role("button", name="关闭订单").click()
    await expect(page.locator("#calls").get_by_role("button", name="关闭订单")).to_have_count(0)
    states = await desk.pool.fetch("SELECT state FROM orders")
    assert [row["state"] for row in states] == ["closed", "closed"]


@pytest.mark.fact("S0-64")
async def test_what_is_not_in_the_parcel_is_said_where_it_is_sent_off(desk: Desk, owner: Visitor):
    order = await placed(desk, payment="cod")
    await add_items(desk.pool, wish(desk, order), what="灯泡两只", extra_fen=0)
    page = await owner.get(f"/shop/orders/{order.id}")
    card = page[page.index('id="dispatch"') : page.index('id="calls"')]
    assert "还没放进包裹：灯泡两只" in card
    await desk.pool.execute("UPDATE order_additions SET done_at = now(), done_by = by_id")
    assert "还没放进包裹" not in await owner.get(f"/shop/orders/{order.id}")


@pytest.mark.browser
@pytest.mark.fact("S0-66")
async def test_the_faults_of_a_count_stay_while_others_work(desk: Desk, page: Page) -> None:
    lamp = Product(
        id=new_id(), shop_id=desk.shop_id, title="台灯", sku="lamp", price_fen=9_600, stock=4
    )
    async with desk.pool.acquire() as connection:
        await insert_products(connection, [lamp])
    await come_in(desk, page, "agent")
    refused: list[str] = []
    page.on("response", lambda got: refused.append(got.url) if got.status >= 400 else None)
    await page.goto(f"{desk.url}/shop/orders/care?list=low_stock")
    counts = "sku,real_stock\nlamp,多\n".encode()
    file = FilePayload(name="c.csv", mimeType="text/csv", buffer=counts)
    await page.set_input_files("#counts", file)
    await page.click(".gd-care-import button")
    await expect(page.locator(".gd-faults li")).to_have_count(1)
    await expect(page.locator("#care [role=alert]")).to_contain_text("什么都没有导入")
    assert not await page.locator("[data-live]").count()
    assert not refused
    assert await desk.pool.fetchval("SELECT count(*) FROM stock_counts") == 0


async def test_a_fee_without_its_carrier_is_refused_and_no_rule_is_kept(desk: Desk, owner: Visitor):
    page = "/shop/orders/care/rules"
    fields = {name: str(value) for name, value in msgspec.structs.asdict(DayRules()).items()}
    fields |= {"fee_least": "3", "fee_most": "6", "reason": "试", "expected_version": "0"}
    for carrier, status in (("", 422), ("圆通", 303)):
        sent = await owner.post(page, page=page, **fields | {"carrier": carrier, "fee": "7"})
        assert sent.status_code == status, sent.text[:500]
        assert ("请填写这笔手续费对应的快递公司" in sent.text) == (not carrier)
