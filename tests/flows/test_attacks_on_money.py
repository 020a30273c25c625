"""Tricks that would take more than is due: over several cases, after fines, by two at once."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from gongdao.accounts.principal import Principal
from gongdao.accounts.ties import add_tie
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case, open_case
from gongdao.flows.case_reads import see_case
from gongdao.flows.restore_shop import lift_sanction, take_points_back
from gongdao.jobs.sweep import sweep
from gongdao.policy.load import load_pack
from gongdao.shops.order import Line

from .lamps import books_are_right, held
from .market import START, Market, open_market, person, place_order

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


async def test_who_is_tied_to_a_shop_restores_nothing_of_it(pool: Pool) -> None:
    market = await open_market(pool)
    order = await place_order(market)
    pack = load_pack("cn-standard")
    claim = c.OpenArgs(procedure="counterfeit_claim", kind="counterfeit")
    opened = await open_case(pool, market.buyer, order.id, claim, pack=pack, now=LATER)
    case_id = opened.case.id
    tied = await tied_supervisor(market)
    with pytest.raises(Refusal) as refused:
        args = c.ExtendArgs(by="3d", note="they asked me to")
        await act_on_case(pool, tied, case_id, "extend_deadline", args, now=LATER)
    assert refused.value.code == "not_eligible"
    now = await ruled_fake(market, case_id) + timedelta(days=40)
    await sweep(pool, now)
    seen = await see_case(pool, case_id)
    assert seen and seen.stored.case.sanctions and seen.facts.record.charges
    number = seen.stored.case.sanctions[0].number
    with pytest.raises(Refusal) as refused:
        await lift_sanction(pool, tied, case_id, number, note="a friend", now=now)
    assert refused.value.code == "not_eligible"
    with pytest.raises(Refusal) as refused:
        entry = seen.facts.record.charges[0].entry
        await take_points_back(pool, tied, case_id, entry, note="a friend", now=now)
    assert refused.value.code == "not_eligible"
    free = await person(pool, "platform", "supervisor")
    await lift_sanction(pool, free, case_id, number, note="over", now=now)


async def tied_supervisor(market: Market) -> Principal:
    supervisor = await person(market.pool, "platform", "supervisor")
    known = await person(market.pool, "buyer", "friend")
    tied = msgspec.structs.replace(supervisor, person_id=known.person_id)
    await add_tie(
        market.pool,
        new_id(),
        person_id=tied.person_id,
        tied_to=market.shop_id,
        by=tied.person_id,
        now=START,
    )
    return tied


async def ruled_fake(market: Market, case_id: UUID) -> datetime:
    """Bring a counterfeit claim to its ruling; returns when it was ruled."""
    now = LATER
    for _ in range(4):
        now += timedelta(days=40)
        await sweep(market.pool, now)
        seen = await see_case(market.pool, case_id)
        assert seen
        if seen.stored.case.stage == "adjudication":
            break
    finding = c.AdjudicateArgs(
        liability="seller", remedy="punitive_compensation", counterfeit=True, serious=True, note="x"
    )
    await act_on_case(market.pool, market.arbiter, case_id, "adjudicate", finding, now=now)
    seen = await see_case(market.pool, case_id)
    assert seen
    if seen.stored.case.stage == "supervisor_review":
        supervisor = await person(market.pool, "platform", "supervisor")
        await act_on_case(market.pool, supervisor, case_id, "concur", c.NoArgs(), now=now)
    return now
