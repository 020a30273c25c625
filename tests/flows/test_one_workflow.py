"""One workflow that the operator can change: intake, assignment and oversight all follow it."""

from datetime import timedelta
from uuid import UUID

import pytest

from gongdao.base.db import Pool
from gongdao.cases import commands as c
from gongdao.cases.case import Case
from gongdao.flows.act import act_on_case, open_case
from gongdao.flows.claim_case import claim_case
from gongdao.flows.settings import choose_pack, current_pack, set_switch
from gongdao.jobs.sweep import sweep
from gongdao.web.platform.reads import Wanted, read_queue

from .market import START, Market, open_market, person, place_order

LATER = START + timedelta(days=4)
ARGS = c.OpenArgs(procedure="after_sale", kind="refund_only", reason="quality", received=True)


async def taken_to_the_platform(market: Market) -> Case:
    """A refused request, by the workflow of today, whose time for evidence is over."""
    order = await place_order(market)
    pack = await current_pack(market.pool)
    opened = await open_case(market.pool, market.buyer, order.id, ARGS, pack=pack, now=LATER)
    proof: c.EvidenceList = ["statement"]
    refusal = c.RejectArgs(reason="not_liable", evidence=proof, note="no fault")
    for who, action, args in (
        (market.owner, "reject", refusal),
        (market.buyer, "escalate", c.NoArgs()),
    ):
        acted = await act_on_case(market.pool, who, opened.case.id, action, args, now=LATER)
    return acted.case


@pytest.mark.fact("S2-11")
async def test_intake_assignment_and_oversight_follow_a_changed_workflow(pool: Pool) -> None:
    market = await open_market(pool)
    operator = await person(pool, "platform", "operator")
    await choose_pack(pool, operator, "cn-standard", seen=0, reason="ours", now=START)
    before = await taken_to_the_platform(market)
    await set_switch(pool, operator, "mediation", "off", seen=1, reason="rule", now=START)
    after = await taken_to_the_platform(market)
    assert before.deadline
    assert before.deadline == after.deadline

    # Intake: the same clock leads a new case to another stage; the old one keeps its way.
    await sweep(pool, before.deadline + timedelta(seconds=1))
    stages = {case_id: await stage_of(pool, case_id) for case_id in (before.id, after.id)}
    assert stages == {before.id: "mediation", after.id: "adjudication"}

    # Assignment: whoever judges finds each where it is by now, and takes it.
    now = before.deadline + timedelta(hours=1)
    for tab, case_id in (("coming", before.id), ("waiting", after.id)):
        queue = await read_queue(pool, Wanted(tab=tab))
        assert [row.case.id for row in queue.rows] == [case_id]
        await claim_case(pool, market.arbiter, case_id, now=now)
        holder = "SELECT person_id FROM case_claims WHERE case_id = $1"
        assert await pool.fetchval(holder, case_id) == market.arbiter.person_id

    # Oversight: what nobody rules on in its time shows as missed, by whichever way it came.
    for _ in range(3):
        due = await pool.fetchval("SELECT max(due_at) FROM cases")
        await sweep(pool, due + timedelta(seconds=1))
    assert await pool.fetchval("SELECT count(*) FROM cases WHERE state ? 'missed'") == 2
    waiting = await read_queue(pool, Wanted(tab="waiting"))
    assert {row.case.id for row in waiting.rows} == {before.id, after.id}


async def stage_of(pool: Pool, case_id: UUID) -> str:
    """The stage in which a case is."""
    return await pool.fetchval("SELECT stage FROM cases WHERE id = $1", case_id)
