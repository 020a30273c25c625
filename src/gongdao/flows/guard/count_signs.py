"""A round over the records: what changed since the last one is counted anew, and kept once.

Killed in the middle it has lost nothing: it reads from where the last whole round ended, and what
was kept already is known. A finding whose facts no longer hold stays; nothing is added to it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from gongdao.base.db import Pool
from gongdao.flows.guard.facts_buyers import signs_of_buyers
from gongdao.flows.guard.facts_orders import signs_of_orders
from gongdao.flows.guard.facts_reviews import signs_of_reviews
from gongdao.flows.guard.facts_rings import signs_of_rings
from gongdao.flows.guard.facts_shops import signs_of_shops
from gongdao.flows.guard.facts_touched import Touched, touched_between
from gongdao.flows.guard.noticed import noticed
from gongdao.flows.guard.say_signs import tell_found
from gongdao.flows.settings import current_pack
from gongdao.policy.pack import Pack
from gongdao.risk.finding import Finding, Place, Sign
from gongdao.risk.read_store import note_read, read_since
from gongdao.risk.store import keep

#: The first round looks so far back.
FIRST = timedelta(days=30)
_ROUND = "records"


async def count_signs(pool: Pool, now: datetime) -> list[Finding]:
    """One round over orders, shops, buyers, reviews and rings. Returns what is new."""
    since = await read_since(pool, _ROUND, first=FIRST, now=now)
    touched = await touched_between(pool, since, now)
    kept: list[Finding] = []
    if touched.buyers or touched.shops:
        pack = await current_pack(pool)
        # Signs in orders first: a shop's victims are counted by them.
        orders = await signs_of_orders(pool, touched, pack.guard.active("order"))
        kept = await keep(pool, _findings(orders, pack, now))
        kept += await keep(pool, _findings(await _counted(pool, touched, pack), pack, now))
        tell_found(kept, pack.guard)
    await note_read(pool, _ROUND, now)
    return kept


async def _counted(pool: Pool, touched: Touched, pack: Pack) -> list[tuple[Sign, Place]]:
    on_shop, on_buyer = pack.guard.active("shop"), pack.guard.active("buyer")
    return [
        *await signs_of_shops(pool, touched, pack.guard),
        *await signs_of_buyers(pool, touched, on_buyer),
        *await signs_of_reviews(pool, touched, on_shop),
        *await signs_of_rings(pool, touched, on_shop),
    ]


def _findings(signs: Sequence[tuple[Sign, Place]], pack: Pack, now: datetime) -> list[Finding]:
    return [noticed(sign, place, pack, at=now, now=now) for sign, place in signs]
