"""Real screens on a real server: every message once and in order, whatever the line does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID, uuid4

import pytest
import websockets
from tests.conftest import Served
from tests.web.chat.desk_town import DeskTown, Screen, open_screen

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.chat.store import Opening, open_conversation

Connect = Callable[[str], Awaitable[Screen]]


@pytest.fixture
async def connect(town: DeskTown, served: Served) -> AsyncIterator[Connect]:
    screens: list[Screen] = []

    async def open_one(name: str) -> Screen:
        screens.append(await open_screen(served.url, town.tokens[name]))
        return screens[-1]

    yield open_one
    for screen in screens:
        await screen.close()


async def talk_of_buyer(town: DeskTown, name: str = "李梅") -> UUID:
    opening = Opening(id=new_id(), shop_id=town.shop_id, buyer_id=town.people[name].person_id)
    conversation, _ = await open_conversation(town.pool, opening, now=utc_now())
    return conversation.id


async def test_three_screens_show_the_same(town: DeskTown, connect: Connect) -> None:
    talk = await talk_of_buyer(town)
    buyer, anna, bob = await connect("李梅"), await connect("小安"), await connect("小宝")
    for screen in (buyer, anna, bob):
        await screen.send("open", conversation=talk, after=0)
    for n in range(20):
        await buyer.say(talk, f"买家{n}")
        await anna.say(talk, f"客服{n}", seen=2**30)
    for screen in (buyer, anna, bob):
        await screen.until(lambda s: len(s.texts(talk)) == 40)
        assert screen.seqs(talk) == list(range(1, 41))
    assert buyer.texts(talk) == anna.texts(talk) == bob.texts(talk)
    own = [text for text in buyer.texts(talk) if text.startswith("买家")]
    assert own == [f"买家{n}" for n in range(20)], "one's own words stay in their order"


async def test_a_lost_line_is_taken_up_where_it_was(town: DeskTown, connect: Connect) -> None:
    talk = await talk_of_buyer(town)
    buyer, agent = await connect("李梅"), await connect("小安")
    await buyer.send("open", conversation=talk)
    await agent.send("open", conversation=talk)
    first = await buyer.say(talk, "一")
    await buyer.answer_to(first)
    await buyer.close()
    for n in range(250):
        await agent.say(talk, f"{n}", seen=2**30)
    await agent.until(lambda s: len(s.texts(talk)) == 251)
    again = await connect("李梅")
    await again.send("open", conversation=talk, after=1)
    sent_twice = await again.say(talk, "一", client_id=first)
    assert (await again.answer_to(sent_twice))["seq"] == 1, "it stands there once"
    await again.until(lambda s: len(s.texts(talk)) == 250)
    assert again.seqs(talk) == list(range(2, 252))


async def test_notes_stay_in_the_shop(town: DeskTown, connect: Connect) -> None:
    talk = await talk_of_buyer(town)
    buyer, agent = await connect("李梅"), await connect("小安")
    await buyer.send("open", conversation=talk)
    await agent.send("open", conversation=talk)
    body = {"text": "老客户, 给个优惠", "mentions": [str(town.people["主管"].person_id)]}
    note = str(uuid4())
    await agent.send("say", conversation=talk, client_id=note, kind="note", body=body)
    await agent.answer_to(note)
    last = await agent.say(talk, "您好", seen=1)
    await agent.answer_to(last)
    await buyer.until(lambda s: s.texts(talk) == ["您好"])
    assert buyer.seqs(talk) == [2]
    refused = await buyer.say(talk, "我也记一下", kind="note")
    assert (await buyer.answer_to(refused))["code"] == "wrong_role"


async def test_what_is_taken_back_is_gone_from_every_screen(
    town: DeskTown, connect: Connect
) -> None:
    talk = await talk_of_buyer(town)
    buyer, agent = await connect("李梅"), await connect("小安")
    await buyer.send("open", conversation=talk)
    await agent.send("open", conversation=talk)
    await buyer.answer_to(await buyer.say(talk, "骂人的话"))
    await agent.send("recall", conversation=talk, seq=1, client_id=uuid4())
    await agent.until(lambda s: any(f.get("code") == "wrong_role" for f in s.frames))
    await buyer.send("recall", conversation=talk, seq=1, client_id=uuid4())
    for screen in (buyer, agent):
        await screen.until(lambda s: s.seqs(talk)[-1:] == [2])
        assert screen.lines[str(talk)][-1]["body"] == {"seq": 1}
    late = await connect("小宝")
    await late.send("open", conversation=talk)
    await late.until(lambda s: len(s.seqs(talk)) == 2)
    line = late.lines[str(talk)][0]
    assert line["recalled"] and "body" not in line


async def test_a_colleague_is_read_first(town: DeskTown, connect: Connect) -> None:
    talk = await talk_of_buyer(town)
    anna, bob = await connect("小安"), await connect("小宝")
    await anna.send("open", conversation=talk)
    await anna.answer_to(await anna.say(talk, "马上给您发", seen=0))
    refused = await bob.say(talk, "没货了", seen=0)
    assert (await bob.answer_to(refused))["code"] == "version_conflict"


async def test_typing_and_marks_reach_the_other_side(town: DeskTown, connect: Connect) -> None:
    talk = await talk_of_buyer(town)
    buyer, agent = await connect("李梅"), await connect("小安")
    await buyer.send("open", conversation=talk)
    await agent.send("open", conversation=talk)
    await buyer.until(lambda s: any(f["op"] == "state" for f in s.frames))
    await agent.until(lambda s: any(f["op"] == "state" for f in s.frames))
    await buyer.send("typing", conversation=talk)
    await agent.until(
        lambda s: any(f["op"] == "typing" and f["author"] == "buyer" for f in s.frames)
    )
    await agent.answer_to(await agent.say(talk, "您好", seen=0))
    await buyer.send("mark", conversation=talk, delivered=1, read=1)
    await agent.until(
        lambda s: any(
            f["op"] == "state" and f["state"]["marks"].get("buyer") == {"delivered": 1, "read": 1}
            for f in s.frames
        )
    )
    assert not any(f["op"] == "typing" for f in buyer.frames), "nobody is told of themselves"


async def test_nobody_hears_what_is_not_theirs(town: DeskTown, connect: Connect) -> None:
    talk = await talk_of_buyer(town)
    for name in ("王强", "仲裁员"):
        screen = await connect(name)
        for op, more in (
            ("open", {}),
            ("mark", {"read": 1}),
            ("typing", {}),
            ("recall", {"seq": 1, "client_id": uuid4()}),
            ("say", {"client_id": uuid4(), "body": {"text": "我来看看"}}),
        ):
            screen.frames.clear()
            await screen.send(op, conversation=talk, **more)
            await screen.until(lambda s: any(f.get("code") == "not_found" for f in s.frames))
    assert await town.only_talk("last_seq") == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"op":"fly"}',
        '{"op":"say"}',
        '{"op":"open","conversation":"x"}',
        '{"op":"ping","more":1}',
        '{"op":"mark","conversation":"00000000-0000-0000-0000-000000000000","read":-1}',
    ],
)
async def test_what_cannot_be_read_is_refused_and_the_line_stays(
    town: DeskTown, connect: Connect, text: str
) -> None:
    screen = await connect("李梅")
    await screen.socket.send(text)
    await screen.until(lambda s: any(f.get("code") == "invalid" for f in s.frames))
    await screen.send("ping")
    await screen.until(lambda s: any(f["op"] == "pong" for f in s.frames))


async def test_bodies_are_checked(town: DeskTown, connect: Connect) -> None:
    talk = await talk_of_buyer(town)
    screen = await connect("李梅")
    await screen.send("open", conversation=talk)
    for kind, body, code in (
        ("text", {"text": ""}, "invalid"),
        ("text", {"text": "   "}, "invalid"),
        ("text", {"text": "好" * 4001}, "invalid"),
        ("text", {"text": "a\0b"}, "invalid"),
        ("text", {"words": "好"}, "invalid"),
        ("order", {"order_id": str(uuid4())}, "not_found"),
        ("product", {"product_id": str(uuid4())}, "not_found"),
        ("case", {"case_id": str(uuid4())}, "not_found"),
        ("image", {"file_id": str(uuid4()), "name": "a.png"}, "not_found"),
        ("system", {"event": "closed"}, "wrong_role"),
        ("recall", {"seq": 1}, "wrong_role"),
    ):
        client_id = str(uuid4())
        await screen.send("say", conversation=talk, client_id=client_id, kind=kind, body=body)
        assert (await screen.answer_to(client_id))["code"] == code, (kind, body)
    assert await town.only_talk("last_seq") == 0


async def test_a_frame_that_is_too_large_ends_the_line(town: DeskTown, connect: Connect) -> None:
    screen = await connect("李梅")
    await screen.socket.send("x" * 70_000)
    with pytest.raises(websockets.ConnectionClosed):
        async with asyncio.timeout(30):
            while True:
                await screen.socket.ping()
                await asyncio.sleep(0.05)
    assert screen.socket.close_code == 1009


async def test_strangers_get_no_line(served: Served) -> None:
    address = served.url.replace("http://", "ws://") + "/chat/socket"
    for more in ({}, {"additional_headers": {"Authorization": "Bearer no"}}):
        with pytest.raises(websockets.InvalidStatus):
            await websockets.connect(address, **more)


async def test_a_browser_shows_its_token_as_a_protocol(town: DeskTown, served: Served) -> None:
    address = served.url.replace("http://", "ws://") + "/chat/socket"
    protocols = ["gongdao", f"gongdao.bearer.{town.tokens['李梅']}"]
    # From a foreign page: the token is what counts, no cookie goes along.
    async with websockets.connect(
        address, subprotocols=protocols, origin="https://shop.example"
    ) as socket:
        assert socket.subprotocol == "gongdao"
        await socket.send('{"op":"ping"}')
        assert await asyncio.wait_for(socket.recv(), 30) == '{"op":"pong"}'
