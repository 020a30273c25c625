"""Routing decisions per second: pure picks, and placements stored with their reasons.

Beside the pure pick stands the bare round robin by weights, with nothing explained and no rules.
Beside the placements stands the same database doing the least that a placement writes: the desk
locked, the conversation given away, one row of log, one line said, commit; nobody chosen.
"""

import asyncio
import time
from uuid import UUID

import uvloop

from bench.running import database, installed, percentile, say
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.chat.routing.desk import Agent, Board, DeskRules, Group, Seat
from gongdao.chat.routing.desk_store import (
    add_agent,
    save_agent,
    save_group,
    save_members,
    set_state,
)
from gongdao.chat.routing.lines import RoutingLine, say_lines
from gongdao.chat.routing.pick import Request, after, pick
from gongdao.chat.routing.place import place
from gongdao.chat.routing.store import lock_desk
from gongdao.chat.store import Opening, open_conversation

AGENTS, PICKS = 20, 20_000
SHOPS, TALKS, AT_ONCE = 8, 1_600, 16
_WEIGHTS = [200, *([120] * (AGENTS - 1))]

_LEAST = """
WITH given AS (
    UPDATE chat_conversations SET state = 'open', agent_id = $2, queued_at = NULL WHERE id = $1
)
INSERT INTO chat_routings (conversation_id, shop_id, at, to_agent, why, details)
VALUES ($1, $3, $4, $2, 'weights', '{}')
"""


def pure() -> float:
    """Picks a second, each on the desk that the one before has left."""
    group = Group(id=new_id(), name="g", topic="general")
    ids = [new_id() for _ in range(AGENTS)]
    agents = {
        each: Agent(
            id=each,
            nickname=f"{n}",
            state="online",
            capacity=PICKS,
            seats=(Seat(group.id, weight),),
        )
        for n, (each, weight) in enumerate(zip(ids, _WEIGHTS, strict=True))
    }
    board = Board(rules=DeskRules(), groups={group.id: group}, agents=agents)
    now = utc_now()
    request = Request(conversation_id=new_id(), queued_at=now)
    start = time.perf_counter()
    for _ in range(PICKS):
        found = pick(request, board, now=now)
        assert found
        board = after(board, found)
    seconds = time.perf_counter() - start
    loads = [board.agents[each].load for each in ids]
    shares = [PICKS * weight / sum(_WEIGHTS) for weight in _WEIGHTS]
    assert all(abs(load - share) <= 1 for load, share in zip(loads, shares, strict=True))
    return PICKS / seconds


def bare() -> float:
    """The round robin alone."""
    credits_, total = [0] * AGENTS, sum(_WEIGHTS)
    start = time.perf_counter()
    for _ in range(PICKS):
        credits_ = [owed + weight for owed, weight in zip(credits_, _WEIGHTS, strict=True)]
        first = max(range(AGENTS), key=credits_.__getitem__)
        credits_[first] -= total
    return PICKS / (time.perf_counter() - start)


async def open_desk(pool: Pool) -> tuple[UUID, UUID]:
    """A shop with a desk of twenty agents who are there; the shop and one of them."""
    shop_id, now = new_id(), utc_now()
    async with pool.acquire() as connection, connection.transaction():
        desk = await lock_desk(connection, shop_id)
        weights: dict[UUID, int] = {}
        for n, weight in enumerate(_WEIGHTS):
            agent_id = new_id()
            weights[agent_id] = weight
            await add_agent(connection, shop_id, agent_id, nickname=f"{n}", is_main=n == 0, now=now)
            await save_agent(
                connection,
                desk,
                agent_id,
                nickname=f"{n}",
                capacity=200,
                in_routing=True,
                languages=["zh"],
                is_main=None,
            )
            await set_state(connection, desk, agent_id, "online", now=now)
        group = Group(id=new_id(), name="g", topic="general")
        await save_group(connection, desk, group)
        await save_members(connection, desk, group.id, weights)
    return shop_id, next(iter(weights))


async def stored(pool: Pool, shops: int) -> tuple[float, list[float]]:
    """Conversations that come in and are placed at once, by so many at a time."""
    desks = [await open_desk(pool) for _ in range(shops)]
    talks = [
        Opening(id=new_id(), shop_id=desks[n % shops][0], buyer_id=new_id()) for n in range(TALKS)
    ]
    spans: list[float] = []

    async def arrive() -> None:
        while talks:
            opening = talks.pop()
            start = time.perf_counter()
            async with pool.acquire() as connection, connection.transaction():
                await open_conversation(connection, opening, now=utc_now())
                assert await place(connection, opening.id, now=utc_now())
            spans.append((time.perf_counter() - start) * 1000)

    start = time.perf_counter()
    await asyncio.gather(*(arrive() for _ in range(AT_ONCE)))
    return TALKS / (time.perf_counter() - start), spans


async def least(pool: Pool, shops: int) -> float:
    """The same arrivals with nobody chosen."""
    desks = [await open_desk(pool) for _ in range(shops)]
    talks = [
        (Opening(id=new_id(), shop_id=desks[n % shops][0], buyer_id=new_id()), desks[n % shops][1])
        for n in range(TALKS)
    ]

    async def arrive() -> None:
        while talks:
            opening, agent_id = talks.pop()
            async with pool.acquire() as connection, connection.transaction():
                now = utc_now()
                await open_conversation(connection, opening, now=now)
                await lock_desk(connection, opening.shop_id)
                await connection.execute(_LEAST, opening.id, agent_id, opening.shop_id, now)
                line = RoutingLine(conversation_id=opening.id, event="assigned", once="1")
                await say_lines(connection, [line], now=now)

    start = time.perf_counter()
    await asyncio.gather(*(arrive() for _ in range(AT_ONCE)))
    return TALKS / (time.perf_counter() - start)


async def measure(url: str) -> None:
    """Placements at one desk and at many."""
    async with installed(url, size=AT_ONCE) as pool:
        await stored(pool, SHOPS)  # plans made, pages in memory
        for shops in (1, SHOPS):
            most = await least(pool, shops)
            rate, spans = await stored(pool, shops)
            say(
                "routing_placements",
                rate,
                "placements/s",
                limit="the same rows locked, given away, logged and said with nobody chosen",
                limit_value=round(most, 1),
                ratio=round(rate / most, 3),
                desks=shops,
                agents=AGENTS,
                at_once=AT_ONCE,
                ms_p50=round(percentile(spans, 0.5), 1),
                ms_p99=round(percentile(spans, 0.99), 1),
            )


if __name__ == "__main__":
    picks, most_picks = pure(), bare()
    say(
        "routing_picks",
        picks,
        "picks/s",
        limit="smooth round robin by weights alone, nothing explained",
        limit_value=round(most_picks, 1),
        ratio=round(picks / most_picks, 3),
        agents=AGENTS,
    )
    with database() as address:
        uvloop.run(measure(address))
