"""A lead sets the desk up; the storefront shows it; the log keeps it."""

from collections.abc import Awaitable
from typing import Any

import msgspec
import pytest
from tests.web.chat.desk_town import DeskTown, build_desk_town

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.chat.routing.desk import GROUPS_MAX, DeskRules
from gongdao.chat.routing.storefront import storefront
from gongdao.flows.talk.desk_reads import read_agents, read_changes, read_groups
from gongdao.flows.talk.desk_settings import (
    AgentArgs,
    GroupArgs,
    retire_group,
    save_agent,
    save_group,
    save_members,
    save_rules,
)
from gongdao.flows.talk.open_talk import Wish, open_talk
from gongdao.flows.talk.presence import set_own_state

NOW = utc_now()


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    return await build_desk_town(pool)


async def code_of(deed: Awaitable[Any]) -> str:
    with pytest.raises(Refusal) as refused:
        await deed
    return refused.value.code


@pytest.mark.fact("S1-11", "S1-12")
async def test_groups_on_the_storefront_are_lit_while_somebody_is_there(town: DeskTown) -> None:
    lead, agent = town.people["主管"], town.people["小安"]
    shown = await storefront(town.pool, town.shop_id, now=NOW)
    assert (shown.groups, shown.lit, shown.open) == ((), False, True)
    for name, published in (("售后", True), ("内部", False)):
        args = GroupArgs(name=name, topic="aftersale", published=published)
        group = await save_group(town.pool, lead, new_id(), args, now=NOW)
        await save_agent(town.pool, lead, agent.person_id, AgentArgs(nickname="安安"), now=NOW)
        weights = {agent.person_id: None}
        assert await save_members(town.pool, lead, group.id, weights, now=NOW) == {
            agent.person_id: 120
        }
    (grey,) = (await storefront(town.pool, town.shop_id, now=NOW)).groups
    assert (grey.name, grey.lit) == ("售后", False)
    assert [(each.nickname, each.state) for each in grey.agents] == [("安安", "offline")]
    await set_own_state(town.pool, agent, "online", now=NOW)
    (lit,) = (await storefront(town.pool, town.shop_id, now=NOW)).groups
    assert lit.lit
    await set_own_state(town.pool, agent, "suspended", now=NOW)
    (grey,) = (await storefront(town.pool, town.shop_id, now=NOW)).groups
    assert not grey.lit
    await retire_group(town.pool, lead, grey.id, now=NOW)
    assert (await storefront(town.pool, town.shop_id, now=NOW)).groups == ()


async def test_rules_are_changed_on_what_was_seen(town: DeskTown) -> None:
    lead = town.people["主管"]
    rules = msgspec.convert({"capacity": 3, "hours": {"on_holidays": "closed"}}, DeskRules)
    saved = await save_rules(town.pool, lead, rules, seen=0, now=NOW)
    assert (saved.version, saved.rules.capacity) == (1, 3)
    assert await code_of(save_rules(town.pool, lead, rules, seen=0, now=NOW)) == "version_conflict"
    agent = town.people["小安"]
    assert await code_of(save_rules(town.pool, agent, rules, seen=1, now=NOW)) == "wrong_role"
    (row,) = await read_changes(town.pool, lead)
    assert (row.what, row.after["capacity"], row.by_id) == ("rules", 3, lead.person_id)


async def test_what_is_not_of_the_desk_is_refused(town: DeskTown) -> None:
    lead = town.people["主管"]
    group = await save_group(town.pool, lead, new_id(), GroupArgs(name="售前"), now=NOW)
    args = GroupArgs(name="售前")
    assert await code_of(save_group(town.pool, lead, new_id(), args, now=NOW)) == "duplicate"
    assert await code_of(retire_group(town.pool, lead, new_id(), now=NOW)) == "not_found"
    agent = AgentArgs(nickname="x")
    buyer_id = town.people["李梅"].person_id
    assert await code_of(save_agent(town.pool, lead, buyer_id, agent, now=NOW)) == "not_found"

    def members(**weights: Any) -> Awaitable[Any]:
        found = {town.people[name].person_id: weight for name, weight in weights.items()}
        return save_members(town.pool, lead, group.id, found, now=NOW)

    assert await code_of(members(小安=100)) == "not_found", "has no place at the desk yet"
    assert await code_of(members(小安=1001)) == "invalid"
    for n in range(GROUPS_MAX - 1):
        await save_group(town.pool, lead, new_id(), GroupArgs(name=f"{n}"), now=NOW)
    args = GroupArgs(name="多")
    assert await code_of(save_group(town.pool, lead, new_id(), args, now=NOW)) == "too_large"


async def test_a_change_serves_whoever_waits(town: DeskTown) -> None:
    lead, agent = town.people["主管"], town.people["小安"]
    await set_own_state(town.pool, agent, "online", now=NOW)
    full = AgentArgs(nickname="安安", capacity=0)
    await save_agent(town.pool, lead, agent.person_id, full, now=NOW)
    talk, _ = await open_talk(
        town.pool,
        town.people["李梅"].person_id,
        Wish(shop_id=town.shop_id),
        conversation_id=new_id(),
        now=NOW,
    )
    assert talk.state == "waiting"
    await save_agent(town.pool, lead, agent.person_id, AgentArgs(nickname="安安"), now=NOW)
    (row,) = [row for row in await read_agents(town.pool, lead, since=NOW) if row.load]
    assert (row.name, row.nickname, row.capacity, row.served) == ("小安", "安安", 10, 1)


async def test_one_main_account_at_most(town: DeskTown) -> None:
    lead = town.people["主管"]
    for name in ("小安", "小宝"):
        args = AgentArgs(nickname=name, is_main=True)
        await save_agent(town.pool, lead, town.people[name].person_id, args, now=NOW)
    rows = await read_agents(town.pool, lead, since=NOW)
    assert [row.name for row in rows if row.is_main] == ["小宝"]
    group = await save_group(town.pool, lead, new_id(), GroupArgs(name="客服"), now=NOW)
    weights = {town.people[name].person_id: None for name in ("小安", "小宝")}
    await save_members(town.pool, lead, group.id, weights, now=NOW)
    (kept,) = await read_groups(town.pool, lead)
    assert list(kept.weights.values()) == [200, 120]
