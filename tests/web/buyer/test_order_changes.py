"""Changing an order before its parcel leaves: without scripts, then by hand in a real browser."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, expect
from tests.web.readable import require_readable

from gongdao.base.ids import new_id
from gongdao.cases import commands as c
from gongdao.cases.chain import decode_state
from gongdao.flows.act import Acted, open_case
from gongdao.flows.ask_extra import ask_extra
from gongdao.flows.import_tracking import import_tracking
from gongdao.flows.order_desk import Wish
from gongdao.flows.pay_bill import record_payment
from gongdao.flows.settle_exchange import settle_exchanges
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
            await require_readable(page)
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


async def exchanged(house: House, order: Order, mark: str, wanted: str = "") -> Acted:
    """The order has come, and the first line is to be exchanged; three black ones are left."""
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
        evidence=["photo_of_item"], wanted=wanted,
    )  # fmt: skip
    at = house.now - timedelta(hours=1)
    return await open_case(house.pool, house.buyer, order.id, args, pack=PACK, now=at)


async def test_an_exchange_for_another_variant(house: House, visitor: Visitor) -> None:
    order, mark = await with_variants(house)
    opened = await exchanged(house, order, mark, wanted=f"black{mark}")
    path, at_order = f"/cases/{opened.case.id}", f"/orders/{order.id}"
    shown = await visitor.get(path)
    assert "换货商品" in shown and "折叠台灯 曜石黑" in shown and "¥34.00" in shown
    asked = await visitor.post(f"{path}/difference", page=path)
    assert asked.status_code == 303
    assert "换货需补差价" in await visitor.get(at_order)
    assert "已补换货差价" not in await visitor.get(at_order)
    [bill] = await bills_of_order(house.pool, order.id)
    await record_payment(house.pool, None, bill.id, reference="T1", now=house.now)
    shown = await visitor.get(at_order)
    assert "已补换货差价" in shown and "换货完成前由平台保管" in shown
    assert (await visitor.post(f"{path}/withdraw", page=path)).status_code == 303
    await settle_exchanges(house.pool, now=house.now)
    shown = await visitor.get(at_order)
    assert "已补换货差价" not in shown and "按原路退回" in shown


async def test_what_an_exchange_cost_more_stands_on_its_order(
    house: House, visitor: Visitor
) -> None:
    order, mark = await with_variants(house)
    opened = await exchanged(house, order, mark, wanted=f"black{mark}")
    path, at_order = f"/cases/{opened.case.id}", f"/orders/{order.id}"
    await visitor.post(f"{path}/difference", page=path)
    [bill] = await bills_of_order(house.pool, order.id)
    await record_payment(house.pool, None, bill.id, reference="T2", now=house.now)
    await house.shop_does(opened.case.id, "approve", c.ApproveArgs())
    sent = {"carrier": "SF", "tracking": f"SFB{mark}"}
    assert (await visitor.post(f"{path}/ship_back", page=path, **sent)).status_code == 303
    await house.shop_does(opened.case.id, "confirm_receipt", c.ConfirmReceiptArgs())
    await house.shop_does(opened.case.id, "ship", c.SignArgs(carrier="SF", tracking=f"SFC{mark}"))
    assert (await visitor.post(f"{path}/confirm_receipt", page=path)).status_code == 303
    await settle_exchanges(house.pool, now=house.now)
    shown = await visitor.get(at_order)
    assert "其中换货补差价" in shown and "¥34.00" in shown and "已补换货差价" not in shown
    assert "按原路退回" not in shown


async def test_after_a_refusal_another_variant_may_be_wanted(
    house: House, visitor: Visitor
) -> None:
    order, mark = await with_variants(house)
    opened = await exchanged(house, order, mark)
    path = f"/cases/{opened.case.id}"
    await house.shop_does(opened.case.id, "reject", c.RejectArgs(reason="not_liable"))
    shown = await visitor.get(f"{path}/modify")
    assert 'id="variants"' in shown and "同款同规格" in shown
    assert "曜石黑" in shown and "枫叶红" in shown and "¥34.00" in shown
    fields = {"kind": "exchange", "reason": "quality", "wanted": f"black{mark}"}
    sent = await visitor.post(f"{path}/modify", page=f"{path}/modify", **fields)
    assert sent.status_code == 303, sent.text[:1500]
    assert "折叠台灯 曜石黑" in await visitor.get(path)
    shown = await visitor.get(f"{path}/modify")
    assert "同款同规格" not in shown, "goods are held; another variant is all that can be wanted"
    assert re.search(rf'value="black{mark}" checked', shown)
    assert (await _stock(house, f"black{mark}")) == 2
    # What is held for somebody else is not there.
    await house.pool.execute("UPDATE products SET stock = 0 WHERE sku = $1", f"red{mark}")
    gone = await visitor.post(
        f"{path}/modify", page=f"{path}/modify", **fields | {"wanted": f"red{mark}"}
    )
    assert gone.status_code == 409 and 'data-code="not_eligible"' in gone.text
    strange = await visitor.post(
        f"{path}/modify", page=f"{path}/modify", **fields | {"wanted": "no such"}
    )
    assert strange.status_code == 422
    assert decode_state((await house.case_of(order.id))["state"]).wanted.sku == f"black{mark}"  # type: ignore[union-attr]


async def test_a_variant_that_was_left_chosen_does_not_disturb_a_refund(
    house: House, visitor: Visitor
) -> None:
    order, mark = await with_variants(house)
    opened = await exchanged(house, order, mark)
    path = f"/cases/{opened.case.id}"
    await house.shop_does(opened.case.id, "reject", c.RejectArgs(reason="not_liable"))
    fields = {"kind": "return_refund", "reason": "quality", "wanted": f"black{mark}"}
    sent = await visitor.post(f"{path}/modify", page=f"{path}/modify", amount="95", **fields)
    assert sent.status_code == 303, sent.text[:1500]
    case = decode_state((await house.case_of(order.id))["state"])
    assert (case.kind, case.wanted, case.asked_fen) == ("return_refund", None, 9_500)


async def _stock(house: House, sku: str) -> int:
    return await house.pool.fetchval(
        "SELECT stock FROM products WHERE shop_id = $1 AND sku = $2", house.shop_id, sku
    )
