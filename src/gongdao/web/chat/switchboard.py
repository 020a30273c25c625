"""Who of this process's screens follows which conversation, and what each has been sent.

A screen is sent every message of a conversation once and in order, whatever way the news came:
each follower has the number that it was sent last, and what follows on it is read from the database
until it has caught up. So lost, doubled and overtaking news do no harm. What this process has just
stored is passed on without reading it back.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import structlog

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import Hub
from gongdao.chat.message import Message, Side
from gongdao.chat.routing.store import places_in_queue
from gongdao.chat.store import PAGE_MAX, Seen, load_conversations, marks_of, messages_after
from gongdao.flows.guard.access import HEARD_BY
from gongdao.flows.talk.see_talk import (
    Name,
    lines_for,
    names_of,
    standing_of,
)
from gongdao.web.chat.screen import Screen
from gongdao.web.chat.seats import Seats

_log = structlog.get_logger()

#: Conversations that are looked at in one statement, and how long a name is believed.
COMPANY_MAX, NAMES_SECONDS = 64, 60.0
#: A burst of changes in a shop's list is one message.
DESK_SECONDS = 0.3
#: How `typing:` tells who types.
TYPISTS: dict[int, Side] = {1: "buyer", 2: "shop", 3: "platform"}

_encode = msgspec.json.Encoder().encode


class Follower(msgspec.Struct):
    """A screen that follows a conversation, and the number it was sent last."""

    side: Side
    sent: int


class Watch:
    """A conversation that screens of this process follow."""

    def __init__(self, conversation_id: UUID, shop_id: UUID) -> None:
        self.id = conversation_id
        self.shop_id = shop_id
        self.latest: int | None = None
        """The newest number told; None: there may be more than is known."""
        self.news = 0
        """How often something was told, so that what comes during a reading is not overlooked."""
        self.followers: dict[Screen, Follower] = {}
        self.unfollow: list[Callable[[], None]] = []

    def behind(self) -> int | None:
        """The lowest number that somebody was sent last, where somebody may lack messages."""
        lowest = min((each.sent for each in self.followers.values()), default=None)
        if lowest is None or (self.latest is not None and lowest >= self.latest):
            return None
        return lowest


class Shop:
    """A shop whose conversations screens of this process follow."""

    def __init__(self, queue: set[UUID], unfollow: Callable[[], None]) -> None:
        self.queue = queue
        """Those that wait: every change of the shop's queue is one of their own."""
        self.unfollow = unfollow
        self.watches = 0


class Switchboard:
    """Passes on what is said, to the screens that may see it."""

    def __init__(self, pool: Pool, hub: Hub) -> None:
        self._pool = pool
        self._hub = hub
        self.seats = Seats(pool, hub)
        self._screens: Counter[UUID] = Counter()
        self._watches: dict[UUID, Watch] = {}
        self._shops: dict[UUID, Shop] = {}
        self._names: dict[UUID, Name] = {}
        self._names_at = time.monotonic()
        self._behind: dict[UUID, None] = {}
        self._moved: dict[UUID, None] = {}
        self._wake = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to pass on."""
        self._pump = asyncio.create_task(self._pass_on())
        self.seats.start()

    async def stop(self) -> None:
        """Stop; the screens have been closed before."""
        await self.seats.stop()
        if self._pump:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)

    # Who is there, and follows what

    def enter(self, person_id: UUID, *, most: int) -> Callable[[], None]:
        """A screen of somebody is there until what is returned is called.

        Raises Refusal rate_limited where they have as many as one may have.
        """
        if self._screens[person_id] >= most:
            raise Refusal("rate_limited", N_("Too many windows are open at once."))
        self._screens[person_id] += 1

        def leave() -> None:
            self._screens[person_id] -= 1
            if not self._screens[person_id]:
                del self._screens[person_id]

        return leave

    def join(
        self, screen: Screen, conversation_id: UUID, *, shop_id: UUID, side: Side, after: int
    ) -> None:
        """Let a screen follow a conversation from a number on; it is told how it stands, too."""
        watch = self._watches.get(conversation_id)
        if watch is None:
            watch = self._watches[conversation_id] = Watch(conversation_id, shop_id)
            self._listen(watch)
        watch.followers[screen] = Follower(side=side, sent=max(after, 0))
        self._told(watch, None)
        self._look_at_standing(conversation_id)

    def leave(self, screen: Screen, conversation_id: UUID) -> None:
        """Let a screen follow it no more."""
        watch = self._watches.get(conversation_id)
        if watch is None or watch.followers.pop(screen, None) is None or watch.followers:
            return
        del self._watches[conversation_id]
        for unfollow in watch.unfollow:
            unfollow()
        shop = self._shops[watch.shop_id]
        shop.watches -= 1
        shop.queue.discard(conversation_id)
        if not shop.watches:
            shop.unfollow()
            del self._shops[watch.shop_id]

    def _listen(self, watch: Watch) -> None:
        follow, of = self._hub.follow, watch.id
        watch.unfollow = [
            follow(f"talk:{of}", lambda number: self._told(watch, number)),
            follow(f"marks:{of}", lambda _: self._look_at_standing(of)),
            follow(f"state:{of}", lambda _: self._look_at_standing(of)),
            follow(f"typing:{of}", lambda number: self._typing(watch, number)),
            follow(f"guard:{of}", lambda sides: self._guarded(watch, sides)),
        ]
        shop = self._shops.get(watch.shop_id)
        if shop is None:
            queue: set[UUID] = set()
            shop = self._shops[watch.shop_id] = Shop(
                queue, follow(f"desk:{watch.shop_id}", lambda _: self._queue_moved(queue))
            )
        shop.watches += 1

    # What is heard

    def _told(self, watch: Watch, number: int | None) -> None:
        watch.news += 1
        if number is None or watch.latest is None:
            watch.latest = None
        else:
            watch.latest = max(watch.latest, number)
        if watch.behind() is not None:
            self._look(watch.id)

    def _typing(self, watch: Watch, number: int | None) -> None:
        author = TYPISTS.get(number or 0)
        frame = _encode({"op": "typing", "conversation": watch.id, "author": author})
        for screen, follower in watch.followers.items():
            if author and follower.side != author:
                screen.put(frame)

    def _guarded(self, watch: Watch, sides: int | None) -> None:
        """The guard has something to say; whoever may know asks, the others hear nothing of it."""
        frame = _encode({"op": "guard", "conversation": watch.id})
        for screen, follower in watch.followers.items():
            if sides is None or sides & HEARD_BY[follower.side]:
                screen.put(frame)

    def _queue_moved(self, queue: set[UUID]) -> None:
        for conversation_id in queue:
            self._look_at_standing(conversation_id)

    def offer(self, message: Message) -> None:
        """Pass on what has just been stored here, where it is the next one for a follower."""
        watch = self._watches.get(message.conversation_id)
        if watch is None or (message.author_id and message.author_id not in self._names):
            return
        one = Seen(message=message, recalled=False)
        frames: dict[Side, bytes] = {}
        for screen, follower in watch.followers.items():
            if follower.sent != message.seq - 1:
                continue
            follower.sent = message.seq
            frame = frames.get(follower.side)
            if frame is None:
                lines = lines_for(follower.side, [one], self._names)
                frame = frames[follower.side] = _messages(watch.id, lines, message.seq)
            screen.put(frame)

    def _look(self, conversation_id: UUID) -> None:
        self._behind[conversation_id] = None
        self._wake.set()

    def _look_at_standing(self, conversation_id: UUID) -> None:
        self._moved[conversation_id] = None
        self._wake.set()

    # What is read and passed on

    async def _pass_on(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            behind, moved = _take(self._behind), _take(self._moved)
            try:
                await self._catch_up(behind)
                await self._tell_standing(moved)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                # The database is away for a moment; nothing is forgotten meanwhile.
                _log.warning("chat: cannot read", error=str(error))
                self._behind.update(dict.fromkeys(behind))
                self._moved.update(dict.fromkeys(moved))
                await asyncio.sleep(0.5)
            except Exception:
                _log.exception("chat: cannot pass on")
            if self._behind or self._moved:
                self._wake.set()

    async def _catch_up(self, ids: Iterable[UUID]) -> None:
        asked = [
            (watch, lowest)
            for one in ids
            if (watch := self._watches.get(one)) and (lowest := watch.behind()) is not None
        ]
        if not asked:
            return
        news = {watch.id: watch.news for watch, _ in asked}
        rows = await messages_after(self._pool, [(watch.id, lowest) for watch, lowest in asked])
        await self._learn_names(row.message.author_id for row in rows)
        found: dict[UUID, list[Seen]] = defaultdict(list)
        for row in rows:
            found[row.message.conversation_id].append(row)
        for watch, lowest in asked:
            seen = found[watch.id]
            reached = seen[-1].message.seq if seen else lowest
            if len(seen) < PAGE_MAX and watch.news == news[watch.id]:
                watch.latest = reached
            self._deliver(watch, seen)
            if watch.behind() is not None:
                self._look(watch.id)

    def _deliver(self, watch: Watch, seen: list[Seen]) -> None:
        frames: dict[tuple[Side, int], bytes] = {}
        for screen, follower in watch.followers.items():
            rest = [one for one in seen if one.message.seq > follower.sent]
            if not rest or rest[0].message.seq != follower.sent + 1:
                continue
            key = (follower.side, follower.sent)
            follower.sent = rest[-1].message.seq
            if key not in frames:
                lines = lines_for(follower.side, rest, self._names)
                # What a side never sees has a number too: an empty frame says how far it is.
                frames[key] = _messages(watch.id, lines, follower.sent)
            screen.put(frames[key])

    async def _tell_standing(self, ids: list[UUID]) -> None:
        ids = [one for one in ids if one in self._watches]
        if not ids:
            return
        conversations = await load_conversations(self._pool, ids)
        marks = await marks_of(self._pool, ids)
        waiting = [one.id for one in conversations.values() if one.state == "waiting"]
        places = await places_in_queue(self._pool, waiting) if waiting else {}
        await self._learn_names(one.agent_id for one in conversations.values())
        for one in conversations.values():
            watch = self._watches.get(one.id)
            if watch is None:
                continue
            queue = self._shops[watch.shop_id].queue
            (queue.add if one.state == "waiting" else queue.discard)(one.id)
            standing = standing_of(
                one, names=self._names, place=places.get(one.id, 0), marks=marks[one.id]
            )
            frame = _encode({"op": "state", "conversation": one.id, "state": standing})
            for screen in watch.followers:
                screen.put(frame)

    async def _learn_names(self, ids: Iterable[UUID | None]) -> None:
        if time.monotonic() - self._names_at > NAMES_SECONDS:
            self._names, self._names_at = {}, time.monotonic()
        if unknown := {one for one in ids if one and one not in self._names}:
            self._names |= await names_of(self._pool, unknown)


def _take(waiting: dict[UUID, None]) -> list[UUID]:
    taken = list(waiting)[:COMPANY_MAX]
    for one in taken:
        del waiting[one]
    return taken


def _messages(conversation_id: UUID, lines: list[Any], last_seq: int) -> bytes:
    return _encode(
        {
            "op": "messages",
            "conversation": conversation_id,
            "messages": lines,
            "last_seq": last_seq,
        }
    )
