"""The peer of the chat: Debian's ejabberd, its rooms archived in the same PostgreSQL.

It runs as a child on the loopback, with its configuration and its own files in a folder of the run,
not distributed, so that nothing of it is left behind.
"""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from bench.screens import Hears
from gongdao.base.embedded.server import die_with_parent

NAME = "ejabberd 23.01, rooms with archive in PostgreSQL"
HOW_TO_GET = "apt install ejabberd erlang-p1-pgsql"
_LIBRARIES, _SCHEMA = Path("/usr/lib/x86_64-linux-gnu"), Path("/usr/share/ejabberd/sql/pg.sql")
_CONFIG = """
hosts: [localhost]
loglevel: warning
host_config:
  localhost:
    auth_method: [anonymous]
    anonymous_protocol: sasl_anon
default_db: sql
sql_type: pgsql
sql_server: {host}
sql_port: {db_port}
sql_database: ejabberd
sql_username: {user}
sql_password: "{password}"
listen:
  - {{ip: 127.0.0.1, port: {port}, module: ejabberd_c2s, access: all, shaper: none}}
modules:
  mod_muc:
    host: rooms.localhost
    access: all
    access_create: all
    history_size: 0
    default_room_options: {{mam: true, persistent: true, anonymous: false}}
  mod_mam: {{default: never, db_type: sql}}
"""
_STREAM = (
    "<stream:stream to='localhost' xmlns='jabber:client'"
    " xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
)


def is_here() -> bool:
    """Whether it is installed, with what it needs to speak to PostgreSQL."""
    driver = any(Path("/usr/lib/erlang/lib").glob("p1_pgsql-*"))
    return bool(shutil.which("erl") and _SCHEMA.exists() and driver)


@asynccontextmanager
async def ejabberd(url: str) -> AsyncIterator[int]:
    """It runs, with a database of its own in the server of `url`; yields its port."""
    database = urlsplit(url)
    await _make_database(url)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="gongdao-peer-") as name:
        folder = Path(name)
        config = _CONFIG.format(
            host=database.hostname,
            db_port=database.port,
            user=database.username,
            password=database.password,
            port=port,
        )
        (folder / "ejabberd.yml").write_text(config)
        child = _start(folder)
        try:
            await _until_it_answers(child, port, folder)
            yield port
        finally:
            child.terminate()
            child.wait(30)


async def _make_database(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE DATABASE ejabberd")
    await connection.close()
    connection = await asyncpg.connect(urlsplit(url)._replace(path="/ejabberd").geturl())
    await connection.execute(_SCHEMA.read_text())  # noqa: ASYNC240 - nobody waits for it
    await connection.close()


def _start(folder: Path) -> "subprocess.Popen[bytes]":
    env = {
        "ERL_LIBS": str(_LIBRARIES),
        "EJABBERD_CONFIG_PATH": str(folder / "ejabberd.yml"),
        "EJABBERD_LOG_PATH": str(folder / "log"),
        "ERL_CRASH_DUMP_BYTES": "0",
        "HOME": str(folder),
    }
    command = [
        *("erl", "-noinput", "-kernel", "start_distribution", "false"),
        *("-mnesia", "dir", f'"{folder}/mnesia"', "-s", "ejabberd"),
    ]
    return subprocess.Popen(
        command,
        env=os.environ | env,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )


async def _until_it_answers(child: "subprocess.Popen[bytes]", port: int, folder: Path) -> None:
    until = time.monotonic() + 60
    while child.poll() is None and time.monotonic() < until:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return
    raise RuntimeError(f"ejabberd did not start: {(folder / 'log').read_text()[-1000:]}")


class Occupant(asyncio.Protocol):
    """Somebody in one room, through a stream of their own."""

    def __init__(self, hears: Hears) -> None:
        self._hears = hears
        self._buffer = b""
        self._transport: Any = None
        self._room = ""
        self._arrived = asyncio.Event()

    @classmethod
    async def open(cls, port: int, room: str, nick: str, hears: Hears) -> "Occupant":
        """Connect, and enter the room; the first to enter makes it."""
        _, one = await asyncio.get_running_loop().create_connection(
            lambda: cls(hears), "127.0.0.1", port
        )
        one._room = f"{room}@rooms.localhost"
        await one._ask(_STREAM, b"</stream:features>")
        await one._ask(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>", b"<success"
        )
        await one._ask(_STREAM, b"</stream:features>")
        bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
        await one._ask(f"<iq type='set' id='b'>{bind}</iq>", b"</iq>")
        enter = "<x xmlns='http://jabber.org/protocol/muc'/>"
        await one._ask(f"<presence to='{one._room}/{nick}'>{enter}</presence>", b"<subject")
        await one._ask(
            f"<iq type='set' id='o' to='{one._room}'>"
            "<query xmlns='http://jabber.org/protocol/muc#owner'>"
            "<x xmlns='jabber:x:data' type='submit'/></query></iq>",
            b"<iq",
        )
        one._awaited = None
        return one

    _awaited: bytes | None = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._awaited is not None:
            if self._awaited in self._buffer:
                self._buffer = b""
                self._arrived.set()
            return
        *whole, self._buffer = self._buffer.split(b"</message>")
        for message in whole:
            self._hears(message)

    async def _ask(self, words: str, awaited: bytes) -> None:
        self._awaited = awaited
        self._arrived.clear()
        self._transport.write(words.encode())
        await asyncio.wait_for(self._arrived.wait(), 20)

    def say(self, text: str) -> None:
        """Say something."""
        words = f"<message type='groupchat' to='{self._room}'><body>{text}</body></message>"
        self._transport.write(words.encode())

    def close(self) -> None:
        """Hang up."""
        if self._transport:
            self._transport.close()
