"""Money that is held shows on the shop's money page: how much, since when, and for which case."""

import pytest

from gongdao.ledger.store import post
from gongdao.ledger.transfer import Account, Transfer

from .conftest import Desk, Visitor


@pytest.mark.fact("S3-07")
async def test_the_shop_sees_what_is_held_and_for_which_case(desk: Desk, owner: Visitor) -> None:
    case = await desk.filed(kind="counterfeit", procedure="counterfeit_claim")
    number = (await desk.state(case))["number"]
    assert f"/shop/cases/{case.id}" not in await owner.get("/shop/money?account=shop_frozen")
    held = Transfer(
        kind="hold",
        source=Account("shop_balance", desk.shop_id),
        target=Account("shop_frozen", desk.shop_id),
        amount_fen=59_900,
    )
    async with desk.pool.acquire() as connection:
        await post(connection, [held], now=desk.now, case_id=case.id, order_id=case.order_id)
    page = await owner.get("/shop/money?account=shop_frozen")
    assert "599.00" in page
    assert f'<a href="/shop/cases/{case.id}">纠纷单 {number}</a>' in page
    back = Transfer(kind="release", source=held.target, target=held.source, amount_fen=59_900)
    async with desk.pool.acquire() as connection:
        await post(connection, [back], now=desk.now, case_id=case.id, order_id=case.order_id)
    page = await owner.get("/shop/money?account=shop_frozen")
    assert page.count(f'<a href="/shop/cases/{case.id}">纠纷单 {number}</a>') == 2
    assert 'class="gd-out"' in page, "what was let go is shown as going out"
