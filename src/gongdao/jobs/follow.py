"""Followers read the log of cases and do their own work with it, each exactly once.

What a follower writes and its cursor are one transaction: a worker that dies in between has done
neither. So a follower writes through the connection that it is given, and to nothing else; what is
to go out into the world it writes down for a queue.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from gongdao.base.db import Connection, Pool
from gongdao.base.weather import is_weather
from gongdao.cases.log import BATCH, Deed, has_news, read_log
from gongdao.jobs import store

_log = structlog.get_logger()

#: How many batches one call reads at most; the next call goes on.
ROUNDS_MAX = 200
#: How long a follower waits after the first failure and after the second; the third is the last.
WAITS = (timedelta(seconds=2), timedelta(seconds=20))
FAILURES_MAX = len(WAITS) + 1


class Follower(NamedTuple):
    """Somebody who reads the log: a name for ever, and what they do with a batch of it."""

    name: str
    work: Callable[[Connection, Sequence[Deed], datetime], Awaitable[None]]
    batch: int = BATCH
    """How many events one transaction reads at most."""


async def follow(pool: Pool, follower: Follower, now: datetime) -> int:
    """Let a follower read what is new. Returns how much.

    Raises when the database is out of order; the cursor then stays, and the next call tries again.
    """
    read = 0
    for _ in range(ROUNDS_MAX):
        turn = await _take_turn(pool, follower, now)
        if turn == 0:
            break
        read += turn
    return read


async def _take_turn(pool: Pool, follower: Follower, now: datetime) -> int:
    """Read one batch in one transaction; 0 where nothing is new or it is not our turn."""
    async with pool.acquire() as connection:
        # Looking takes no lock and writes nothing: a quiet second costs two reads.
        seen = await store.look_at_cursor(connection, follower.name, now=now)
        if seen is None or not await has_news(connection, seen.place):
            return 0
        async with connection.transaction():
            cursor = await store.take_cursor(connection, follower.name, now=now)
            if cursor is None:
                return 0
            deeds = await read_log(connection, cursor.place, limit=follower.batch)
            if not deeds:
                return 0
            if await _try(connection, follower, deeds, now) is None:
                await store.advance(connection, follower.name, deeds[-1].end)
                return len(deeds)
            return await _go_singly(connection, follower, deeds, cursor.failures, now)


async def _go_singly(
    connection: Connection, follower: Follower, deeds: list[Deed], failures: int, now: datetime
) -> int:
    """Read one deed at a time, to find the one that fails, up to where one has to be waited for."""
    for n, deed in enumerate(deeds):
        error = await _try(connection, follower, [deed], now)
        if error is not None:
            failures += 1
            _complain(follower, deed, error, failures)
            if failures < FAILURES_MAX:
                until = now + WAITS[failures - 1]
                await store.back_off(connection, follower.name, failures=failures, until=until)
                return n
            reason = f"{type(error).__name__}: {error}"
            await store.set_aside(connection, follower.name, deed, reason=reason, now=now)
        await store.advance(connection, follower.name, deed.end)
        failures = 0
    return len(deeds)


async def _try(
    connection: Connection, follower: Follower, deeds: list[Deed], now: datetime
) -> Exception | None:
    """Do the work, or nothing of it; returns why not."""
    try:
        async with connection.transaction():
            await follower.work(connection, deeds, now)
    except Exception as error:
        if is_weather(error):
            raise
        return error
    return None


def _complain(follower: Follower, deed: Deed, error: Exception, failures: int) -> None:
    _log.error(
        "follower failed" if failures < FAILURES_MAX else "follower set a deed aside",
        follower=follower.name,
        case=str(deed.case_id),
        version=deed.first_version,
        failures=failures,
        exc_info=error,
    )
