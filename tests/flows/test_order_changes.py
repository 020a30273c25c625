"""Orders that change before their parcel leaves: each in its state, once, and to the fen."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.cases import commands as c
from gongdao.flows.act import open_case
from gongdao.flows.ask_extra import ask_extra
from gongdao.flows.cancel_order import cancel_order
from gongdao.flows.change_address import change_address
from gongdao.flows.change_line import change_line
from gongdao.flows.change_payment import change_payment
from gongdao.flows.order_desk import Wish
from gongdao.flows.pay_bill import decline_bill, pay_bill, record_payment
from gongdao.flows.top_up_shop import issue_gift_card
from gongdao.flows.urge_order import urge_order
from gongdao.flows.verify import verify_cases, verify_rest
from gongdao.jobs.bills import collect_due
from gongdao.ledger.simulator import Simulator
from gongdao.ledger.store import load_balances
from gongdao.ledger.transfer import Account, AccountKind
from gongdao.policy.load import load_pack
from gongdao.shops.order import Discount, Line, Order
from gongdao.shops.product_store import tell_products
from gongdao.shops.shop import Address, Product
from gongdao.shops.store import Scope, load_purchase, mark_shipped

from .market import START, Market, open_market, person, place_order

NOW = START + timedelta(hours=3)
LATER = NOW + timedelta(minutes=2)
PACK = load_pack("taobao-classic@1")


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool, balance_fen=0)


async def stock_up(market: Market, **stocks: int | None) -> None:
    """White costs 100, black 120, red 80; they are one product."""
    prices = {"white": 10_000, "black": 12_000, "red": 8_000}
    async with market.pool.acquire() as connection:
        await tell_products(
            connection,
            market.shop_id,
            [
                Product(id=new_id(), shop_id=market.shop_id, title=f"Lamp, {sku}", sku=sku,
                        price_fen=prices[sku], family="lamp", variant=sku, stock=stock)
                for sku, stock in stocks.items()
            ]
            + [Product(id=new_id(), shop_id=market.shop_id, title="Desk", sku="desk",
                       price_fen=9_000, stock=5)],
        )  # fmt: skip


async def stocks(market: Market) -> dict[str, int]:
    rows = await market.pool.fetch("SELECT sku, stock FROM products WHERE sku <> 'desk'")
    return {row["sku"]: row["stock"] for row in rows}


def lamps(*skus: str, quantity: int = 1) -> tuple[Line, ...]:
    return tuple(
        Line(line=n, title=f"Lamp, {sku}", sku=sku, price_fen=10_000, quantity=quantity)
        for n, sku in enumerate(skus, 1)
    )


def wish(market: Market, order: Order, **more: Any) -> Wish:
    return Wish(**{"who": market.buyer, "order_id": order.id, "now": NOW} | more)


async def held(market: Market, kind: AccountKind, owner: Any) -> int:
    account = Account(kind, owner)
    async with market.pool.acquire() as connection:
        return (await load_balances(connection, [account]))[account].balance_fen


async def seen(market: Market, order: Order) -> Order:
    async with market.pool.acquire() as connection:
        purchase = await load_purchase(connection, order.id, scope=Scope(platform=True))
    assert purchase
    return purchase.order


async def books_are_right(market: Market) -> None:
    async with market.pool.acquire() as connection:
        faults = [f async for f in verify_cases(connection, lambda _: None)]
        faults += [f async for f in verify_rest(market.pool, connection, None)]
        assert faults == []
        rows = await connection.fetch(
            "SELECT o.id, o.paid_fen - o.refunded_fen AS should, coalesce(a.balance_fen, 0) AS has"
            " FROM orders o LEFT JOIN ledger_accounts a"
            " ON a.kind = 'order_escrow' AND a.owner = o.id"
            " WHERE o.money = 'here' AND o.confirmed_at IS NULL"
        )
        assert all(row["should"] == row["has"] for row in rows), "escrow holds what was paid"


async def log_of(market: Market, order: Order) -> list[str]:
    rows = await market.pool.fetch(
        "SELECT what FROM order_log WHERE order_id = $1 ORDER BY position", order.id
    )
    return [row["what"] for row in rows]


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


async def unpaid(market: Market) -> Order:
    from gongdao.shops.purchase import Purchase
    from gongdao.shops.store import insert_orders

    order = Order(
        id=new_id(), number=f"U{new_id().hex}", shop_id=market.shop_id,
        buyer_id=market.buyer.person_id, placed_at=START, lines=lamps("white"), payment="cod",
    )  # fmt: skip
    async with market.pool.acquire() as connection:
        await insert_orders(connection, [Purchase(order=order)], by=None, now=START)
    return order


async def test_a_gift_card_pays_all_or_nothing_and_gets_it_back_at_once(market: Market) -> None:
    operator = await person(market.pool, "platform", "operator")
    buyer_id = market.buyer.person_id
    order = await unpaid(market)
    for _ in range(2):
        await issue_gift_card(
            market.pool, operator, buyer_id, amount_fen=9_999, reference="GC1", now=NOW
        )
    with pytest.raises(Refusal) as refused:
        await change_payment(market.pool, wish(market, order), "gift_card")
    assert refused.value.code == "insufficient_funds"
    await issue_gift_card(market.pool, operator, buyer_id, amount_fen=101, reference="GC2", now=NOW)
    asked = wish(market, order, key="pay")
    for _ in range(2):
        after = await change_payment(market.pool, asked, "gift_card")
        assert (after.state, after.payment) == ("paid", "gift_card")
    assert await held(market, "gift_card", buyer_id) == 100
    assert await held(market, "order_escrow", order.id) == 10_000
    await cancel_order(market.pool, wish(market, order), reason="changed_mind")
    assert await held(market, "gift_card", buyer_id) == 10_100, "on the card again at once"
    states = await market.pool.fetch("SELECT state, channel FROM payouts")
    assert [tuple(s) for s in states] == [("arrived", "gift_card")]
    await books_are_right(market)


async def test_the_way_of_paying_is_switched_once_and_before_paying(market: Market) -> None:
    order = await unpaid(market)
    after = await change_payment(market.pool, wish(market, order), "card")
    assert (after.payment, after.paid_at) == ("card", None)
    with pytest.raises(Refusal) as refused:
        await change_payment(market.pool, wish(market, order), "credit")
    assert refused.value.code == "not_eligible"
    paid = await place_order(market, shipped=False)
    with pytest.raises(Refusal) as refused:
        await change_payment(market.pool, wish(market, paid), "card")
    assert refused.value.code == "not_allowed_in_stage"


async def test_urging_has_a_limit(market: Market) -> None:
    order = await place_order(market, shipped=False)
    await urge_order(market.pool, wish(market, order))
    with pytest.raises(Refusal) as refused:
        await urge_order(market.pool, wish(market, order, now=NOW + timedelta(hours=11)))
    assert refused.value.code == "too_early"
    for day in range(1, 5):
        await urge_order(market.pool, wish(market, order, now=NOW + timedelta(days=day)))
    with pytest.raises(Refusal) as refused:
        await urge_order(market.pool, wish(market, order, now=NOW + timedelta(days=9)))
    assert refused.value.code == "not_eligible"


async def test_the_shop_asks_for_more_and_the_buyer_pays(market: Market) -> None:
    operator = await person(market.pool, "platform", "operator")
    order = await place_order(market, shipped=False)
    asking = wish(market, order, who=market.owner, key="x1")
    for _ in range(2):
        bill = await ask_extra(market.pool, asking, amount_fen=1_500, what="goods", note="加长线")
    paid = await record_payment(market.pool, operator, bill.id, reference="T-1", now=NOW)
    assert paid.state == "paid"
    again = await record_payment(market.pool, operator, bill.id, reference="T-1", now=NOW)
    assert again.state == "paid"
    after = await seen(market, order)
    assert (after.paid_fen, after.lines[-1].title, after.lines[-1].line) == (12_000, "加长线", 2)
    freight = await ask_extra(
        market.pool,
        wish(market, order, who=market.owner),
        amount_fen=800,
        what="freight",
        note="新疆",
    )
    await decline_bill(market.pool, market.buyer, freight.id, now=NOW)
    with pytest.raises(Refusal) as refused:
        await record_payment(market.pool, operator, freight.id, reference="T-2", now=NOW)
    assert refused.value.code == "not_allowed_in_stage"
    with pytest.raises(Refusal) as refused:
        await record_payment(market.pool, market.owner, freight.id, reference="T-2", now=NOW)
    assert refused.value.code == "wrong_role"
    assert await log_of(market, order) == [
        "placed", "extra_asked", "extra_paid", "extra_asked", "extra_dropped",
    ]  # fmt: skip
    await books_are_right(market)
