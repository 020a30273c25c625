"""Case commands per second through the HTTP API, against pgbench on the same server.

A command is a seller's compensation of a late shipment: authenticated by token, validated, decided
by the real pack, and committed with its key, three events, the case row, the transfer with two
balances, and the payout that is its own job. The peer runs the seven statements of such a command
(lock and read the case, two events, the case row, two ledger rows, a job) with pgbench.
"""

import uvloop

from bench.against import in_turns, say_turns
from bench.market import PEER_SCHEMA, Market, case_ids, fill, open_market
from bench.running import database, installed, request_bytes
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.ids import new_id

SHOPS = 200
CASES = 40_000

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


async def measure(url: str) -> None:
    """Commands and pgbench in turns."""
    async with installed(url) as pool:
        requests = await prepare(pool)
        await pool.execute(PEER_SCHEMA)
    turns = await in_turns(url, requests, _PEER_SCRIPT)
    say_turns("case_commands", turns, peer="pgbench, the seven statements of a command")


if __name__ == "__main__":
    with database() as address:
        uvloop.run(measure(address))
