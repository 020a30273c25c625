"""Orders that change before their parcel leaves: each in its state, once, and to the fen."""

import asyncio
from datetime import timedelta

import pytest

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.cases import commands as c
from gongdao.flows.act import open_case
from gongdao.flows.cancel_order import cancel_order
from gongdao.flows.change_address import change_address
from gongdao.flows.change_line import change_line
from gongdao.flows.pay_bill import pay_bill
from gongdao.jobs.bills import collect_due
from gongdao.ledger.simulator import Simulator
from gongdao.shops.order import Discount, Order
from gongdao.shops.shop import Address
from gongdao.shops.store import Scope, mark_shipped

from .lamps import (
    LATER,
    NOW,
    PACK,
    books_are_right,
    held,
    lamps,
    log_of,
    seen,
    stock_up,
    stocks,
    wish,
)
from .market import START, Market, open_market, person, place_order


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool, balance_fen=0)


async def test_a_paid_order_is_cancelled_once_and_all_of_it_comes_back(market: Market) -> None:
    await stock_up(market, white=3)
    order = await place_order(market, lines=lamps("white", quantity=2), shipped=False)
    asked = wish(market, order, key="k1")
    for _ in range(2):
        after = await cancel_order(market.pool, asked, reason="changed_mind")
        assert (after.state, after.closed_by, after.refunded_fen) == ("closed", "buyer", 20_500)
    assert await held(market, "order_escrow", order.id) == 0
    payouts = await market.pool.fetch("SELECT amount_fen, purpose FROM payouts")
    assert [tuple(p) for p in payouts] == [(20_500, "refund")]
    assert await stocks(market) == {"white": 5}, "nobody gets these two now"
    assert await log_of(market, order) == ["placed", "closed", "refunded"]
    await books_are_right(market)


async def test_a_key_belongs_to_one_body(market: Market) -> None:
    await stock_up(market, white=3)
    order = await place_order(market, lines=lamps("white", quantity=2), shipped=False)
    asked = wish(market, order, key="k1")
    here = Address(name="Li", phone="13800000000", address="Here 1")
    await change_address(market.pool, asked, here)
    await change_address(market.pool, asked, here)
    with pytest.raises(Refusal) as refused:
        await change_address(
            market.pool, asked, Address(name="Li", phone="13900000000", address="There 2")
        )
    assert refused.value.code == "idempotency_conflict"
    other = wish(market, order, key="k2")
    await cancel_order(market.pool, other, reason="changed_mind")
    await cancel_order(market.pool, other, reason="changed_mind")
    with pytest.raises(Refusal) as refused:
        await cancel_order(market.pool, other, reason="other")
    assert refused.value.code == "idempotency_conflict"


async def test_who_may_cancel_what(market: Market) -> None:
    paid = await place_order(market, shipped=False)
    shipped = await place_order(market, signed=False)
    with pytest.raises(Refusal) as refused:
        await cancel_order(market.pool, wish(market, shipped), reason="changed_mind")
    assert refused.value.code == "not_allowed_in_stage"
    with pytest.raises(Refusal) as refused:
        await cancel_order(market.pool, wish(market, paid, who=market.owner), reason="out_of_stock")
    assert refused.value.code == "not_eligible", "unwillingness after payment is a complaint"
    with pytest.raises(Refusal) as refused:
        await cancel_order(market.pool, wish(market, paid), reason=None)
    assert refused.value.code == "reason_required"
    with pytest.raises(Refusal) as refused:
        await cancel_order(market.pool, wish(market, paid), reason="counterfeit")
    assert refused.value.code == "invalid"
    other = await person(market.pool, "buyer", "other")
    with pytest.raises(Refusal) as refused:
        await cancel_order(market.pool, wish(market, paid, who=other), reason="changed_mind")
    assert refused.value.code == "not_found"
    with pytest.raises(Refusal) as refused:
        await cancel_order(market.pool, wish(market, paid, version=9), reason="changed_mind")
    assert refused.value.code == "version_conflict"
    args = c.OpenArgs(procedure="after_sale", kind="refund_only", reason="changed_mind")
    await open_case(market.pool, market.buyer, paid.id, args, pack=PACK, now=NOW)
    with pytest.raises(Refusal) as refused:
        await cancel_order(market.pool, wish(market, paid), reason="changed_mind")
    assert refused.value.code == "duplicate", "the case decides"
    await books_are_right(market)


async def test_cancelling_while_the_shop_ships_is_one_or_the_other(market: Market) -> None:
    async def ship(order: Order) -> str:
        async with market.pool.acquire() as connection:
            await mark_shipped(
                connection, order.id, scope=Scope(shop_id=market.shop_id), carrier="SF",
                tracking=f"SF{order.id.hex}", by=None, at=NOW,
            )  # fmt: skip
        return "shipped"

    async def cancel(order: Order) -> str:
        await cancel_order(market.pool, wish(market, order), reason="changed_mind")
        return "cancelled"

    done: set[str] = set()
    for turn in range(12):
        order = await place_order(market, shipped=False)
        pair = [ship(order), cancel(order)]
        first, second = await asyncio.gather(
            *(pair if turn % 2 else pair[::-1]), return_exceptions=True
        )
        results = [first, second]
        [won] = [r for r in results if isinstance(r, str)]
        [lost] = [r for r in results if isinstance(r, BaseException)]
        assert isinstance(lost, Refusal)
        assert lost.code == "not_allowed_in_stage"
        after = await seen(market, order)
        assert after.state == {"shipped": "shipped", "cancelled": "closed"}[won]
        done.add(won)
    await books_are_right(market)


async def test_the_same_product_twice_only_the_named_line_changes(market: Market) -> None:
    await stock_up(market, white=0, red=2)
    order = await place_order(market, lines=lamps("white", "white"), shipped=False)
    asked = wish(market, order, key="once")
    for _ in range(2):
        found = await change_line(market.pool, asked, line=2, sku="red")
        assert [li.sku for li in found.order.lines] == ["white", "red"]
    assert found.bill is None
    after = await seen(market, order)
    assert (after.paid_fen, after.lines[1].price_fen) == (18_500, 8_000)
    assert await held(market, "order_escrow", order.id) == 18_500
    assert await held(market, "buyer_refund", market.buyer.person_id) == 2_000
    assert await stocks(market) == {"white": 1, "red": 1}
    await books_are_right(market)


async def test_dearer_is_done_once_it_is_paid(market: Market) -> None:
    await stock_up(market, white=0, black=1)
    order = await place_order(market, lines=lamps("white"), shipped=False)
    found = await change_line(market.pool, wish(market, order, key="k"), line=1, sku="black")
    assert found.bill
    assert found.bill.amount_fen == 2_000
    assert (await seen(market, order)).lines[0].sku == "white", "nothing has changed yet"
    assert await stocks(market) == {"white": 0, "black": 0}, "the last one is held"
    again = await change_line(market.pool, wish(market, order, key="k"), line=1, sku="black")
    assert again.bill and again.bill.id == found.bill.id
    with pytest.raises(Refusal) as refused:
        await pay_bill(market.pool, market.buyer, found.bill.id, now=NOW, collects=False)
    assert refused.value.code == "not_eligible"
    channel = Simulator(market.pool)
    for _ in range(2):
        await pay_bill(market.pool, market.buyer, found.bill.id, now=NOW, collects=True)
    await collect_due(market.pool, channel, now=NOW)
    assert (await seen(market, order)).lines[0].sku == "white", "the channel has not confirmed yet"
    for moment in (LATER, LATER + timedelta(hours=1)):
        await collect_due(market.pool, channel, now=moment)
    after = await seen(market, order)
    assert (after.lines[0].sku, after.paid_fen) == ("black", 12_500)
    assert await held(market, "order_escrow", order.id) == 12_500
    assert await stocks(market) == {"white": 1, "black": 0}
    await cancel_order(market.pool, wish(market, order, now=LATER), reason="changed_mind")
    assert await held(market, "buyer_refund", market.buyer.person_id) == 12_500
    await books_are_right(market)


async def test_money_that_comes_too_late_goes_straight_back(market: Market) -> None:
    await stock_up(market, white=0, black=1)
    order = await place_order(market, lines=lamps("white"), shipped=False)
    found = await change_line(market.pool, wish(market, order), line=1, sku="black")
    assert found.bill
    await pay_bill(market.pool, market.buyer, found.bill.id, now=NOW, collects=True)
    async with market.pool.acquire() as connection:
        await mark_shipped(
            connection, order.id, scope=Scope(shop_id=market.shop_id), carrier="SF",
            tracking="SF1", by=None, at=NOW,
        )  # fmt: skip
    channel = Simulator(market.pool)
    await collect_due(market.pool, channel, now=NOW)
    await collect_due(market.pool, channel, now=LATER)
    assert (await seen(market, order)).lines[0].sku == "white"
    assert await held(market, "buyer_refund", market.buyer.person_id) == 2_000
    assert await held(market, "order_escrow", order.id) == 10_500
    assert await stocks(market) == {"white": 0, "black": 1}
    await books_are_right(market)


async def test_what_is_not_paid_in_time_frees_the_goods(market: Market) -> None:
    await stock_up(market, white=0, black=1)
    order = await place_order(market, lines=lamps("white"), shipped=False)
    found = await change_line(market.pool, wish(market, order), line=1, sku="black")
    assert found.bill
    await collect_due(market.pool, None, now=NOW + timedelta(hours=1))
    assert await stocks(market) == {"white": 0, "black": 1}
    paid = await pay_bill(market.pool, market.buyer, found.bill.id, now=NOW, collects=True)
    assert paid.state == "void"


async def test_the_last_one_is_sold_once(market: Market) -> None:
    await stock_up(market, white=0, red=1)
    orders = [await place_order(market, lines=lamps("white"), shipped=False) for _ in range(6)]
    asked = [change_line(market.pool, wish(market, o), line=1, sku="red") for o in orders]
    results = await asyncio.gather(*asked, return_exceptions=True)
    refused = [r for r in results if isinstance(r, Refusal)]
    assert len(refused) == 5
    assert {r.code for r in refused} == {"not_eligible"}
    assert await stocks(market) == {"white": 1, "red": 0}
    await books_are_right(market)


async def test_only_other_variants_of_the_same_thing(market: Market) -> None:
    await stock_up(market, white=1, red=1)
    order = await place_order(market, lines=lamps("white"), shipped=False)
    for line, sku, code in (
        (1, "desk", "invalid"),
        (1, "white", "duplicate"),
        (7, "red", "invalid"),
    ):
        with pytest.raises(Refusal) as refused:
            await change_line(market.pool, wish(market, order), line=line, sku=sku)
        assert refused.value.code == code
    with pytest.raises(Refusal) as refused:
        await change_line(market.pool, wish(market, order, who=market.owner), line=1, sku="red")
    assert refused.value.code == "wrong_role"


async def test_a_lost_discount_is_a_part_of_the_difference(market: Market) -> None:
    await stock_up(market, white=1, red=1)
    order = await place_order(market, shipped=False)
    order = Order(
        id=new_id(), number="D1", shop_id=market.shop_id, buyer_id=market.buyer.person_id,
        placed_at=START, paid_at=START, lines=lamps("white"),
        discounts=(Discount(threshold_fen=10_000, off_fen=1_500),),
    )  # fmt: skip
    from gongdao.flows.order_money import post_order_money
    from gongdao.shops.purchase import Purchase
    from gongdao.shops.store import insert_orders

    async with market.pool.acquire() as connection:
        await insert_orders(connection, [Purchase(order=order)], by=None, now=START)
        await post_order_money(connection, [(None, order)], now=START)
    await change_line(market.pool, wish(market, order), line=1, sku="red")
    after = await seen(market, order)
    assert after.paid_fen == 8_000, "8500 were paid; red costs 8000, without the discount"
    assert await held(market, "buyer_refund", market.buyer.person_id) == 500
    await books_are_right(market)


async def test_the_address_changes_until_the_parcel_leaves(market: Market) -> None:
    order = await place_order(market, shipped=False)
    there = Address(name="王芳", phone="13900000000", address="杭州市西湖区文三路 1 号")
    for _ in range(2):
        await change_address(market.pool, wish(market, order), there)
    assert await log_of(market, order) == ["placed", "address_changed"]
    with pytest.raises(Refusal) as refused:
        await change_address(market.pool, wish(market, order), Address(name="x"))
    assert refused.value.code == "invalid"
    shipped = await place_order(market, signed=False)
    with pytest.raises(Refusal) as refused:
        await change_address(market.pool, wish(market, shipped), there)
    assert refused.value.code == "not_allowed_in_stage"
