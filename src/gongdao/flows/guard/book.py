"""What the guard goes by now, without asking the database or the settings for each message."""

from functools import cache
from time import monotonic
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from gongdao.base.config import read_config
from gongdao.base.db import Pool
from gongdao.flows.settings import current_pack
from gongdao.policy.pack import Pack

#: An operator's new choice of a pack counts this much later for what is said; the round of the
#: worker looks at everything again by the pack that counts then.
BELIEVED_SECONDS = 5.0

_known: WeakKeyDictionary[Pool, tuple[float, Pack]] = WeakKeyDictionary()


async def pack_of_now(pool: Pool) -> Pack:
    """The pack that judges what is said now; at most some seconds old."""
    known = _known.get(pool)
    if known is None or monotonic() - known[0] > BELIEVED_SECONDS:
        known = _known[pool] = (monotonic(), await current_pack(pool))
    return known[1]


@cache
def own_hosts() -> tuple[str, ...]:
    """Where this marketplace itself is found: its own links lead nowhere else."""
    config = read_config()
    public = urlsplit(config.public_url).hostname
    return (*((public,) if public else ()), *config.own_hosts)
