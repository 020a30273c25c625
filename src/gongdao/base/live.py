"""What changed, told to every open page: through PostgreSQL, one listening connection a process.

A message names what changed, never contents: whoever hears it asks again and sees what they may.
A name may carry a number, as in `talk:<id>#17`; followers of `talk:<id>` hear it.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Generator, Iterable
from contextvars import ContextVar

import asyncpg
import structlog

from gongdao.base.db import Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id

_log = structlog.get_logger()

#: Hears that a name changed, with the number told, or None when anything may have happened.
Heard = Callable[[int | None], None]
#: The channel of PostgreSQL; payloads stay under its 8,000 bytes.
CHANNEL = "gongdao_live"
PAYLOAD_MAX = 7_500
#: A page that does not read loses messages beyond these, and refetches on the next one anyway.
QUEUE_MAX = 100
#: One listener, such as a person, may have this many pages open at once.
STREAMS_MAX = 30
STILL_SECONDS = 25.0

_changed: ContextVar[set[str] | None] = ContextVar("changed", default=None)


def changed(names: Iterable[str]) -> None:
    """Note, after a commit, what it changed; told once the request is answered."""
    gathered = _changed.get()
    if gathered is not None:
        gathered.update(names)


@contextlib.contextmanager
def gather_changes() -> Generator[set[str]]:
    """Collect what is noted within, for whoever tells it afterwards."""
    gathered: set[str] = set()
    token = _changed.set(gathered)
    try:
        yield gathered
    finally:
        _changed.reset(token)


async def notify(database: Queryable, names: Iterable[str], *, sender: str = "") -> None:
    """Tell every process that these have changed; the one that says it is the sender skips it."""
    for payload in _payloads(names, sender):
        await database.execute("SELECT pg_notify($1, $2)", CHANNEL, payload)


def _payloads(names: Iterable[str], sender: str) -> Generator[str]:
    """Names between spaces, each once, after the sender's sign."""
    words, size = [f"@{sender}"], len(sender) + 1
    for name in dict.fromkeys(names):
        if size + 1 + len(name) > PAYLOAD_MAX:
            yield " ".join(words)
            words, size = words[:1], len(words[0])
        words.append(name)
        size += 1 + len(name)
    if len(words) > 1:
        yield " ".join(words)


class Hub:
    """Tells this process's open pages what changed here and elsewhere."""

    def __init__(self, pool: Queryable, url: str) -> None:
        self._pool = pool
        self._url = url
        self._sender = new_id().hex
        self._followers: dict[str, dict[object, Heard]] = {}
        self._hearing: set[asyncio.Queue[str]] = set()
        self._streams: dict[str, int] = defaultdict(int)
        self._outbox: asyncio.Queue[str] = asyncio.Queue(maxsize=10_000)
        self._tasks: list[asyncio.Task[None]] = []
        self._closing = False

    async def start(self) -> None:
        """Begin to listen and to send."""
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._send())]

    async def stop(self) -> None:
        """Stop both."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def close(self) -> None:
        """Let every open stream end, so that a server that stops waits for nobody."""
        self._closing = True
        for queue in self._hearing:
            with contextlib.suppress(asyncio.QueueFull):
                queue.put_nowait("")

    def follow(self, name: str, heard: Heard) -> Callable[[], None]:
        """Call `heard` whenever the name is told, here or elsewhere; what is returned ends it."""
        key = object()
        self._followers.setdefault(name, {})[key] = heard

        def unfollow() -> None:
            followers = self._followers.get(name)
            if followers is not None and followers.pop(key, None) and not followers:
                del self._followers[name]

        return unfollow

    def tell(self, names: Iterable[str]) -> None:
        """Say that these have changed: here at once, elsewhere as soon as it is sent."""
        for name in dict.fromkeys(names):
            self._hear(name)
            with contextlib.suppress(asyncio.QueueFull):
                self._outbox.put_nowait(name)

    def require_room(self, listener: str) -> None:
        """Refuse one stream more than a listener may have; an answer that began cannot say so."""
        if self._streams.get(listener, 0) >= STREAMS_MAX:
            raise Refusal("rate_limited", N_("Too many pages are open at once."))

    async def hear(self, name: str, *, listener: str) -> AsyncIterator[str]:
        """The name whenever it changed, and an empty text now and then while it did not."""
        self.require_room(listener)
        queue: asyncio.Queue[str] = asyncio.Queue(maxsize=QUEUE_MAX)

        def heard(_number: int | None) -> None:
            with contextlib.suppress(asyncio.QueueFull):
                queue.put_nowait(name)

        unfollow = self.follow(name, heard)
        self._streams[listener] += 1
        self._hearing.add(queue)
        try:
            while not self._closing:
                try:
                    yield await asyncio.wait_for(queue.get(), STILL_SECONDS)
                except TimeoutError:
                    yield ""
        finally:
            unfollow()
            self._hearing.discard(queue)
            self._streams[listener] -= 1
            if not self._streams[listener]:
                del self._streams[listener]

    def _hear(self, told: str) -> None:
        """Call everybody who follows what is told; who fails does not keep it from the others."""
        name, _, number = told.partition("#")
        for heard in tuple(self._followers.get(name, {}).values()):
            try:
                heard(int(number) if number.isdecimal() else None)
            except Exception:
                _log.exception("a follower failed", name=name)

    def _receive(self, payload: str) -> None:
        sender, *names = payload.split(" ")
        if sender != f"@{self._sender}":
            for name in names:
                self._hear(name)

    async def _send(self) -> None:
        while True:
            names = [await self._outbox.get()]
            while not self._outbox.empty():
                names.append(self._outbox.get_nowait())
            try:
                await notify(self._pool, names, sender=self._sender)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                _log.warning("live message lost", error=str(error))

    async def _listen(self) -> None:
        """A connection of its own; when it is lost, it comes back by itself."""
        while True:
            try:
                await self._listen_until_lost()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                _log.warning("live listener lost", error=str(error))
            await asyncio.sleep(1)

    async def _listen_until_lost(self) -> None:
        connection = await asyncpg.connect(
            self._url, server_settings={"application_name": "gongdao live"}
        )
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _connection: lost.set())
        try:
            await connection.add_listener(
                CHANNEL, lambda _c, _pid, _channel, payload: self._receive(str(payload))
            )
            await lost.wait()
        finally:
            connection.terminate()
