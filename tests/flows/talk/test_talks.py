"""Conversations from beginning to end: begun, said, listed, closed, graded; and whose they are."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.flows.market import place_order
from tests.web.chat.desk_town import DeskTown, build_desk_town, settle

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.chat.conversation import Conversation
from gongdao.flows.talk.access import talk_of
from gongdao.flows.talk.close_talk import close_talk, close_untouched, grade_talk
from gongdao.flows.talk.list_talks import View, list_talks
from gongdao.flows.talk.open_talk import Wish, open_talk
from gongdao.flows.talk.presence import set_own_state
from gongdao.flows.talk.recall import recall
from gongdao.flows.talk.say import ToSay, say_in_talk
from gongdao.flows.talk.see_talk import read_lines, see_standing


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    return await build_desk_town(pool)


async def begin(town: DeskTown, name: str = "李梅", **wish: object) -> Conversation:
    wished = Wish(shop_id=town.shop_id, **wish)  # pyright: ignore
    buyer = town.people[name].person_id
    opened, _ = await open_talk(town.pool, buyer, wished, conversation_id=new_id(), now=utc_now())
    return opened


async def tell(town: DeskTown, name: str, talk: Conversation, text: str, seen: int = 0) -> None:
    sent = ToSay(conversation_id=talk.id, client_id=uuid4(), body={"text": text}, seen=seen)
    await say_in_talk(town.pool, town.people[name], sent, now=utc_now())


async def listed(town: DeskTown, name: str, view: View) -> list[str]:
    found = await list_talks(town.pool, town.people[name], view=view, now=utc_now() + timedelta(1))
    return [each.last_text for each in found.briefs]


@pytest.mark.fact("S0-44")
async def test_a_talk_from_beginning_to_end(town: DeskTown) -> None:
    await set_own_state(town.pool, town.people["小安"], "online", now=utc_now())
    talk = await begin(town)
    assert talk.state == "open" and talk.agent_id == town.people["小安"].person_id
    again = await begin(town)
    assert again.id == talk.id
    await tell(town, "李梅", talk, "这款有货吗")
    assert await listed(town, "小安", "open") == ["这款有货吗"]
    assert await listed(town, "主管", "unanswered") == ["这款有货吗"]
    assert await listed(town, "小宝", "open") == []
    await tell(town, "小安", talk, "有的, 今天就能发", seen=9)
    assert await listed(town, "主管", "unanswered") == []
    assert await close_talk(town.pool, town.people["小安"], talk.id, now=utc_now())
    buyer = town.people["李梅"]
    with pytest.raises(Refusal) as refused:
        await tell(town, "李梅", talk, "还在吗")
    assert refused.value.code == "not_allowed_in_stage"
    await grade_talk(town.pool, buyer, talk.id, 5, now=utc_now())
    await grade_talk(town.pool, buyer, talk.id, 5, now=utc_now())
    with pytest.raises(Refusal) as refused:
        await grade_talk(town.pool, buyer, talk.id, 1, now=utc_now())
    assert refused.value.code == "duplicate"
    seen = await talk_of(town.pool, buyer, talk.id)
    standing = await see_standing(town.pool, seen.conversation)
    assert (standing.state, standing.closed_by, standing.grade) == ("closed", "agent", 5)
    events = [line.body for line in await read_lines(town.pool, seen) if line.kind == "system"]
    told = [body.event for body in events if body]  # pyright: ignore
    assert "closed" in told and "invited" in told and "graded" not in told
    assert await listed(town, "李梅", "all") == ["有的, 今天就能发"]


async def test_who_waits_is_served_when_somebody_closes_a_talk(town: DeskTown) -> None:
    waiting = await begin(town)
    assert waiting.state == "waiting"
    await tell(town, "李梅", waiting, "有人吗")
    assert await listed(town, "主管", "waiting") == ["有人吗"]
    await set_own_state(town.pool, town.people["小宝"], "online", now=utc_now())
    seen = await talk_of(town.pool, town.people["小宝"], waiting.id)
    assert seen.conversation.agent_id == town.people["小宝"].person_id


async def test_two_first_words_at_once_make_one_talk(town: DeskTown) -> None:
    await set_own_state(town.pool, town.people["小安"], "online", now=utc_now())
    talks = await asyncio.gather(*(begin(town) for _ in range(6)))
    assert len({talk.id for talk in talks}) == 1
    load = await town.pool.fetchval("SELECT count(*) FROM chat_routings")
    assert load == 1


async def test_orders_and_shops_of_others_are_not_there(town: DeskTown) -> None:
    order = await place_order(town.market, paid_at=utc_now() - timedelta(days=1))
    for wish in ({"order_id": order.id}, {"order_id": new_id()}):
        with pytest.raises(Refusal) as refused:
            await begin(town, **wish)
        assert refused.value.code == "not_found"
    with pytest.raises(Refusal) as refused:
        await open_talk(
            town.pool,
            town.people["李梅"].person_id,
            Wish(shop_id=new_id()),
            conversation_id=new_id(),
            now=utc_now(),
        )
    assert refused.value.code == "not_found"


async def test_a_word_of_bad_manners_is_not_said(town: DeskTown) -> None:
    talk = await begin(town)
    with pytest.raises(Refusal):
        await tell(town, "小安", talk, "您已经签收了就代表没有异议, 我们概不负责")
    assert await town.pool.fetchval("SELECT count(*) FROM chat_messages WHERE author = 'shop'") == 0
    await settle(town, "路人")
    with pytest.raises(Refusal) as refused:
        await tell(town, "路人", talk, "我看看")
    assert refused.value.code == "not_found"


async def test_what_was_left_alone_ends_as_the_desk_says(town: DeskTown) -> None:
    await set_own_state(town.pool, town.people["小安"], "online", now=utc_now())
    talk = await begin(town)
    await tell(town, "李梅", talk, "有货吗")
    later = utc_now() + timedelta(minutes=31)
    rules = '{"idle_minutes": 30}'
    await town.pool.execute("UPDATE chat_desks SET rules = $1", rules.encode())
    assert await close_untouched(town.pool, now=later) == 0, "the buyer waits for an answer"
    await tell(town, "小安", talk, "有的", seen=9)
    assert await close_untouched(town.pool, now=utc_now() + timedelta(minutes=29)) == 0
    assert await close_untouched(town.pool, now=later) == 1
    seen = await talk_of(town.pool, town.people["李梅"], talk.id)
    assert (seen.conversation.closed_by, seen.conversation.invited_at) == ("idle", later)


async def test_what_a_buyer_takes_back_asks_nothing(town: DeskTown) -> None:
    """Nobody is to answer a question of which nothing stands any more."""
    await set_own_state(town.pool, town.people["小安"], "online", now=utc_now())
    talk, buyer = await begin(town), town.people["李梅"]
    await tell(town, "李梅", talk, "有货吗")
    await tell(town, "小安", talk, "有的", seen=9)
    for text in ("发错人了", "也是发错的"):
        await tell(town, "李梅", talk, text)
    newest: int = await town.pool.fetchval("SELECT max(seq) FROM chat_messages")
    asked = "SELECT asked_seq FROM chat_conversations WHERE id = $1"
    for gone, left in ((newest - 1, newest - 1), (newest, None)):
        await recall(town.pool, buyer, talk.id, gone, now=utc_now())
        assert await town.pool.fetchval(asked, talk.id) == left
    await tell(town, "李梅", talk, "在吗")
    assert await town.pool.fetchval(asked, talk.id) == newest + 3


async def test_what_an_agent_takes_back_answers_nothing(town: DeskTown) -> None:
    """Sent to the wrong buyer and taken back, it leaves this one waiting since they asked."""
    await set_own_state(town.pool, town.people["小安"], "online", now=utc_now())
    talk, agent = await begin(town), town.people["小安"]
    await tell(town, "李梅", talk, "有货吗")
    asked = "SELECT asked_seq, asked_at FROM chat_conversations WHERE id = $1"
    before = await town.pool.fetchrow(asked, talk.id)
    said: list[int] = []
    for text in ("您的快递到了", "今晚送到"):
        await tell(town, "小安", talk, text, seen=99)
        said.append(await town.pool.fetchval("SELECT max(seq) FROM chat_messages"))
    await tell(town, "李梅", talk, "？")
    turns = "SELECT count(*) FROM chat_turns WHERE conversation_id = $1"
    await recall(town.pool, agent, talk.id, said[0], now=utc_now())
    assert await town.pool.fetchval(turns, talk.id) == 1, "the other one stands"
    await recall(town.pool, agent, talk.id, said[1], now=utc_now())
    assert await town.pool.fetchval(turns, talk.id) == 0
    assert await town.pool.fetchrow(asked, talk.id) == before
    await tell(town, "小安", talk, "有货的", seen=99)
    assert await town.pool.fetchval(turns, talk.id) == 1


async def test_when_both_take_all_of_it_back_nobody_waits(town: DeskTown) -> None:
    await set_own_state(town.pool, town.people["小安"], "online", now=utc_now())
    talk = await begin(town)
    for who, text in (("李梅", "有货吗"), ("小安", "有的")):
        await tell(town, who, talk, text, seen=9)
    newest: int = await town.pool.fetchval("SELECT max(seq) FROM chat_messages")
    for who, gone in (("李梅", newest - 1), ("小安", newest)):
        await recall(town.pool, town.people[who], talk.id, gone, now=utc_now())
    asked = "SELECT asked_seq FROM chat_conversations WHERE id = $1"
    assert await town.pool.fetchval(asked, talk.id) is None


async def test_what_was_just_said_is_taken_back_within_two_minutes(town: DeskTown) -> None:
    """The last instant counts, the one after it does not; what is hidden stays as evidence."""
    await set_own_state(town.pool, town.people["小安"], "online", now=utc_now())
    talk, buyer = await begin(town), town.people["李梅"]
    for text in ("拍错了", "我要投诉"):
        await tell(town, "李梅", talk, text)
    rows = await town.pool.fetch(
        "SELECT seq, at FROM chat_messages WHERE conversation_id = $1 AND kind = 'text' ORDER BY 1",
        talk.id,
    )
    first, second = rows
    with pytest.raises(Refusal) as late:
        after = second["at"] + timedelta(minutes=2, microseconds=1)
        await recall(town.pool, buyer, talk.id, second["seq"], now=after)
    assert late.value.code == "too_late"
    with pytest.raises(Refusal) as foreign:
        await recall(town.pool, town.people["小安"], talk.id, first["seq"], now=first["at"])
    assert foreign.value.code == "wrong_role"
    last = first["at"] + timedelta(minutes=2)
    assert (await recall(town.pool, buyer, talk.id, first["seq"], now=last)).outcome == "said"
    assert (await recall(town.pool, buyer, talk.id, first["seq"], now=last)).outcome == "again"
    lines = await read_lines(town.pool, await talk_of(town.pool, buyer, talk.id))
    hidden = {line.seq: line.recalled for line in lines if line.kind == "text"}
    assert hidden == {first["seq"]: True, second["seq"]: False}
    kept = await town.pool.fetchval(
        "SELECT body ->> 'text' FROM chat_messages WHERE conversation_id = $1 AND seq = $2",
        talk.id,
        first["seq"],
    )
    assert kept == "拍错了"
