"""Conversations find their agents, or wait in their order, and the log says why."""

from collections import Counter

import pytest

from gongdao.base.ids import new_id
from gongdao.base.live import gather_changes

from .desks import TestDesk


@pytest.mark.fact("S1-13")
async def test_shares_follow_the_weights_through_the_database(desk: TestDesk) -> None:
    names = {"main": 200, "a": 120, "b": 120, "c": 60}
    await desk.rules(capacity=200)
    for name in names:
        await desk.agent(name, is_main=name == "main")
    await desk.group("all", names)
    served = Counter[str]()
    for _ in range(1000):
        conversation_id = await desk.open()
        picked = await desk.place(conversation_id)
        assert picked
        name = await desk.serving(conversation_id)
        assert name
        served[name] += 1
        if served.total() % 20 == 0:
            await desk.pool.execute(
                "UPDATE chat_conversations SET state = 'closed', closed_at = $2,"
                " closed_by = 'agent' WHERE shop_id = $1 AND state = 'open'",
                desk.shop_id,
                desk.now,
            )
    for name, weight in names.items():
        share = weight / sum(names.values())
        assert abs(served[name] / 1000 - share) < 0.02 * share, served


async def test_whoever_is_full_lets_wait_and_the_queue_is_served_in_order(desk: TestDesk) -> None:
    await desk.agent("a", capacity=1)
    first = await desk.arrive()
    waiting = []
    for _ in range(3):
        desk.later(seconds=1)
        waiting.append(await desk.arrive())
    assert await desk.serving(first) == "a"
    assert await desk.waiting() == waiting
    assert await desk.lines(waiting[1]) == [("queued", {"place": 2})]
    assert (await desk.log(waiting[1]))[0][0] == "full"
    before = first
    for each in waiting:
        (picked,) = await desk.close(before)
        assert picked.conversation_id == each
        before = each
    events = [event for event, _ in await desk.lines(waiting[2])]
    assert events == ["queued", "assigned"]
    why, details = (await desk.log(waiting[2]))[-1]
    assert why == "weights"
    assert details["candidates"][0] | {"agent_id": ""} == {
        "agent_id": "",
        "nickname": "a",
        "load": 0,
        "capacity": 1,
        "weight": 120,
        "credit": 0,
    }


async def test_a_desk_with_nobody_says_so_and_serves_whoever_comes(desk: TestDesk) -> None:
    await desk.rules(away={"zh": "我们一会儿回来"})
    await desk.agent("a", state="offline")
    conversation_id = await desk.arrive()
    assert await desk.lines(conversation_id) == [("away", {"text": "我们一会儿回来"})]
    picks = await desk.state("a", "online")
    assert picks and picks[0].conversation_id == conversation_id
    assert await desk.serving(conversation_id) == "a"


async def test_placing_again_changes_nothing(desk: TestDesk) -> None:
    await desk.rules(greeting={"zh": "您好", "en": "Hello"})
    await desk.agent("a")
    conversation_id = await desk.arrive(locale="en")
    for _ in range(2):
        assert await desk.place(conversation_id) is None
    assert [event for event, _ in await desk.lines(conversation_id)] == ["greeting", "assigned"]
    assert len(await desk.log(conversation_id)) == 1


async def test_what_the_dropped_have_not_answered_goes_to_others(desk: TestDesk) -> None:
    await desk.agent("a")
    asked, answered = await desk.arrive(), await desk.arrive()
    await desk.answer(answered, "a")
    await desk.agent("b")
    await desk.state("a", "offline")
    assert await desk.serving(asked) == "b"
    assert await desk.serving(answered) == "a"
    assert [event for event, _ in await desk.lines(asked)] == ["assigned", "agent_left", "assigned"]
    assert [why for why, _ in await desk.log(asked)] == ["weights", "agent_left", "weights"]
    # The buyer of the answered one writes again: somebody who is there takes it.
    await desk.ask(answered)
    await desk.place(answered)
    assert await desk.serving(answered) == "b"


async def test_what_was_clicked_is_kept_while_one_waits(desk: TestDesk) -> None:
    await desk.agent("a")
    await desk.agent("b", in_routing=False, capacity=0)
    waiting = await desk.arrive(agent_id=desk.agents["b"])
    assert await desk.serving(waiting) == "a", "b has no room, so routing goes on"
    await desk.agent("b", in_routing=False, capacity=1)
    assert await desk.serving(await desk.arrive(agent_id=desk.agents["b"])) == "b"
    assert await desk.serving(await desk.arrive()) == "a"


async def test_a_group_that_was_clicked_waits_for_its_own(desk: TestDesk) -> None:
    await desk.agent("a", capacity=1)
    await desk.agent("b", capacity=5)
    await desk.group("pre", {"a": 120}, topic="presale")
    await desk.group("after", {"b": 120}, topic="aftersale")
    first = await desk.arrive(topic="presale")
    waiting = await desk.arrive(group_id=desk.groups["pre"], topic="aftersale")
    assert await desk.serving(first) == "a"
    assert await desk.waiting() == [waiting]
    assert await desk.serving(await desk.arrive(topic="aftersale")) == "b"
    await desk.close(first)
    assert await desk.serving(waiting) == "a"


async def test_a_buyer_who_comes_back_gets_whom_they_know(desk: TestDesk) -> None:
    buyer_id = new_id()
    await desk.agent("a")
    await desk.close(await desk.arrive(buyer_id=buyer_id))
    for name in ("b", "c", "d"):
        await desk.agent(name)
    desk.later(hours=20)
    again = await desk.arrive(buyer_id=buyer_id)
    assert await desk.serving(again) == "a"
    why, details = (await desk.log(again))[0]
    assert why == "affinity"
    assert details["affinity"]["agent_id"] == str(desk.agents["a"])


@pytest.mark.fact("S1-12")
async def test_the_main_account_gets_what_nobody_else_is_there_for(desk: TestDesk) -> None:
    await desk.agent("boss", is_main=True, in_routing=False, state="offline")
    await desk.agent("a", state="offline")
    conversation_id = await desk.arrive()
    assert await desk.waiting() == [conversation_id]
    await desk.state("boss", "online")
    assert await desk.serving(conversation_id) == "boss"


async def test_names_of_what_changed_are_noted(desk: TestDesk) -> None:
    await desk.agent("a", capacity=1)
    with gather_changes() as names:
        conversation_id = await desk.arrive()
    assert {
        f"desk:{desk.shop_id}",
        f"state:{conversation_id}",
        f"agent:{desk.agents['a']}",
    } <= names
    assert any(name.startswith(f"talk:{conversation_id}#") for name in names)
    second, third = await desk.arrive(), await desk.arrive()
    with gather_changes() as names:
        await desk.close(conversation_id)
    assert {f"state:{second}", f"state:{third}"} <= names, "those who moved up hear of it"


async def test_cases_and_what_is_over_are_not_placed(desk: TestDesk) -> None:
    await desk.agent("a")
    assert await desk.place(await desk.open(case_id=new_id())) is None
    closed = await desk.arrive()
    await desk.close(closed)
    assert await desk.place(closed) is None
    assert await desk.place(new_id()) is None
    assert (await desk.loads()).total() == 0
