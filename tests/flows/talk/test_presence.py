"""Agents come, are suspended, drop, come back and hand over, with the roles of real people."""

from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from tests.flows.market import place_order
from tests.web.chat.desk_town import DeskTown, build_desk_town

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.chat.conversation import Conversation
from gongdao.chat.routing.desk import AutoAnswer, DeskRules, Wording
from gongdao.chat.store import load_conversation, messages_after
from gongdao.flows.talk.auto_answer import answer_by_itself, say_slow
from gongdao.flows.talk.desk_reads import read_agents, read_queue, read_routings, read_states
from gongdao.flows.talk.desk_settings import save_rules
from gongdao.flows.talk.hand_over import hand_over_talk
from gongdao.flows.talk.open_talk import Wish, open_talk
from gongdao.flows.talk.presence import (
    keep_alive,
    keep_desks,
    own_presence,
    set_own_state,
    set_state_of,
)
from gongdao.flows.talk.say import ToSay, say_in_talk

NOW = utc_now()


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    return await build_desk_town(pool)


async def begin(town: DeskTown, name: str = "李梅", *, at: datetime = NOW, **wish: Any) -> UUID:
    buyer = town.people[name]
    wished = Wish(shop_id=town.shop_id, **wish)
    talk, _ = await open_talk(town.pool, buyer.person_id, wished, conversation_id=new_id(), now=at)
    sent = ToSay(conversation_id=talk.id, client_id=uuid4(), body={"text": "在吗"})
    await say_in_talk(town.pool, buyer, sent, now=at)
    return talk.id


async def here(town: DeskTown, *names: str, at: datetime = NOW) -> None:
    for name in names:
        await set_own_state(town.pool, town.people[name], "online", now=at)


async def stands(town: DeskTown, conversation_id: UUID) -> Conversation:
    found = await load_conversation(town.pool, conversation_id)
    assert found
    return found


async def events(town: DeskTown, conversation_id: UUID) -> list[str]:
    seen = await messages_after(town.pool, [(conversation_id, 0)])
    return [getattr(each.message.body, "event", "text") for each in seen]


async def code_of(deed: Awaitable[Any]) -> str:
    with pytest.raises(Refusal) as refused:
        await deed
    return refused.value.code


async def test_an_agent_comes_and_goes(town: DeskTown) -> None:
    agent = town.people["小安"]
    assert (await own_presence(town.pool, agent)).state == "offline"
    conversation_id = await begin(town)
    assert [row.id for row in await read_queue(town.pool, agent)] == [conversation_id]
    assert (await set_own_state(town.pool, agent, "online", now=NOW)).load == 1
    assert (await set_own_state(town.pool, agent, "suspended", now=NOW)).state == "suspended"
    assert (await stands(town, conversation_id)).agent_id == agent.person_id
    own = await set_own_state(town.pool, agent, "offline", now=NOW)
    assert (own.state, own.load, own.waiting) == ("offline", 0, 1)
    log = await read_states(town.pool, agent, agent.person_id)
    assert [(row.before, row.state, row.cause) for row in reversed(log)] == [
        ("offline", "online", "self"),
        ("online", "suspended", "self"),
        ("suspended", "offline", "self"),
    ]
    # Buyers meet a number, not a name.
    assert own.nickname == "1号客服"


async def test_only_those_who_may(town: DeskTown) -> None:
    buyer, agent, lead = town.people["李梅"], town.people["小安"], town.people["主管"]
    assert await code_of(set_own_state(town.pool, buyer, "online", now=NOW)) == "wrong_role"
    await here(town, "小安")
    other = agent.person_id
    deed = set_state_of(town.pool, town.people["小宝"], other, "offline", now=NOW)
    assert await code_of(deed) == "wrong_role"
    assert await code_of(read_states(town.pool, town.people["小宝"], other)) == "wrong_role"
    assert await code_of(read_queue(town.pool, town.people["仲裁员"])) == "wrong_role"
    await set_state_of(town.pool, lead, other, "suspended", now=NOW)
    (row, *_) = await read_states(town.pool, lead, other)
    assert (row.cause, row.by_id) == ("lead", lead.person_id)
    assert await code_of(set_state_of(town.pool, lead, new_id(), "online", now=NOW)) == "not_found"


async def test_the_silent_are_dropped_and_come_back_as_they_were(town: DeskTown) -> None:
    await here(town, "小安")
    conversation_id = await begin(town)
    await here(town, "小宝", at=NOW + timedelta(seconds=20))
    await keep_alive(town.pool, [town.people["小宝"].person_id], now=NOW + timedelta(seconds=40))
    assert await keep_desks(town.pool, now=NOW + timedelta(seconds=29)) == 0
    assert await keep_desks(town.pool, now=NOW + timedelta(seconds=45)) == 1
    assert (await stands(town, conversation_id)).agent_id == town.people["小宝"].person_id
    assert (await events(town, conversation_id))[-2:] == ["agent_left", "assigned"]
    assert (await own_presence(town.pool, town.people["小安"])).state == "offline"
    await keep_alive(town.pool, [town.people["小安"].person_id], now=NOW + timedelta(seconds=50))
    assert (await own_presence(town.pool, town.people["小安"])).state == "online"
    log = await read_states(town.pool, town.people["小安"], town.people["小安"].person_id)
    assert [row.cause for row in log] == ["back", "silent", "self"]
    # Whoever went offline of their own accord stays so, whatever their screens say.
    await set_own_state(town.pool, town.people["小安"], "offline", now=NOW)
    await keep_alive(town.pool, [town.people["小安"].person_id], now=NOW + timedelta(seconds=70))
    assert (await own_presence(town.pool, town.people["小安"])).state == "offline"


async def test_a_crash_between_two_steps_leaves_nobody_waiting(town: DeskTown) -> None:
    await here(town, "小安", "小宝")
    conversation_id = await begin(town)
    served_by = (await stands(town, conversation_id)).agent_id
    # As if everything had died between the agent's going and what follows from it.
    await town.pool.execute(
        "UPDATE chat_agents SET state = 'offline' WHERE person_id = $1", served_by
    )
    assert await keep_desks(town.pool, now=NOW) == 1
    assert (await stands(town, conversation_id)).agent_id not in (None, served_by)
    second = await begin(town, "王强")
    await town.pool.execute(
        "UPDATE chat_conversations SET state = 'waiting', agent_id = NULL, queued_at = $2"
        " WHERE id = $1",
        second,
        NOW,
    )
    assert await keep_desks(town.pool, now=NOW) == 1
    assert (await stands(town, second)).state == "open"
    assert await keep_desks(town.pool, now=NOW) == 0


@pytest.mark.fact("S0-48")
async def test_handing_over_is_for_whoever_serves_and_for_leads(town: DeskTown) -> None:
    await here(town, "小安")
    conversation_id = await begin(town)
    await here(town, "小宝")
    agent, colleague, lead = (town.people[each] for each in ("小安", "小宝", "主管"))

    def hand(who: Any, **to: Any) -> Awaitable[Any]:
        wanted = {"reason": "问安装", "to_agent": colleague.person_id} | to
        return hand_over_talk(town.pool, who, conversation_id, now=NOW, **wanted)

    assert await code_of(hand(colleague)) == "wrong_role", "nobody takes a colleague's customer"
    assert await code_of(hand(town.people["李梅"])) == "not_found"
    assert await code_of(hand(agent, reason=" ")) == "reason_required"
    assert await code_of(hand(agent, to_agent=None)) == "invalid"
    assert await code_of(hand(agent, to_agent=lead.person_id)) == "not_found", "not at the desk"
    assert (await hand(agent)).agent_id == colleague.person_id
    assert (await hand(lead, to_agent=agent.person_id)).agent_id == agent.person_id
    rows = await read_routings(town.pool, agent, conversation_id)
    assert [(row.why, row.by_id) for row in rows[1:]] == [
        ("handed_over", agent.person_id),
        ("handed_over", lead.person_id),
    ]
    assert await code_of(read_routings(town.pool, town.people["李梅"], conversation_id))


async def test_the_owner_is_the_main_account(town: DeskTown) -> None:
    await here(town, "老板")
    rows = {row.name: row for row in await read_agents(town.pool, town.people["主管"], since=NOW)}
    assert rows["老板"].is_main and not rows["小安"].is_main
    assert rows["小安"].nickname == ""


async def test_the_desk_answers_by_itself(town: DeskTown) -> None:
    rules = DeskRules(
        slow=Wording(zh="马上就来"),
        answers=(AutoAnswer(words=("发票", "开票"), answer=Wording(zh="订单页可申请电子发票")),),
    )
    await save_rules(town.pool, town.people["主管"], rules, seen=0, now=NOW)
    await here(town, "小安")
    talk = await stands(town, await begin(town))
    for _ in range(2):
        assert await answer_by_itself(town.pool, talk, "能开发票吗", seq=2, now=NOW)
    assert not await answer_by_itself(town.pool, talk, "在吗", seq=2, now=NOW)
    assert await say_slow(town.pool, now=NOW + timedelta(seconds=59)) == 0
    assert await say_slow(town.pool, now=NOW + timedelta(seconds=61)) == 1
    assert await say_slow(town.pool, now=NOW + timedelta(seconds=90)) == 0
    assert await events(town, talk.id) == ["assigned", "text", "auto_answer", "slow"]
    sent = ToSay(conversation_id=talk.id, client_id=uuid4(), body={"text": "怎么开票"})
    for _ in range(2):
        await say_in_talk(town.pool, town.people["李梅"], sent, now=NOW)
    assert (await events(town, talk.id))[4:] == ["text", "auto_answer"]
    assert (await stands(town, talk.id)).asked_seq == 2, "nobody has answered in person"


async def test_an_order_says_what_a_conversation_is_about(town: DeskTown) -> None:
    for name, topic, parcel in (("李梅", "presale", False), ("王强", "aftersale", True)):
        market = msgspec.structs.replace(town.market, buyer=town.people[name])
        order = await place_order(market, shipped=parcel)
        talk = await stands(town, await begin(town, name, order_id=order.id))
        assert talk.topic == topic
