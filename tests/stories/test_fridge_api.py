"""The refrigerator story by three people with bearer tokens, down to the money and its arrival."""

import asyncio
from typing import Any

import pytest
from tests.conftest import Serve

from gongdao.base.db import Pool
from gongdao.cases.chain import ROOT, links
from gongdao.cases.fold import fold
from gongdao.cases.store import load_case, load_events
from gongdao.ledger.verify import verify_books

from .fridge_tale import Tale, let_the_clocks_run_out, settle_in


@pytest.mark.parametrize("handling", [False, True], ids=["carriage", "with stairs"])
@pytest.mark.fact("S0-30", "S0-31")
async def test_refund_and_freight(
    pool: Pool, serve: Serve, database_url: str, *, handling: bool
) -> None:
    order_id = await settle_in(pool)
    with serve(database_url, GONGDAO_CHANNEL_DAY="1") as served:
        tale = Tale(served.url, order_id, handling=handling)
        for step in tale.before_time_passes:
            await step()
        await let_the_clocks_run_out(pool, tale.case_id)
        await tale.rule()
        await check_the_end(pool, tale)


async def check_the_end(pool: Pool, tale: Tale) -> None:
    """What was paid, from where, why, that it arrives, and that all of it adds up."""
    case = await tale.look()
    assert (case["amounts"], case["paid_from"]) == (tale.amounts, {"balance": tale.total})
    assert {"LAW-24", "TB-49", "S1-01", "S0-10"} <= set(case["ruling"]["cites"])
    assert {rule["id"] for rule in case["rules"]} == set(case["ruling"]["cites"])
    rows = await pool.fetch(
        "SELECT kind, source_kind, amount_fen FROM ledger_transfers"
        " WHERE case_id = $1 AND kind <> 'payout' ORDER BY id",
        case["id"],
    )
    freight_fen = 97_500 if tale.handling else 57_500
    assert [tuple(row) for row in rows] == [
        ("refund", "shop_balance", 268_000),
        ("freight", "shop_balance", freight_fen),
    ]
    await until_all_has_arrived(tale)
    await check_books_and_chain(pool, case["id"])


async def until_all_has_arrived(tale: Tale) -> None:
    async with asyncio.timeout(60):
        while True:
            money: list[dict[str, Any]] = (await tale.look())["money"]
            if all(line["payout_state"] == "arrived" for line in money):
                return
            await asyncio.sleep(0.2)


async def check_books_and_chain(pool: Pool, case_id: Any) -> None:
    async with pool.acquire() as connection:
        assert [fault async for fault in verify_books(connection)] == []
    stored = await load_case(pool, case_id)
    events = await load_events(pool, case_id)
    assert stored
    assert fold(events) == stored.case
    assert links(ROOT, events)[-1] == stored.head
