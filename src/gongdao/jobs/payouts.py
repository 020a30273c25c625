"""Jobs of the worker: send the payouts that are due, and ask which have arrived.

Each may be killed at any step and called twice: a payout that was claimed and not finished is due
again after its wait, the channel knows it by its id, and its arrival is written down once. What the
guard puts off, for a person to look at, goes by itself when its time is over.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from gongdao.base.config import read_config
from gongdao.base.db import Pool
from gongdao.base.live import changed
from gongdao.flows.guard.hold_back import end_holds, hold_back
from gongdao.flows.notify_parties import notify_arrivals
from gongdao.ledger import payout_store
from gongdao.ledger.channel import ATTEMPTS_MAX, ChannelUnavailable, PaymentChannel
from gongdao.ledger.payout import Payout
from gongdao.ledger.payout_store import BATCH
from gongdao.ledger.simulator import Simulator

_log = structlog.get_logger()
_DAY = timedelta(days=1)


async def pay_out(pool: Pool, now: datetime) -> None:
    """One round of the worker through the configured channel: all that is due goes out or ends."""
    config = read_config()
    day = timedelta(seconds=config.channel_seconds_per_day)
    channel = open_channel(config.channel, pool, day=day)
    while await send_due_payouts(pool, channel, now=now, day=day) == BATCH:
        continue
    while await note_due_arrivals(pool, channel, now=now, day=day) == BATCH:
        continue


def open_channel(name: str, pool: Pool, *, day: timedelta = _DAY) -> PaymentChannel:
    """The payment channel of that name. Raises ValueError with the names there are."""
    if name != "simulator":
        raise ValueError(f"GONGDAO_CHANNEL must be simulator, not {name!r}")
    return Simulator(pool, day=day)


async def send_due_payouts(
    pool: Pool, channel: PaymentChannel, *, now: datetime, day: timedelta = _DAY
) -> int:
    """Send a batch of payouts that are due; returns how many were tried."""
    async with pool.acquire() as connection, connection.transaction():
        await end_holds(connection, now=now)
        due = await payout_store.claim_queued(connection, now=now, day=day)
        held = await hold_back(connection, due, now=now)
    for payout in due:
        if payout.id not in held:
            await send_payout(pool, channel, payout, now=now)
    return len(due)


async def send_payout(
    pool: Pool, channel: PaymentChannel, payout: Payout, *, now: datetime
) -> None:
    """Send one payout that was claimed, and write down what the channel said."""
    # No connection is held while the channel thinks.
    try:
        receipt = await channel.refund(payout.id, payout.channel, payout.amount_fen, now=now)
    except ChannelUnavailable as unavailable:
        await _note_unavailable(pool, payout, str(unavailable), now)
        return
    async with pool.acquire() as connection:
        if receipt.state == "refused":
            await payout_store.note_failed(connection, {payout.id: receipt.reason}, now=now)
            _tell(payout, receipt.reason)
        else:
            await payout_store.note_sent(connection, receipt, now=now)
    _tell_pages(payout.case_id)


async def note_due_arrivals(
    pool: Pool, channel: PaymentChannel, *, now: datetime, day: timedelta = _DAY
) -> int:
    """Ask the channel for a batch of payouts that should have arrived; returns how many have."""
    async with pool.acquire() as connection:
        due = await payout_store.claim_sent(connection, now=now, again=day / 24)
    if not due:
        return 0
    try:
        receipts = await channel.status(due, now=now)
    except ChannelUnavailable as unavailable:
        _log.warning("payment channel unavailable", reason=str(unavailable))
        return 0
    arrived = [receipt for receipt in receipts if receipt.state == "arrived"]
    bounced = {receipt.ref: receipt.reason for receipt in receipts if receipt.state == "refused"}
    async with pool.acquire() as connection, connection.transaction():
        news = await payout_store.note_arrivals(connection, arrived, now=now)
        await notify_arrivals(connection, news, now=now)
        await payout_store.note_failed(connection, bounced, now=now)
        cases = await payout_store.cases_of(connection, [*news, *bounced])
    _tell_pages(*cases)
    for ref, reason in bounced.items():
        _log.error("payout failed", payout=str(ref), reason=reason)
    return len(news)


async def _note_unavailable(pool: Pool, payout: Payout, reason: str, now: datetime) -> None:
    async with pool.acquire() as connection:
        if payout.attempts < ATTEMPTS_MAX:
            await payout_store.note_unanswered(connection, payout.id, reason=reason)
            return
        await payout_store.note_failed(connection, {payout.id: reason}, now=now)
    _tell(payout, reason)
    _tell_pages(payout.case_id)


def _tell_pages(*cases: UUID | None) -> None:
    """The open pages of these cases show where the money is."""
    changed(f"case:{case_id}" for case_id in cases if case_id)


def _tell(payout: Payout, reason: str) -> None:
    """For whoever watches the logs; the platform's list of failed payouts is for people."""
    _log.error("payout failed", payout=str(payout.id), case=str(payout.case_id), reason=reason)
