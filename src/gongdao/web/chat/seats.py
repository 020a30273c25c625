"""Which agents have a screen open in this process: as long as one stands, they are there."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from uuid import UUID

import structlog

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.live import Hub, gather_changes
from gongdao.flows.talk.presence import keep_alive

_log = structlog.get_logger()

#: Well under what the rules of a desk take for silence.
BEAT_SECONDS = 8.0


class Seats:
    """Counts the open screens of agents, and says now and then that they are there.

    It is the server that says so: a browser lets the clocks of a page that nobody looks at sleep.
    A line that is dead is closed by the web server's own pings.
    """

    def __init__(self, pool: Pool, hub: Hub) -> None:
        self._pool = pool
        self._hub = hub
        self._screens: Counter[UUID] = Counter()
        self._came = asyncio.Event()
        self._beating: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to say so."""
        self._beating = asyncio.create_task(self._beat())

    async def stop(self) -> None:
        """Say nothing more."""
        if self._beating:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)

    def sit(self, agent_id: UUID) -> Callable[[], None]:
        """A screen of an agent is open until what is returned is called."""
        self._screens[agent_id] += 1
        self._came.set()

        def rise() -> None:
            self._screens[agent_id] -= 1
            if self._screens[agent_id] <= 0:
                del self._screens[agent_id]

        return rise

    async def _beat(self) -> None:
        while True:
            # Whoever comes back is there at once.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._came.wait(), BEAT_SECONDS)
            self._came.clear()
            try:
                with gather_changes() as names:
                    await keep_alive(self._pool, list(self._screens), now=utc_now())
                self._hub.tell(names)
            except Exception as error:
                _log.warning("chat: cannot say who is there", error=str(error))
                await asyncio.sleep(0.5)
