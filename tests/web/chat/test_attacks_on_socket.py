"""What people try who mean harm: with frames, with screens that do not read, from foreign pages."""

import asyncio
import contextlib
import json
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
import websockets
from tests.conftest import Serve, Served
from tests.people import PASSWORD
from tests.web.chat import desk_town
from tests.web.chat.desk_town import DeskTown
from tests.web.chat.test_socket import talk_of_buyer

from gongdao.accounts.gate import session_cookie_name
from gongdao.accounts.principal import Principal, permissions_of
from gongdao.accounts.session import Pass, csrf_token_of
from gongdao.accounts.sign_in import sign_in, sign_out
from gongdao.base.bus import PostgresBus
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.base.live import Hub
from gongdao.web.chat.frames import FRAME_MAX, parse_frame
from gongdao.web.chat.screen import WAITING_BYTES_MAX, WAITING_MAX, Screen
from gongdao.web.chat.socket import COME_BACK, FRAME_RATE, LOOK_SECONDS, SIGNED_OUT, code_for
from gongdao.web.chat.switchboard import Switchboard

AGENT = Principal(
    person_id=new_id(), kind="shop", role="agent", shop_id=new_id(), name="小安",
    permissions=permissions_of("shop"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("size", "fitting"), [(1_000_000, WAITING_BYTES_MAX // 1_000_000), (10, WAITING_MAX)]
)
async def test_a_screen_that_does_not_read_is_let_go(size: int, fitting: int) -> None:
    screen = Screen(AGENT)
    sent: list[str] = []
    stuck = asyncio.Event()

    async def send(text: str) -> None:
        sent.append(text)
        await stuck.wait()

    for _ in range(fitting):
        screen.put(b"x" * size)
    sending = asyncio.create_task(screen.send_all(send))
    await asyncio.sleep(0)
    for _ in range(5):
        screen.put(b"x" * size)
    stuck.set()
    await asyncio.wait_for(sending, 30)
    assert len(sent) <= 1, "it is over, and nothing is kept for it"


async def test_a_screen_that_reads_is_sent_everything() -> None:
    screen = Screen(AGENT)
    sent: list[str] = []

    async def send(text: str) -> None:
        sent.append(text)

    sending = asyncio.create_task(screen.send_all(send))
    for _ in range(40):
        screen.put(b"x" * 1_000_000)
        await asyncio.sleep(0)
    screen.end()
    await asyncio.wait_for(sending, 30)
    assert len(sent) >= 39


def deep() -> str:
    nested = "[" * 20_000 + "]" * 20_000
    fields = f'"conversation":"{uuid4()}","client_id":"{uuid4()}"'
    return f'{{"op":"say",{fields},"body":{{"text":{nested}}}}}'


@pytest.mark.parametrize(
    "text", [deep(), b'{"op":"ping\xff"}', '{"op":"say","body":{"text":"\\ud800"}}', "\0" * 9]
)
def test_what_no_frame_is_made_of_is_refused(text: str | bytes) -> None:
    assert len(text) < FRAME_MAX
    with pytest.raises((msgspec.ValidationError, msgspec.DecodeError)):
        parse_frame(text)


def test_whoever_is_not_the_same_any_more_comes_back() -> None:
    """A line that only stopped following would show nothing, and look as if all was well."""

    def shown(**changes: object) -> Pass:
        after = msgspec.structs.replace(AGENT, **changes)
        return Pass(how="token", id=new_id(), principal=after, csrf_token="")

    assert code_for(shown(), AGENT) is None
    assert code_for(shown(name="小安安"), AGENT) == COME_BACK
    assert code_for(shown(permissions=frozenset({"chat.use"})), AGENT) == COME_BACK
    assert code_for(shown(permissions=frozenset[str]()), AGENT) == SIGNED_OUT
    assert code_for(None, AGENT) == SIGNED_OUT


async def test_one_person_has_so_many_screens_and_no_more(pool: Pool, database_url: str) -> None:
    switchboard = Switchboard(pool, Hub(PostgresBus(database_url)))
    leaving = [switchboard.enter(AGENT.person_id, most=3) for _ in range(3)]
    with pytest.raises(Refusal) as refused:
        switchboard.enter(AGENT.person_id, most=3)
    assert refused.value.code == "rate_limited"
    switchboard.enter(new_id(), most=3)()
    leaving.pop()()
    leaving.append(switchboard.enter(AGENT.person_id, most=3))
    for leave in leaving:
        leave()


async def test_a_foreign_page_gets_no_line_with_the_cookie(town: DeskTown, served: Served) -> None:
    signed = await sign_in(town.pool, town.sign_in_names["小安"], PASSWORD, now=utc_now())
    cookie = f"{session_cookie_name(served.url)}={signed.secret}"
    foreign = {"Origin": "https://evil.example", "Cookie": cookie}
    async with httpx.AsyncClient(base_url=served.url) as client:
        for path in ("/api/v1/widget/../conversations", "/api/v1/widget/%2e%2e/conversations",
                     "/api/v1/widget%2f..%2fconversations", "/api/v1//widget/x"):  # fmt: skip
            answer = await client.request("POST", path, json={}, headers=foreign)
            assert 400 <= answer.status_code < 500, path
            assert "access-control-allow-credentials" not in answer.headers
    address = served.url.replace("http://", "ws://") + "/chat/socket"
    for more in ({"Origin": "https://evil.example"}, {"Origin": "null"},
                 {"Origin": served.url, "Sec-Fetch-Site": "cross-site"}):  # fmt: skip
        with pytest.raises(websockets.InvalidStatus):
            await websockets.connect(address, additional_headers={"Cookie": cookie} | more)
    headers = {"Cookie": cookie, "Origin": served.url}
    async with websockets.connect(address, additional_headers=headers) as socket:
        await socket.send('{"op":"ping"}')
        assert json.loads(await asyncio.wait_for(socket.recv(), 30)) == {"op": "pong"}


async def test_whoever_is_signed_out_says_nothing_more(town: DeskTown, served: Served) -> None:
    """The next word is not said, and the line ends; it does not wait for the next round."""
    signed = await sign_in(town.pool, town.sign_in_names["李梅"], PASSWORD, now=utc_now())
    headers = {"Cookie": f"{session_cookie_name(served.url)}={signed.secret}"}
    address = served.url.replace("http://", "ws://") + "/chat/socket"
    begun = await talk_of_buyer(town)
    async with websockets.connect(address, additional_headers=headers) as socket:
        screen = desk_town.Screen(socket)
        await screen.send("open", conversation=begun)
        said = await screen.answer_to(await screen.say(begun, "第一句"))
        assert said["op"] == "said"
        await sign_out(town.pool, signed.secret)
        # The line may have ended before these words are sent.
        with contextlib.suppress(websockets.ConnectionClosed):
            await screen.say(begun, "已经退出了")
        await asyncio.wait_for(socket.wait_closed(), 20)
        assert socket.close_code == SIGNED_OUT
    kept = await town.pool.fetchval(
        "SELECT count(*) FROM chat_messages WHERE conversation_id = $1 AND author = 'buyer'", begun
    )
    assert kept == 1


@pytest.mark.parametrize("way", ["sign-out", "account/sessions/end-others"])
async def test_whoever_signs_out_hears_nothing_more(
    town: DeskTown, served: Served, way: str
) -> None:
    """A screen that is left open and says nothing ends with its session, not a round later."""
    name = town.sign_in_names["小安"]
    left_open = await sign_in(town.pool, name, PASSWORD, now=utc_now())
    other = await sign_in(town.pool, name, PASSWORD, now=utc_now())
    cookie = session_cookie_name(served.url)
    address = served.url.replace("http://", "ws://") + "/chat/socket"
    headers = {"Cookie": f"{cookie}={left_open.secret}"}
    async with websockets.connect(address, additional_headers=headers) as socket:
        await socket.send('{"op":"ping"}')
        assert json.loads(await asyncio.wait_for(socket.recv(), 30)) == {"op": "pong"}
        secret = (left_open if way == "sign-out" else other).secret
        cookies = {cookie: secret}
        async with httpx.AsyncClient(base_url=served.url, cookies=cookies, timeout=30) as client:
            token = csrf_token_of(secret)
            answer = await client.post(f"/{way}", data={"csrf_token": token})
            assert answer.status_code == 303, answer.text
        await asyncio.wait_for(socket.wait_closed(), LOOK_SECONDS / 2)
        assert socket.close_code == SIGNED_OUT


async def test_a_screen_that_floods_is_told_to_wait(
    town: DeskTown, serve: Serve, shared_database_url: str
) -> None:
    headers = {"Authorization": f"Bearer {town.tokens['李梅']}"}
    with serve(shared_database_url) as limited:
        address = limited.url.replace("http://", "ws://") + "/chat/socket"
        slow = {"open_timeout": 60, "ping_interval": None}
        async with websockets.connect(address, additional_headers=headers, **slow) as socket:
            sent = int(FRAME_RATE.burst) * 20

            async def read() -> list[Any]:
                return [json.loads(await socket.recv()) for _ in range(sent)]

            # Whoever does not read is shut out for that, and not for what it sends.
            reading = asyncio.create_task(read())
            for _ in range(sent):
                await socket.send('{"op":"ping"}')
            answers = await asyncio.wait_for(reading, 60)
    refused = [one for one in answers if one["op"] == "refused"]
    assert {one["op"] for one in answers[: int(FRAME_RATE.burst)]} == {"pong"}
    assert refused
    assert {one["code"] for one in refused} == {"rate_limited"}
