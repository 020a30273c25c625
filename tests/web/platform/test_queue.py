"""The queue: what was missed comes first, and who has which case."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from gongdao.jobs.sweep import sweep
from gongdao.web.platform.reads import Place, Wanted, count_tabs, next_waiting, read_queue

from .conftest import Staff
from .desk import Desk


async def test_what_was_missed_comes_first_on_every_page(desk: Desk) -> None:
    """A case that was missed has a fresh clock, and so would stand far below otherwise."""
    missed = [await desk.before_the_arbiter(f"电水壶 {n}", days=12 + n / 10) for n in range(3)]
    urgent = await desk.before_the_arbiter("剃须刀", days=5)
    await sweep(desk.pool, desk.now)
    rows = (await read_queue(desk.pool, Wanted())).rows
    ids = [row.case.id for row in rows]
    assert set(missed) <= set(ids[: ids.index(urgent)])
    marks = [row.case.missed > 0 for row in rows]
    assert marks == sorted(marks, reverse=True)
    assert (await count_tabs(desk.pool))["missed"] == sum(marks)

    seen: list[UUID] = []
    after: Place | None = None
    while True:
        queue = await read_queue(desk.pool, Wanted(), after=after, limit=2)
        seen += [row.case.id for row in queue.rows]
        if queue.following is None:
            break
        after = queue.following
    assert seen == ids


@pytest.mark.fact("S2-11")
async def test_an_arbiter_claims_a_case_and_gives_it_back(desk: Desk, as_: Staff) -> None:
    case_id = await desk.before_the_arbiter("加湿器")
    address, arbiter, supervisor = (
        f"/platform/cases/{case_id}",
        await as_("arbiter"),
        await as_("supervisor"),
    )
    assert "认领</button>" not in await supervisor.get(address)
    assert (await supervisor.post(f"{address}/claim")).status_code == 403
    sent = await arbiter.post(f"{address}/claim", back="/platform/cases?tab=waiting")
    assert sent.headers["location"] == "/platform/cases?tab=waiting"
    assert (await arbiter.post(f"{address}/claim", back="//elsewhere")).headers[
        "location"
    ] == address
    assert "我已认领" in await arbiter.get(address)
    assert "周明已认领" in await supervisor.get(address)
    assert "周明已认领" in row_of(await supervisor.get("/platform/cases"), case_id)
    mine = await arbiter.get("/platform/cases?claim=mine")
    assert str(case_id) in re.findall(r'id="case-([0-9a-f-]+)"', mine)
    free = await arbiter.get("/platform/cases?claim=free")
    assert f'id="case-{case_id}"' not in free
    assert (await arbiter.post(f"{address}/release")).status_code == 303
    assert "已认领" not in await supervisor.get(address)


async def test_a_case_of_another_is_taken_over_only_by_naming_them(desk: Desk, as_: Staff) -> None:
    case_id = await desk.before_the_arbiter("空气炸锅", days=6)
    await desk.pool.execute(
        "INSERT INTO case_claims VALUES ($1, $2, $3)",
        case_id,
        desk.staff["supervisor"].person_id,
        desk.now,
    )
    me = desk.staff["arbiter"].person_id
    waiting = await next_waiting(desk.pool, me=me, not_this=None)
    assert waiting != case_id
    arbiter, address = await as_("arbiter"), f"/platform/cases/{case_id}"
    assert "转由我处理" in await arbiter.get(address)
    refused = await arbiter.post(f"{address}/claim")
    assert (refused.status_code, "吴静刚刚认领了这张单" in refused.text) == (409, True)
    refused = await arbiter.post(f"{address}/claim", taken_from=str(uuid4()))
    assert refused.status_code == 409
    holder = str(desk.staff["supervisor"].person_id)
    assert (await arbiter.post(f"{address}/claim", taken_from=holder)).status_code == 303
    assert "我已认领" in await arbiter.get(address)


async def test_a_case_that_cannot_be_decided_is_shown_to_the_operator(
    desk: Desk, as_: Staff
) -> None:
    broken = await desk.filed("落地灯", days=6)
    pack = "jsonb_set(state, '{pack}', to_jsonb($2::text))"
    await desk.pool.execute(f"UPDATE cases SET state = {pack} WHERE id = $1", broken, "gone@1")
    number = await desk.pool.fetchval("SELECT number FROM cases WHERE id = $1", broken)
    await sweep(desk.pool, desk.now)
    shown = await (await as_("operator")).get("/platform/trouble")
    assert f">{number}</a>" in shown
    assert "UnknownPackError" in shown
    await desk.pool.execute(
        f"UPDATE cases SET state = {pack} WHERE id = $1", broken, "taobao-classic@1"
    )
    assert broken in await sweep(desk.pool, desk.now + timedelta(hours=7))
    assert f">{number}</a>" not in await (await as_("operator")).get("/platform/trouble")


def row_of(text: str, case_id: UUID) -> str:
    found = re.search(rf'<li class="gd-row" id="case-{case_id}".*?</li>', text, re.S)
    assert found
    return found[0]


async def test_only_who_rules_is_offered_the_most_urgent(as_: Staff) -> None:
    for duty in ("arbiter", "supervisor", "operator", "auditor"):
        offered = "处理最急的一件" in await (await as_(duty)).get("/platform/cases")
        assert offered == (duty == "arbiter"), duty


async def test_signals_have_a_place_on_the_case(desk: Desk, as_: Staff) -> None:
    case_id = await desk.before_the_arbiter("电吹风", price=12_900)
    arbiter = await as_("arbiter")
    assert 'id="signals"' not in await arbiter.get(f"/platform/cases/{case_id}")
    raised = "jsonb_set(state, '{signals}', '[\"slow_delivery\"]')"
    await desk.pool.execute(f"UPDATE cases SET state = {raised} WHERE id = $1", case_id)
    assert "发货超过五天仍未签收" in await arbiter.get(f"/platform/cases/{case_id}")
    await desk.pool.execute("UPDATE cases SET state = state - 'signals' WHERE id = $1", case_id)
