"""What several cases together may cost: of one buyer and shop on one day, over several orders."""

import asyncio
from datetime import timedelta

import pytest

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.cases import commands as c
from gongdao.flows.act import Acted, act_on_case, open_case
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


async def test_orders_that_are_compensated_at_the_same_instant_share_a_ceiling(pool: Pool) -> None:
    market = await open_market(pool)
    orders = [await place_order(market, price_fen=300_000, shipped=False) for _ in range(4)]
    paid, refused = await _compensate_at_once(market, [(each, OUT_OF_STOCK) for each in orders])
    assert sorted(paid) == [20_000, 30_000]
    assert len(refused) == 2


async def test_cases_of_one_order_that_pay_at_the_same_instant_share_its_price(pool: Pool) -> None:
    market = await open_market(pool)
    order = await place_order(market, price_fen=10_000, freight_fen=0, shipped=False)
    asked = [(order, OUT_OF_STOCK), (order, LATE)]
    paid, refused = await _compensate_at_once(market, asked, "60.00")
    assert paid == [6_000]
    assert [(one.code, one.params["limit"]) for one in refused] == [("amount_above_limit", "40.00")]


async def _compensate_at_once(
    market: Market, asked: list[tuple[Order, c.OpenArgs]], amount: str | None = None
) -> tuple[list[int], list[Refusal]]:
    now = START + timedelta(days=6)
    opened = [
        await open_case(market.pool, market.buyer, order.id, said, pack=PACK, now=now)
        for order, said in asked
    ]
    args = c.CompensateArgs(amount=amount)
    acting = (
        act_on_case(market.pool, market.owner, each.case.id, "compensate", args, now=now)
        for each in opened
    )
    results = await asyncio.gather(*acting, return_exceptions=True)
    refused = [each for each in results if isinstance(each, Refusal)]
    acted = [each for each in results if isinstance(each, Acted)]
    assert len(refused) + len(acted) == len(asked)
    return [each.case.paid_fen("compensation") for each in acted], refused
