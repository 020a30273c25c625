"""A shop's own record, and goodwill on the page of an order."""

from gongdao.ledger.store import top_up

from .conftest import Desk, Visitor, signed_in


async def test_the_shop_sees_where_it_stands(desk: Desk, owner: Visitor) -> None:
    shown = await owner.get("/shop/record")
    assert "店铺状态" in shown
    assert "正常" in shown
    async with signed_in(desk, "agent") as agent:
        await agent.get("/shop/record")


async def test_what_a_shop_gives_of_its_own_accord(desk: Desk, owner: Visitor) -> None:
    order = await desk.order()
    address = f"/shop/orders/{order.id}"
    assert 'id="goodwill"' in await owner.get(address)
    for amount, code in (("200.01", "amount_above_limit"), ("5.001", "invalid"), ("", "invalid")):
        refused = await owner.post(f"{address}/goodwill", page=address, amount=amount, note="抱歉")
        assert f'data-code="{code}"' in refused.text, amount
    async with desk.pool.acquire() as database:
        await top_up(database, shop_id=desk.shop_id, amount_fen=5_000, now=desk.now)
    given = await owner.post(f"{address}/goodwill", page=address, amount="5", note="让您久等了")
    assert given.status_code == 303
    assert "¥5.00" in await owner.get(address)
