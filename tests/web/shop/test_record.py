"""A shop's own record, and goodwill on the page of an order."""

from gongdao.policy.load import load_pack

from .conftest import Desk, Visitor, signed_in


async def test_the_shop_sees_where_it_stands(desk: Desk, owner: Visitor) -> None:
    shown = await owner.get("/shop/record")
    assert "店铺状态" in shown
    assert "正常" in shown
    async with signed_in(desk, "agent") as agent:
        await agent.get("/shop/record")


async def test_goodwill_where_the_rules_know_none(desk: Desk, owner: Visitor) -> None:
    assert load_pack("taobao-classic").body.goodwill == ()
    order = await desk.order()
    address = f"/shop/orders/{order.id}"
    assert 'id="goodwill"' not in await owner.get(address)
    sent = await owner.post(f"{address}/goodwill", page=address, amount="5", note="sorry")
    assert 'data-code="not_eligible"' in sent.text
    wrong = await owner.post(f"{address}/goodwill", page=address, amount="5.001", note="sorry")
    assert 'data-code="invalid"' in wrong.text
