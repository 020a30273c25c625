"""Trainings: only who passed gets the questions of the product, and the pick says why."""

import asyncio
from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.flows.knowledge.goods import add_goods, training
from tests.web.chat.desk_town import DeskTown, build_desk_town
from tests.web.desk.window_town import asks, come_online

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.chat.routing.desk import DeskRules
from gongdao.flows.knowledge import trainings
from gongdao.flows.talk.desk_settings import save_rules
from gongdao.knowledge.article import Body, Written

ANSWER = Written(
    kind="answer", title="冰箱一天耗几度电？", body=Body(text="约 0.8 度，二级能效。"),
    state="published",
)  # fmt: skip


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    return await build_desk_town(pool)


@pytest.fixture
async def goods(town: DeskTown) -> dict[str, UUID]:
    return await add_goods(town)


@pytest.mark.fact("S0-61")
async def test_only_who_passed_gets_the_questions_of_the_product(
    town: DeskTown, goods: dict[str, UUID]
) -> None:
    lead, passer, pool = town.people["主管"], town.people["小宝"], town.pool
    await come_online(town, "小安", "小宝")
    made = await trainings.write_training(pool, lead, training(goods), now=utc_now())
    nobody = await asks(town, "甲", "怎么洗？", product_id=goods["WX-75B"])
    assert (await _routed(town, nobody))["schooling"] == "nobody_schooled"
    wrong = await trainings.take_quiz(pool, passer, made.id, ((1,), (0,)), seen=1, now=utc_now())
    assert (wrong.attempt.score, wrong.attempt.passed) == (50, False)
    right = ((0,), (0,))
    tried = await trainings.take_quiz(pool, passer, made.id, right, seen=1, key="t", now=utc_now())
    assert tried.attempt.passed
    assert tried == await trainings.take_quiz(
        pool, passer, made.id, right, seen=1, key="t", now=utc_now()
    )
    for n in range(4):
        talk = await asks(town, f"乙{n}", "适合我吗？", product_id=goods["WX-75B"])
        assert await _agent_of(town, talk) == passer.person_id
        routed = await _routed(town, talk)
        assert routed["schooling"] == "schooled"
        assert "not_schooled" in {each.get("barred") for each in routed["candidates"]}
    others = await asks(town, "丙", "有冰箱吗？", product_id=goods["BCD-516"])
    assert "schooling" not in await _routed(town, others), "nobody has to be schooled for it"
    # A new quiz asks for passing again.
    await trainings.rewrite_training(
        pool, lead, made.id, training(goods, body="改过"), seen=1, again=True, now=utc_now()
    )
    anew = await asks(town, "丁", "适合我吗？", product_id=goods["WX-75B"])
    assert (await _routed(town, anew))["schooling"] == "nobody_schooled"
    with pytest.raises(Refusal, match="version_conflict"):
        await trainings.take_quiz(pool, passer, made.id, right, seen=1, now=utc_now())


async def test_where_those_who_passed_are_away_the_desk_says_whether_others_serve(
    town: DeskTown, goods: dict[str, UUID]
) -> None:
    lead, passer, pool = town.people["主管"], town.people["小宝"], town.pool
    await come_online(town, "小安")
    made = await trainings.write_training(pool, lead, training(goods), now=utc_now())
    await trainings.take_quiz(pool, passer, made.id, ((0,), (0,)), seen=1, now=utc_now())
    talk = await asks(town, "甲", "怎么洗？", product_id=goods["WX-75B"])
    assert (await _routed(town, talk))["schooling"] == "none_there"
    await save_rules(pool, lead, DeskRules(overflow="never"), seen=0, now=utc_now())
    waits = await asks(town, "乙", "怎么洗？", product_id=goods["WX-75B"])
    assert await _agent_of(town, waits) is None
    # Passing while somebody waits serves them at once.
    await trainings.take_quiz(
        pool, town.people["小安"], made.id, ((0,), (0,)), seen=1, now=utc_now()
    )
    assert await _agent_of(town, waits) == town.people["小安"].person_id


async def test_two_who_pass_at_once_both_count(town: DeskTown, goods: dict[str, UUID]) -> None:
    pool, who = town.pool, [town.people[name] for name in ("小安", "小宝")]
    made = await trainings.write_training(pool, town.people["主管"], training(goods), now=utc_now())
    await asyncio.gather(
        *(
            trainings.take_quiz(pool, each, made.id, ((0,), (0,)), seen=1, now=utc_now())
            for each in who
        )
    )
    schooled = await pool.fetchval("SELECT agents FROM chat_schooled")
    assert set(schooled) == {each.person_id for each in who}


async def test_two_trainings_ask_for_both_and_retiring_frees(
    town: DeskTown, goods: dict[str, UUID]
) -> None:
    lead, agent, pool = town.people["主管"], town.people["小安"], town.pool
    one = await trainings.write_training(pool, lead, training(goods), now=utc_now())
    two = await trainings.write_training(pool, lead, training(goods, title="二"), now=utc_now())
    await trainings.take_quiz(pool, agent, one.id, ((0,), (0,)), seen=1, now=utc_now())
    assert await pool.fetchval("SELECT agents FROM chat_schooled") == []
    retired = training(goods, title="二", state="retired")
    await trainings.rewrite_training(pool, lead, two.id, retired, seen=1, now=utc_now())
    assert await pool.fetchval("SELECT agents FROM chat_schooled") == [agent.person_id]
    moved = training(goods, product_ids=(goods["JZ-1"],))
    await trainings.rewrite_training(pool, lead, one.id, moved, seen=1, now=utc_now())
    rows = await pool.fetch("SELECT product_id FROM chat_schooled")
    assert [row["product_id"] for row in rows] == [goods["JZ-1"]]


async def test_too_many_tries_are_refused(town: DeskTown, goods: dict[str, UUID]) -> None:
    pool, agent = town.pool, town.people["小安"]
    made = await trainings.write_training(pool, town.people["主管"], training(goods), now=utc_now())
    for _ in range(20):
        await trainings.take_quiz(pool, agent, made.id, ((1,), (1,)), seen=1, now=utc_now())
    with pytest.raises(Refusal, match="rate_limited"):
        await trainings.take_quiz(pool, agent, made.id, ((0,), (0,)), seen=1, now=utc_now())


async def _agent_of(town: DeskTown, talk: UUID) -> UUID | None:
    return await town.pool.fetchval("SELECT agent_id FROM chat_conversations WHERE id = $1", talk)


async def _routed(town: DeskTown, talk: UUID) -> dict[str, Any]:
    details = await town.pool.fetchval(
        "SELECT details FROM chat_routings WHERE conversation_id = $1 ORDER BY id DESC LIMIT 1",
        talk,
    )
    return msgspec.json.decode(details)
