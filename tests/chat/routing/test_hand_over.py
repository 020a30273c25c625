"""Handing over: with a reason, to somebody of the same desk who can take it."""

from typing import Any
from uuid import UUID

import pytest

from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.chat.routing.hand_over import Handed, hand_over

from .desks import TestDesk


async def hand(desk: TestDesk, conversation_id: UUID, **to: Any) -> Handed:
    wanted = {"reason": "他熟悉安装", "by_id": new_id()} | to
    async with desk.pool.acquire() as connection, connection.transaction():
        return await hand_over(connection, conversation_id, now=desk.now, **wanted)


async def refused(desk: TestDesk, conversation_id: UUID, **to: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        await hand(desk, conversation_id, **to)
    return refusal.value.code


async def test_to_a_colleague_with_a_reason(desk: TestDesk) -> None:
    a = await desk.agent("a")
    conversation_id = await desk.arrive()
    b = await desk.agent("b", in_routing=False)
    assert await refused(desk, conversation_id, to_agent=b, reason="  ") == "reason_required"
    assert await refused(desk, conversation_id, to_agent=b, reason="长" * 201) == "too_large"
    assert await refused(desk, conversation_id, to_agent=a) == "duplicate"
    assert (await hand(desk, conversation_id, to_agent=b)).agent_id == b
    assert await desk.serving(conversation_id) == "b"
    lines = await desk.lines(conversation_id)
    assert lines[-2:] == [
        ("handed_over", {"agent": "b", "from": "a"}),
        ("hand_over_reason", {"agent": "b", "from": "a", "reason": "他熟悉安装"}),
    ]
    why, details = (await desk.log(conversation_id))[-1]
    assert (why, details["reason"]) == ("handed_over", "他熟悉安装")


async def test_only_to_somebody_who_can_take_it(desk: TestDesk) -> None:
    await desk.agent("a")
    conversation_id = await desk.arrive()
    for fields in ({"state": "offline"}, {"state": "suspended"}, {"capacity": 0}):
        b = await desk.agent("b", **{"state": "online"} | fields)
        assert await refused(desk, conversation_id, to_agent=b) == "not_eligible"
    stranger = TestDesk(desk.pool)
    other = await stranger.agent("x")
    assert await refused(desk, conversation_id, to_agent=other) == "not_found"
    assert await refused(desk, conversation_id, to_group=new_id()) == "not_found"
    await desk.close(conversation_id)
    b = await desk.agent("b", capacity=5)
    assert await refused(desk, conversation_id, to_agent=b) == "not_allowed_in_stage"
    assert await refused(desk, new_id(), to_agent=b) == "not_found"


async def test_to_a_group_whose_turn_it_is(desk: TestDesk) -> None:
    await desk.agent("a")
    talks = [await desk.arrive() for _ in range(6)]
    await desk.agent("b")
    await desk.agent("c")
    group = await desk.group("after", {"b": 120, "c": 120}, topic="aftersale")
    for each in talks:
        await hand(desk, each, to_group=group)
    assert await desk.loads() == {"b": 3, "c": 3}


async def test_a_busy_group_lets_wait_and_an_empty_one_is_refused(desk: TestDesk) -> None:
    await desk.agent("a", capacity=1)
    conversation_id = await desk.arrive()
    later = await desk.arrive()
    await desk.agent("b", capacity=0)
    group = await desk.group("after", {"b": 120}, topic="aftersale")
    await desk.group("general", {"a": 120})
    assert (await hand(desk, conversation_id, to_group=group)).agent_id is None
    assert await desk.serving(later) == "a", "whoever handed over has room"
    await desk.agent("b", capacity=1)
    await desk.state("b", "suspended")
    await desk.state("b", "online")
    assert await desk.serving(conversation_id) == "b"
    await desk.state("b", "suspended")
    assert await refused(desk, later, to_group=group) == "not_eligible"


async def test_a_conversation_that_waits_is_handed_too(desk: TestDesk) -> None:
    await desk.agent("a", capacity=0)
    conversation_id = await desk.arrive()
    b = await desk.agent("b", in_routing=False)
    await hand(desk, conversation_id, to_agent=b)
    assert await desk.serving(conversation_id) == "b"
    assert await desk.waiting() == []
