"""Lines of one order that go back one after another or at once, through the real store."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

from gongdao.base.db import Pool
from gongdao.cases import commands as c
from gongdao.cases.decide import decide
from gongdao.cases.store import Decided, commit
from gongdao.flows.act import act_on_case, open_case
from gongdao.flows.case_reads import see_case
from gongdao.policy.load import load_pack
from gongdao.shops.order import Discount, Gift, Line, Order

from .lamps import books_are_right, held
from .market import START, Market, open_market, place_order

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


async def _on_its_way_back(market: Market, order: Order) -> UUID:
    """A return whose refund is worked out by the rules as it is paid."""
    asked = c.OpenArgs(procedure="after_sale", kind="return_refund", reason="no_reason")
    opened = await open_case(market.pool, market.buyer, order.id, asked, pack=PACK, now=LATER)
    case_id = opened.case.id
    await act_on_case(market.pool, market.owner, case_id, "approve", c.ApproveArgs(), now=LATER)
    parcel = c.ShipBackArgs(carrier="SF", tracking="SF1")
    await act_on_case(market.pool, market.buyer, case_id, "ship_back", parcel, now=LATER)
    return case_id


async def _receipt(market: Market, case_id: UUID) -> Decided:
    """What would be written when the shop has the goods back."""
    seen = await see_case(market.pool, case_id)
    assert seen is not None
    back = c.Command(
        action="confirm_receipt",
        by="seller",
        args=c.ConfirmReceiptArgs(),
        person_id=market.owner.person_id,
    )
    outcome = decide(seen.stored.case, back, facts=seen.facts, pack=PACK, now=LATER)
    return Decided(outcome=outcome, before=seen.stored.case.version, head=seen.stored.head)


async def test_cases_that_are_paid_together_lock_their_orders_in_one_order(pool: Pool) -> None:
    market = await open_market(pool)
    orders = [await place_order(market) for _ in range(3)]
    # Cases are written in the order of their ids, which is the opposite of their orders' here.
    cases = [await _on_its_way_back(market, order) for order in reversed(orders)]
    decided = [await _receipt(market, case_id) for case_id in cases]
    first, last = orders[0].id, orders[-1].id
    async with pool.acquire() as held, pool.acquire() as payer, pool.acquire() as third:
        holding = held.transaction()
        await holding.start()
        await held.execute("SELECT FROM orders WHERE id = $1 FOR NO KEY UPDATE", first)
        paying = asyncio.create_task(commit(payer, decided, now=LATER))
        waits = "SELECT cardinality(pg_blocking_pids($1)) > 0"
        while not await third.fetchval(waits, payer.get_server_pid()):
            assert not paying.done()
        # It waits for the first of its orders, and holds none that somebody else may have.
        await third.execute("SELECT FROM orders WHERE id = $1 FOR NO KEY UPDATE NOWAIT", last)
        await holding.rollback()
        await paying
    await books_are_right(market)
