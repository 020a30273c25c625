"""A real server for the benchmarks: embedded PostgreSQL with fsync on, and the web process."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool, open_pool
from gongdao.base.embedded import start_server, stop_server
from gongdao.base.schema import bring_up_to_date

#: As a small server is set up: everything durable, memory for what is being measured.
SETTINGS = {"max_connections": "120", "shared_buffers": "512MB", "max_wal_size": "4GB"}


@contextmanager
def database(*, by_network: bool = False) -> Iterator[str]:
    """An empty PostgreSQL of this run alone, fsync on; yields its address.

    A peer that knows no unix sockets reaches it by the loopback, and then everybody does.
    """
    with tempfile.TemporaryDirectory(prefix="gongdao-bench-") as folder:
        Path(folder).chmod(0o755)
        # The server takes a port of the loopback where the path is too long for a socket.
        home = Path(folder) / ("home" * 25 if by_network else "home")
        home.mkdir()
        home.chmod(0o755)
        server = start_server(home, settings=SETTINGS)
        try:
            yield server.url
        finally:
            stop_server(server)


@asynccontextmanager
async def installed(url: str, *, size: int = 16) -> AsyncIterator[Pool]:
    """The schema in that database, and a pool on it."""
    await bring_up_to_date(url, now=utc_now())
    pool = await open_pool(url, size=size, name="bench")
    try:
        yield pool
    finally:
        await pool.close()


@contextmanager
def web(url: str, *, processes: int = 1) -> Iterator[int]:
    """The web application on a free port; yields the port."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        port = listener.getsockname()[1]
        command = [
            *(sys.executable, "-m", "uvicorn", "gongdao.main:create_app", "--factory"),
            *("--fd", str(listener.fileno()), "--log-level", "warning", "--no-access-log"),
            *("--ws", "websockets-sansio", "--ws-per-message-deflate", "false"),
        ]
        env = os.environ | {
            "GONGDAO_DATABASE_URL": url,
            "GONGDAO_FILES_URL": "memory://",
            "GONGDAO_RATE_LIMIT": "off",
        }
        children = [
            subprocess.Popen(command, env=env, pass_fds=(listener.fileno(),))
            for _ in range(processes)
        ]
        try:
            _await_answer(port)
            yield port
        finally:
            for child in children:
                child.terminate()
            for child in children:
                child.wait(30)


def _await_answer(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the web process does not answer")


def say(name: str, value: float, unit: str, **more: object) -> None:
    """One JSON line: what was measured, and its limit or peer."""
    print(json.dumps({"name": name, "value": round(value, 3), "unit": unit, **more}), flush=True)


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Line:
    """One keep-alive HTTP connection that sends prepared bytes, at little cost."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> "Line":
        """Connect."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request and read the whole answer."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return status, await self._reader.readexactly(length)

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


def request_bytes(method: str, path: str, *, token: str, body: bytes = b"", key: str = "") -> bytes:
    """A request ready to be sent."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {token}"]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    if key:
        lines.append(f"Idempotency-Key: {key}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body
