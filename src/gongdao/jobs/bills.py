"""Jobs of the worker: ask the channel which money came in, let bills expire, settle exchanges.

Each may be killed at any step and called twice: the channel knows a bill by its id, and a bill is
settled once.
"""

from datetime import datetime, timedelta

import structlog

from gongdao.base.config import read_config
from gongdao.base.db import Pool
from gongdao.base.live import changed
from gongdao.flows.settle_bill import drop_bill, settle_bill
from gongdao.flows.settle_exchange import settle_exchanges
from gongdao.jobs.payouts import open_channel
from gongdao.ledger.bill import Bill
from gongdao.ledger.bill_store import BATCH, claim_bills, end_bill, lock_bill
from gongdao.ledger.channel import ChannelUnavailable, PaymentChannel, Receipt
from gongdao.shops.product_store import free_hold
from gongdao.shops.store import Scope, lock_order

_log = structlog.get_logger()
_DAY = timedelta(days=1)


async def look_at_bills(pool: Pool, now: datetime) -> None:
    """One round of the worker through the configured channel."""
    config = read_config()
    day = timedelta(seconds=config.channel_seconds_per_day)
    channel = open_channel(config.channel, pool, day=day) if config.channel_collects else None
    while await collect_due(pool, channel, now=now, day=day) == BATCH:
        continue
    await settle_exchanges(pool, now=now)


async def collect_due(
    pool: Pool, channel: PaymentChannel | None, *, now: datetime, day: timedelta = _DAY
) -> int:
    """Look at a batch of bills that are due; returns how many. Without a channel none is paid."""
    async with pool.acquire() as connection:
        due = await claim_bills(connection, now=now, day=day)
    for bill in due:
        if bill.state == "open":
            await _expire(pool, bill, now)
        elif channel is not None:
            await _ask(pool, channel, bill, now)
    return len(due)


async def _ask(pool: Pool, channel: PaymentChannel, bill: Bill, now: datetime) -> None:
    # No connection is held while the channel thinks.
    try:
        receipt = await channel.collect(bill.id, bill.channel, bill.amount_fen, now=now)
    except ChannelUnavailable as unavailable:
        _log.warning("payment channel unavailable", bill=str(bill.id), reason=str(unavailable))
        return
    if receipt.state == "arrived":
        async with pool.acquire() as connection, connection.transaction():
            await settle_bill(connection, bill.id, reference=receipt.channel_ref, now=now)
    elif receipt.state == "refused":
        await _refused(pool, bill, receipt, now)


async def _expire(pool: Pool, bill: Bill, now: datetime) -> None:
    async with pool.acquire() as connection, connection.transaction():
        if bill.order_id is not None:
            await lock_order(connection, bill.order_id, scope=Scope(platform=True))
        await drop_bill(connection, await lock_bill(connection, bill.id), now=now)
    changed({f"shop:{bill.shop_id}", f"buyer:{bill.payer}"})


async def _refused(pool: Pool, bill: Bill, receipt: Receipt, now: datetime) -> None:
    async with pool.acquire() as connection, connection.transaction():
        if bill.order_id is not None:
            await lock_order(connection, bill.order_id, scope=Scope(platform=True))
        found = await lock_bill(connection, bill.id)
        if found.is_waiting:
            await end_bill(connection, bill.id, "void", now=now, reference=receipt.reason)
            await free_hold(connection, bill.id)
    changed({f"shop:{bill.shop_id}", f"buyer:{bill.payer}"})
