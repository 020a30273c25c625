"""Deadlines fired per second, and how late, with 100,000 due among 1,000,000 open cases.

The limit beside it is the same database updating the same rows in the same batches with nothing
decided: lock what is due, one event each, the case row, commit.
"""

import asyncio
import time
from datetime import timedelta

import uvloop

from bench.market import fill, open_market
from bench.running import database, installed, percentile, say
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.cases.store import load_case
from gongdao.jobs.sweep import BATCH, sweep

CASES, DUE, LIMIT_ROWS = 1_000_000, 100_000, 100_000

_LIMIT = """
WITH due AS (
    SELECT id FROM limit_cases WHERE due_at < $1 ORDER BY due_at LIMIT $2
    FOR NO KEY UPDATE SKIP LOCKED
), told AS (
    INSERT INTO limit_events SELECT id, 3, '{"type": "timed_out"}', sha256('x') FROM due
)
UPDATE limit_cases c SET due_at = NULL, state = c.state || '{"stage": "evidence"}'
FROM due WHERE c.id = due.id
"""
_LIMIT_SCHEMA = """
CREATE TABLE limit_cases AS SELECT id, due_at, state FROM cases;
ALTER TABLE limit_cases ADD PRIMARY KEY (id);
CREATE INDEX limit_due ON limit_cases (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE limit_events (case_id uuid, version int, body jsonb, hash bytea,
                           PRIMARY KEY (case_id, version));
ANALYZE limit_cases;
"""


async def fire(pool: Pool) -> float:
    """Sweep until nothing is due; cases a second."""
    start = time.perf_counter()
    swept = 0
    while part := await sweep(pool, utc_now()):
        swept += len(part)
    assert swept == DUE, swept
    return swept / (time.perf_counter() - start)


async def limit(pool: Pool) -> float:
    """The same rows without deciding anything."""
    start = time.perf_counter()
    rows = 0
    while (done := await pool.execute(_LIMIT, utc_now(), BATCH)) != "UPDATE 0":
        rows += int(done.split()[1])
    return rows / (time.perf_counter() - start)


async def lateness(pool: Pool) -> list[float]:
    """A worker at its own pace: how late 200 single deadlines are decided, in milliseconds."""
    rows = await pool.fetch(
        "SELECT id FROM cases WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 200"
    )
    now = utc_now()
    for n, row in enumerate(rows):
        due = now + timedelta(milliseconds=1000 + 25 * n)
        await pool.execute(
            "UPDATE cases SET due_at = $2, state = state || jsonb_build_object('deadline',"
            " to_char($2::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'))"
            " WHERE id = $1",
            row["id"],
            due,
        )
    late: list[float] = []
    watched = {row["id"] for row in rows}
    until = time.perf_counter() + 10
    while watched and time.perf_counter() < until:
        for case_id in await sweep(pool, utc_now()):
            stored = await load_case(pool, case_id)
            assert stored
            late.append((utc_now() - stored.case.entered_at).total_seconds() * 1000)
            watched.discard(case_id)
        await asyncio.sleep(0.4)
    return late


async def measure(url: str) -> None:
    """Fill, measure the limit, fire, and look how late."""
    async with installed(url, size=4) as pool:
        now = utc_now()
        market = await open_market(pool, shops=50, now=now)
        await fill(pool, market, cases=CASES, due=DUE, now=now, spacing_s=0.5)
        async with pool.acquire() as connection:
            await connection.execute("SET statement_timeout = 0")
            await connection.execute(_LIMIT_SCHEMA, timeout=600)
            await connection.execute("RESET statement_timeout")
        most = await limit(pool)
        rate = await fire(pool)
        late = await lateness(pool)
    say(
        "deadlines_fired",
        rate,
        "cases/s",
        limit="the same rows locked, logged and updated with nothing decided",
        limit_value=round(most, 1),
        ratio=round(rate / most, 3),
        open_cases=CASES,
        due=DUE,
        late_ms_p50=round(percentile(late, 0.5)),
        late_ms_max=round(max(late)),
        late_ms_goal=1000,
    )


if __name__ == "__main__":
    with database() as address:
        uvloop.run(measure(address))
