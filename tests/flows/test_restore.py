"""The record of a shop in the database: of many decisions at once none is forgotten, and a
supervisor takes back what was wrong.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case, open_case
from gongdao.flows.case_reads import ShopSeen, see_case, see_shop
from gongdao.flows.restore_shop import lift_sanction, take_points_back
from gongdao.flows.verify import verify_records
from gongdao.jobs.sweep import sweep
from gongdao.ledger.verify import verify_books
from gongdao.policy.load import load_pack

from .market import START, Market, open_market, person, place_order

PACK = load_pack("cn-standard")
LATER = START + timedelta(days=4)
FAKE = c.AdjudicateArgs(
    liability="seller", remedy="punitive_compensation", counterfeit=True, serious=True, note="fake"
)
CLAIM = c.OpenArgs(procedure="counterfeit_claim", kind="counterfeit")


@pytest.fixture
async def market(pool: Pool) -> AsyncIterator[Market]:
    """A shop against which two counterfeit claims wait for their ruling to be carried out."""
    yield await open_market(pool, balance_fen=10_000_000)


async def ruled(market: Market, count: int) -> tuple[list[UUID], datetime]:
    """So many claims that were upheld, and when the last of their clocks runs out."""
    case_ids: list[UUID] = []
    for _ in range(count):
        order = await place_order(market)
        opened = await open_case(market.pool, market.buyer, order.id, CLAIM, pack=PACK, now=LATER)
        case_ids.append(opened.case.id)
    now = LATER
    for _ in range(4):
        now += timedelta(days=40)
        await sweep(market.pool, now)
        seen = await see_case(market.pool, case_ids[0])
        assert seen
        if seen.stored.case.stage == "adjudication":
            break
    await asyncio.gather(
        *(
            act_on_case(market.pool, market.arbiter, case_id, "adjudicate", FAKE, now=now)
            for case_id in case_ids
        )
    )
    supervisor = await person(market.pool, "platform", "supervisor")
    for case_id in case_ids:
        seen = await see_case(market.pool, case_id)
        assert seen
        if seen.stored.case.stage == "supervisor_review":
            await act_on_case(market.pool, supervisor, case_id, "concur", c.NoArgs(), now=now)
    return case_ids, now + timedelta(days=40)


async def record(market: Market) -> ShopSeen:
    seen = await see_shop(market.pool, market.shop_id)
    assert seen
    return seen


async def assert_sound(pool: Pool) -> None:
    async with pool.acquire() as connection:
        assert [fault async for fault in verify_records(connection)] == []
        assert [fault async for fault in verify_books(connection)] == []


async def test_many_ends_at_once_are_all_counted(market: Market) -> None:
    case_ids, end = await ruled(market, 3)
    await sweep(market.pool, end)
    for _ in range(20):
        # What failed together is tried apart, and what still met another one, a little later.
        seen = await record(market)
        if len(seen.record.findings) == len(case_ids):
            break
        end += timedelta(seconds=5)
        await sweep(market.pool, end)
    seen = await record(market)
    assert {found.case_id for found in seen.record.findings} == set(case_ids)
    charges = [charge for charge in seen.record.charges if charge.ledger == "counterfeit"]
    assert [charge.points for charge in charges] == [24, 24, 24]
    assert seen.record.status(end) == "closed"
    entries = await market.pool.fetchval(
        "SELECT array_agg(entry ORDER BY entry) FROM shop_record WHERE shop_id = $1",
        market.shop_id,
    )
    assert entries == list(range(1, seen.record.entry + 1))
    await assert_sound(market.pool)


async def test_a_supervisor_takes_back(market: Market) -> None:
    (case_id,), end = await ruled(market, 1)
    await sweep(market.pool, end)
    seen = await record(market)
    (charge,) = [charge for charge in seen.record.charges if charge.case_id == case_id]
    in_force = seen.record.in_force(end)
    assert in_force
    supervisor = await person(market.pool, "platform", "supervisor")
    by_node = [one for one in in_force if one.sanction.charge == charge.entry]
    plain = [one for one in in_force if not one.sanction.charge]
    with pytest.raises(Refusal) as refused:
        await take_points_back(
            market.pool, market.arbiter, case_id, charge.entry, note="x", now=end
        )
    assert refused.value.code == "wrong_role"
    with pytest.raises(Refusal) as refused:
        await take_points_back(market.pool, supervisor, case_id, charge.entry, note=" ", now=end)
    assert refused.value.code == "reason_required"
    await take_points_back(
        market.pool, supervisor, case_id, charge.entry, note="it was genuine", now=end
    )
    seen = await record(market)
    assert seen.record.charges == ()
    numbers = {one.sanction.number for one in seen.record.in_force(end)}
    assert numbers.isdisjoint(one.sanction.number for one in by_node)
    for one in plain:
        await lift_sanction(
            market.pool, supervisor, case_id, one.sanction.number, note="over", now=end
        )
    assert (await record(market)).record.in_force(end) == ()
    with pytest.raises(Refusal) as refused:
        await lift_sanction(market.pool, supervisor, case_id, 99, note="over", now=end)
    assert refused.value.code == "not_found"
    await assert_sound(market.pool)
