"""Job of the worker: agents who fell silent are dropped, and nobody waits who could be served,
and talks that were left alone end."""

from datetime import datetime

from gongdao.base.db import Pool
from gongdao.flows.talk.auto_answer import say_slow
from gongdao.flows.talk.close_talk import close_untouched
from gongdao.flows.talk.presence import keep_desks


async def look_after_desks(pool: Pool, now: datetime) -> None:
    """One round over all shops; what it changed is told by the worker."""
    await keep_desks(pool, now=now)
    await say_slow(pool, now=now)
    await close_untouched(pool, now=now)
