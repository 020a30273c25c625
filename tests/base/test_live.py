"""News reach everybody who follows a name, in this process and in others, and gaps heal."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
import pytest
from tests.nats import Nats, nats, nats_program

from gongdao.base.bus import TEXT_MAX, Bus, PostgresBus
from gongdao.base.bus_nats import NatsBus
from gongdao.base.clock import utc_now
from gongdao.base.config import read_config
from gongdao.base.live import OUTBOX_MAX, Hub, texts_of

__all__ = ["nats"]


@dataclass
class Carrier:
    """A bus, and how to break it and mend it."""

    bus: Bus
    lose: Callable[[], Awaitable[Any]]
    mend: Callable[[], Awaitable[Any]]


@dataclass
class Ear:
    """What a follower heard."""

    heard: list[int | None] = field(default_factory=list)

    def __call__(self, number: int | None) -> None:
        self.heard.append(number)

    async def until(self, heard: list[int | None], seconds: float = 30) -> None:
        async with asyncio.timeout(seconds):
            while self.heard != heard:
                await asyncio.sleep(0.01)

    async def until_healed(self) -> None:
        """Until it is told that anything may have happened."""
        async with asyncio.timeout(30):
            while None not in self.heard:
                await asyncio.sleep(0.01)


@pytest.fixture(params=["database", "nats"])
async def carrier(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Carrier]:
    if request.param == "database":
        yield Carrier(PostgresBus(database_url), lambda: cut(database_url), nothing)
        return
    server = Nats(nats_program())
    server.start()
    yield Carrier(
        NatsBus(server.url),
        lambda: asyncio.to_thread(server.kill),
        lambda: asyncio.to_thread(server.start),
    )
    server.stop()


async def cut(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'gongdao live' AND datname = current_database()"
    )
    await connection.close()


async def nothing() -> None:
    pass


@asynccontextmanager
async def hub_on(bus: Bus) -> AsyncIterator[Hub]:
    """A hub as one process has it, and the line that it holds to the others."""
    hub, ready = Hub(bus), Ear()
    unfollow = hub.follow("ready", ready)
    await hub.start()
    await ready.until_healed()
    unfollow()
    yield hub
    await hub.stop()


async def test_here_at_once_elsewhere_soon_and_never_twice(carrier: Carrier) -> None:
    async with hub_on(carrier.bus) as one, hub_on(carrier.bus) as other:
        here, there, deaf = Ear(), Ear(), Ear()
        one.follow("talk:a", here)
        other.follow("talk:a", there)
        other.follow("talk:b", deaf)
        one.tell(["talk:a#1", "talk:a#1", "talk:a#2"])
        assert here.heard == [1, 2]
        await there.until([1, 2])
        one.tell(["talk:a"])
        await there.until([1, 2, None])
        other.tell(["talk:a#3"])
        await here.until([1, 2, None, 3])
        assert there.heard == [1, 2, None, 3]
        assert deaf.heard == []


async def test_who_stops_following_hears_no_more(carrier: Carrier) -> None:
    async with hub_on(carrier.bus) as hub:
        first, second = Ear(), Ear()
        forget = hub.follow("talk:a", first)
        hub.follow("talk:a", second)
        hub.tell(["talk:a#1"])
        forget()
        forget()
        hub.tell(["talk:a#2"])
        assert (first.heard, second.heard) == ([1], [1, 2])


async def test_one_follower_that_fails_does_not_deafen_the_next() -> None:
    hub, ear = Hub(PostgresBus("")), Ear()

    def fail(_number: int | None) -> None:
        raise ValueError("broken")

    hub.follow("talk:a", fail)
    unfollow: list[Callable[[], None]] = []
    unfollow.append(hub.follow("talk:a", lambda _: unfollow[0]()))
    hub.follow("talk:a", ear)
    hub.tell(["talk:a#1"])
    hub.tell(["talk:a#2"])
    assert ear.heard == [1, 2]


async def test_after_a_lost_line_everybody_asks_again(carrier: Carrier) -> None:
    async with hub_on(carrier.bus) as one, hub_on(carrier.bus) as other:
        await asyncio.sleep(1.1)  # what the beginning may have missed is healed
        here, there = Ear(), Ear()
        one.follow("talk:a", here)
        other.follow("talk:a", there)
        await carrier.lose()
        one.tell(["talk:a#1"])
        await carrier.mend()
        await here.until_healed()
        await there.until_healed()
        there.heard.clear()
        one.tell(["talk:a#2"])
        async with asyncio.timeout(30):
            while 2 not in there.heard:
                await asyncio.sleep(0.01)


async def test_a_process_that_could_not_tell_makes_the_others_ask(carrier: Carrier) -> None:
    """The others never lost their line, so that only the one who did can know."""
    async with hub_on(carrier.bus) as other:
        one = Hub(Unsteady(carrier.bus))
        await one.start_telling()
        there = Ear()
        other.follow("talk:a", there)
        one.tell(["talk:a#1"])
        await there.until_healed()
        await one.stop()


class Unsteady:
    """A bus whose first line takes a text and loses it."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._lines = 0

    @asynccontextmanager
    async def connect(self, told: Callable[[str], None] | None) -> AsyncIterator[Any]:
        async with self._bus.connect(told) as line:
            self._lines += 1
            yield line if self._lines > 1 else Lost()


class Lost:
    async def send(self, text: str) -> None:
        raise ConnectionResetError("lost")

    async def until_lost(self) -> None:
        await asyncio.sleep(60)


async def test_a_process_may_be_there_before_its_bus(nats: Nats) -> None:
    nats.kill()
    hub, ear = Hub(NatsBus(nats.url)), Ear()
    hub.follow("talk:a", ear)
    await hub.start()
    await asyncio.sleep(0.1)
    hub.tell(["talk:a#1"])
    assert ear.heard == [1]
    nats.start()
    await ear.until_healed()
    await hub.stop()


async def test_nats_asks_for_a_password(nats: Nats) -> None:
    nats.kill()
    nats.start("--user", "gongdao", "--pass", "right")
    named = f"nats://gongdao:{{}}@127.0.0.1:{nats.port}"
    async with hub_on(NatsBus(named.format("right"))) as hub:
        with pytest.raises(OSError):
            async with NatsBus(named.format("wrong")).connect(None):
                pass
        assert hub


async def test_an_outbox_that_overflows_says_everything(carrier: Carrier) -> None:
    async with hub_on(carrier.bus) as one, hub_on(carrier.bus) as other:
        there = Ear()
        other.follow("talk:0", there)
        one.tell(f"talk:{n}" for n in range(1, OUTBOX_MAX + 2))
        await there.until_healed()


async def test_what_waits_is_told_before_a_process_ends(carrier: Carrier) -> None:
    async with hub_on(carrier.bus) as other:
        there = Ear()
        other.follow("talk:a", there)
        worker = Hub(carrier.bus)
        await worker.start_telling()
        worker.tell(["talk:a#1"])
        await worker.stop()
        await there.until([1])


async def test_a_stream_hears_and_ends(carrier: Carrier) -> None:
    async with hub_on(carrier.bus) as one, hub_on(carrier.bus) as other:
        stream = one.hear("case:1", listener="me")
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        other.tell(["case:1"])
        assert await asyncio.wait_for(waiting, 30) == "case:1"
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        one.close()
        assert await asyncio.wait_for(waiting, 30) == ""
        with pytest.raises(StopAsyncIteration):
            await anext(stream)


async def test_what_happens_while_a_page_is_on_its_way_is_heard(
    carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gongdao.base.live.TOLD_MAX", 2)
    async with hub_on(carrier.bus) as one, hub_on(carrier.bus) as other:
        ear = Ear()
        other.follow("case:1", ear)

        async def hears(since: datetime) -> bool:
            stream = other.hear("case:1", listener="me", since=since)
            waiting = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0.01)
            heard = waiting.done()
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            return heard

        begun = utc_now()
        assert not await hears(begun), "nothing has happened"
        one.tell(["case:1"])
        await ear.until([None])
        assert await hears(begun)
        assert not await hears(utc_now()), "the page was made after it"
        later = utc_now()
        other.tell(["case:2", "case:3"])
        assert not await hears(later), "others have changed"
        assert await hears(begun), "forgotten, it may have happened"


def test_texts_hold_every_name_and_fit() -> None:
    names = [f"talk:{n:032x}#{n}" for n in range(1000)]
    texts = list(texts_of(names, sender="@me"))
    assert all(len(text) <= TEXT_MAX and text.startswith("@me ") for text in texts)
    assert [name for text in texts for name in text.split(" ")[1:]] == names
    assert list(texts_of([], sender="@me")) == []
    assert list(texts_of(["a", "*", "b"], sender="@me")) == ["@me *"]


@pytest.mark.parametrize(
    "wrong", ["localhost:4222", "http://localhost", "nats://", "nats://h:port"]
)
def test_a_wrong_address_is_named_without_its_password(wrong: str) -> None:
    with pytest.raises(ValueError, match="GONGDAO_LIVE must be"):
        read_config({"GONGDAO_LIVE": wrong})
    assert read_config({"GONGDAO_LIVE": "nats://a:b@h:4222"}).live_url == "nats://a:b@h:4222"
    assert read_config({}).live_url is None
