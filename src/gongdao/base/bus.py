"""What carries news between processes: the database's own notifications, or NATS.

A bus may lose what it carries, but never silently: whoever holds a line learns that it is lost.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import asyncpg

from gongdao.base.config import Config

#: What a text on a bus may be long at most: a notification of PostgreSQL holds 8,000 bytes.
TEXT_MAX = 7_500
#: The channel of PostgreSQL.
CHANNEL = "gongdao_live"
#: How often a line that says nothing is asked whether it is still there, and how long it may think.
_ASK_SECONDS, _THINK_SECONDS = 15.0, 5.0

Told = Callable[[str], None]


class Line(Protocol):
    """A connection to a bus. Both raise OSError once it is lost."""

    async def send(self, text: str) -> None:
        """Give a text to everybody else who listens."""
        ...

    async def until_lost(self) -> None:
        """Wait for the end of the connection, which is an error."""
        ...


class Bus(Protocol):
    """Carries texts of at most TEXT_MAX bytes to every process that listens."""

    def connect(self, told: Told | None) -> AbstractAsyncContextManager[Line]:
        """Open a line; `told` hears what others send. Raises OSError when nobody answers."""
        ...


def open_bus(config: Config) -> Bus:
    """The bus of GONGDAO_LIVE. Connects to nothing yet."""
    if config.live_url is not None:
        # Most installations have no NATS, and its client takes a while to load.
        from gongdao.base.bus_nats import NatsBus

        return NatsBus(config.live_url)
    assert config.database_url, "whoever tells news has a database"
    return PostgresBus(config.database_url)


class PostgresBus:
    """LISTEN and NOTIFY on a connection of its own, so that no command waits for the news."""

    def __init__(self, url: str) -> None:
        self._url = url

    @contextlib.asynccontextmanager
    async def connect(self, told: Told | None) -> AsyncGenerator[Line]:
        """Open a line; `told` hears what others send, and what it sends itself."""
        settings = {"application_name": "gongdao live"}
        with _as_oserror():
            connection = await asyncpg.connect(
                self._url, server_settings=settings, timeout=_THINK_SECONDS
            )
        try:
            with _as_oserror():
                if told is not None:
                    await connection.add_listener(
                        CHANNEL, lambda _c, _pid, _channel, text: told(str(text))
                    )
            yield _PostgresLine(connection)
        finally:
            connection.terminate()


class _PostgresLine:
    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection
        self._turn = asyncio.Lock()
        self._lost = asyncio.Event()
        connection.add_termination_listener(lambda _connection: self._lost.set())

    async def send(self, text: str) -> None:
        await self._ask("SELECT pg_notify($1, $2)", CHANNEL, text)

    async def until_lost(self) -> None:
        """A connection whose other end vanished without a word is found by asking now and then."""
        while not self._lost.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._lost.wait(), _ASK_SECONDS)
                break
            await self._ask("SELECT 1")
        raise ConnectionResetError("the database ended the connection")

    async def _ask(self, statement: str, *values: str) -> None:
        async with self._turn:
            with _as_oserror():
                await self._connection.execute(statement, *values, timeout=_THINK_SECONDS)


@contextlib.contextmanager
def _as_oserror() -> Generator[None]:
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise ConnectionResetError(str(error)) from error
