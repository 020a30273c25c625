"""Silence is decided when a clock runs out: in batches, exactly once, within a second.

A case that cannot be decided (its rule book is gone, its row cannot be read) never holds up
another: the batch is halved until it stands alone, and then it is set aside with a growing delay.
It is noted in the database, because the operator looks from another process, and because a worker
that starts anew must not begin with the same failures.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from gongdao.base.db import Connection, Pool, Record
from gongdao.base.live import changed
from gongdao.base.weather import is_weather
from gongdao.cases.decide import decide_timeout, timed_out
from gongdao.cases.store import Decided, commit
from gongdao.flows.act import channels_of, pack_of
from gongdao.flows.case_reads import CaseSeen, see_cases
from gongdao.jobs import store

_log = structlog.get_logger()

#: How many cases one transaction decides at most, and how many rounds one sweep makes.
BATCH, ROUNDS_MAX = 2000, 100
#: How many of those that failed before one sweep tries again.
AGAIN_MAX = 100
#: How long a case is left alone after its first failure, how much longer each time, and at most.
FIRST_WAIT, GROWTH, WAIT_MAX = timedelta(seconds=1), 4, timedelta(hours=6)

# Another sweeper skips what this one holds; a person's command that comes first makes the row
# newer, and then it is not due any more.
_DUE = """
SELECT id FROM cases c WHERE due_at < $1 AND NOT EXISTS (
    SELECT FROM clocks_set_aside s WHERE s.case_id = c.id AND s.due_at = c.due_at)
ORDER BY due_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
"""
_LOCK = "SELECT id FROM cases WHERE id = ANY ($1) FOR NO KEY UPDATE SKIP LOCKED"


async def sweep(pool: Pool, now: datetime) -> list[UUID]:
    """Decide every clock that ran out before now. Returns the cases, for whoever watches them."""
    swept = await _try_again(pool, now)
    for _ in range(ROUNDS_MAX):
        found, decided = await _sweep_batch(pool, now, BATCH)
        swept += decided
        if found < BATCH and len(decided) in (0, found):
            break
    return swept


async def _sweep_batch(pool: Pool, now: datetime, size: int) -> tuple[int, list[UUID]]:
    """How many were due, and which of them were decided: of each order one at a time."""
    case_ids: list[UUID] = []
    async with pool.acquire() as connection:
        try:
            async with connection.transaction():
                rows: list[Record] = await connection.fetch(_DUE, now, size)
                case_ids += [row["id"] for row in rows]
                return len(case_ids), await _decide_all(connection, case_ids, now)
        except Exception as error:
            # A case that cannot be decided; or two of the batch drew on the same account, which
            # holds enough for one.
            if is_weather(error) or not case_ids:
                raise
            return len(case_ids), await _divide(connection, case_ids, error, now)


async def _try_again(pool: Pool, now: datetime) -> list[UUID]:
    """Those that failed before and have waited long enough, each by itself."""
    async with pool.acquire() as connection:
        case_ids = await store.clocks_to_try_again(connection, now=now, limit=AGAIN_MAX)
        return [one for each in case_ids for one in await _decide_apart(connection, [each], now)]


async def _decide_apart(connection: Connection, case_ids: list[UUID], now: datetime) -> list[UUID]:
    """Decide these in a transaction of their own. Returns those that were decided."""
    try:
        async with connection.transaction():
            rows: list[Record] = await connection.fetch(_LOCK, case_ids)
            return await _decide_all(connection, [row["id"] for row in rows], now)
    except Exception as error:
        if is_weather(error):
            raise
        return await _divide(connection, case_ids, error, now)


async def _divide(
    connection: Connection, case_ids: list[UUID], error: Exception, now: datetime
) -> list[UUID]:
    """What failed together is tried in halves; what fails alone is set aside."""
    if len(case_ids) == 1:
        await _set_aside(connection, case_ids[0], error, now)
        return []
    half = len(case_ids) // 2
    return [
        *await _decide_apart(connection, case_ids[:half], now),
        *await _decide_apart(connection, case_ids[half:], now),
    ]


async def _set_aside(
    connection: Connection, case_id: UUID, error: Exception, now: datetime
) -> None:
    reason = f"{type(error).__name__}: {error}"
    noted = await store.set_clock_aside(connection, case_id, reason=reason, now=now)
    if noted is None:
        return
    wait = min(FIRST_WAIT * GROWTH ** min(noted.failures - 1, 20), WAIT_MAX)
    await store.let_clock_wait(connection, case_id, until=now + wait)
    if noted.is_news:
        _log.error("clock set aside", number=noted.number, case=str(case_id), exc_info=error)


async def _decide_all(connection: Connection, case_ids: list[UUID], now: datetime) -> list[UUID]:
    """Decide the first of these on each order: the next has to see what that one has paid."""
    if not case_ids:
        return []
    seen = await see_cases(connection, case_ids)
    due = [one for one in seen if timed_out(one.stored.case, now)]
    first = {one.stored.case.order_id: one for one in reversed(due)}
    decided = [_decide(one, now) for one in first.values()]
    if decided:
        await commit(connection, decided, now=now)
        for one in decided:
            changed(channels_of(one.outcome.case))
    return [one.outcome.case.id for one in decided]


def _decide(seen: CaseSeen, now: datetime) -> Decided:
    case = seen.stored.case
    outcome = decide_timeout(case, facts=seen.facts, pack=pack_of(case), now=now)
    return Decided(outcome=outcome, before=case.version, head=seen.stored.head)
