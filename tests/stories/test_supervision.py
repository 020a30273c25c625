"""Whatever is killed, the product comes back by itself or at the next start, with its data."""

import os
import re
import signal
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
        if self.process is not None:
            self.process.wait(30)
        env = {"GONGDAO_HOME": str(self.home), "PORT": str(self.port)}
        env = {**os.environ, **env}
        env.pop("GONGDAO_DATABASE_URL", None)
        command = [sys.executable, "-m", "gongdao.cli.app", "serve"]
        self.process = subprocess.Popen(command, env=env)
        self.await_answer(seconds)

    def await_answer(self, seconds: float = 90) -> None:
        assert self.process is not None
        await_answer(f"http://127.0.0.1:{self.port}", self.process, seconds)

    def members(self) -> dict[str, int]:
        """The pids of the processes that are there now, by what they are."""
        assert self.process is not None
        found = {"supervisor": self.process.pid}
        marks = {"uvicorn": "web", "gongdao.jobs.worker": "worker", "bin/postgres": "postgres"}
        for pid in children_of(self.process.pid):
            line = Path(f"/proc/{pid}/cmdline").read_text()
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
        before = product.members()
        os.kill(before[name], signal.SIGKILL)
        eventually(lambda n=name, b=before: product.members().get(n, b[n]) != b[n])
        eventually(lambda: len(product.members()) == 4)
        product.await_answer()
        assert await recall(product) == 7


async def test_next_start_after_the_supervisor_was_killed(product: Product) -> None:
    product.start()
    await remember(product)
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
