"""Every follower reads every committed event exactly once and in its order, whoever is late."""

import asyncio
import os
import random
import re
import signal
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gongdao.base.db import Connection, Pool, Queryable
from gongdao.base.ids import new_id
from gongdao.cases import log
from gongdao.cases.log import Deed
from gongdao.jobs.follow import FAILURES_MAX, WAITS, Follower, follow

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
INSERT = """
INSERT INTO case_events (case_id, version, type, at, by, pack, body, hash)
SELECT $1, v, 'noted', $2, 'buyer', 'taobao-classic@1', '{"type": "noted", "text": "-"}', ''
FROM generate_series($3::integer, $4::integer) AS v
"""
WORKERS = 2


async def read_into_table(connection: Connection, deeds: Sequence[Deed], now: datetime) -> None:
    """The work of this test's followers: what was read is written down, in its order."""
    rows = [(deed.case_id, record.version) for deed in deeds for record in deed.records]
    await connection.executemany("INSERT INTO seen (case_id, version) VALUES ($1, $2)", rows)


READER = Follower("reader", read_into_table)


@pytest.fixture
async def seen(pool: Pool) -> Pool:
    """A database in which followers of this test write down what they read."""
    await pool.execute(
        "CREATE TABLE seen (n bigint GENERATED ALWAYS AS IDENTITY, case_id uuid, version integer)"
    )
    return pool


async def add(
    connection: Queryable, case_id: UUID, first: int = 1, last: int | None = None
) -> None:
    await connection.execute(INSERT, case_id, NOW, first, last or first)


async def read_all(pool: Pool, follower: Follower = READER, now: datetime = NOW) -> None:
    """Follow until everything is read; another database's transaction may be in the way a while."""
    left = "SELECT EXISTS (SELECT FROM case_events e, followers f WHERE f.name = $1"
    for _ in range(500):
        await follow(pool, follower, now)
        if not await pool.fetchval(
            f"{left} AND (e.xid, e.position) > (f.xid, f.position))", follower.name
        ):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the log is not read to its end")


async def read_so_far(pool: Pool) -> list[tuple[UUID, int]]:
    rows = await pool.fetch("SELECT case_id, version FROM seen ORDER BY n")
    return [(row["case_id"], row["version"]) for row in rows]


async def assert_all_read_once(pool: Pool) -> None:
    got = await read_so_far(pool)
    rows = await pool.fetch("SELECT case_id, version FROM case_events")
    assert len(got) == len(set(got)), "something was read twice"
    assert set(got) == {(row["case_id"], row["version"]) for row in rows}, "something was lost"
    versions: dict[UUID, list[int]] = defaultdict(list)
    for case_id, version in got:
        versions[case_id].append(version)
    assert all(of_case == sorted(of_case) for of_case in versions.values()), "out of order"


#: What four writers and the follower may do, in any order: begin, add, end, roll back, read.
STEPS = st.lists(
    st.tuples(st.sampled_from(["begin", "add", "commit", "roll_back", "read"]), st.integers(0, 3)),
    max_size=40,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(steps=STEPS, batch=st.integers(1, 4))
async def test_a_late_commit_is_never_skipped(
    seen: Pool, steps: list[tuple[str, int]], batch: int
) -> None:
    reader = READER._replace(batch=batch)
    writers = [Writer(await seen.acquire()) for _ in range(4)]
    for step, n in steps:
        if step == "read":
            await follow(seen, reader, NOW)
        else:
            await getattr(writers[n], step)()
    for writer in writers:
        await writer.commit()
        await seen.release(writer.connection)
    await read_all(seen, reader)
    await assert_all_read_once(seen)


class Writer:
    """A connection that writes a case's events in transactions of its own making."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.case_id, self.version = new_id(), 0
        self.transaction: Any = None

    async def begin(self) -> None:
        if self.transaction is None:
            self.transaction = self.connection.transaction()
            await self.transaction.start()

    async def add(self) -> None:
        await add(self.connection, self.case_id, self.version + 1)
        self.version += 1

    async def commit(self) -> None:
        if self.transaction is not None:
            await self.transaction.commit()
            self.transaction = None

    async def roll_back(self) -> None:
        if self.transaction is not None:
            await self.transaction.rollback()
            self.transaction = None
            # What was rolled back is written again under another case: versions have no holes.
            self.case_id, self.version = new_id(), 0


async def test_many_writers_with_late_commits_and_two_workers(seen: Pool) -> None:
    done = asyncio.Event()

    async def write(seed: int) -> None:
        chance, case_id, version = random.Random(seed), new_id(), 0
        for _ in range(25):
            async with seen.acquire() as connection:
                transaction = connection.transaction()
                await transaction.start()
                many = chance.randint(1, 5)
                await add(connection, case_id, version + 1, version + many)
                await asyncio.sleep(chance.choice([0, 0, 0.002, 0.03]))
                if chance.random() < 0.2:
                    await transaction.rollback()
                else:
                    await transaction.commit()
                    version += many

    async def work() -> None:
        while not done.is_set():
            await follow(seen, READER, NOW)
            await asyncio.sleep(0)

    workers = [asyncio.create_task(work()) for _ in range(WORKERS)]
    await asyncio.gather(*(write(seed) for seed in range(6)))
    done.set()
    await asyncio.gather(*workers)
    await read_all(seen)
    await assert_all_read_once(seen)
    assert len(await read_so_far(seen)) > 200


async def test_two_workers_take_turns(seen: Pool) -> None:
    at_work, go_on = asyncio.Event(), asyncio.Event()

    async def wait_and_read(connection: Connection, deeds: Sequence[Deed], now: datetime) -> None:
        at_work.set()
        await go_on.wait()
        await read_into_table(connection, deeds, now)

    await follow(seen, READER, NOW)
    await add(seen, new_id(), 1, 3)
    while not await log.has_news(seen, log.Place()):
        await asyncio.sleep(0.01)
    slow = asyncio.create_task(follow(seen, Follower("reader", wait_and_read), NOW))
    await at_work.wait()
    assert await follow(seen, READER, NOW) == 0
    go_on.set()
    assert await slow == 1
    await assert_all_read_once(seen)


async def test_a_deed_is_never_cut_in_two(seen: Pool) -> None:
    for _ in range(5):
        await add(seen, new_id(), 1, 3)
    sizes: list[list[int]] = []

    async def note_sizes(_c: Connection, deeds: Sequence[Deed], _now: datetime) -> None:
        sizes.append([len(deed.rows) for deed in deeds])

    await read_all(seen, Follower("sizes", note_sizes, batch=7))
    assert sizes == [[3, 3], [3, 3], [3]]


KILLED = """
import asyncio, os, signal, sys
from gongdao.base.clock import utc_now
from gongdao.base.db import open_pool
from gongdao.jobs import follow

async def work(connection, deeds, now):
    for deed in deeds:
        await connection.execute(
            "INSERT INTO seen (case_id, version) VALUES ($1, $2)", deed.case_id, deed.last_version)
    if sys.argv[2] == "before": os.kill(os.getpid(), signal.SIGKILL)

async def main():
    pool = await open_pool(sys.argv[1], size=2)
    advance = follow.store.advance
    async def advance_and_die(*arguments):
        await advance(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)
    follow.store.advance = advance_and_die
    await follow.follow(pool, follow.Follower("reader", work), utc_now())

asyncio.run(main())
"""


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_worker_killed_between_work_and_commit_has_done_nothing(
    seen: Pool, database_url: str, moment: str
) -> None:
    """Killed before the cursor is written, and after it."""
    await follow(seen, READER, NOW)
    await add(seen, new_id())
    while not await log.has_news(seen, log.Place()):
        await asyncio.sleep(0.01)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, database_url, moment, env=dict(os.environ)
    )
    assert await process.wait() == -signal.SIGKILL
    assert await read_so_far(seen) == []
    await read_all(seen)
    await assert_all_read_once(seen)


async def test_a_poisoned_event_is_set_aside_and_the_rest_goes_on(seen: Pool) -> None:
    cases = [new_id() for _ in range(3)]
    for case_id in cases:
        await add(seen, case_id, 1, 2)
    poison = cases[1]
    tried = 0

    async def choke(connection: Connection, deeds: Sequence[Deed], now: datetime) -> None:
        nonlocal tried
        await read_into_table(connection, deeds, now)
        if any(deed.case_id == poison for deed in deeds):
            tried += len(deeds) == 1
            raise ValueError("this cannot be read")

    follower, now = Follower("choking", choke), NOW
    for n in range(FAILURES_MAX):
        await _follow_past(seen, follower, now, reads=n == 0)
        # Until its wait is over it is left alone.
        if n < len(WAITS):
            assert await follow(seen, follower, now + WAITS[n] - timedelta(microseconds=1)) == 0
            assert [case_id for case_id, _ in await read_so_far(seen)] == [cases[0]] * 2
            now += WAITS[n]
    assert tried == FAILURES_MAX
    assert [case_id for case_id, _ in await read_so_far(seen)] == [cases[0]] * 2 + [cases[2]] * 2
    aside = await seen.fetch("SELECT * FROM deeds_set_aside")
    assert [(row["follower"], row["case_id"], row["reason"]) for row in aside] == [
        ("choking", poison, "ValueError: this cannot be read")
    ]
    assert (aside[0]["first_version"], aside[0]["last_version"]) == (1, 2)
    cursor = await seen.fetchrow("SELECT * FROM followers WHERE name = 'choking'")
    assert cursor and (cursor["failures"], cursor["wait_until"]) == (0, None)


async def _follow_past(pool: Pool, follower: Follower, now: datetime, *, reads: bool) -> None:
    """The first time, wait until nobody's transaction is in the way."""
    for _ in range(500 if reads else 1):
        if await follow(pool, follower, now) or not reads:
            return
        await asyncio.sleep(0.01)


async def test_an_event_that_no_version_can_decode_is_set_aside(seen: Pool) -> None:
    await seen.execute(INSERT.replace('"noted", "text": "-"', '"unheard_of"'), new_id(), NOW, 1, 1)
    good = new_id()
    await add(seen, good)
    now = NOW
    for wait in (*WAITS, timedelta()):
        await _follow_past(seen, READER, now, reads=False)
        now += wait + timedelta(minutes=1)
    await read_all(seen, now=now)
    assert await read_so_far(seen) == [(good, 1)]
    assert await seen.fetchval("SELECT count(*) FROM deeds_set_aside") == 1


async def test_trouble_of_the_server_counts_for_nothing(seen: Pool) -> None:
    await add(seen, new_id())
    stormy = True

    async def sail(connection: Connection, deeds: Sequence[Deed], now: datetime) -> None:
        if stormy:
            raise asyncpg.DeadlockDetectedError("deadlock detected")
        await read_into_table(connection, deeds, now)

    while not await log.has_news(seen, log.Place()):
        await asyncio.sleep(0.01)
    for _ in range(2 * FAILURES_MAX):
        with pytest.raises(asyncpg.DeadlockDetectedError):
            await follow(seen, Follower("reader", sail), NOW)
    stormy = False
    await read_all(seen, Follower("reader", sail))
    await assert_all_read_once(seen)
    assert await seen.fetchval("SELECT count(*) FROM deeds_set_aside") == 0


async def test_a_log_that_was_restored_elsewhere_goes_on_where_it_was(seen: Pool) -> None:
    """By the statements of docs/how-to/add-a-follower.md."""
    ahead = "xid = (xid::text::bigint + 9000000000000)::text::xid8"
    text = (Path(__file__).parents[2] / "docs/how-to/add-a-follower.md").read_text("utf-8")
    (numbered_anew,) = re.findall(r"```sql\n(.*?)```", text, re.S)
    case_id = new_id()
    behind = Follower("behind", _read_nothing)
    await add(seen, new_id(), 1, 2)
    await read_all(seen, behind)
    await add(seen, case_id, 1, 2)
    await read_all(seen)
    await add(seen, case_id, 3)
    await seen.execute("ALTER TABLE case_events DISABLE TRIGGER ALL")
    await seen.execute(f"UPDATE case_events SET {ahead}")
    await seen.execute(f"UPDATE followers SET {ahead}")
    with pytest.raises(RuntimeError, match="restored elsewhere"):
        await follow(seen, READER, NOW)
    await seen.execute(numbered_anew)
    await add(seen, case_id, 4)
    await read_all(seen)
    await assert_all_read_once(seen)
    versions: list[int] = []

    async def note(_connection: Connection, deeds: Sequence[Deed], _now: datetime) -> None:
        versions.extend(record.version for deed in deeds for record in deed.records)

    await read_all(seen, Follower("behind", note))
    assert versions == [1, 2, 3, 4]


async def _read_nothing(_connection: Connection, _deeds: Sequence[Deed], _now: datetime) -> None:
    return
