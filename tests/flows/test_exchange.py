"""An exchange for another variant: held, paid on top or given back, and never two for one."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.cases import commands as c
from gongdao.flows.act import Acted, act_on_case, open_case
from gongdao.flows.order_desk import Wish
from gongdao.flows.pay_bill import record_payment
from gongdao.flows.settle_exchange import ask_difference, settle_exchanges
from gongdao.ledger.bill_store import bills_of_order
from gongdao.policy.load import load_pack
from gongdao.shops.order import Order

from .lamps import books_are_right, held, lamps, stock_up, stocks
from .market import START, Market, open_market, place_order

PACK = load_pack("taobao-classic@1")
NOW = START + timedelta(days=3)


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool, balance_fen=0)


async def exchange(market: Market, order: Order, sku: str, **more: Any) -> Acted:
    args = c.OpenArgs(
        **{
            "procedure": "after_sale", "kind": "exchange", "reason": "quality", "lines": [1],
            "received": True, "wanted": sku, "evidence": ["photo_of_item"],
        } | more
    )  # fmt: skip
    return await open_case(market.pool, market.buyer, order.id, args, pack=PACK, now=NOW)


async def do(market: Market, acted: Acted, who: Any, action: str, args: Any = None) -> Acted:
    return await act_on_case(
        market.pool, who, acted.case.id, action, args or c.NoArgs(), now=NOW + timedelta(hours=1)
    )


async def until_shipping(market: Market, acted: Acted) -> Acted:
    await do(market, acted, market.owner, "approve", c.ApproveArgs())
    back = c.ShipBackArgs(carrier="SF", tracking="SF1")
    await do(market, acted, market.buyer, "ship_back", back)
    return await do(market, acted, market.owner, "confirm_receipt", c.ConfirmReceiptArgs())


async def pay_difference(market: Market, acted: Acted, order: Order) -> None:
    assert acted.case.wanted
    wish = Wish(who=market.buyer, order_id=order.id, now=NOW)
    bill = await ask_difference(
        market.pool, wish, case=acted.case, order=order, more_fen=acted.case.wanted.more_fen
    )
    await record_payment(market.pool, None, bill.id, reference="T1", now=NOW)


async def return_all(market: Market, order: Order, **more: Any) -> int:
    """Send back what the exchange gave; what comes back for it, in fen."""
    args = c.OpenArgs(
        procedure="after_sale",
        kind="return_refund",
        reason="quality",
        received=True,
        evidence=["photo_of_item"],
        **more,
    )
    now = NOW + timedelta(hours=2)
    acted = await open_case(market.pool, market.buyer, order.id, args, pack=PACK, now=now)
    for who, action, said in (
        (market.owner, "approve", c.ApproveArgs()),
        (market.buyer, "ship_back", c.ShipBackArgs(carrier="SF", tracking="SF3")),
        (market.owner, "confirm_receipt", c.ConfirmReceiptArgs()),
    ):
        acted = await act_on_case(market.pool, who, acted.case.id, action, said, now=now)
    return acted.case.paid_fen("refund")


async def test_dearer_is_paid_before_it_is_sent(market: Market) -> None:
    await stock_up(market, white=0, black=1)
    order = await place_order(market, lines=lamps("white"))
    acted = await exchange(market, order, "black")
    assert acted.case.wanted
    assert acted.case.wanted.more_fen == 2_000
    assert await stocks(market) == {"white": 0, "black": 0}
    await until_shipping(market, acted)
    sending = c.SignArgs(carrier="SF", tracking="SF2")
    with pytest.raises(Refusal) as refused:
        await do(market, acted, market.owner, "ship", sending)
    assert refused.value.code == "not_eligible"
    await pay_difference(market, acted, order)
    assert await held(market, "shop_frozen", market.shop_id) == 2_000
    await do(market, acted, market.owner, "ship", sending)
    assert await settle_exchanges(market.pool, now=NOW) == 0, "it has not ended yet"
    ended = await do(market, acted, market.buyer, "confirm_receipt", c.ConfirmReceiptArgs())
    assert ended.case.ended == "settled"
    assert [await settle_exchanges(market.pool, now=NOW) for _ in range(2)] == [1, 0]
    assert await held(market, "shop_frozen", market.shop_id) == 0
    assert await held(market, "order_escrow", order.id) == 12_500
    assert await stocks(market) == {"white": 0, "black": 0}, "it is with the buyer"
    await books_are_right(market)
    assert await return_all(market, order) == 12_500
    assert await held(market, "order_escrow", order.id) == 0
    await books_are_right(market)


async def test_what_ends_otherwise_gives_goods_and_money_back(market: Market) -> None:
    await stock_up(market, white=0, black=1)
    order = await place_order(market, lines=lamps("white"))
    acted = await exchange(market, order, "black")
    await pay_difference(market, acted, order)
    await do(market, acted, market.buyer, "withdraw")
    await settle_exchanges(market.pool, now=NOW)
    assert await held(market, "buyer_refund", market.buyer.person_id) == 2_000
    assert await held(market, "shop_frozen", market.shop_id) == 0
    assert await stocks(market) == {"white": 0, "black": 1}
    await books_are_right(market)


async def test_cheaper_comes_back_when_it_is_carried_out(market: Market) -> None:
    await stock_up(market, white=0, red=1)
    order = await place_order(market, lines=lamps("white"))
    acted = await exchange(market, order, "red")
    assert acted.case.asked_fen == 2_000
    await until_shipping(market, acted)
    assert await held(market, "buyer_refund", market.buyer.person_id) == 0
    await do(market, acted, market.owner, "ship", c.SignArgs(carrier="SF", tracking="SF2"))
    await do(market, acted, market.buyer, "confirm_receipt", c.ConfirmReceiptArgs())
    assert await held(market, "buyer_refund", market.buyer.person_id) == 2_000
    assert await held(market, "order_escrow", order.id) == 8_500
    await books_are_right(market)
    assert await return_all(market, order) == 8_500
    assert await held(market, "buyer_refund", market.buyer.person_id) == 10_500
    await books_are_right(market)


async def test_a_dearer_one_of_a_confirmed_order_comes_back_whole(market: Market) -> None:
    await stock_up(market, white=0, black=3)
    order = await place_order(market, lines=lamps("white", "white", quantity=3), confirmed=True)
    acted = await exchange(market, order, "black")
    await pay_difference(market, acted, order)
    await until_shipping(market, acted)
    await do(market, acted, market.owner, "ship", c.SignArgs(carrier="SF", tracking="SF2"))
    await do(market, acted, market.buyer, "confirm_receipt", c.ConfirmReceiptArgs())
    await settle_exchanges(market.pool, now=NOW)
    assert await held(market, "shop_balance", market.shop_id) == 66_500
    assert await return_all(market, order, lines=[1]) == 36_000
    assert await held(market, "shop_balance", market.shop_id) == 30_500
    await books_are_right(market)


async def test_a_case_that_is_taken_up_again_holds_its_goods_again(market: Market) -> None:
    await stock_up(market, white=0, black=1)
    order = await place_order(market, lines=lamps("white"))
    acted = await exchange(market, order, "black")
    await do(market, acted, market.buyer, "withdraw")
    assert await stocks(market) == {"white": 0, "black": 1}
    await market.pool.execute(
        "UPDATE cases SET state = state - 'ended', closed_at = NULL WHERE id = $1", acted.case.id
    )
    assert await stocks(market) == {"white": 0, "black": 0}


async def test_another_variant_may_be_wanted_by_now(market: Market) -> None:
    await stock_up(market, white=0, black=1, red=1)
    order = await place_order(market, lines=lamps("white"))
    acted = await exchange(market, order, "red")
    assert acted.case.asked_fen == 2_000
    changed = await do(market, acted, market.buyer, "modify", c.ModifyArgs(wanted="black"))
    assert changed.case.wanted
    assert (changed.case.wanted.sku, changed.case.wanted.more_fen) == ("black", 2_000)
    assert changed.case.asked_fen == 0
    assert await stocks(market) == {"white": 0, "black": 0, "red": 1}
    await do(market, acted, market.buyer, "withdraw")
    assert await stocks(market) == {"white": 0, "black": 1, "red": 1}
    await books_are_right(market)


async def test_a_variant_that_is_gone_is_not_wanted_instead(market: Market) -> None:
    await stock_up(market, white=0, black=1, red=2)
    orders = [await place_order(market, lines=lamps("white")) for _ in range(2)]
    both = [await exchange(market, order, "red") for order in orders]
    black = c.ModifyArgs(wanted="black")
    results = await asyncio.gather(
        *(do(market, each, market.buyer, "modify", black) for each in both), return_exceptions=True
    )
    assert [r.code for r in results if isinstance(r, Refusal)] == ["not_eligible"]
    assert await stocks(market) == {"white": 0, "black": 0, "red": 1}
    with pytest.raises(Refusal) as refused:
        await do(market, both[0], market.buyer, "modify", c.ModifyArgs(wanted="desk"))
    assert refused.value.code in ("invalid", "not_eligible")


async def test_what_was_paid_for_a_dearer_variant_comes_back(market: Market) -> None:
    await stock_up(market, white=1, black=1, red=1)
    order = await place_order(market, lines=lamps("white"))
    acted = await exchange(market, order, "black")
    await pay_difference(market, acted, order)
    await do(market, acted, market.buyer, "modify", c.ModifyArgs(wanted="red"))
    await until_shipping(market, acted)
    await do(market, acted, market.owner, "ship", c.SignArgs(carrier="SF", tracking="SF2"))
    await do(market, acted, market.buyer, "confirm_receipt", c.ConfirmReceiptArgs())
    assert await settle_exchanges(market.pool, now=NOW) == 1
    assert await held(market, "shop_balance", market.shop_id) == 0
    assert await held(market, "shop_frozen", market.shop_id) == 0
    assert await held(market, "buyer_refund", market.buyer.person_id) == 2_000 + 2_000
    await books_are_right(market)


async def test_a_difference_is_asked_for_as_it_is_now(market: Market) -> None:
    await stock_up(market, white=1, black=1, red=1)
    order = await place_order(market, lines=lamps("white"))
    acted = await exchange(market, order, "black")
    wish = Wish(who=market.buyer, order_id=order.id, now=NOW)
    old = await ask_difference(market.pool, wish, case=acted.case, order=order, more_fen=2_000)
    changed = await do(market, acted, market.buyer, "modify", c.ModifyArgs(wanted="red"))
    with pytest.raises(Refusal):
        await ask_difference(market.pool, wish, case=changed.case, order=order, more_fen=-2_000)
    await record_payment(market.pool, None, old.id, reference="T1", now=NOW)
    assert await held(market, "shop_frozen", market.shop_id) == 0
    assert await held(market, "buyer_refund", market.buyer.person_id) == 2_000
    await books_are_right(market)


async def test_sold_out_or_something_else(market: Market) -> None:
    await stock_up(market, white=0, red=0)
    order = await place_order(market, lines=lamps("white", "white"))
    for wanted, more, code in (
        ("red", {}, "not_eligible"), ("desk", {}, "invalid"), ("red", {"lines": [1, 2]}, "invalid"),
        ("red", {"kind": "refund_only"}, "invalid"),
    ):  # fmt: skip
        with pytest.raises(Refusal) as refused:
            await exchange(market, order, wanted, **more)
        assert refused.value.code == code


async def test_the_last_one_goes_to_one_exchange(market: Market) -> None:
    await stock_up(market, white=0, red=1)
    orders = [await place_order(market, lines=lamps("white")) for _ in range(5)]
    results = await asyncio.gather(
        *(exchange(market, order, "red") for order in orders), return_exceptions=True
    )
    refused = [r for r in results if isinstance(r, Refusal)]
    assert [r.code for r in refused] == ["not_eligible"] * 4
    assert await stocks(market) == {"white": 0, "red": 0}
    await books_are_right(market)


async def test_settling_and_notices_that_come_again_never_lock_each_other(market: Market) -> None:
    await stock_up(market, white=0, black=8)
    orders = [await place_order(market, lines=lamps("white")) for _ in range(8)]
    for order in orders:
        acted = await exchange(market, order, "black")
        await until_shipping(market, acted)
        await pay_difference(market, acted, order)
        await do(market, acted, market.owner, "ship", c.SignArgs(carrier="SF", tracking="SF2"))
        await do(market, acted, market.buyer, "confirm_receipt", c.ConfirmReceiptArgs())
    bills = [bill for order in orders for bill in await bills_of_order(market.pool, order.id)]
    assert len(bills) == 8
    settled = await asyncio.gather(
        *(settle_exchanges(market.pool, now=NOW) for _ in range(6)),
        *(
            record_payment(market.pool, None, bill.id, reference="T1", now=NOW)
            for _ in range(4)
            for bill in bills
        ),
    )
    assert sum(n for n in settled if isinstance(n, int)) == 8, "each once"
    for order in orders:
        assert await held(market, "order_escrow", order.id) == 12_500
    assert await held(market, "shop_frozen", market.shop_id) == 0
    await books_are_right(market)
