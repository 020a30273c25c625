"""Jobs of the worker: tell buyers that parcels have left, and that sold-out things are there again.

Both may be killed at any step and run by several workers: what was told is told once.
"""

from datetime import datetime

from gongdao.base.config import read_config
from gongdao.base.db import Pool
from gongdao.channels.sms import Sms
from gongdao.channels.sms_simulator import SmsSimulator
from gongdao.flows.orders.restock import TOLD_AT_ONCE, tell_restocked
from gongdao.flows.orders.tell_dispatch import tell_next_dispatch

#: Parcels that one round tells at most; the next round goes on.
ROUND_MAX = 200


async def tell_parcels(pool: Pool, now: datetime) -> None:
    """Tell what has left since."""
    sms = open_sms(read_config().sms, pool)
    for _ in range(ROUND_MAX):
        if not await tell_next_dispatch(pool, sms, now=now):
            return


async def tell_what_is_there(pool: Pool, now: datetime) -> None:
    """Tell those who wait for what has come in."""
    while await tell_restocked(pool, now=now) == TOLD_AT_ONCE:
        continue


def open_sms(name: str, pool: Pool) -> Sms | None:
    """The provider of that name; None for `none`. Raises ValueError with the names there are."""
    if name == "none":
        return None
    if name != "simulator":
        raise ValueError(f"GONGDAO_SMS must be none or simulator, not {name!r}")
    return SmsSimulator(pool)
