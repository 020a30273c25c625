"""A morning: whoever opens the page of the day does each line of it, until nothing is left."""

from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from gongdao.base.i18n import ZONE
from gongdao.base.ids import new_id
from gongdao.flows.staff.hand_over import WriteArgs, write_book
from gongdao.flows.staff.memos import MemoArgs, write_memo
from gongdao.shops.order import Line, Order
from gongdao.shops.purchase import Purchase, Remarks
from gongdao.shops.shop import Address
from gongdao.shops.store import insert_orders

from .conftest import PASSWORD, Desk


async def unpaid(desk: Desk, *, hours: float, payment: str) -> Order:
    """An order that the buyer placed so many hours ago and has not paid."""
    at = desk.now - timedelta(hours=hours)
    order = Order(
        id=new_id(), number=f"M{new_id().int % 10**12:012d}", shop_id=desk.shop_id,
        buyer_id=desk.people["buyer"].person_id, placed_at=at, payment=payment,
        lines=(Line(line=1, title=f"台灯 {payment}", price_fen=9_600),),
    )  # fmt: skip
    home = Address(name="林小雨", phone="13800001111", address=f"浙江省杭州市文一路 {payment} 号")
    bought = Purchase(order=order, remarks=Remarks(buyer_name="林小雨", receiver=home))
    async with desk.pool.acquire() as connection, connection.transaction():
        await insert_orders(connection, [bought], by=None, now=at)
    return order


async def night(desk: Desk) -> None:
    """What the shop wakes up to."""
    await desk.filed(hours=71.99, price_fen=9_900)
    await desk.order(days=3, shipped=False)
    await unpaid(desk, hours=14, payment="balance")
    await unpaid(desk, hours=15, payment="cod")
    note = WriteArgs(id=new_id(), notes=("九点有人取退货件",))
    await write_book(desk.pool, desk.people["agent"], note, now=desk.now)
    memo = MemoArgs(id=new_id(), text="给昨天的顾客回电话", due_on=desk.now.astimezone(ZONE).date())
    await write_memo(desk.pool, desk.people["lead"], memo, now=desk.now)


@pytest.mark.browser
async def test_each_line_is_done_and_the_page_is_empty_then(desk: Desk, page: Page) -> None:
    await night(desk)
    await page.goto(f"{desk.url}/sign-in")
    await page.fill("input[name=name]", "lead")
    await page.fill("input[name=password]", PASSWORD)
    await page.press("input[name=password]", "Enter")
    await page.wait_for_url("**/shop/today")
    works = ("clocks", "dispatch", "hand_over", "calls", "unpaid", "memos")
    ids = await page.locator(".gd-lot").evaluate_all("lots => lots.map(lot => lot.id)")
    assert ids == [f"lot-{work}" for work in works]

    async def begin(work: str) -> None:
        await page.goto(f"{desk.url}/shop/today")
        await page.locator(f"#lot-{work} .gd-line a").first.click()

    await begin("clocks")
    await page.click('button:has-text("同意")')
    await page.locator("dialog[open] button[type=submit]").click()
    await expect(page.locator("dialog[open]")).to_have_count(0)

    await begin("dispatch")
    await page.fill("#carrier", "顺丰速运")
    await page.fill("#tracking", "SF1000200030004")
    await page.click("#ship-form button[type=submit]")
    await expect(page.locator("#ship-form")).to_have_count(0)

    await begin("hand_over")
    accept = page.locator('form[action$="/acceptance"]')
    await expect(accept).to_have_count(2)
    for left in (1, 0):
        await accept.first.locator("button").click()
        await expect(accept).to_have_count(left)

    await begin("calls")
    await page.fill('[id^="note-"]', "收到会付现金")
    await page.click(".gd-call button[type=submit]")
    await expect(page.locator(".gd-call")).to_have_count(0)

    await begin("unpaid")
    await page.click('form[id^="say-"] button[type=submit]')
    await expect(page.locator('form[id^="say-"]')).to_have_count(0)

    await begin("memos")
    await page.click('form[action$="/done"] button')
    await expect(page.locator('form[action$="/open"]')).to_have_count(1)

    await page.goto(f"{desk.url}/shop/today")
    await expect(page.locator("#today")).to_contain_text("今天的事都办完了")
