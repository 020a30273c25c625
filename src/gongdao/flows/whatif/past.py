"""Where past cases come from: the database, a batch at a time, or a folder of scenario files."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import UUID

from gongdao.base.db import Connection, Pool
from gongdao.cases.chain import decode_body, decode_state
from gongdao.cases.events import Recorded
from gongdao.flows.run_story import run_story
from gongdao.flows.scenario import read_story
from gongdao.flows.whatif.compare import Compared, Past, compare
from gongdao.policy.load import load_pack
from gongdao.shops.rows import ORDER_WIDTH, order_columns, order_from_row

#: So many cases with their events are read, and judged, at a time.
BATCH = 500

_COUNT = "SELECT count(*) FROM (SELECT FROM cases WHERE opened_at >= $1 LIMIT $2) AS found"
_CASES = f"""
SELECT {order_columns("o")}, c.id AS case_id, c.number AS case_number, c.state, c.opened_at
  FROM cases c JOIN orders o ON o.id = c.order_id
 WHERE (c.opened_at, c.id) > ($1, $2) AND c.opened_at >= $3
 ORDER BY c.opened_at, c.id LIMIT $4
"""  # noqa: S608 - made of constants
_EVENTS = """
SELECT case_id, version, at, by, person_id, pack, body FROM case_events
 WHERE case_id = ANY ($1) ORDER BY case_id, version
"""
_FIRST = UUID(int=0)

#: A row of the cases, and its events, as other processes can be given them.
Raw = tuple[tuple[Any, ...], list[tuple[Any, ...]]]


async def count_past(pool: Pool, since: datetime, *, limit: int) -> int:
    """How many cases were opened since an instant, as far as they would be looked at."""
    return await pool.fetchval(_COUNT, since, limit)


async def compare_past(
    pool: Pool,
    pack: str,
    *,
    since: datetime,
    until: datetime,
    limit: int,
    workers: int,
    switches: dict[str, str] | None = None,
    told: Callable[[int], Awaitable[None]] | None = None,
) -> Compared:
    """Judge the cases opened since an instant again, on several cores.

    `told` hears how many have been judged. Raises UnknownPackError, or ValueError for switches.
    """
    set_here = switches or {}
    compared = Compared(pack=load_pack(pack).with_switches(set_here).name)
    loop = asyncio.get_running_loop()
    waiting: set[asyncio.Future[Compared]] = set()
    # A process of its own for each core: judging never waits, and holds the interpreter.
    # They begin anew, as a copy of this one would share its connections.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as processes:
        async for batch in _batches(pool, since, limit):
            if len(waiting) > workers:
                waiting = await _join(compared, waiting, told, asyncio.FIRST_COMPLETED)
            waiting.add(loop.run_in_executor(processes, _judge_batch, batch, pack, set_here, until))
        while waiting:
            waiting = await _join(compared, waiting, told, asyncio.ALL_COMPLETED)
    return compared


def past_of_stories(paths: Iterable[Path]) -> Iterator[Past]:
    """The cases of scenario files, judged first by their own packs. Raises WrittenError."""
    for path in paths:
        world = run_story(read_story(path, name=str(path))).world
        for name, case in world.cases.items():
            records = [e.record for e in world.timeline if e.case == name and e.record]
            label = path.stem if len(world.cases) == 1 else f"{path.stem} {name}"
            yield Past(case.id, label, case, world.order, records)


async def _join(
    compared: Compared,
    waiting: set[asyncio.Future[Compared]],
    told: Callable[[int], Awaitable[None]] | None,
    when: str,
) -> set[asyncio.Future[Compared]]:
    done, still = await asyncio.wait(waiting, return_when=when)
    for one in done:
        compared.join(one.result())
    if told:
        await told(compared.cases)
    return still


async def _batches(pool: Pool, since: datetime, limit: int) -> AsyncIterator[list[Raw]]:
    after, last, left = since, _FIRST, limit
    async with pool.acquire() as connection:
        while left > 0:
            rows = await connection.fetch(_CASES, after, last, since, min(BATCH, left))
            if not rows:
                return
            after, last, left = rows[-1]["opened_at"], rows[-1]["case_id"], left - len(rows)
            yield await _with_events(connection, [tuple(row) for row in rows])


async def _with_events(connection: Connection, rows: list[tuple[Any, ...]]) -> list[Raw]:
    found: dict[UUID, list[tuple[Any, ...]]] = {row[ORDER_WIDTH]: [] for row in rows}
    for event in await connection.fetch(_EVENTS, list(found)):
        found[event["case_id"]].append(tuple(event))
    return [(row, found[row[ORDER_WIDTH]]) for row in rows]


def _judge_batch(
    batch: list[Raw], pack: str, switches: dict[str, str], until: datetime
) -> Compared:
    """What a process of its own does."""
    judged_by = load_pack(pack).with_switches(switches)
    return compare((_past(row, events) for row, events in batch), judged_by, until=until)


def _past(row: tuple[Any, ...], events: list[tuple[Any, ...]]) -> Past:
    case_id, number, state = row[ORDER_WIDTH : ORDER_WIDTH + 3]
    records = [
        Recorded(
            version=version, at=at, by=by, person_id=person_id, pack=pack, body=decode_body(body)
        )
        for _, version, at, by, person_id, pack, body in events
    ]
    order: Any = order_from_row(row)  # pyright: ignore[reportArgumentType] - read by position only
    return Past(case_id, str(number), decode_state(state), order, records)
