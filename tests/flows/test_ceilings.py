"""What several cases together may cost: of one buyer and shop on one day, over several orders."""

from datetime import timedelta

import pytest

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case, open_case
from gongdao.policy.load import load_pack
from gongdao.shops.order import Order

from .market import START, Market, open_market, place_order

PACK = load_pack("tmall-2026")
OUT_OF_STOCK = c.OpenArgs(procedure="complaint", kind="out_of_stock")
LATE = c.OpenArgs(procedure="complaint", kind="late_shipment")


async def _compensate(
    market: Market, order: Order, amount: str | None = None, said: c.OpenArgs = OUT_OF_STOCK
) -> int:
    now = START + timedelta(days=6)
    opened = await open_case(market.pool, market.buyer, order.id, said, pack=PACK, now=now)
    args = c.CompensateArgs(amount=amount)
    acted = await act_on_case(
        market.pool, market.owner, opened.case.id, "compensate", args, now=now
    )
    # The buyer is content, so that the next complaint is no duplicate.
    await act_on_case(market.pool, market.buyer, opened.case.id, "confirm", c.NoArgs(), now=now)
    return acted.case.paid_fen("compensation")


async def test_orders_of_one_day_share_a_ceiling(pool: Pool) -> None:
    market = await open_market(pool)
    late = START.replace(hour=15, minute=59)
    first, same_day, next_day = [
        await place_order(market, price_fen=300_000, shipped=False, paid_at=at)
        for at in (START, late, late + timedelta(minutes=1))
    ]
    # 10 % of 3,000.00 each, and 500.00 between the two for one day in Shanghai.
    assert await _compensate(market, first) == 30_000
    assert await _compensate(market, same_day) == 20_000
    assert await _compensate(market, next_day) == 30_000


async def test_what_a_shop_gives_for_an_order_is_bounded_by_what_it_cost(pool: Pool) -> None:
    market = await open_market(pool)
    order = await place_order(market, price_fen=10_000, freight_fen=0, shipped=False)
    assert await _compensate(market, order, "60.00") == 6_000
    with pytest.raises(Refusal) as refused:
        await _compensate(market, order, "60.00", LATE)
    assert refused.value.code == "amount_above_limit"
    assert refused.value.params["limit"] == "40.00"
