"""Clocks that run out are decided in batches, once, at their own instants."""

import asyncio
from datetime import timedelta
from uuid import UUID

from structlog.testing import capture_logs

from gongdao.base.db import Pool
from gongdao.cases import commands as c
from gongdao.cases.store import load_case
from gongdao.flows.act import open_case
from gongdao.jobs.sweep import sweep
from gongdao.policy.load import load_pack

from .market import START, open_market, place_order

PACK = load_pack("taobao-classic")
LATER = START + timedelta(days=4)
ARGS = c.OpenArgs(procedure="after_sale", kind="refund_only", reason="quality")


async def test_due_cases_are_decided_once_by_two_sweepers(pool: Pool) -> None:
    market = await open_market(pool)
    opened = [
        await open_case(
            pool, market.buyer, (await place_order(market)).id, ARGS, pack=PACK, now=LATER
        )
        for _ in range(20)
    ]
    due = LATER + timedelta(hours=72)
    assert await sweep(pool, due) == []
    swept = await asyncio.gather(*(sweep(pool, due + timedelta(seconds=1)) for _ in range(3)))
    assert sorted(i for part in swept for i in part) == sorted(one.case.id for one in opened)
    for one in opened:
        stored = await load_case(pool, one.case.id)
        assert stored
        assert (stored.case.ended, stored.case.closed_at) == ("defaulted", due)
    paid = await pool.fetchval("SELECT count(*) FROM payouts")
    assert paid == 20


async def test_cases_that_draw_on_one_short_account_are_decided_one_by_one(pool: Pool) -> None:
    market = await open_market(pool, balance_fen=15_000)
    orders = [await place_order(market, confirmed=True) for _ in range(3)]
    await pool.execute(
        "SELECT ledger_post(array[null]::uuid[], array[null]::uuid[], array['capture'],"
        " array['shop_balance'], array[$1]::uuid[], array['external'],"
        " array['00000000-0000-0000-0000-000000000000']::uuid[], array[31500]::bigint[],"
        " array[false], now())",
        market.shop_id,
    )
    opened = [
        await open_case(pool, market.buyer, order.id, ARGS, pack=PACK, now=LATER)
        for order in orders
    ]
    await sweep(pool, LATER + timedelta(hours=73))
    cases = [await load_case(pool, one.case.id) for one in opened]
    assert all(one and one.case.ended == "defaulted" for one in cases)
    drawn = sum(one.case.paid_from_fen("balance") for one in cases if one)
    owed = sum(one.case.paid_from_fen("debt") for one in cases if one)
    assert (drawn, owed) == (15_000, 16_500)


async def test_a_case_that_cannot_be_decided_holds_up_no_other(pool: Pool) -> None:
    """Its rule book is gone: the others are decided at once, and it waits longer each time."""
    market = await open_market(pool)
    opened = [
        await open_case(
            pool, market.buyer, (await place_order(market)).id, ARGS, pack=PACK, now=LATER
        )
        for _ in range(9)
    ]
    broken = opened[4]
    await lose_pack(pool, broken.case.id, "taobao-classic@0.0.0")
    now = LATER + timedelta(hours=73)
    with capture_logs() as log:
        swept = await sweep(pool, now)
    assert sorted(swept) == sorted(one.case.id for one in opened if one is not broken)
    assert [(line["event"], line["number"]) for line in log] == [("clock set aside", broken.number)]
    waits: list[timedelta] = []
    with capture_logs() as log:
        for _ in range(4):
            row = await pool.fetchrow("SELECT * FROM clocks_set_aside")
            assert row and row["case_id"] == broken.case.id
            assert "UnknownPackError" in row["reason"]
            waits.append(row["wait_until"] - now)
            assert await sweep(pool, row["wait_until"] - timedelta(milliseconds=1)) == []
            now = row["wait_until"]
            assert await sweep(pool, now) == []
    assert (waits, log) == ([timedelta(seconds=s) for s in (1, 4, 16, 64)], [])

    await lose_pack(pool, broken.case.id, PACK.name)
    assert await sweep(pool, now) == []
    assert await sweep(pool, now + timedelta(hours=6)) == [broken.case.id]
    assert await sweep(pool, now + timedelta(hours=6)) == []
    assert await pool.fetchval("SELECT count(*) FROM clocks_set_aside") == 0


async def test_a_case_that_cannot_be_read_is_set_aside(pool: Pool) -> None:
    market = await open_market(pool)
    opened = [
        await open_case(
            pool, market.buyer, (await place_order(market)).id, ARGS, pack=PACK, now=LATER
        )
        for _ in range(3)
    ]
    await pool.execute(
        'UPDATE cases SET state = state || \'{"asked_fen": "much"}\' WHERE id = $1',
        opened[0].case.id,
    )
    swept = await sweep(pool, LATER + timedelta(hours=73))
    assert sorted(swept) == sorted(one.case.id for one in opened[1:])


async def lose_pack(pool: Pool, case_id: UUID, name: str) -> None:
    """The case as it is when the version of its pack has been removed from the installation."""
    await pool.execute(
        "UPDATE cases SET state = jsonb_set(state, '{pack}', to_jsonb($2::text)) WHERE id = $1",
        case_id,
        name,
    )
