"""Commands that come at the same time go to the database together; one that collides is alone."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from gongdao.base.db import Pool, open_pool
from gongdao.base.errors import Refusal
from gongdao.cases import commands as c
from gongdao.cases.case import Case
from gongdao.cases.store import ConflictError, Decided, commit_one, load_case
from gongdao.flows.act import act_on_case, open_case, preview
from gongdao.policy.load import load_pack

from .lamps import books_are_right
from .market import START, Market, open_market, place_order

PACK = load_pack("taobao-classic")
LATER = START + timedelta(days=4)
REJECT = c.RejectArgs(reason="not_liable")


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool)


@pytest.fixture
async def other_process(database_url: str) -> AsyncIterator[Pool]:
    """A pool shares its company with nobody, as the one of another process does."""
    pool = await open_pool(database_url, size=4, name="other")
    yield pool
    await pool.close()


async def filed(market: Market) -> Case:
    args = c.OpenArgs(procedure="after_sale", kind="refund_only", reason="quality")
    order = await place_order(market)
    return (await open_case(market.pool, market.buyer, order.id, args, pack=PACK, now=LATER)).case


async def decided(market: Market, case: Case) -> Decided:
    """A refusal of the request, decided on what stands in the database now."""
    stored = await load_case(market.pool, case.id)
    assert stored
    outcome = await preview(market.pool, market.owner, case.id, "reject", REJECT, now=LATER)
    return Decided(outcome=outcome, before=stored.case.version, head=stored.head)


def answer(market: Market, pool: Pool, case: Case, action: str, args: c.Args) -> Any:
    """The shop answers what it saw."""
    version = case.version
    return act_on_case(pool, market.owner, case.id, action, args, now=LATER, version=version)


async def versions(market: Market) -> dict[Any, int]:
    return {row[0]: row[1] for row in await market.pool.fetch("SELECT id, version FROM cases")}


async def check_collision(market: Market, case: Case, both: list[Any], rest: list[Any]) -> None:
    """One of both won, the other was told to look again, and everybody else had their way."""
    refused = [one for one in both if isinstance(one, Refusal)]
    assert [one.code for one in refused] == ["version_conflict"]
    [won] = [one for one in both if not isinstance(one, Exception)]
    assert not [one for one in rest if isinstance(one, Exception)]
    now = await versions(market)
    assert now[case.id] == won.case.version
    assert all(now[one.case.id] == one.case.version for one in rest)
    await books_are_right(market)


async def test_two_answers_to_one_case_in_one_company(market: Market) -> None:
    case, *others = [await filed(market) for _ in range(13)]
    both = (
        answer(market, market.pool, case, "approve", c.ApproveArgs()),
        answer(market, market.pool, case, "reject", REJECT),
    )
    rest = (answer(market, market.pool, each, "reject", REJECT) for each in others)
    answers = await asyncio.gather(*both, *rest, return_exceptions=True)
    await check_collision(market, case, answers[:2], answers[2:])
    together = "SELECT count(DISTINCT xmin::text) FROM cases WHERE version > 1"
    assert await market.pool.fetchval(together) < len(others), "they went in company"


async def test_two_processes_answer_one_case(market: Market, other_process: Pool) -> None:
    for _ in range(5):
        case, *others = [await filed(market) for _ in range(9)]
        both = (
            answer(market, market.pool, case, "approve", c.ApproveArgs()),
            answer(market, other_process, case, "reject", REJECT),
        )
        rest = (
            answer(market, pool, each, "reject", REJECT)
            for pool, part in ((market.pool, others[:4]), (other_process, others[4:]))
            for each in part
        )
        answers = await asyncio.gather(*both, *rest, return_exceptions=True)
        await check_collision(market, case, answers[:2], answers[2:])


async def test_one_that_looked_too_early_does_not_stop_its_company(market: Market) -> None:
    cases = [await filed(market) for _ in range(5)]
    company = [await decided(market, each) for each in cases]
    await answer(market, market.pool, cases[2], "approve", c.ApproveArgs())
    done = await asyncio.gather(
        *(commit_one(market.pool, one, now=LATER) for one in company), return_exceptions=True
    )
    assert [type(one) for one in done] == [
        ConflictError if n == 2 else type(None) for n in range(5)
    ]
    now = await versions(market)
    for n, (case, one) in enumerate(zip(cases, company, strict=True)):
        assert (now[case.id] == one.outcome.case.version) == (n != 2)
    assert await market.pool.fetchval("SELECT ended FROM cases WHERE id = $1", cases[2].id)
    await books_are_right(market)
