"""What changed, told to every open page of every process.

A message names what changed, never contents: whoever hears it asks again and sees what they may.
A name may carry a number, as in `talk:<id>#17`; followers of `talk:<id>` hear it.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Generator, Iterable
from contextvars import ContextVar
from datetime import datetime

import structlog

from gongdao.base.bus import TEXT_MAX, Bus, Line
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id

_log = structlog.get_logger()

#: Hears that a name changed, with the number told, or None when anything may have happened.
Heard = Callable[[int | None], None]
#: Told instead of names that could not be: everything may have changed.
EVERYTHING = "*"
#: So many names wait to be sent; past them everything may have changed.
OUTBOX_MAX = 10_000
#: A page that does not read loses messages beyond these, and refetches on the next one anyway.
QUEUE_MAX = 100
#: One listener, such as a person, may have this many pages open at once.
STREAMS_MAX = 30
STILL_SECONDS = 25.0
#: So many names are known with the instant at which they were told last.
TOLD_MAX = 10_000
#: After a lost line everybody asks again: so many names at once, and all of them once a second.
_HEAL_BATCH, _HEAL_PAUSE_SECONDS, _HEAL_EVERY_SECONDS = 100, 0.01, 1.0
_RECONNECT_SECONDS = 0.5
_FLUSH_SECONDS_MAX = 1.0

_changed: ContextVar[set[str] | None] = ContextVar("changed", default=None)


def changed(names: Iterable[str]) -> None:
    """Note, after a commit, what it changed; told once the request or the job is done."""
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


class Hub:
    """Tells this process's open pages what changed here and elsewhere, and others what changed."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._sender = f"@{new_id().hex}"
        self._followers: dict[str, dict[object, Heard]] = {}
        self._hearing: set[asyncio.Queue[str]] = set()
        self._streams: dict[str, int] = defaultdict(int)
        self._outbox: dict[str, None] = {}
        self._told: dict[str, datetime] = {}
        self._known_since = utc_now()
        self._news, self._sent, self._gap = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._sent.set()
        self._tasks: list[asyncio.Task[None]] = []
        self._closing = False

    async def start(self) -> None:
        """Begin to listen and to send."""
        self._tasks = [
            asyncio.create_task(self._carry(self._receive)),
            asyncio.create_task(self._heal()),
        ]

    async def start_telling(self) -> None:
        """Begin to send only: for a process that has no open pages."""
        self._tasks = [asyncio.create_task(self._carry(None))]

    async def stop(self) -> None:
        """Stop both; what waits is sent before, if it can be."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._sent.wait(), _FLUSH_SECONDS_MAX)
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
        told = dict.fromkeys(names)
        for name in told:
            self._hear(name)
        if told:
            self._post(told)

    def require_room(self, listener: str) -> None:
        """Refuse one stream more than a listener may have; an answer that began cannot say so."""
        if self._streams.get(listener, 0) >= STREAMS_MAX:
            raise Refusal("rate_limited", N_("Too many pages are open at once."))

    async def hear(
        self, name: str, *, listener: str, since: datetime | None = None
    ) -> AsyncIterator[str]:
        """The name whenever it changed, and an empty text now and then while it did not.

        Who says since when they look hears at once of what was told, or may have been, after that.
        """
        self.require_room(listener)
        queue: asyncio.Queue[str] = asyncio.Queue(maxsize=QUEUE_MAX)

        def heard(_number: int | None) -> None:
            with contextlib.suppress(asyncio.QueueFull):
                queue.put_nowait(name)

        unfollow = self.follow(name, heard)
        if since is not None and self._may_have_changed(name, since):
            heard(None)
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
        self._remember(name)
        for heard in tuple(self._followers.get(name, {}).values()):
            try:
                heard(int(number) if number.isdecimal() else None)
            except Exception:
                _log.exception("a follower failed", name=name)

    def _may_have_changed(self, name: str, since: datetime) -> bool:
        return max(self._told.get(name, self._known_since), self._known_since) >= since

    def _remember(self, name: str) -> None:
        self._told.pop(name, None)
        self._told[name] = utc_now()
        if len(self._told) > TOLD_MAX:
            self._known_since = self._told.pop(next(iter(self._told)))

    def _receive(self, text: str) -> None:
        sender, *names = text.split(" ")
        if sender == self._sender:
            return
        for name in names:
            if name == EVERYTHING:
                self._gap.set()
            else:
                self._hear(name)

    def _post(self, names: dict[str, None]) -> None:
        self._outbox.update(names)
        if len(self._outbox) > OUTBOX_MAX:
            self._outbox = {EVERYTHING: None}
        self._sent.clear()
        self._news.set()

    async def _carry(self, told: Callable[[str], None] | None) -> None:
        """Hold a line to the others; what was told while it was lost is told as everything."""
        said = ""
        while True:
            try:
                async with self._bus.connect(told) as line, asyncio.TaskGroup() as both:
                    said = ""
                    self._gap.set()
                    both.create_task(self._send(line))
                    both.create_task(line.until_lost())
            except* Exception as lost:
                # Whatever it was: pages that hear nothing any more would look as if all is quiet.
                reason = repr(lost.exceptions[0])
                if reason != said:
                    _log.warning("live line lost", reason=reason)
                said = reason
            self._post({EVERYTHING: None})
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _send(self, line: Line) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            names, self._outbox = self._outbox, {}
            for text in texts_of(names, sender=self._sender):
                await line.send(text)
            if not self._outbox:
                self._sent.set()

    async def _heal(self) -> None:
        """Whoever may have missed something asks again, a few at a time."""
        while True:
            await self._gap.wait()
            self._gap.clear()
            self._known_since = utc_now()
            names = list(self._followers)
            for i in range(0, len(names), _HEAL_BATCH):
                for name in names[i : i + _HEAL_BATCH]:
                    self._hear(name)
                await asyncio.sleep(_HEAL_PAUSE_SECONDS)
            await asyncio.sleep(_HEAL_EVERY_SECONDS)


def texts_of(names: Iterable[str], *, sender: str) -> Generator[str]:
    """Names between spaces after the sender's, in as many texts as they need."""
    words, size = [sender], len(sender)
    for name in [EVERYTHING] if EVERYTHING in names else names:
        if size + 1 + len(name) > TEXT_MAX:
            yield " ".join(words)
            words, size = [sender], len(sender)
        words.append(name)
        size += 1 + len(name)
    if len(words) > 1:
        yield " ".join(words)
