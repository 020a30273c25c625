"""What the worker would have done until an instant, for whoever lets time pass in one go."""

from datetime import datetime, timedelta

from gongdao.base.db import Pool
from gongdao.jobs.follow import follow
from gongdao.jobs.followers import FOLLOWERS
from gongdao.jobs.payouts import note_due_arrivals, send_due_payouts
from gongdao.jobs.sweep import sweep
from gongdao.ledger.channel import PaymentChannel

#: More than any history has; a payout that is due for ever must not hold anybody up.
_INSTANTS_MAX = 100_000
_NEXT = """
SELECT least((SELECT min(due_at) FROM cases c WHERE due_at < $1 AND NOT EXISTS (
                 SELECT FROM clocks_set_aside s WHERE s.case_id = c.id AND s.due_at = c.due_at)),
             (SELECT min(next_attempt_at) FROM payouts
               WHERE state IN ('queued', 'sent') AND next_attempt_at < $1))
"""
_MOMENT = timedelta(seconds=1)


async def catch_up(pool: Pool, channel: PaymentChannel, until: datetime) -> None:
    """Do what falls due before an instant, each at its own: silence, payouts, arrivals, news."""
    for _ in range(_INSTANTS_MAX):
        # What people did before is told before what follows from it.
        for follower in FOLLOWERS:
            await follow(pool, follower, until)
        due: datetime | None = await pool.fetchval(_NEXT, until)
        if due is None:
            return
        at = min(due + _MOMENT, until)
        await sweep(pool, at)
        await send_due_payouts(pool, channel, now=at)
        await note_due_arrivals(pool, channel, now=at)
