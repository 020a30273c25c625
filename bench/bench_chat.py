"""Messages per second, durably stored and shown on two screens, against ejabberd.

A message counts when the buyer's screen and the agent's both have it; both sides store it in the
same PostgreSQL, with fsync, before anybody sees it. Buyer and agent take turns. The peer knows no
agents, turns, hash chain or search; ours has them all switched on. Then 2,000 idle screens in one
process: what each costs, and how soon news reach them.
"""

import asyncio
import re
import resource
import time
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Protocol
from uuid import UUID

import uvloop

from bench.ejabberd import HOW_TO_GET, NAME, Occupant, ejabberd, is_here
from bench.running import database, installed, percentile, say, web
from bench.screens import Screen
from gongdao.accounts.own import issue_token
from gongdao.accounts.staff import create_first_roles, create_person
from gongdao.accounts.store import load_account
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.chat.store import Opening, open_conversation
from gongdao.shops.shop import Shop
from gongdao.shops.store import insert_shops

SECONDS, ROOMS, ROUNDS, OFFERED = 5, 50, 2, 100
IDLE = 2_000
_WORDS = "亲，您的订单已经发出，预计后天送到，请您留意查收哦"
_MARK = re.compile(rb"~(\d+)~")


class Talker(Protocol):
    """A screen of either side."""

    def say(self, text: str) -> None: ...

    def close(self) -> None: ...


class Post:
    """Which messages are on their way, and how long each took to reach both screens."""

    def __init__(self) -> None:
        self.took: list[float] = []
        self._number = 0
        self._waiting: dict[int, tuple[float, asyncio.Future[None]]] = {}
        self._once: set[int] = set()

    def hear(self, text: bytes) -> None:
        """A screen shows something."""
        for found in _MARK.findall(text):
            number = int(found)
            if number not in self._once:
                self._once.add(number)
                continue
            self._once.discard(number)
            sent, arrived = self._waiting.pop(number)
            self.took.append((time.perf_counter() - sent) * 1000)
            arrived.set_result(None)

    def send(self, by: Talker, at: float | None = None) -> "asyncio.Future[None]":
        """Say something; the future is its arrival on both screens."""
        self._number += 1
        arrived = asyncio.get_running_loop().create_future()
        self._waiting[self._number] = (at or time.perf_counter(), arrived)
        by.say(f"~{self._number}~{_WORDS}")
        return arrived


Pair = tuple[Talker, Talker]


async def closed_loop(post: Post, rooms: list[Pair]) -> float:
    """In each room the next message follows on the arrival of the last; messages a second."""
    until = time.perf_counter() + SECONDS

    async def room(pair: Pair) -> None:
        turn = 0
        while time.perf_counter() < until:
            await post.send(pair[turn % 2])
            turn += 1

    start = time.perf_counter()
    await asyncio.gather(*(room(pair) for pair in rooms))
    return len(post.took) / (time.perf_counter() - start)


async def offered(post: Post, rooms: list[Pair]) -> float:
    """So many a second whatever becomes of them; each is timed from when it was due."""
    start = time.perf_counter()
    arrivals: list[asyncio.Future[None]] = []
    for n in range(OFFERED * SECONDS):
        due = start + n / OFFERED
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        pair = rooms[n % len(rooms)]
        arrivals.append(post.send(pair[n // len(rooms) % 2], due))
    await asyncio.wait_for(asyncio.gather(*arrivals), 30)
    return len(post.took) / (time.perf_counter() - start)


class Town:
    """A shop with as many conversations as asked, each with a buyer and an agent of its own."""

    def __init__(self, pool: Pool, talks: int) -> None:
        self._pool, self._count = pool, talks
        self.talks: list[tuple[UUID, str, str]] = []

    async def build(self) -> None:
        now, shop_id = utc_now(), new_id()
        async with self._pool.acquire() as connection:
            await insert_shops(connection, [Shop(id=shop_id, name="Lamps", opened_at=now)])
            roles = await create_first_roles(connection, shop_id=shop_id, now=now)
        for n in range(0, self._count, 16):
            some = range(n, min(n + 16, self._count))
            await asyncio.gather(*(self._talk(shop_id, roles["agent"]) for _ in some))

    async def _talk(self, shop_id: UUID, role_id: UUID) -> None:
        buyer_id, buyer = await self._person("buyer", None, None)
        agent_id, agent = await self._person("shop", shop_id, role_id)
        opening = Opening(id=new_id(), shop_id=shop_id, buyer_id=buyer_id)
        talk, _ = await open_conversation(self._pool, opening, now=utc_now())
        await self._pool.execute(
            "UPDATE chat_conversations SET state = 'open', queued_at = NULL, agent_id = $2"
            " WHERE id = $1",
            talk.id,
            agent_id,
        )
        self.talks.append((talk.id, buyer, agent))

    async def _person(self, kind: str, shop_id: UUID | None, role_id: UUID | None):
        person_id, now = new_id(), utc_now()
        await create_person(
            self._pool,
            person_id=person_id,
            sign_in_name=f"p{person_id.hex}",
            name="陈晓芸",
            kind=kind,
            shop_id=shop_id,
            role_id=role_id,
            now=now,
        )
        account = await load_account(self._pool, person_id)
        assert account
        issued = await issue_token(
            self._pool,
            account.principal,
            token_id=new_id(),
            name="bench",
            permissions=[p for p in account.principal.permissions if p.startswith("chat.")],
            life=timedelta(days=1),
            now=now,
        )
        return person_id, issued.secret

    async def enter(self, port: int, post: Post, rooms: int) -> list[Pair]:
        """Both screens of conversations in which nobody has said anything."""
        pairs: list[Pair] = []
        for _ in range(rooms):
            talk, buyer, agent = self.talks.pop()
            pairs.append(
                (
                    await Screen.open(port, buyer, talk, post.hear),
                    await Screen.open(port, agent, talk, post.hear),
                )
            )
        return pairs


async def enter_peer(port: int, post: Post, rooms: int) -> list[Pair]:
    pairs: list[Pair] = []
    for _ in range(rooms):
        room = f"r{new_id().hex}"
        first = await Occupant.open(port, room, "buyer", post.hear)
        pairs.append((first, await Occupant.open(port, room, "agent", post.hear)))
    return pairs


_MODES = {
    "chat_one_room": (1, closed_loop),
    "chat_fifty_rooms": (ROOMS, closed_loop),
    "chat_fifty_rooms_offered": (ROOMS, offered),
}


async def compare(town: Town, port: int, peer_port: int | None) -> None:
    """Every mode, both sides in turns, so that neither has the machine in a better mood."""
    sides = {"ours": lambda post, rooms: town.enter(port, post, rooms)}
    if peer_port is not None:
        sides["peer"] = lambda post, rooms: enter_peer(peer_port, post, rooms)
    for name, (rooms, load) in _MODES.items():
        rates: dict[str, list[float]] = {side: [] for side in sides}
        took: dict[str, list[float]] = {side: [] for side in sides}
        for _ in range(ROUNDS):
            for side, enter in sides.items():
                post = Post()
                pairs = await enter(post, rooms)
                rates[side].append(await load(post, pairs))
                took[side] += post.took
                for screen in (each for pair in pairs for each in pair):
                    screen.close()
        _report(name, rates, took)


def _report(name: str, rates: dict[str, list[float]], took: dict[str, list[float]]) -> None:
    found = {
        side: {
            "value": round(sum(rates[side]) / ROUNDS, 1),
            "p50_ms": round(percentile(took[side], 0.5), 2),
            "p99_ms": round(percentile(took[side], 0.99), 2),
        }
        for side in rates
    }
    ours = found["ours"]
    more: dict[str, object] = {"p50_ms": ours["p50_ms"], "p99_ms": ours["p99_ms"]}
    if peer := found.get("peer"):
        more |= {"peer": NAME, **{f"peer_{key}": value for key, value in peer.items()}}
        more["ratio"] = round(ours["value"] / peer["value"], 3)
    else:
        more |= {"peer": None, "why": f"ejabberd is not here: {HOW_TO_GET}"}
    say(name, ours["value"], "messages/s to two screens", **more)


async def idle(town: Town, port: int, pid: int) -> None:
    """Two screens for each conversation, all quiet; then some of them are not."""
    before = _pss_kb(pid)
    post = Post()
    start = time.perf_counter()
    pairs = await town.enter(port, post, IDLE // 2)
    connected = IDLE / (time.perf_counter() - start)
    await asyncio.sleep(2)
    cost = (_pss_kb(pid) - before) / IDLE
    await offered(post, pairs)
    say(
        "chat_idle_screens",
        cost,
        "kB a screen",
        screens=IDLE,
        process_mb=round(_pss_kb(pid) / 1024, 1),
        connected_per_s=round(connected),
        offered_per_s=OFFERED,
        p50_ms=round(percentile(post.took, 0.5), 2),
        p99_ms=round(percentile(post.took, 0.99), 2),
    )
    for screen in (each for pair in pairs for each in pair):
        screen.close()


def _pss_kb(pid: int) -> int:
    found = re.search(r"(?m)^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text())
    assert found
    return int(found[1])


def _web_pid() -> int:
    """The web process among the children of this one."""
    children = Path("/proc/self/task").glob("*/children")
    pids = [pid for file in children for pid in file.read_text().split()]
    return next(int(p) for p in pids if "uvicorn" in Path(f"/proc/{p}/cmdline").read_text())


async def measure(url: str) -> None:
    async with AsyncExitStack() as stack:
        async with installed(url) as pool:
            town = Town(pool, IDLE // 2 + 2 * ROUNDS * ROOMS + ROUNDS)
            await town.build()
            await pool.execute("VACUUM (ANALYZE)")
        peer_port = await stack.enter_async_context(ejabberd(url)) if is_here() else None
        with web(url) as port:
            await compare(town, port, peer_port)
        with web(url) as port:
            await idle(town, port, _web_pid())


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536), most))
    with database(by_network=True) as address:
        uvloop.run(measure(address))
