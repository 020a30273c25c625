"""Many at once, on connections of their own: never above capacity, nobody lost, the order kept."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from gongdao.base.db import open_pool

from .desks import TestDesk


async def together(*deeds: Awaitable[Any]) -> list[Any]:
    return list(await asyncio.wait_for(asyncio.gather(*deeds), 60))


async def test_placements_and_a_drain_at_once(shared_database_url: str) -> None:
    pool = await open_pool(shared_database_url, size=12, name="test at once")
    try:
        for _ in range(5):
            await _storm(TestDesk(pool))
    finally:
        await pool.close()


async def _storm(desk: TestDesk) -> None:
    await desk.rules(capacity=3)
    for name in ("a", "b", "c"):
        await desk.agent(name)
    first = [await desk.open() for _ in range(6)]
    await together(*(desk.place(each) for each in first))
    assert max((await desk.loads()).values()) <= 3
    # Six more arrive while two close, one agent goes and another comes.
    more = []
    for _ in range(6):
        desk.later(seconds=1)
        more.append(await desk.open())
    await desk.agent("d", state="offline")
    await together(
        *(desk.place(each) for each in more),
        desk.close(first[0]),
        desk.close(first[1]),
        desk.state("d", "online"),
        desk.state("a", "offline"),
    )
    loads = await desk.loads()
    assert max(loads.values()) <= 3
    waiting = await desk.waiting()
    served = [each for each in more if await desk.serving(each)]
    assert set(served) | set(waiting) == set(more), "nobody is lost"
    assert len(served) == len(set(served))
    assert loads.total() == len(first) - 2 + len(served)
    assert not waiting or all(loads[name] == 3 for name in ("b", "c", "d"))
    # In the order in which they came, whichever connection was first.
    assert waiting == more[len(more) - len(waiting) :]
    for each in served + first[2:]:
        events = [event for event, _ in await desk.lines(each)]
        assert events.count("assigned") == 1
    await together(*(desk.close(each) for each in served + first[2:]))
    assert await desk.waiting() == []
    assert all([await desk.serving(each) for each in more])


async def test_two_drains_at_once_place_each_once(desk: TestDesk) -> None:
    await desk.agent("a", state="offline", capacity=200)
    waiting = [await desk.arrive() for _ in range(20)]
    await together(*(desk.state("a", "online") for _ in range(4)))
    assert await desk.loads() == {"a": 20}
    for each in waiting:
        assert [why for why, _ in await desk.log(each)] == ["nobody_there", "weights"]
    order = await desk.pool.fetch(
        "SELECT conversation_id FROM chat_routings WHERE shop_id = $1 AND why = 'weights'"
        " ORDER BY id",
        desk.shop_id,
    )
    assert [row["conversation_id"] for row in order] == waiting


async def test_words_and_placements_at_once_do_not_block_each_other(desk: TestDesk) -> None:
    await desk.agent("a", capacity=200)
    talks = [await desk.open() for _ in range(20)]
    await together(*(desk.ask(each) for each in talks), *(desk.place(each) for each in talks))
    await together(desk.state("a", "offline"), *(desk.ask(each) for each in reversed(talks)))
    await desk.agent("b", capacity=200)
    for each in talks:
        await desk.place(each)
    assert (await desk.loads()) == {"b": 20}


async def test_a_queue_longer_than_a_page(desk: TestDesk) -> None:
    await desk.rules(overflow="never")
    await desk.agent("a", capacity=0)
    await desk.agent("b", capacity=200, state="offline")
    await desk.group("pre", {"a": 120}, topic="presale")
    await desk.group("after", {"b": 120}, topic="aftersale")
    for _ in range(205):
        await desk.open(topic="presale")
    desk.later(seconds=5)
    last = await desk.open(topic="aftersale")
    await desk.state("b", "online")
    assert await desk.serving(last) == "b"
    assert len(await desk.waiting()) == 205
