"""Kill anything in the middle of conversations: nothing is lost, doubled, or out of order.

Two machines serve one database: the first runs PostgreSQL as its own child. Buyers and agents talk
through real sockets and come back by themselves, to whichever machine answers.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.conftest import Served, await_answer
from tests.laws.screens import Screen
from tests.nats import Nats, free_port, nats
from tests.stories.test_supervision import Product, children_of, product

from gongdao.accounts import own
from gongdao.accounts.staff import create_first_roles, create_person
from gongdao.accounts.store import load_account
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool, open_pool
from gongdao.base.embedded import running_url
from gongdao.base.ids import new_id
from gongdao.chat.message import ROOT, digest_of, link
from gongdao.chat.store import Opening, messages_after, open_conversation
from gongdao.shops.shop import Shop
from gongdao.shops.store import insert_shops

__all__ = ["nats", "product"]

BUYERS, AGENTS = 4, 2
#: Machines that start while others do come up within this, however little is left for them.
START_SECONDS = 120
#: So many messages are said at least.
SAID_MIN = 100
#: When nothing arrives anywhere for so long, something is stuck.
STILL_MAX = timedelta(seconds=60)


@dataclass
class Machines:
    """Where the product runs, and its database."""

    first: Product
    second: Served
    pool: Pool

    @property
    def urls(self) -> list[str]:
        return [f"ws://127.0.0.1:{self.first.port}", self.second.url.replace("http", "ws")]

    def kill_database(self) -> None:
        os.kill(self.first.members()["postgres"], signal.SIGKILL)

    def kill_first_web(self) -> None:
        os.kill(self.first.members()["web"], signal.SIGKILL)

    def kill_second_web(self) -> None:
        self._kill_of_second("uvicorn")

    def kill_workers(self) -> None:
        if worker := self.first.members().get("worker"):
            os.kill(worker, signal.SIGKILL)
        self._kill_of_second("gongdao.jobs.worker")

    def _kill_of_second(self, mark: str) -> None:
        for pid in children_of(self.second.process.pid):
            if mark in Path(f"/proc/{pid}/cmdline").read_text():
                os.kill(pid, signal.SIGKILL)


@asynccontextmanager
async def two_machines(product: Product) -> AsyncIterator[Machines]:
    starting = asyncio.create_task(asyncio.to_thread(product.start, START_SECONDS))
    while (url := running_url(product.home)) is None:
        assert not starting.done(), starting
        await asyncio.sleep(0.05)
    port = free_port()
    env = {"GONGDAO_DATABASE_URL": url, "GONGDAO_HOME": str(product.home), "PORT": str(port)}
    command = [sys.executable, "-m", "gongdao.cli.app", "serve"]
    process = subprocess.Popen(command, env=os.environ | env)
    second = Served(f"http://127.0.0.1:{port}", url, process)
    pool = await open_pool(url, size=4, name="test")
    try:
        await asyncio.to_thread(await_answer, second.url, second.process, START_SECONDS)
        await starting
        yield Machines(product, second, pool)
    finally:
        await pool.close()
        process.terminate()
        await asyncio.to_thread(process.wait, 30)


@dataclass
class Talks:
    """The screens of everybody: of each person two, and both follow the same conversations."""

    ids: list[str]
    buyers: list[list[Screen]]
    agents: list[list[Screen]]

    @property
    def screens(self) -> list[Screen]:
        return [screen for screens in (*self.buyers, *self.agents) for screen in screens]


async def settle(pool: Pool, urls: list[str]) -> Talks:
    """A shop, its agents, buyers who have each begun a conversation."""
    now, shop_id = utc_now(), new_id()
    async with pool.acquire() as connection:
        await insert_shops(connection, [Shop(id=shop_id, name="Lamps", opened_at=now)])
        roles = await create_first_roles(connection, shop_id=shop_id, now=now)
    talks: list[str] = []
    keys: list[str] = []
    for _ in range(BUYERS):
        buyer_id, key = await person(pool, "buyer")
        opening = Opening(id=new_id(), shop_id=shop_id, buyer_id=buyer_id)
        opened, _ = await open_conversation(pool, opening, now=now)
        talks.append(str(opened.id))
        keys.append(key)
    agents = [
        (await person(pool, "shop", shop_id=shop_id, role_id=roles["agent"]))[1]
        for _ in range(AGENTS)
    ]

    def two(key: str, followed: list[str]) -> list[Screen]:
        return [Screen(urls, key, followed), Screen(urls[::-1], key, followed)]

    return Talks(
        talks,
        [two(key, [talk]) for key, talk in zip(keys, talks, strict=True)],
        [two(key, talks) for key in agents],
    )


async def person(pool: Pool, kind: str, **more: Any) -> tuple[UUID, str]:
    """Somebody with a token."""
    person_id, now = new_id(), utc_now()
    who: Any = {"shop_id": None, "role_id": None} | more
    await create_person(
        pool,
        person_id=person_id,
        sign_in_name=f"p{person_id.hex}",
        name=kind,
        kind=kind,
        now=now,
        **who,
    )
    account = await load_account(pool, person_id)
    assert account
    issued = await own.issue_token(
        pool,
        account.principal,
        token_id=new_id(),
        name="test",
        permissions=[p for p in account.principal.permissions if p.startswith("chat.")],
        life=timedelta(days=1),
        now=now,
    )
    return person_id, issued.secret


#: What is said, by the number of the message; the number is its first word.
Wording = Callable[[int], str]


async def chatter(
    screens: list[Screen], talks: list[str], *, is_agent: bool, wording: Wording = str
) -> None:
    """Say something on one screen, then on the other, until cancelled."""
    number = 0
    while True:
        for screen in screens:
            for talk in talks:
                number += 1
                is_note = is_agent and number % 7 == 0
                await screen.say(
                    talk,
                    wording(number),
                    kind="note" if is_note else "text",
                    seen=is_agent and not is_note,
                )
                await asyncio.sleep(0.03)


async def talk_through(
    pool: Pool,
    talks: Talks,
    kills: list[tuple[float, Callable[[], object]]],
    *,
    wording: Wording = str,
) -> None:
    """Let everybody talk while this is killed, each so many seconds after the one before."""
    living = [asyncio.create_task(screen.live()) for screen in talks.screens]
    talking = [
        *(
            asyncio.create_task(chatter(screens, [talk], is_agent=False, wording=wording))
            for screens, talk in zip(talks.buyers, talks.ids, strict=True)
        ),
        *(
            asyncio.create_task(chatter(screens, talks.ids, is_agent=True, wording=wording))
            for screens in talks.agents
        ),
    ]
    for seconds, kill in kills:
        await asyncio.sleep(seconds)
        await asyncio.to_thread(kill)
    await asyncio.sleep(1)
    # However slowly the machines come back, there is something to check.
    async with asyncio.timeout(START_SECONDS):
        while sum(len(screen.acknowledged) for screen in talks.screens) <= SAID_MIN:
            await asyncio.sleep(0.05)
    await end(talking)
    try:
        await all_arrives(pool, talks, living)
    finally:
        await end(living)


async def all_arrives(pool: Pool, talks: Talks, living: list["asyncio.Task[None]"]) -> None:
    """Wait until every screen has everything; give up when nothing moves any more.

    How long a machine takes to come back is no promise, and differs with what else it has to do.
    """
    before, moved = -1, utc_now()
    while not (is_sent(talks) and await is_shown(pool, talks)):
        assert not any(task.done() for task in living), [t for t in living if t.done()]
        if (now_at := progress(talks)) != before:
            before, moved = now_at, utc_now()
        assert utc_now() - moved < STILL_MAX, standing(talks)
        await asyncio.sleep(0.05)


def progress(talks: Talks) -> int:
    """A number that grows with everything that comes about, in either direction."""
    return sum(
        len(screen.acknowledged) + len(screen.conflicts) + sum(screen.reached.values())
        for screen in talks.screens
    )


def standing(talks: Talks) -> list[tuple[int, int, dict[str, int]]]:
    """Of each screen: what it has still to send, how often its line was lost, where it is."""
    return [(len(screen.outbox), screen.lines_lost, screen.reached) for screen in talks.screens]


def is_sent(talks: Talks) -> bool:
    """Whether everything that was said is acknowledged, or refused."""
    return not any(screen.outbox for screen in talks.screens)


async def is_shown(pool: Pool, talks: Talks) -> bool:
    """Whether every screen is where the database is; buyers do not see notes."""
    rows = await pool.fetch(
        "SELECT conversation_id, max(seq) AS any, max(seq) FILTER (WHERE kind <> 'note') AS open"
        " FROM chat_messages GROUP BY 1"
    )
    ends = {str(row["conversation_id"]): row for row in rows}
    agents = [screen for screens in talks.agents for screen in screens]
    return all(
        screen.reached[talk] >= ends[talk]["any" if screen in agents else "open"]
        for screen in talks.screens
        for talk in screen.shown
    )


async def end(tasks: list["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(ended, asyncio.CancelledError), ended


async def check(pool: Pool, talks: Talks) -> int:
    """Every promise of a conversation, from the database and from every screen."""
    stored: dict[str, int] = {}
    for talk in talks.ids:
        rows = await all_of(pool, UUID(talk))
        assert [message.seq for message in rows] == list(range(1, len(rows) + 1))
        head = ROOT
        for message in rows:
            assert message.digest == digest_of(message)
            head = link(head, message.seq, message.at, message.digest)
            assert message.hash == head
        ends = await pool.fetchrow(
            "SELECT head, last_seq FROM chat_conversations WHERE id = $1", UUID(talk)
        )
        assert ends and tuple(ends) == (head, len(rows))
        stored |= {str(message.client_id): message.seq for message in rows}
        for screen in talks.screens:
            if talk in screen.shown:
                sees = any(screen in screens for screens in talks.agents)
                wanted = [(m.seq, str(m.client_id)) for m in rows if sees or m.kind != "note"]
                shown = [(line["seq"], line["client_id"]) for line in screen.shown[talk]]
                assert shown == wanted
    for screen in talks.screens:
        for client_id, seq in screen.acknowledged.items():
            assert stored[client_id] == seq, "what was acknowledged stands where it was said to"
        assert not screen.conflicts & stored.keys(), "what was refused is nowhere"
        assert_in_order(screen, stored)
    return len(stored)


async def all_of(pool: Pool, conversation_id: UUID) -> list[Any]:
    rows: list[Any] = []
    while page := await messages_after(pool, [(conversation_id, len(rows))]):
        rows += [row.message for row in page]
    return rows


def assert_in_order(screen: Screen, stored: dict[str, int]) -> None:
    """What one screen said in one conversation stands in the order in which it was said."""
    for talk in screen.shown:
        mine = [
            (line["seq"], int(line["body"]["text"].split()[0]))
            for line in screen.shown[talk]
            if line["client_id"] in screen.acknowledged
        ]
        assert [number for _, number in mine] == sorted(number for _, number in mine)


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGDAO_RATE_LIMIT", "off")
    # Many starts: what Python compiled for one of them serves the next.
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)


async def test_with_nats(product: Product, nats: Nats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGDAO_LIVE", nats.url)
    async with two_machines(product) as machines:
        talks = await settle(machines.pool, machines.urls)
        kills = [
            (1.0, nats.kill),
            (0.5, machines.kill_first_web),
            (0.5, nats.start),
            (1.5, machines.kill_second_web),
            (2.0, machines.kill_database),
            (1.0, nats.kill),
            (0.2, nats.start),
        ]
        await talk_through(machines.pool, talks, kills)
        assert await check(machines.pool, talks) > SAID_MIN


async def test_with_the_notifications_of_the_database(product: Product) -> None:
    async with two_machines(product) as machines:
        talks = await settle(machines.pool, machines.urls)
        kills = [
            (1.0, machines.kill_first_web),
            (1.5, machines.kill_database),
            (3.0, machines.kill_second_web),
        ]
        await talk_through(machines.pool, talks, kills)
        assert await check(machines.pool, talks) > SAID_MIN
