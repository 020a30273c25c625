"""The buyer confirms receipt: the order says so, and its money goes from escrow to the shop."""

from datetime import datetime
from uuid import UUID

from gongdao.base.db import Connection
from gongdao.flows.order_money import post_order_money
from gongdao.shops.order import Order
from gongdao.shops.store import Scope, lock_order, mark_confirmed


async def confirm_order(
    connection: Connection,
    order_id: UUID,
    *,
    scope: Scope,
    by: UUID | None,
    now: datetime,
    told: tuple[str, ...] = (),
) -> Order:
    """Confirm receipt once; confirming again changes nothing and moves nothing.

    `told`: the codes of the signs that the buyer was shown before; kept in the order's log.
    """
    async with connection.transaction():
        before = await lock_order(connection, order_id, scope=scope)
        after = await mark_confirmed(connection, order_id, scope=scope, by=by, at=now, told=told)
        await post_order_money(connection, [(before, after)], now=now)
    return after
