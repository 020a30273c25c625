"""Rulings with a ten-fold payment per second through the HTTP API, against pgbench on the server.

An arbiter finds the goods of a counterfeit claim fake. The order promised ten times the price, so
one command rules, charges points, imposes sanctions, refunds from escrow, and takes the ten-fold
from three accounts: the shop's balance, its deposit, and the rest as a debt. Every case has a shop
of its own, as an account can be emptied only once. The peer runs with pgbench what a plain program
would write for such a ruling: a command's statements with one more event, and eight ledger rows.
"""

from datetime import datetime
from uuid import UUID

import msgspec
import uvloop

from bench.against import in_turns, say_turns
from bench.market import FAKE_ONE_PAY_TEN, PEER_SCHEMA, fill, open_market
from bench.running import database, installed, request_bytes
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool, open_pool
from gongdao.base.ids import new_id

CASES = 25_000
#: Of goods for 95.00: ten times that is 950.00, of which 250.00 stay owed.
BALANCE_FEN, DEPOSIT_FEN = 40_000, 30_000
_FOUND = b'{"liability": "seller", "remedy": "punitive_compensation", "counterfeit": true}'

_TOP_UP = """
INSERT INTO ledger_transfers (kind, source_kind, source_owner, target_kind, target_owner,
                              amount_fen, state, created_at)
SELECT 'top_up', 'external', $4, $1, shop_id, $2, 'posted', $5 FROM unnest($3::uuid[]) AS shop_id
"""
_PAID = """
INSERT INTO ledger_transfers (kind, source_kind, source_owner, target_kind, target_owner,
                              amount_fen, state, created_at, order_id, channel)
SELECT 'payment', 'external', $1, 'order_escrow', id, paid_fen, 'posted', $2, id, 'balance'
  FROM orders
"""
_PEER_SCRIPT = """
\\set id random(1, 50000)
BEGIN;
SELECT version AS v FROM peer_cases WHERE id = :id FOR UPDATE \\gset
INSERT INTO peer_events VALUES (:id, :v + 1, '{"type": "ruled", "liability": "seller"}');
INSERT INTO peer_events VALUES (:id, :v + 2, '{"type": "paid", "amount_fen": 105000}');
INSERT INTO peer_events VALUES (:id, :v + 3, '{"type": "stage_entered", "stage": "closed"}');
UPDATE peer_cases SET version = version + 3, state = '{"stage": "closed"}' WHERE id = :id;
INSERT INTO peer_ledger (account, amount) VALUES (:id, -10000);
INSERT INTO peer_ledger (account, amount) VALUES (:id + 1, 10000);
INSERT INTO peer_ledger (account, amount) VALUES (:id + 2, -40000);
INSERT INTO peer_ledger (account, amount) VALUES (:id + 1, 40000);
INSERT INTO peer_ledger (account, amount) VALUES (:id + 3, -30000);
INSERT INTO peer_ledger (account, amount) VALUES (:id + 1, 30000);
INSERT INTO peer_ledger (account, amount) VALUES (:id + 4, -25000);
INSERT INTO peer_ledger (account, amount) VALUES (:id + 1, 25000);
INSERT INTO peer_jobs (name, payload) VALUES ('payout', '{"amount_fen": 80000}');
COMMIT;
"""


async def prepare(pool: Pool) -> list[bytes]:
    """Requests, each on a case of its own."""
    now = utc_now()
    market = await open_market(pool, shops=1, now=now)
    market = msgspec.structs.replace(market, shops=await _poor_shops(pool, now))
    await fill(pool, market, cases=CASES, now=now, about=FAKE_ONE_PAY_TEN)
    await pool.execute(_PAID, UUID(int=0), now, timeout=600)
    rows = await pool.fetch("SELECT id FROM cases")
    return [
        request_bytes(
            "POST",
            f"/api/v1/cases/{row['id']}/ruling",
            token=market.arbiter,
            body=_FOUND,
            key=str(new_id()),
        )
        for row in rows
    ]


async def _poor_shops(pool: Pool, now: datetime) -> list[UUID]:
    """A shop for each case, with less than it will have to pay."""
    ids = [new_id() for _ in range(CASES)]
    await pool.execute(
        "INSERT INTO shops (id, name, opened_at) SELECT i, 'Shop ' || i, $2"
        " FROM unnest($1::uuid[]) AS i",
        ids,
        now,
    )
    for kind, fen in (("shop_balance", BALANCE_FEN), ("shop_deposit", DEPOSIT_FEN)):
        await pool.execute(_TOP_UP, kind, fen, ids, UUID(int=0), now, timeout=600)
    return ids


async def measure(url: str) -> None:
    """Rulings and pgbench in turns; afterwards the books show that every ruling was paid so."""
    async with installed(url) as pool:
        requests = await prepare(pool)
        await pool.execute(PEER_SCHEMA)
    turns = await in_turns(url, requests, _PEER_SCRIPT)
    pool = await open_pool(url, size=1, name="bench")
    await _require_three_accounts(pool)
    await pool.close()
    say_turns("ruling", turns, peer="pgbench, the statements of such a ruling")


async def _require_three_accounts(pool: Pool) -> None:
    rows = await pool.fetch(
        "SELECT source_kind, sum(amount_fen) / count(*) AS each, count(*) AS times"
        " FROM ledger_transfers WHERE kind = 'punitive' GROUP BY source_kind"
    )
    found = {row["source_kind"]: int(row["each"]) for row in rows}
    wanted = {"shop_balance": BALANCE_FEN, "shop_deposit": DEPOSIT_FEN, "shop_debt": 25_000}
    assert found == wanted, found
    assert len({row["times"] for row in rows}) == 1, "as often from each"


if __name__ == "__main__":
    with database() as address:
        uvloop.run(measure(address))
