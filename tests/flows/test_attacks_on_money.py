"""Tricks that would take more than is due: over several cases, after fines, by two at once."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case, open_case
from gongdao.jobs.sweep import sweep
from gongdao.policy.load import load_pack
from gongdao.shops.order import Line

from .lamps import books_are_right, held
from .market import START, Market, open_market, place_order

PACK = load_pack("taobao-classic")
LATER = START + timedelta(days=4)


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool, balance_fen=10_000_000)


def carriage(amount: str, *lines: int) -> c.OpenArgs:
    return c.OpenArgs(
        procedure="after_sale", kind="freight_dispute", reason="quality", amount=amount,
        lines=list(lines) or None,
    )  # fmt: skip


async def paid_freight(market: Market) -> int:
    return await market.pool.fetchval(
        "SELECT coalesce(sum(amount_fen), 0)::bigint FROM ledger_transfers WHERE kind = 'freight'"
    )


async def filed(market: Market, order_id: UUID, args: c.OpenArgs, now: datetime) -> UUID:
    acted = await open_case(market.pool, market.buyer, order_id, args, pack=PACK, now=now)
    return acted.case.id


async def test_silence_pays_the_carriage_of_an_order_only_once(market: Market) -> None:
    order = await place_order(market, price_fen=100_000, freight_fen=0)
    now = LATER
    for _ in range(3):
        try:
            await filed(market, order.id, carriage("1000.00"), now)
        except Refusal as refused:
            assert refused.code == "amount_above_limit"
        now += timedelta(days=4)
        await sweep(market.pool, now)
    assert await paid_freight(market) <= 100_000, "what the order cost, whatever the cases"
    await books_are_right(market)


async def test_lines_of_one_order_share_its_carriage(market: Market) -> None:
    lines = tuple(Line(line=n, title=f"Lamp {n}", price_fen=10_000) for n in range(1, 6))
    order = await place_order(market, lines=lines, freight_fen=0)
    for line in lines:
        try:
            await filed(market, order.id, carriage("500.00", line.line), LATER)
        except Refusal as refused:
            assert refused.code == "amount_above_limit"
    for day in range(1, 10):
        await sweep(market.pool, LATER + timedelta(days=day))
    assert await paid_freight(market) <= 50_000
    await books_are_right(market)


async def test_returns_of_single_lines_share_the_carriage_of_their_order(market: Market) -> None:
    lines = tuple(Line(line=n, title=f"Lamp {n}", price_fen=10_000) for n in range(1, 6))
    order = await place_order(market, lines=lines, freight_fen=0)
    for line in lines:
        asked = c.OpenArgs(
            procedure="after_sale", kind="return_refund", reason="quality", lines=[line.line]
        )
        case_id = await filed(market, order.id, asked, LATER)
        await act_on_case(market.pool, market.owner, case_id, "approve", c.ApproveArgs(), now=LATER)
        try:
            args = c.ShipBackArgs(carrier="SF", tracking=f"SF{line.line}", freight="500.00")
            await act_on_case(market.pool, market.buyer, case_id, "ship_back", args, now=LATER)
        except Refusal as refused:
            assert refused.code == "amount_above_limit"
            args = c.ShipBackArgs(carrier="SF", tracking=f"SF{line.line}", freight="0.00")
            await act_on_case(market.pool, market.buyer, case_id, "ship_back", args, now=LATER)
    for day in range(1, 25):
        await sweep(market.pool, LATER + timedelta(days=day))
    assert await held(market, "order_escrow", order.id) == 0
    assert await paid_freight(market) <= 50_000
    await books_are_right(market)
