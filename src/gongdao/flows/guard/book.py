"""The guard's rules as they count now, without asking the database for each message."""

from time import monotonic
from weakref import WeakKeyDictionary

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
