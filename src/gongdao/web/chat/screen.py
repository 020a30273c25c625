"""One open socket: what waits to be sent to it, in order; whoever does not read is let go."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from uuid import UUID

from gongdao.accounts.principal import Principal

#: So many frames may wait for a screen; one that reads no more comes back and resumes.
WAITING_MAX = 2_000
#: And so many bytes: a few pages of the longest messages there are.
WAITING_BYTES_MAX = 16_000_000
#: So many conversations may a screen follow.
CONVERSATIONS_MAX = 300


class Screen:
    """A socket of a person, as the switchboard knows it."""

    def __init__(self, who: Principal) -> None:
        self.who = who
        self.open: dict[UUID, object] = {}
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._is_over = False

    def put(self, frame: bytes) -> None:
        """Send a frame as soon as those before it are sent."""
        if self._is_over:
            return
        self._waiting.append(frame)
        self._bytes += len(frame)
        if len(self._waiting) > WAITING_MAX or self._bytes > WAITING_BYTES_MAX:
            self.end()
        self._wake.set()

    def end(self) -> None:
        """Send nothing more."""
        self._is_over = True
        self._waiting.clear()
        self._wake.set()

    async def send_all(self, send: Callable[[str], Awaitable[None]]) -> None:
        """Send what waits, until it is over."""
        while not self._is_over:
            while self._waiting and not self._is_over:
                frame = self._waiting.popleft()
                await send(frame.decode())
                # What is on its way still lies in memory.
                self._bytes -= len(frame)
            if not self._is_over:
                self._wake.clear()
                if not self._waiting:
                    await self._wake.wait()
