"""Forgetting what is over: a job calls this from time to time."""

from datetime import datetime

from gongdao.accounts import store
from gongdao.accounts.lockout import ATTEMPTS_KEPT
from gongdao.base.db import Pool

#: Rows of each kind that one call deletes at most; the next call takes the rest.
_BATCH = 10_000


async def purge_expired(pool: Pool, *, now: datetime) -> int:
    """Delete dead sessions, attempts of yesterday and tokens that ended a month ago; how many."""
    return await store.delete_expired(
        pool, now=now, attempts_before=now - ATTEMPTS_KEPT, most=_BATCH
    )
