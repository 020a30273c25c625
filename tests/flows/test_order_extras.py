"""Paying in another way, gift cards, urging, and what a shop asks for on top."""

from datetime import timedelta

import pytest

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.flows.ask_extra import ask_extra
from gongdao.flows.cancel_order import cancel_order
from gongdao.flows.change_payment import change_payment
from gongdao.flows.pay_bill import decline_bill, record_payment
from gongdao.flows.top_up_shop import issue_gift_card
from gongdao.flows.urge_order import urge_order

from .lamps import NOW, books_are_right, held, log_of, seen, unpaid, wish
from .market import Market, open_market, person, place_order


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool, balance_fen=0)


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


@pytest.mark.fact("S2-10")
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
