"""The socket of a screen: reads its frames one by one, answers them, and sends what it follows."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from functools import partial
from time import monotonic
from typing import Any
from uuid import UUID

import msgspec
import structlog
from litestar import WebSocket, websocket

from gongdao.accounts.gate import look_again, may, principal_of
from gongdao.accounts.principal import Principal
from gongdao.accounts.rate import Buckets, Rate
from gongdao.accounts.session import Pass, passes_of
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, say_refusal
from gongdao.base.live import Hub, gather_changes
from gongdao.base.weather import is_weather
from gongdao.flows.talk.access import Talk, talk_of, talks
from gongdao.flows.talk.mark import mark_here
from gongdao.flows.talk.recall import recall
from gongdao.flows.talk.say import ToSay, say_here, see_to_it
from gongdao.web.chat.frames import (
    FRAME_MAX,
    Desk,
    Frame,
    Leave,
    MarkFrame,
    Open,
    Ping,
    Say,
    TakeBack,
    Typing,
    parse_frame,
)
from gongdao.web.chat.screen import CONVERSATIONS_MAX, Screen
from gongdao.web.chat.switchboard import DESK_SECONDS, TYPISTS, Switchboard

_log = structlog.get_logger()

#: What one screen may send: a person's messages, and a program's that catches up.
FRAME_RATE = Rate(burst=120, per_second=20)
#: How often an open socket shows at the gate again, told or not: a session that ended, a role that
#: changed. Whoever says something, takes it back or opens a conversation shows at once.
LOOK_SECONDS = 30.0
#: Codes of a socket that is closed by us: too much to send, too large, no longer signed in, and
#: failed, as when the database is away; and somebody else by now: another role, another name.
OVERFULL, TOO_LARGE, SIGNED_OUT, FAILED, COME_BACK = 1013, 1009, 4401, 1011, 1012
#: So many screens of one person a process serves; each may send as much as the rate allows.
SCREENS_MAX = 50
PROTOCOL = "gongdao"

_encode = msgspec.json.Encoder().encode
_CODES = {side: number for number, side in TYPISTS.items()}


@websocket("/chat/socket", guards=[may("chat.use")])
async def talk_socket(socket: WebSocket[Any, Any, Any]) -> None:
    """The line of one screen; what it carries is told in docs/api/chat.md."""
    who = principal_of(socket)
    state = socket.app.state
    offered = socket.headers.get("sec-websocket-protocol", "")
    protocols = [each.strip() for each in offered.split(",")]
    leave = state.switchboard.enter(who.person_id, most=SCREENS_MAX)
    try:
        await socket.accept(subprotocols=PROTOCOL if PROTOCOL in protocols else None)
        await _hold(socket, Screen(who))
    finally:
        leave()


async def _hold(socket: WebSocket[Any, Any, Any], screen: Screen) -> None:
    """Serve a screen until either end has enough."""
    state = socket.app.state
    line = _Line(
        screen,
        state.pool,
        state.hub,
        state.switchboard,
        look=partial(look_again, socket),
        is_limited=state.config.rate_limited,
    )
    tasks: list[asyncio.Task[Any]] = [
        asyncio.create_task(screen.send_all(socket.send_text)),
        asyncio.create_task(_read(socket, line)),
        asyncio.create_task(_look_now_and_then(socket, screen.who)),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        code = next((task.result() for task in done if not task.exception()), None)
        if code != 0:
            await _close(socket, OVERFULL if code is None else code)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        line.close()


async def _close(socket: WebSocket[Any, Any, Any], code: int) -> None:
    with contextlib.suppress(RuntimeError):  # it was closed from the other end meanwhile
        await socket.close(code)


async def _read(socket: WebSocket[Any, Any, Any], line: "_Line") -> int:
    """Carry out what comes, in order; returns the code to close with, 0 when it is closed."""
    while True:
        event: Any = await socket.receive()
        if event["type"] != "websocket.receive":
            return 0
        text = event.get("text") or event.get("bytes") or ""
        if len(text) > FRAME_MAX:
            return TOO_LARGE
        if (code := await line.take(text)) is not None:
            return code


async def _look_now_and_then(socket: WebSocket[Any, Any, Any], who: Principal) -> int:
    """Look whether it is still the same person; returns the code to close with once it is not."""
    told = asyncio.Event()
    hub: Hub = socket.app.state.hub
    unfollow = hub.follow(passes_of(who.person_id), lambda _: told.set())
    try:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(told.wait(), LOOK_SECONDS)
            told.clear()
            try:
                shown = await look_again(socket)
            except Exception as error:
                # The database is away; whoever was let in stays until it can be asked.
                _log.warning("chat: cannot look again", error=str(error))
                continue
            if (code := code_for(shown, who)) is not None:
                return code
    finally:
        unfollow()


def code_for(shown: Pass | None, who: Principal) -> int | None:
    """The code with which a line ends that was let in for somebody; None: it may stay.

    Whoever may do more or less than before comes back, and resumes what they may still follow: a
    screen that was only told less would wait for messages that never come.
    """
    if shown is None or not shown.principal.may("chat.use"):
        return SIGNED_OUT
    return None if shown.principal == who else COME_BACK


class _Line:
    """Carries out the frames of one screen."""

    def __init__(
        self,
        screen: Screen,
        pool: Pool,
        hub: Hub,
        switchboard: Switchboard,
        *,
        look: Callable[[], Awaitable[Pass | None]],
        is_limited: bool,
    ) -> None:
        self._screen = screen
        self._who = screen.who
        self._pool = pool
        self._hub = hub
        self._switchboard = switchboard
        self._look = look
        self._bucket = Buckets(1) if is_limited else None
        self._talks: dict[UUID, Talk] = {}
        self._unfollow: list[Callable[[], None]] = []
        self._desk_told: asyncio.TimerHandle | None = None

    def close(self) -> None:
        """Follow nothing more."""
        for conversation_id in list(self._talks):
            self._leave(conversation_id)
        for unfollow in self._unfollow:
            unfollow()
        if self._desk_told:
            self._desk_told.cancel()

    async def take(self, text: str | bytes) -> int | None:
        """Carry out one frame; what is refused is said, and changes nothing.

        Returns the code to close with, None to go on. FAILED: nobody knows what became of it. The
        screen comes back and sends it again, and what it sent after it; carried out now, those
        would overtake it.
        """
        try:
            frame = parse_frame(text)
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            self._refuse(Refusal("invalid", N_("This frame cannot be read: {why}"), why=str(error)))
            return None
        try:
            bucket = self._bucket
            if bucket is not None and (seconds := bucket.take(0, FRAME_RATE, monotonic())):
                raise Refusal(
                    "rate_limited",
                    N_("Too many requests in a short time. Try again in {seconds} s."),
                    seconds=seconds,
                )
            if isinstance(frame, Say | TakeBack | Open):
                code = code_for(await self._look(), self._who)
                if code is not None:
                    return code
            with gather_changes() as names:
                await self._do(frame)
            self._hub.tell(names)
        except Refusal as refusal:
            self._refuse(refusal, frame)
        except Exception as error:
            if is_weather(error):
                _log.warning("chat: a frame failed", reason=str(error))
            else:
                _log.exception("chat: a frame failed")
            self._answer("refused", frame, code="unavailable", message="")
            return FAILED
        return None

    async def _do(self, frame: Frame) -> None:
        match frame:
            case Open():
                await self._open(frame)
            case Leave():
                self._leave(frame.conversation)
            case Say():
                await self._say(frame)
            case TakeBack():
                await self._take_back(frame)
            case MarkFrame():
                talk = await self._talk(frame.conversation)
                await mark_here(
                    self._pool,
                    self._who,
                    talk,
                    delivered=frame.delivered,
                    read=frame.read,
                    now=utc_now(),
                )
            case Typing():
                talk = await self._talk(frame.conversation)
                self._hub.tell([f"typing:{talk.conversation.id}#{_CODES[talk.side]}"])
            case Desk():
                self._follow_desk()
            case Ping():
                self._answer("pong", None)

    async def _open(self, frame: Open) -> None:
        if len(self._talks) >= CONVERSATIONS_MAX and frame.conversation not in self._talks:
            raise Refusal("rate_limited", N_("Too many conversations are open at once."))
        talk = await talk_of(self._pool, self._who, frame.conversation)
        self._talks[frame.conversation] = talk
        self._switchboard.join(
            self._screen,
            talk.conversation.id,
            shop_id=talk.conversation.shop_id,
            side=talk.side,
            after=frame.after,
        )

    def _leave(self, conversation_id: UUID) -> None:
        if self._talks.pop(conversation_id, None):
            self._switchboard.leave(self._screen, conversation_id)

    async def _talk(self, conversation_id: UUID) -> Talk:
        known = self._talks.get(conversation_id)
        # Somebody of the platform may have been tied to a side meanwhile.
        if known is not None and known.side != "platform":
            return known
        return await talk_of(self._pool, self._who, conversation_id)

    async def _say(self, frame: Say) -> None:
        sent = ToSay(
            conversation_id=frame.conversation,
            client_id=frame.client_id,
            kind=frame.kind,
            body=frame.body,
            reply_to=frame.reply_to,
            seen=frame.seen,
        )
        talk = await self._talk(frame.conversation)
        now = utc_now()
        with gather_changes() as names:
            said = await say_here(self._pool, self._who, talk, sent, now=now)
        if said.message:
            self._switchboard.offer(said.message)
        self._hub.tell(names)
        self._answer("said", frame, seq=said.seq)
        await see_to_it(self._pool, talk, said, now=now)

    async def _take_back(self, frame: TakeBack) -> None:
        said = await recall(self._pool, self._who, frame.conversation, frame.seq, now=utc_now())
        if said.message:
            self._switchboard.offer(said.message)
        self._answer("said", frame, seq=said.seq)

    def _follow_desk(self) -> None:
        if self._unfollow or self._who.kind != "shop" or not talks(self._who):
            return
        self._unfollow = [
            self._hub.follow(f"desk:{self._who.shop_id}", lambda _: self._desk_moved()),
            self._hub.follow(f"agent:{self._who.person_id}", lambda _: self._answer("you", None)),
            self._switchboard.seats.sit(self._who.person_id),
        ]

    def _desk_moved(self) -> None:
        """A burst of changes is one message, after the last of it at the latest."""
        if self._desk_told is None:
            loop = asyncio.get_running_loop()
            self._desk_told = loop.call_later(DESK_SECONDS, self._tell_desk)

    def _tell_desk(self) -> None:
        self._desk_told = None
        self._answer("desk", None)

    def _refuse(self, refusal: Refusal, frame: Frame | None = None) -> None:
        message = say_refusal(self._who.locale, refusal)
        self._answer("refused", frame, code=refusal.code, message=message)

    def _answer(self, op: str, frame: Frame | None, **more: Any) -> None:
        answer: dict[str, Any] = {"op": op, **more}
        for field in ("conversation", "client_id"):
            if (value := getattr(frame, field, None)) is not None:
                answer[field] = value
        self._screen.put(_encode(answer))
