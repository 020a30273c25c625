"""Changing an order before its parcel leaves: without scripts, then by hand in a real browser."""

from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, expect

from gongdao.base.ids import new_id
from gongdao.cases import commands as c
from gongdao.flows.act import open_case
from gongdao.flows.ask_extra import ask_extra
from gongdao.flows.import_tracking import import_tracking
from gongdao.flows.order_desk import Wish
from gongdao.ledger.bill_store import bills_of_order
from gongdao.shops.order import Order
from gongdao.shops.product_store import tell_products
from gongdao.shops.shop import Product

from .conftest import PACK, PASSWORD, House, Visitor, name_of

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


async def with_variants(house: House) -> tuple[Order, str]:
    """An order of two lines of the same lamp, which is there in three colours."""
    order = await house.order(shipped=False, signed=False, lines=2)
    mark = new_id().hex[-6:]
    names = {"white": "暖白", "black": "曜石黑", "red": "枫叶红"}
    prices = {"white": 9_900, "black": 12_900, "red": 7_900}
    products = [
        Product(id=new_id(), shop_id=house.shop_id, title=f"折叠台灯 {name}", sku=f"{sku}{mark}",
                price_fen=prices[sku], family=f"lamp{mark}", variant=name,
                stock=0 if sku == "black" else 8)
        for sku, name in names.items()
    ]  # fmt: skip
    async with house.pool.acquire() as connection:
        await tell_products(connection, house.shop_id, products)
        await connection.execute(
            "UPDATE orders SET lines = (SELECT jsonb_agg(e || jsonb_build_object('sku', $2::text,"
            " 'title', '折叠台灯 暖白')) FROM jsonb_array_elements(lines) e) WHERE id = $1",
            order.id,
            f"white{mark}",
        )
    return order, mark


async def test_a_line_an_address_and_then_all_of_it(house: House, visitor: Visitor) -> None:
    order, mark = await with_variants(house)
    path = f"/orders/{order.id}"
    shown = await visitor.get(path)
    assert "发货前可以" in shown and "已售罄" in shown
    done = await visitor.post(f"{path}/lines/2/variant", page=path, sku=f"red{mark}")
    assert done.status_code == 303
    shown = await visitor.get(path)
    assert shown.count("折叠台灯 枫叶红") >= 1
    wrong = await visitor.post(f"{path}/lines/9/variant", page=path, sku=f"red{mark}")
    assert wrong.status_code == 422 and "第 9 行" in wrong.text
    to = {"name": "王芳", "phone": "13900000000", "address": "杭州市西湖区文三路 1 号"}
    assert (await visitor.post(f"{path}/receiver", page=path, **to)).status_code == 303
    assert "文三路" in await visitor.get(path)
    assert (await visitor.post(f"{path}/urge", page=path)).status_code == 303
    assert "已催发货 1 次" in await visitor.get(path)
    late = await visitor.post(f"{path}/urge", page=path)
    assert late.status_code == 409 and "再次催办" in late.text
    assert (await visitor.post(f"{path}/cancel", page=path)).status_code == 422
    gone = await visitor.post(f"{path}/cancel", page=path, reason="changed_mind")
    assert gone.status_code == 303
    shown = await visitor.get(path)
    assert "交易关闭" in shown and "发货前可以" not in shown


async def test_a_price_difference_waits_for_a_transfer(house: House, visitor: Visitor) -> None:
    order = await house.order(shipped=False, signed=False)
    wish = Wish(who=house.owner, order_id=order.id, now=house.now)
    bill = await ask_extra(house.pool, wish, amount_fen=1_500, what="goods", note="加长电源线")
    path = f"/orders/{order.id}"
    shown = await visitor.get(path)
    assert "加长电源线" in shown and "¥15.00" in shown and bill.id.hex[-12:].upper() in shown
    paying = await visitor.post(f"{path}/bills/{bill.id}/pay", page=path)
    assert paying.status_code == 409, "nothing confirms payments by itself here"
    declined = await visitor.post(f"{path}/bills/{bill.id}/decline", page=path)
    assert declined.status_code == 303
    async with house.pool.acquire() as connection:
        assert [b.state for b in await bills_of_order(connection, order.id)] == ["void"]
    assert "未支付，订单没有变化" in await visitor.get(path)


async def test_tracking_is_a_timeline(house: House, visitor: Visitor) -> None:
    order = await tracked(house)
    shown = await visitor.get(f"/orders/{order.id}")
    assert "已揽收" in shown and "运输破损" in shown


async def tracked(house: House) -> Order:
    order = await house.order(signed=False)
    assert order.shipped_at
    words = [
        ("青岛营业部已揽收", "青岛市"), ("快件已发往杭州转运中心", "青岛转运中心"),
        ("快件到达杭州转运中心", "杭州转运中心"), ("快件外包装破损，已登记", "杭州转运中心"),
        ("派件中，快递员正在派送", "杭州市"),
    ]  # fmt: skip
    lines = "".join(
        f"{order.carrier},{order.tracking},"
        f"{(order.shipped_at + timedelta(hours=5 * n)).isoformat()},{place},{said}\n"
        for n, (said, place) in enumerate(words)
    )
    report = await import_tracking(
        house.pool, f"carrier,tracking,at,place,said\n{lines}".encode(), now=house.now
    )
    assert report.faults == ()
    return order


@pytest.mark.browser
async def test_by_hand(house: House, context: BrowserContext, tmp_path: Path) -> None:
    order, _mark = await with_variants(house)
    wish = Wish(who=house.owner, order_id=order.id, now=house.now)
    await ask_extra(house.pool, wish, amount_fen=1_500, what="freight", note="寄往新疆需补运费")
    under_way = await tracked(house)
    page = await context.new_page()
    await page.goto(f"{house.url}/sign-in")
    await page.fill("input[name=name]", name_of(house.buyer.person_id, "buyer"))
    await page.fill("input[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{house.url}/orders")
    for size in (PHONE, DESK):
        await page.set_viewport_size(size)  # type: ignore[arg-type]
        for name, one in (("change", order), ("track", under_way)):
            await page.goto(f"{house.url}/orders/{one.id}")
            await page.screenshot(path=tmp_path / f"{name}-{size['width']}.png", full_page=True)
            for found in (await Axe().run(page)).response["violations"]:
                assert found["impact"] not in ("serious", "critical"), found
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= size["width"], "nothing hangs over the edge"
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await page.goto(f"{house.url}/orders/{order.id}")
    await page.get_by_role("button", name="更换规格").nth(1).click()
    await page.screenshot(path=tmp_path / "dialog-390.png")
    await page.get_by_label("枫叶红").last.check()
    await page.get_by_role("button", name="确认更换").last.click()
    await expect(page.get_by_text("折叠台灯 枫叶红").first).to_be_visible()
    await page.get_by_role("button", name="取消订单").first.click()
    await page.screenshot(path=tmp_path / "cancel-390.png")
    await page.get_by_label("拍错/不想要").check()
    await page.get_by_role("button", name="取消订单").last.click()
    await expect(page.get_by_role("heading", name="交易关闭")).to_be_visible()


async def test_an_exchange_for_another_variant(house: House, visitor: Visitor) -> None:
    order, mark = await with_variants(house)
    async with house.pool.acquire() as connection:
        await connection.execute(
            "UPDATE products SET stock = 3 WHERE shop_id = $1 AND sku = $2",
            house.shop_id,
            f"black{mark}",
        )
        await connection.execute(
            "UPDATE orders SET shipped_at = paid_at, carrier = 'SF', tracking = $2,"
            " signed_at = paid_at, signed_by = 'self' WHERE id = $1",
            order.id,
            f"SF{mark}",
        )
    args = c.OpenArgs(
        procedure="after_sale", kind="exchange", reason="quality", lines=[1], received=True,
        wanted=f"black{mark}", evidence=["photo_of_item"],
    )  # fmt: skip
    opened = await open_case(
        house.pool, house.buyer, order.id, args, pack=PACK, now=house.now - timedelta(hours=1)
    )
    path = f"/cases/{opened.case.id}"
    shown = await visitor.get(path)
    assert "换货商品" in shown and "折叠台灯 曜石黑" in shown and "¥34.00" in shown
    asked = await visitor.post(f"{path}/difference", page=path)
    assert asked.status_code == 303
    assert "换货需补差价" in await visitor.get(f"/orders/{order.id}")
