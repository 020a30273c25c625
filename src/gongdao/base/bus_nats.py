"""News through NATS: for installations of many machines, whose database has better to do."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Generator

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

#: The subject of all our messages.
SUBJECT = "gongdao.live"
#: How often the server is asked whether it is there, and how many answers may be missing.
_ASK_SECONDS, _MISSING_MAX = 5, 2
_CONNECT_SECONDS = 5


class NatsBus:
    """One subject on a server that GONGDAO_LIVE names."""

    def __init__(self, url: str) -> None:
        self._url = url

    @contextlib.asynccontextmanager
    async def connect(self, told: Callable[[str], None] | None) -> AsyncGenerator["_NatsLine"]:
        """Open a line; `told` hears what others send. Raises OSError when nobody answers."""
        line, client = _NatsLine(), Client()
        try:
            with _as_oserror():
                # Whoever holds the line connects again: they also know what to do about the gap.
                await client.connect(
                    self._url,
                    name="gongdao",
                    error_cb=line.note_error,
                    closed_cb=line.note_end,
                    allow_reconnect=False,
                    max_reconnect_attempts=1,
                    reconnect_time_wait=0,
                    connect_timeout=_CONNECT_SECONDS,
                    ping_interval=_ASK_SECONDS,
                    max_outstanding_pings=_MISSING_MAX,
                    no_echo=True,
                )
                await line.begin(client, told)
            yield line
        finally:
            with contextlib.suppress(OSError), _as_oserror():
                await client.close()


class _NatsLine:
    def __init__(self) -> None:
        self._begun = False
        self._lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def begin(self, client: Client, told: Callable[[str], None] | None) -> None:
        self._client = client
        self._begun = True

        async def hear(message: Msg) -> None:
            assert told is not None, "only who listens subscribes"
            told(message.data.decode())

        if told is not None:
            await client.subscribe(SUBJECT, cb=hear)  # pyright: ignore[reportUnknownMemberType]
            await client.flush(timeout=_CONNECT_SECONDS)

    async def send(self, text: str) -> None:
        with _as_oserror():
            await self._client.publish(SUBJECT, text.encode())

    async def until_lost(self) -> None:
        raise ConnectionResetError(await asyncio.shield(self._lost))

    async def note_error(self, error: Exception) -> None:
        """Anything amiss ends the line, a listener too slow for it too: the next one heals it."""
        self._end(f"{type(error).__name__}: {error}")

    async def note_end(self) -> None:
        self._end("the server ended the connection")

    def _end(self, reason: str) -> None:
        # Before it began, connecting fails by itself.
        if self._begun and not self._lost.done():
            self._lost.set_result(reason)


@contextlib.contextmanager
def _as_oserror() -> Generator[None]:
    try:
        yield
    except (nats.errors.Error, TimeoutError) as error:
        raise ConnectionResetError(f"{type(error).__name__}: {error}") from error
