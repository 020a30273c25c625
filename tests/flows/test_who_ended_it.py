"""Who confirmed an order, and who cancelled it: what rules make of that."""

from datetime import timedelta
from uuid import UUID

import pytest

from gongdao.base.db import Pool
from gongdao.base.i18n import say_refusal
from gongdao.cases import commands as c
from gongdao.flows.act import open_case
from gongdao.flows.cancel_order import cancel_order
from gongdao.flows.confirm_order import confirm_order
from gongdao.flows.weigh_requests import weigh_requests
from gongdao.policy.load import load_pack
from gongdao.shops.store import Scope

from .lamps import LATER, NOW, PACK, lamps, stock_up, wish
from .market import START, Market, open_market, place_order


@pytest.fixture
async def market(shared_pool: Pool) -> Market:
    return await open_market(shared_pool)


@pytest.mark.parametrize("by_buyer", [True, False])
async def test_only_a_receipt_that_confirmed_itself_early_is_warned_of(
    market: Market, by_buyer: bool
) -> None:
    order = await place_order(market)
    by: UUID | None = order.buyer_id if by_buyer else None
    async with market.pool.acquire() as connection:
        after = await confirm_order(
            connection, order.id, scope=Scope(platform=True), by=by, now=START + timedelta(days=3)
        )
    assert after.confirmed_by == ("buyer" if by_buyer else "system")
    args = c.OpenArgs(procedure="after_sale", kind="refund_only", reason="quality", received=True)
    opened = await open_case(
        market.pool, market.buyer, order.id, args, pack=PACK, now=START + timedelta(days=4)
    )
    assert opened.case.warnings == (() if by_buyer else ("early_auto_confirm",))


@pytest.mark.parametrize("pack", ["taobao-classic", "cn-standard"])
async def test_who_cancelled_cannot_complain_that_nothing_is_shipped(
    market: Market, pack: str
) -> None:
    await stock_up(market, white=3)
    order = await place_order(market, lines=lamps("white"), shipped=False)
    await cancel_order(market.pool, wish(market, order), reason="changed_mind")
    asked = [c.OpenArgs(procedure="complaint", kind="paid_not_shipped")]
    opening = await weigh_requests(
        market.pool, market.buyer, order.id, asked, pack=load_pack(pack), now=max(NOW, LATER)
    )
    refusal = opening.possible[0].refusal
    assert refusal and refusal.code == "not_eligible"
    assert "取消" in say_refusal("zh", refusal)
