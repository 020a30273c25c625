"""Somebody gives an order up before its parcel leaves: it closes, and the money goes back."""

from uuid import UUID

from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.notify_orders import tell_other_side
from gongdao.flows.order_desk import (
    Wish,
    give_back,
    require_no_open_case,
    saying,
    take_up,
    tell_sides,
    write_log,
)
from gongdao.flows.settle_bill import drop_bills
from gongdao.policy.words import Reason
from gongdao.shops.amend import CANCEL_REASONS, cancel, product_of
from gongdao.shops.order import Order
from gongdao.shops.product_store import products_of_lines, put_back
from gongdao.shops.purchase import Logged
from gongdao.shops.store import advance_orders, append_log


async def cancel_order(pool: Pool, wish: Wish, *, reason: Reason | None) -> Order:
    """Cancel an order; again it changes nothing. Raises Refusal.

    A buyer cancels what has not left; a shop only what is not paid: that it does not want to
    deliver is a matter for a complaint.
    """
    if reason is None:
        raise Refusal("reason_required", N_("Say why you cancel."))
    if reason not in CANCEL_REASONS:
        raise Refusal("invalid", N_("This is no reason for cancelling an order."))
    if wish.who.kind == "platform":
        raise Refusal("wrong_role", N_("Only the two sides of an order can cancel it."))
    by = "buyer" if wish.who.kind == "buyer" else "seller"
    wish = saying(wish, "closed", reason)
    async with pool.acquire() as connection, connection.transaction():
        purchase, done = await take_up(connection, wish, "closed")
        order = purchase.order
        after = order if done else cancel(order, by=by, at=max(wish.now, order.placed_at))
        if after is not order:
            await require_no_open_case(connection, order.id)
            await _cancel(connection, wish, order, after, reason)
            await tell_other_side(connection, after, "closed", wish.who.person_id)
    tell_sides(after)
    return after


async def _cancel(
    connection: Connection, wish: Wish, order: Order, after: Order, reason: Reason
) -> None:
    back_fen = after.refunded_fen - order.refunded_fen
    await advance_orders(connection, [after])
    await write_log(connection, wish, "closed", by=after.closed_by or "", reason=reason)
    if back_fen:
        detail: dict[str, str | int] = {"from": "cancellation", "amount_fen": back_fen}
        refunded = Logged(
            order_id=order.id,
            at=wish.now,
            by_id=wish.who.person_id,
            what="refunded",
            detail=detail,
        )
        await append_log(connection, [refunded])
    await give_back(connection, order, back_fen, now=wish.now)
    await drop_bills(connection, order.id, now=wish.now)
    products = await products_of_lines(connection, order.shop_id, order.lines)
    units: dict[UUID, int] = {}
    for line in order.lines:
        product = product_of(products, line)
        if product is not None:
            units[product.id] = units.get(product.id, 0) + line.quantity
    await put_back(connection, units)
