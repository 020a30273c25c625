"""A conversation is made with its first message: both or neither, and once."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from tests.web.chat.desk_town import DeskTown, build_desk_town

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.flows.talk.begin_talk import begin_talk
from gongdao.flows.talk.open_talk import Wish
from gongdao.flows.talk.presence import set_own_state
from gongdao.flows.talk.say import ToSay

_STANDS = "SELECT (SELECT count(*) FROM chat_conversations), (SELECT count(*) FROM chat_messages)"


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    town = await build_desk_town(pool)
    await set_own_state(pool, town.people["小安"], "online", now=utc_now())
    return town


def first(text: str = "在吗", **more: Any) -> ToSay:
    return ToSay(
        **{"conversation_id": new_id(), "client_id": uuid4(), "body": {"text": text}} | more
    )


async def texts(town: DeskTown) -> list[str]:
    rows = await town.pool.fetch(
        "SELECT body ->> 'text' AS text FROM chat_messages WHERE author = 'buyer' ORDER BY seq"
    )
    return [row["text"] for row in rows]


async def begin(town: DeskTown, sent: ToSay, name: str = "李梅") -> tuple[Any, bool]:
    wish = Wish(shop_id=town.shop_id)
    return await begin_talk(town.pool, town.people[name], wish, sent, now=utc_now())


async def test_it_goes_to_somebody_and_waits_for_an_answer(town: DeskTown) -> None:
    made, is_new = await begin(town, first("这双鞋有 42 码吗"))
    assert is_new and made.agent_id == town.people["小安"].person_id
    assert await texts(town) == ["这双鞋有 42 码吗"]
    assert await town.only_talk("asked_seq") == await town.only_talk("last_seq")


async def test_two_first_messages_at_once_make_one_conversation(town: DeskTown) -> None:
    said = [first(f"{number}") for number in range(6)]
    begun = await asyncio.gather(*(begin(town, one) for one in said))
    assert len({talk.id for talk, _ in begun}) == 1 and sum(is_new for _, is_new in begun) == 1
    assert sorted(await texts(town)) == [f"{number}" for number in range(6)]


async def test_two_first_messages_200_ms_apart_make_one_conversation(town: DeskTown) -> None:
    one = await begin(town, first("在吗"))
    await asyncio.sleep(0.2)
    two = await begin(town, first("我要退货"))
    assert (one[0].id, one[1], two[1]) == (two[0].id, True, False)
    assert await texts(town) == ["在吗", "我要退货"]


async def test_sent_again_it_stands_there_once(town: DeskTown) -> None:
    sent = first()
    for wanted in (True, False):
        _, is_new = await begin(town, sent)
        assert is_new == wanted
    assert await texts(town) == ["在吗"]


@pytest.mark.parametrize(
    ("code", "sent"),
    [
        ("invalid", first("")),
        ("wrong_role", first(kind="note")),
        ("not_found", first(kind="order", body={"order_id": str(new_id())})),
        ("invalid", first(body={"words": 7})),
    ],
)
async def test_what_cannot_be_said_begins_nothing(town: DeskTown, code: str, sent: ToSay) -> None:
    with pytest.raises(Refusal) as refused:
        await begin(town, sent)
    assert refused.value.code == code
    assert tuple(await town.pool.fetchrow(_STANDS) or ()) == (0, 0)
    with pytest.raises(Refusal) as refused:
        await begin(town, first(), "小安")
    assert refused.value.code == "wrong_role"


async def test_what_fails_on_the_way_leaves_nothing(town: DeskTown) -> None:
    """The id of the message stands for something else in the conversation that is under way."""
    sent = first("一")
    await begin(town, sent)
    with pytest.raises(Refusal) as refused:
        await begin(town, first("二", client_id=sent.client_id))
    assert refused.value.code == "idempotency_conflict"
    assert await texts(town) == ["一"]
