"""Orders that change: nobody uses another's key, and no answer says who reported."""

import asyncio
from datetime import timedelta
from time import monotonic

import pytest

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case, open_case
from gongdao.flows.ask_extra import ask_extra
from gongdao.flows.cancel_order import cancel_order
from gongdao.flows.case_reads import see_case
from gongdao.flows.change_line import change_line
from gongdao.flows.pay_bill import decline_bill, pay_bill, record_payment
from gongdao.flows.settle_exchange import ask_difference, settle_exchanges
from gongdao.flows.top_up_shop import issue_gift_card
from gongdao.flows.urge_order import urge_order
from gongdao.jobs.sweep import sweep
from gongdao.ledger.bill import Bill

from .lamps import LATER, NOW, PACK, books_are_right, held, lamps, log_of, stock_up, stocks, wish
from .market import Market, open_market, person, place_order
from .test_exchange import do, exchange, pay_difference, until_shipping


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool, balance_fen=0)


async def test_an_anonymous_report_does_not_show_in_what_the_shop_may_ask(market: Market) -> None:
    order = await place_order(market, shipped=False)
    report = c.OpenArgs(procedure="report", kind="prohibited_goods")
    opened = await open_case(market.pool, market.buyer, order.id, report, pack=PACK, now=NOW)
    assert opened.case.anonymous and opened.case.is_open
    asked = wish(market, order, who=market.owner)
    bill = await ask_extra(market.pool, asked, amount_fen=100, what="goods", note="gift box")
    assert bill.state == "open", "the answer is the same as on every other order"
    operator = await person(market.pool, "platform", "operator")
    paid = await record_payment(market.pool, operator, bill.id, reference="T1", now=LATER)
    assert (paid.state, paid.returned) == ("paid", False)
    await books_are_right(market)


async def test_the_shop_cannot_use_up_the_keys_of_its_buyer(market: Market) -> None:
    order = await place_order(market, shipped=False)
    asked = wish(market, order, who=market.owner, key="1")
    await ask_extra(market.pool, asked, amount_fen=100, what="goods", note="gift box")
    await urge_order(market.pool, wish(market, order, key="1"))
    after = await cancel_order(market.pool, wish(market, order, key="2"), reason="changed_mind")
    assert after.closed_at is not None
    assert (await log_of(market, order)).count("urged") == 1
    await books_are_right(market)


async def test_a_key_of_another_sort_of_bill_is_no_answer(market: Market) -> None:
    await stock_up(market, white=3, black=3)
    order = await place_order(market, lines=lamps("white"), shipped=False)
    asked = wish(market, order, who=market.owner, key="1")
    extra = await ask_extra(market.pool, asked, amount_fen=100, what="goods", note="gift box")
    found = await change_line(market.pool, wish(market, order, key="1"), line=1, sku="black")
    assert found.bill and found.bill.id != extra.id
    assert found.bill.amount_fen == 2_000
    again = await change_line(market.pool, wish(market, order, key="1"), line=1, sku="black")
    assert again.bill and again.bill.id == found.bill.id


async def test_a_gift_card_that_is_empty_pays_nothing(market: Market) -> None:
    await stock_up(market, white=3, black=3)
    order = await place_order(market, lines=lamps("white"), shipped=False)
    await market.pool.execute("UPDATE orders SET payment = 'gift_card' WHERE id = $1", order.id)
    with pytest.raises(Refusal) as refused:
        await change_line(market.pool, wish(market, order), line=1, sku="black")
    assert refused.value.code == "insufficient_funds"
    assert await stocks(market) == {"white": 3, "black": 3}
    asked = wish(market, order, who=market.owner)
    bill = await ask_extra(market.pool, asked, amount_fen=100, what="goods", note="gift box")
    with pytest.raises(Refusal) as refused:
        await pay_bill(market.pool, market.buyer, bill.id, now=NOW, collects=True)
    assert refused.value.code == "insufficient_funds"
    await issue_gift_card(
        market.pool, None, market.buyer.person_id, amount_fen=100, reference="G1", now=NOW
    )
    paid = await pay_bill(market.pool, market.buyer, bill.id, now=NOW, collects=True)
    assert (paid.state, paid.returned) == ("paid", False)
    assert await held(market, "gift_card", market.buyer.person_id) == 0
    await books_are_right(market)


async def test_units_are_free_again_only_once(market: Market) -> None:
    await stock_up(market, white=5, black=5, red=5)
    await market.pool.execute("UPDATE products SET price_fen = 10000 WHERE sku = 'red'")
    order = await place_order(market, lines=lamps("white"), shipped=False)
    dearer = await change_line(market.pool, wish(market, order, key="a"), line=1, sku="black")
    assert dearer.bill
    await change_line(market.pool, wish(market, order, key="b"), line=1, sku="red")
    assert await stocks(market) == {"white": 6, "black": 4, "red": 4}
    operator = await person(market.pool, "platform", "operator")
    await record_payment(market.pool, operator, dearer.bill.id, reference="T", now=LATER)
    assert await stocks(market) == {"white": 6, "black": 4, "red": 5}
    await books_are_right(market)


async def test_what_was_dropped_can_be_asked_for_again(market: Market) -> None:
    await stock_up(market, white=3, black=3)
    order = await place_order(market, lines=lamps("white"), shipped=False)
    for key in ("a", "b"):
        found = await change_line(market.pool, wish(market, order, key=key), line=1, sku="black")
        assert found.bill and found.bill.state == "open"
        await decline_bill(market.pool, market.buyer, found.bill.id, now=NOW + timedelta(minutes=1))
        assert await stocks(market) == {"white": 3, "black": 3}
    await books_are_right(market)


async def test_a_difference_comes_back_with_the_price(market: Market) -> None:
    await stock_up(market, white=1, black=1)
    order = await place_order(market, lines=lamps("white"))
    acted = await exchange(market, order, "black")
    await until_shipping(market, acted)
    await pay_difference(market, acted, order)
    await do(market, acted, market.owner, "ship", c.SignArgs(carrier="SF", tracking="EMPTY"))
    wrong = c.MismatchArgs(problem="empty", evidence=["unboxing_video"])
    await do(market, acted, market.buyer, "report_mismatch", wrong)
    now = NOW + timedelta(days=1)
    while (seen := await see_case(market.pool, acted.case.id)) and seen.stored.case.is_open:
        if seen.stored.case.stage == "adjudication":
            full = c.AdjudicateArgs(liability="seller", remedy="full_refund", note="empty box")
            await act_on_case(
                market.pool, market.arbiter, acted.case.id, "adjudicate", full, now=now
            )
        now += timedelta(days=2)
        await sweep(market.pool, now)
        assert now < NOW + timedelta(days=90)
    assert seen and seen.stored.case.paid_fen("refund") == 10_500
    await settle_exchanges(market.pool, now=now)
    assert await held(market, "buyer_refund", market.buyer.person_id) == 12_500
    assert await held(market, "shop_frozen", market.shop_id) == 0
    await books_are_right(market)


async def test_a_difference_that_was_dropped_can_be_paid_after_all(market: Market) -> None:
    await stock_up(market, white=1, black=1)
    order = await place_order(market, lines=lamps("white"))
    acted = await exchange(market, order, "black")

    async def asked() -> Bill:
        return await ask_difference(
            market.pool, wish(market, order), case=acted.case, order=order, more_fen=2_000
        )

    first = await asked()
    assert (await asked()).id == first.id, "asked for twice, it is the same"
    await decline_bill(market.pool, market.owner, first.id, now=NOW)
    both = await asyncio.gather(asked(), asked())
    assert both[0].id == both[1].id != first.id
    assert both[0].state == "open"


async def test_a_difference_arrives_while_its_case_is_decided(market: Market) -> None:
    await stock_up(market, white=9, black=9)
    operator = await person(market.pool, "platform", "operator")
    for _ in range(8):
        order = await place_order(market, lines=lamps("white"))
        acted = await exchange(market, order, "black")
        bill = await ask_difference(
            market.pool, wish(market, order), case=acted.case, order=order, more_fen=2_000
        )
        grant = c.OfferArgs(remedy="full_refund", refund="105.00")
        await do(market, acted, market.owner, "offer", grant)
        start = monotonic()
        await asyncio.gather(
            do(market, acted, market.buyer, "accept_offer"),
            record_payment(market.pool, operator, bill.id, reference=bill.id.hex, now=NOW),
        )
        assert monotonic() - start < 0.9, "nobody waits until PostgreSQL finds a circle"
    await settle_exchanges(market.pool, now=NOW)
    assert await held(market, "shop_frozen", market.shop_id) == 0
    assert await held(market, "buyer_refund", market.buyer.person_id) == 8 * 12_500
    await books_are_right(market)
