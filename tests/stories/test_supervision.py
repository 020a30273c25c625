"""Whatever is killed, the product comes back by itself or at the next start, with its data."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
from tests.conftest import await_answer

from gongdao.base.embedded import running_url


class Product:
    """`gongdao serve` with an embedded database in a folder of its own."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port = home, port
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, seconds: float = 90) -> None:
        self.start_only()
        self.await_answer(seconds)

    def start_only(self) -> None:
        if self.process is not None:
            self.process.wait(30)
        env = {"GONGDAO_HOME": str(self.home), "PORT": str(self.port)}
        env = {**os.environ, **env}
        env.pop("GONGDAO_DATABASE_URL", None)
        command = [sys.executable, "-m", "gongdao.cli.app", "serve"]
        self.process = subprocess.Popen(command, env=env)

    def await_answer(self, seconds: float = 90) -> None:
        assert self.process is not None
        await_answer(f"http://127.0.0.1:{self.port}", self.process, seconds)

    def members(self) -> dict[str, int]:
        """The pids of the processes that are there now, by what they are."""
        assert self.process is not None
        found = {"supervisor": self.process.pid}
        marks = {"uvicorn": "web", "gongdao.jobs.worker": "worker", "bin/postgres": "postgres"}
        for pid in children_of(self.process.pid):
            try:
                line = Path(f"/proc/{pid}/cmdline").read_text()
            except FileNotFoundError:
                continue  # it ended meanwhile
            found |= {name: pid for mark, name in marks.items() if mark in line}
        return found

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)


def children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


def memory_kilobytes(members: dict[str, int]) -> int:
    """The memory of all, what several share counted once."""
    pids = [*members.values(), *children_of(members["postgres"])]
    rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in pids]
    return sum(
        int(found[1]) for text in rollups if (found := re.search(r"(?m)^Pss:\s+(\d+)", text))
    )


def is_alive(pid: int) -> bool:
    try:
        return not re.search(r"^State:\s+Z", Path(f"/proc/{pid}/status").read_text(), re.M)
    except OSError:
        return False


def eventually(true: Callable[[], bool], seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.05)


@pytest.fixture
def product(home: Path, free_port: int) -> Iterator[Product]:
    product = Product(home, free_port)
    yield product
    product.stop()


async def remember(product: Product) -> None:
    connection = await asyncpg.connect(running_url(product.home))
    await connection.execute("CREATE TABLE memory AS SELECT 7 AS number")
    await connection.close()


async def recall(product: Product) -> int:
    connection = await asyncpg.connect(running_url(product.home))
    number = await connection.fetchval("SELECT number FROM memory")
    await connection.close()
    return number


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_everything(product: Product, number: signal.Signals) -> None:
    product.start()
    eventually(lambda: "worker" in product.members())
    members = product.members()
    assert set(members) == {"supervisor", "web", "worker", "postgres"}
    assert memory_kilobytes(members) < 300_000
    os.kill(members["supervisor"], number)
    assert product.process is not None
    assert product.process.wait(30) == 0
    assert not [name for name, pid in members.items() if is_alive(pid)]
    assert not (product.home / "postgres/cluster/postmaster.pid").exists(), "a clean shutdown"


async def test_a_killed_member_comes_back(product: Product) -> None:
    product.start()
    await remember(product)
    for name in ("web", "worker", "postgres"):
        eventually(lambda: len(product.members()) == 4)
        before = product.members()
        os.kill(before[name], signal.SIGKILL)
        eventually(lambda n=name, b=before: product.members().get(n, b[n]) != b[n])
        eventually(lambda: len(product.members()) == 4)
        product.await_answer()
        assert await recall(product) == 7


async def test_next_start_after_the_supervisor_was_killed(product: Product) -> None:
    product.start()
    await remember(product)
    eventually(lambda: len(product.members()) == 4)
    before = product.members()
    os.kill(before["supervisor"], signal.SIGKILL)
    product.start()
    assert await recall(product) == 7
    assert not [name for name, pid in before.items() if is_alive(pid) and name != "supervisor"]


async def test_next_start_after_all_were_killed(product: Product) -> None:
    product.start()
    await remember(product)
    for pid in product.members().values():
        os.kill(pid, signal.SIGKILL)
    product.start()
    assert await recall(product) == 7


def lines_of(pid: int, port: int) -> int:
    """How many connections to the port a process holds."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    established = {
        f"socket:[{row[9]}]" for row in rows if (row[1][9:], row[3]) == (f"{port:04X}", "01")
    }
    held = {os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir()}
    return len(established & held)


async def test_web_processes_share_the_visitors(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel wakes whoever waited last: on one socket that would nearly always be the same."""
    monkeypatch.setenv("WEB_PROCESSES", "2")
    product.start()
    assert product.process is not None

    def webs() -> list[int]:
        pids = children_of(product.members()["supervisor"])
        return [pid for pid in pids if "uvicorn" in Path(f"/proc/{pid}/cmdline").read_text()]

    visitors = [socket.create_connection(("127.0.0.1", product.port)) for _ in range(64)]
    try:
        eventually(lambda: sum(lines_of(pid, product.port) for pid in webs()) >= 64)
        # Each of 64 goes either way: fewer than ten on one side happen once in a billion times.
        assert min(lines_of(pid, product.port) for pid in webs()) >= 10
    finally:
        for visitor in visitors:
            visitor.close()


async def test_a_port_that_is_taken_is_refused(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEB_PROCESSES", "2")
    product.start()
    other = Product(product.home / "other", product.port)
    other.start_only()
    assert other.process is not None
    assert other.process.wait(60) == 1
