"""Lines of one order that go back one after another or at once, through the real store."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

from gongdao.base.db import Pool
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case, open_case
from gongdao.policy.load import load_pack
from gongdao.shops.order import Discount, Gift, Line

from .lamps import books_are_right, held
from .market import START, open_market, place_order

PACK = load_pack("cn-standard")
LATER = START + timedelta(days=3)


async def test_a_gift_that_stays_is_deducted_once(pool: Pool) -> None:
    market = await open_market(pool)
    lines = tuple(Line(line=n, title=f"Lamp {n}", price_fen=10_000) for n in (1, 2))
    gifts = (Gift(value_fen=1_500, title="Belt", returned=False),)
    order = await place_order(market, lines=lines, gifts=gifts, freight_fen=0)

    async def back(line: int, now: datetime) -> int:
        asked = c.OpenArgs(
            procedure="after_sale", kind="return_refund", reason="no_reason", lines=[line]
        )
        opened = await open_case(pool, market.buyer, order.id, asked, pack=PACK, now=now)
        case_id = opened.case.id
        await act_on_case(pool, market.owner, case_id, "approve", c.ApproveArgs(), now=now)
        parcel = c.ShipBackArgs(carrier="SF", tracking=f"SF{line}")
        await act_on_case(pool, market.buyer, case_id, "ship_back", parcel, now=now)
        done = await act_on_case(
            pool, market.owner, case_id, "confirm_receipt", c.ConfirmReceiptArgs(), now=now
        )
        return done.case.paid_fen("refund")

    assert await back(1, LATER) == 8_500
    assert await back(2, LATER + timedelta(hours=1)) == 10_000
    assert await held(market, "order_escrow", order.id) == 1_500
    await books_are_right(market)


async def test_what_goes_back_at_the_same_instant_loses_a_discount_once(pool: Pool) -> None:
    market = await open_market(pool)
    prices = (10_000, 10_000, 15_000)
    lines = tuple(Line(line=n, title="Lamp", price_fen=fen) for n, fen in enumerate(prices, 1))
    saved = (Discount(threshold_fen=30_000, off_fen=5_000),)
    order = await place_order(market, lines=lines, discounts=saved, freight_fen=0)
    now, on_the_way = LATER, list[UUID]()
    for line in (1, 2):
        asked = c.OpenArgs(
            procedure="after_sale", kind="return_refund", reason="no_reason", lines=[line]
        )
        opened = await open_case(pool, market.buyer, order.id, asked, pack=PACK, now=now)
        assert opened.case.asked_fen == 5_000
        on_the_way.append(opened.case.id)
        await act_on_case(pool, market.owner, opened.case.id, "approve", c.ApproveArgs(), now=now)
        parcel = c.ShipBackArgs(carrier="SF", tracking=f"SF{line}")
        await act_on_case(pool, market.buyer, opened.case.id, "ship_back", parcel, now=now)
    back = c.ConfirmReceiptArgs()
    done = await asyncio.gather(
        *(
            act_on_case(pool, market.owner, id_, "confirm_receipt", back, now=now)
            for id_ in on_the_way
        )
    )
    assert sorted(one.case.paid_fen("refund") for one in done) == [5_000, 10_000]
    assert await held(market, "order_escrow", order.id) == 15_000
    await books_are_right(market)


async def test_after_an_exchange_seven_days_begin_again(pool: Pool) -> None:
    market = await open_market(pool)
    order = await place_order(market)
    swap = c.OpenArgs(procedure="after_sale", kind="exchange", reason="wrong_item")
    opened = await open_case(pool, market.buyer, order.id, swap, pack=PACK, now=LATER)
    case_id, now = opened.case.id, LATER
    await act_on_case(pool, market.owner, case_id, "approve", c.ApproveArgs(), now=now)
    parcel = c.ShipBackArgs(carrier="SF", tracking="SF1")
    await act_on_case(pool, market.buyer, case_id, "ship_back", parcel, now=now)
    now += timedelta(days=5)
    await act_on_case(
        pool, market.owner, case_id, "confirm_receipt", c.ConfirmReceiptArgs(), now=now
    )
    sent = c.SignArgs(carrier="SF", tracking="SF2")
    await act_on_case(pool, market.owner, case_id, "ship", sent, now=now)
    now += timedelta(days=5)
    await act_on_case(
        pool, market.buyer, case_id, "confirm_receipt", c.ConfirmReceiptArgs(), now=now
    )
    again = c.OpenArgs(procedure="after_sale", kind="return_refund", reason="no_reason")
    opened = await open_case(
        pool, market.buyer, order.id, again, pack=PACK, now=now + timedelta(days=6)
    )
    assert opened.case.stage == "seller_review"
