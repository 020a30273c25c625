"""Jobs of the guard: rounds of the worker, each of which may die at any step and is done again."""

from datetime import datetime

from gongdao.base.db import Pool
from gongdao.channels.secrets import Keyring
from gongdao.flows.guard.count_signs import count_signs
from gongdao.flows.guard.read_messages import read_messages
from gongdao.flows.guard.traits import note_receivers
from gongdao.flows.guard.watch_acts import find_watched

#: So many batches one call reads at most; the next call goes on.
BATCHES_MAX = 50


async def look_at_messages(pool: Pool, now: datetime) -> int:
    """Look at what was said since the last time; returns how much."""
    read = 0
    for _ in range(BATCHES_MAX):
        batch = await read_messages(pool, now=now)
        if not batch:
            break
        read += batch
    return read


async def look_at_records(pool: Pool, now: datetime) -> int:
    """Count anew what changed in orders, cases and reviews; returns how much is new."""
    return len(await count_signs(pool, now))


async def look_at_receivers(pool: Pool, keyring: Keyring, now: datetime) -> int:
    """Note where new orders go; returns how many that was."""
    return await note_receivers(pool, keyring, now=now)


async def look_at_watched(pool: Pool, now: datetime) -> int:
    """See whether somebody who is watched has acted; returns how much is new."""
    return len(await find_watched(pool, now=now))
