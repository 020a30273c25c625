"""How long the inbox and a case take, as page and through the API, with 1,000,000 cases.

The peer is what agents of other desks wait for: 40 to 723 ms for the page they look at, 24 to
224 ms for a list (measured on the same kind of machine at 10,000 to 100,000 rows). The limit
beside each figure is the page that does nothing, /healthz, in the same run.

A number after the name of the module is how many cases there are instead.
"""

import sys
import time
from uuid import UUID

import uvloop

from bench.market import case_ids, fill, open_market
from bench.running import Line, database, installed, percentile, request_bytes, say, web
from gongdao.base.clock import utc_now

CASES, ROUNDS, SHOPS = 1_000_000, 200, 100
PEERS = {"page": [40, 723], "list": [25, 224]}


async def latency(port: int, requests: list[bytes]) -> list[float]:
    """One after the other over one connection, in milliseconds."""
    line = await Line.open(port)
    took: list[float] = []
    for request in requests:
        start = time.perf_counter()
        status, body = await line.ask(request)
        took.append((time.perf_counter() - start) * 1000)
        if status != 200:
            raise RuntimeError(f"{status}: {body[:300]!r}")
    line.close()
    return took[len(took) // 10 :]


async def measure(url: str, *, cases: int) -> None:
    """Fill so many, then look at them."""
    async with installed(url, size=4) as pool:
        now = utc_now()
        market = await open_market(pool, shops=SHOPS, now=now)
        await fill(pool, market, cases=cases, now=now, spacing_s=0.5)
        ids: list[tuple[str, UUID]] = [
            (token, case_id)
            for shop, token in zip(market.shops, market.owners, strict=True)
            for case_id in await case_ids(pool, shop, ROUNDS // SHOPS + 1)
        ][:ROUNDS]
    asked = {
        ("inbox", "page"): [("GET", "/shop/inbox", token) for token, _ in ids],
        ("queue", "page"): [("GET", "/platform/cases", market.arbiter) for _ in ids],
        ("inbox", "list"): [("GET", "/api/v1/cases?open=true", token) for token, _ in ids],
        ("case", "page"): [("GET", f"/shop/cases/{i}", token) for token, i in ids],
        ("case", "list"): [("GET", f"/api/v1/cases/{i}", token) for token, i in ids],
    }
    with web(url) as port:
        idle = await latency(port, [request_bytes("GET", "/healthz", token=ids[0][0])] * ROUNDS)
        for (name, kind), wanted in asked.items():
            requests = [request_bytes(m, path, token=token) for m, path, token in wanted]
            took = await latency(port, requests)
            say(
                f"{name}_{'page' if kind == 'page' else 'api'}",
                percentile(took, 0.5),
                "ms (p50)",
                p99_ms=round(percentile(took, 0.99), 1),
                limit="/healthz, p50 ms",
                limit_value=round(percentile(idle, 0.5), 2),
                ratio=round(percentile(took, 0.5) / percentile(idle, 0.5), 1),
                peers_ms=PEERS[kind],
                cases=cases,
            )


if __name__ == "__main__":
    with database() as address:
        uvloop.run(measure(address, cases=int(sys.argv[1]) if sys.argv[1:] else CASES))
