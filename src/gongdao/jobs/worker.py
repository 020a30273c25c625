"""The worker: a process that does, again and again, what is due without anybody asking."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from gongdao.base.clock import utc_now
from gongdao.base.config import read_config
from gongdao.base.db import Pool, open_pool

_log = structlog.get_logger()


class Periodic(NamedTuple):
    """A piece of work that is done every so often; `run` is told what time it is."""

    name: str
    every: timedelta
    run: Callable[[Pool, datetime], Awaitable[None]]


#: What the worker does. A job calls one function of a room or a flow.
PERIODIC: tuple[Periodic, ...] = ()


async def work(pool: Pool, stop: asyncio.Event, periodic: tuple[Periodic, ...] = PERIODIC) -> None:
    """Do the periodic work until told to stop; a round that began is finished."""
    async with asyncio.TaskGroup() as group:
        for piece in periodic:
            group.create_task(_repeat(piece, pool, stop))
        await stop.wait()


async def _repeat(piece: Periodic, pool: Pool, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await piece.run(pool, utc_now())
        except Exception:
            # The next round tries again; a worker that ended would stop the other work too.
            _log.exception("periodic work failed", name=piece.name)
        try:
            await asyncio.wait_for(stop.wait(), piece.every.total_seconds())
        except TimeoutError:
            continue


async def main() -> None:
    """Work for the configured database until SIGTERM or Ctrl-C."""
    url = read_config().database_url
    if url is None:
        raise SystemExit("The worker needs GONGDAO_DATABASE_URL; gongdao serve sets it.")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    pool = await open_pool(url, size=8, name="worker")
    await work(pool, stop)
    await pool.close()


if __name__ == "__main__":
    asyncio.run(main())
