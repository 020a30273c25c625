"""A buyer asks on the page of an order to hear of what is sold out, and takes it back."""

import os
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import BrowserContext, expect
from tests.web.readable import require_readable

from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.flows.orders.restock import ask_restock, drop_wish, stop_asking
from gongdao.shops.order import Order
from gongdao.shops.wish_store import note_told

from .conftest import PASSWORD, House, Visitor, name_of, new_buyer
from .test_order_changes import with_variants

_WISHES = "SELECT id FROM restock_wishes WHERE product_id = $1 AND told_at IS NULL"


async def sold_out(house: House) -> tuple[Order, UUID]:
    """An order, and the black variant of it, of which none is left."""
    order, mark = await with_variants(house)
    return order, await house.pool.fetchval(
        "SELECT id FROM products WHERE shop_id = $1 AND sku = $2", house.shop_id, f"black{mark}"
    )


@pytest.mark.fact("S0-50")
async def test_asked_once_taken_back_and_refused_in_words(house: House, visitor: Visitor) -> None:
    order, black = await sold_out(house)
    path = f"/orders/{order.id}"
    shown = await visitor.get(path)
    assert "暂时缺货" in shown and "到货提醒我" in shown
    for _ in range(2):
        sent = await visitor.post(f"{path}/restock/{black}", page=path)
        assert sent.status_code == 303
    assert len(await house.pool.fetch(_WISHES, black)) == 1
    shown = await visitor.get(path)
    assert "到货会提醒您" in shown and "到货提醒我" not in shown
    for _ in range(2):
        sent = await visitor.post(f"{path}/restock/{black}/drop", page=path)
        assert sent.status_code == 303
    assert await house.pool.fetch(_WISHES, black) == []
    strange = await visitor.post(f"{path}/restock/{new_id()}", page=path)
    assert strange.status_code == 404 and "没有这件商品" in strange.text
    for stock, said in ((2, "已经有货"), (None, "没有登记")):
        await house.pool.execute("UPDATE products SET stock = $2 WHERE id = $1", black, stock)
        late = await visitor.post(f"{path}/restock/{black}", page=path)
        assert late.status_code == 409 and said in late.text
    assert "暂时缺货" not in await visitor.get(path)
    assert await house.pool.fetch(_WISHES, black) == []


async def test_over_the_interface_and_in_english(house: House, visitor: Visitor) -> None:
    order, black = await sold_out(house)
    address = f"/api/v1/orders/{order.id}/restock-wishes/{black}"
    shown = await visitor.get(f"/orders/{order.id}")
    token = {"x-csrf-token": shown.split('name="csrf_token" value="')[1].split('"')[0]}
    kept = [(await visitor.client.put(address, headers=token)).json()["id"] for _ in range(2)]
    assert kept[0] == kept[1]
    for _ in range(2):
        assert (await visitor.client.delete(address, headers=token)).status_code == 204
    await visitor.client.get("/locale/en")
    shown = await visitor.get(f"/orders/{order.id}")
    assert "Sold out at the moment" in shown and "Tell me when it is back" in shown
    strange = await visitor.client.put(address[:-4] + "0000", headers=token)
    assert (strange.status_code, strange.json()["code"]) == (404, "not_found")


async def test_nobody_asks_for_an_order_of_somebody_else(house: House) -> None:
    order, black = await sold_out(house)
    other = await new_buyer(house.pool)
    with pytest.raises(Refusal, match="not_found"):
        await ask_restock(house.pool, other, order.id, black, now=utc_now())
    kept = await ask_restock(house.pool, house.buyer, order.id, black, now=utc_now())
    with pytest.raises(Refusal, match="not_found"):
        await stop_asking(house.pool, other, order.id, black)
    with pytest.raises(Refusal, match="wrong_role"):
        await drop_wish(house.pool, house.buyer, kept)
    await note_told(house.pool, kept, "phone", shop_id=house.shop_id, now=utc_now())
    with pytest.raises(Refusal, match="not_found"):
        await drop_wish(house.pool, house.owner, kept)
    await stop_asking(house.pool, house.buyer, order.id, black)
    assert await house.pool.fetchval("SELECT way FROM restock_wishes WHERE id = $1", kept)


@pytest.mark.browser
async def test_by_hand(house: House, context: BrowserContext) -> None:
    order, black = await sold_out(house)
    page = await context.new_page()
    await page.goto(f"{house.url}/sign-in")
    await page.fill("input[name=name]", name_of(house.buyer.person_id, "buyer"))
    await page.fill("input[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{house.url}/orders")
    part = page.locator("#restock")
    for at, (width, height) in enumerate(((390, 844), (1440, 900))):
        await page.set_viewport_size({"width": width, "height": height})
        await page.goto(f"{house.url}/orders/{order.id}")
        await require_readable(page)
        await expect(part).to_contain_text("曜石黑")
        if folder := os.environ.get("GONGDAO_SHOTS"):
            await page.screenshot(path=Path(folder) / f"restock-{width}.png", full_page=True)
        await part.get_by_role("button", name=("到货提醒我", "取消提醒")[at]).click()
        await expect(part).to_contain_text(("到货会提醒您", "到货提醒我")[at])
    assert await house.pool.fetch(_WISHES, black) == []
