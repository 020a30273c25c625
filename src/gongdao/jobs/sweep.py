"""Silence is decided when a clock runs out: in batches, exactly once, within a second."""

from datetime import datetime
from uuid import UUID

from gongdao.base.db import Connection, Pool, Record
from gongdao.base.live import changed, gather_changes, notify
from gongdao.cases.decide import decide_timeout, timed_out
from gongdao.cases.store import ConflictError, Decided, commit
from gongdao.flows.act import channels_of, pack_of
from gongdao.flows.case_reads import CaseSeen, see_cases

#: How many cases one transaction decides at most, and how many rounds one sweep makes.
BATCH, ROUNDS_MAX = 2000, 100

# Another sweeper skips what this one holds; a person's command that comes first makes the row
# newer, and then it is not due any more.
_DUE = """
SELECT id FROM cases WHERE due_at < $1 ORDER BY due_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
"""
_LOCK_ONE = "SELECT id FROM cases WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED"


async def sweep(pool: Pool, now: datetime) -> list[UUID]:
    """Decide every clock that ran out before now. Returns the cases, for whoever watches them."""
    swept: list[UUID] = []
    for _ in range(ROUNDS_MAX):
        batch = await _sweep_batch(pool, now, BATCH)
        swept += batch
        if len(batch) < BATCH:
            break
    return swept


async def sweep_and_tell(pool: Pool, now: datetime) -> None:
    """Sweep, and tell the open pages of every case that moved."""
    with gather_changes() as names:
        await sweep(pool, now)
    if names:
        await notify(pool, names)


async def _sweep_batch(pool: Pool, now: datetime, size: int) -> list[UUID]:
    case_ids: list[UUID] = []
    async with pool.acquire() as connection:
        try:
            async with connection.transaction():
                rows: list[Record] = await connection.fetch(_DUE, now, size)
                case_ids += [row["id"] for row in rows]
                await _decide_all(connection, case_ids, now)
        except ConflictError:
            # Two cases of the batch drew on the same account, which holds enough for one.
            await _sweep_one_by_one(connection, case_ids, now)
    return case_ids


async def _decide_all(connection: Connection, case_ids: list[UUID], now: datetime) -> None:
    if not case_ids:
        return
    seen = await see_cases(connection, case_ids)
    decided = [_decide(one, now) for one in seen if timed_out(one.stored.case, now)]
    if decided:
        await commit(connection, decided, now=now)
        for one in decided:
            changed(channels_of(one.outcome.case))


async def _sweep_one_by_one(connection: Connection, case_ids: list[UUID], now: datetime) -> None:
    for case_id in case_ids:
        async with connection.transaction():
            if await connection.fetchval(_LOCK_ONE, case_id):
                await _decide_all(connection, [case_id], now)


def _decide(seen: CaseSeen, now: datetime) -> Decided:
    case = seen.stored.case
    outcome = decide_timeout(case, facts=seen.facts, pack=pack_of(case), now=now)
    return Decided(outcome=outcome, before=case.version, head=seen.stored.head)
