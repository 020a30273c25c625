"""A buyer takes another variant of the same product, before the parcel leaves."""

from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.flows.notify_orders import tell_other_side
from gongdao.flows.order_desk import (
    Wish,
    bill_key,
    give_back,
    require_no_open_case,
    saying,
    take_up,
    tell_sides,
    write_log,
)
from gongdao.flows.settle_bill import settle_bill
from gongdao.ledger.bill import PAY_WITHIN, Bill
from gongdao.ledger.bill_store import bill_of_key, make_bill
from gongdao.ledger.transfer import Account
from gongdao.shops import amend
from gongdao.shops.order import Line, Order
from gongdao.shops.product_store import hold_stock, products_of_lines, put_back, use_hold
from gongdao.shops.shop import Product
from gongdao.shops.store import advance_orders


class LineChange(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it: the order, and the bill that has to be paid first where it is dearer."""

    order: Order
    bill: Bill | None = None


async def change_line(pool: Pool, wish: Wish, *, line: int, sku: str) -> LineChange:
    """Put another variant into a line, named by its number. Raises Refusal.

    The same price: done. Cheaper: the rest goes back. Dearer: done once the difference is paid;
    meanwhile the goods are held.
    """
    require_buyer(wish.who)
    wish = saying(wish, "line_changed", line, sku)
    async with pool.acquire() as connection, connection.transaction():
        purchase, done = await take_up(connection, wish, "line_changed")
        order = purchase.order
        if done:
            return LineChange(order=order)
        again = await _asked_before(connection, wish, order, line, sku)
        if again:
            return LineChange(order=order, bill=again)
        found = await _change(connection, wish, order, line, sku)
    tell_sides(found.order)
    return found


def require_buyer(who: Principal) -> None:
    """Only the buyer changes what was bought, where it goes, and how it is paid."""
    if who.kind != "buyer":
        raise Refusal("wrong_role", N_("Only the buyer can change an order."))


async def _asked_before(
    connection: Connection, wish: Wish, order: Order, line: int, sku: str
) -> Bill | None:
    """The bill that this very request has made before."""
    if wish.key is None:
        return None
    key = bill_key(wish, order.id)
    made = await bill_of_key(connection, shop_id=order.shop_id, payer=order.buyer_id, key=key)
    if made and (made.detail.get("line"), made.detail.get("sku")) != (line, sku):
        raise Refusal(
            "idempotency_conflict", N_("This idempotency key was used for something else.")
        )
    return made


async def _change(
    connection: Connection, wish: Wish, order: Order, number: int, sku: str
) -> LineChange:
    amend.require_unshipped(order)
    line = amend.line_of(order, number)
    await require_no_open_case(connection, order.id)
    products = await products_of_lines(connection, order.shop_id, order.lines)
    own = amend.product_of(products, line)
    wanted = next((p for p in products if p.sku == sku), None)
    variant = amend.require_sibling(line, own, wanted)
    after = amend.change_line(order, line=number, variant=variant)
    more_fen = amend.total_fen(after) - amend.total_fen(order)
    holder = new_id()
    await _hold(connection, wish, line, variant, holder)
    if order.paid_at is not None and more_fen > 0:
        return await _bill(connection, wish, order, line, variant, more_fen, holder)
    await use_hold(connection, holder)
    if own is not None:
        await put_back(connection, {own.id: line.quantity})
    await advance_orders(connection, [after])
    await write_log(connection, wish, "line_changed", line=number, sku=sku, amount_fen=more_fen)
    if order.paid_at is not None:
        await give_back(connection, order, -more_fen, now=wish.now)
    await tell_other_side(connection, after, "line_changed", wish.who.person_id)
    return LineChange(order=after)


async def _hold(
    connection: Connection, wish: Wish, line: Line, variant: Product, holder: UUID
) -> None:
    held = await hold_stock(
        connection, holder=holder, product_id=variant.id, units=line.quantity, now=wish.now
    )
    if not held:
        raise Refusal(
            "not_eligible", N_("There are not enough of {title} left."), title=variant.title
        )


async def _bill(
    connection: Connection,
    wish: Wish,
    order: Order,
    line: Line,
    variant: Product,
    more_fen: int,
    holder: UUID,
) -> LineChange:
    """Ask for the difference; from a gift card it is taken at once."""
    card = order.payment == "gift_card"
    bill = Bill(
        id=holder,
        purpose="line_change",
        payer=order.buyer_id,
        shop_id=order.shop_id,
        order_id=order.id,
        amount_fen=more_fen,
        channel=order.payment if order.payment != "cod" else "balance",
        key=bill_key(wish, holder),
        detail={
            "line": line.line,
            "product": str(variant.id),
            "title": variant.title,
            "sku": variant.sku,
            "price_fen": variant.price_fen,
        },
        made_by=wish.who.person_id,
        created_at=wish.now,
        expires_at=wish.now + PAY_WITHIN,
    )
    bill = await make_bill(connection, bill)
    if card:
        source = Account("gift_card", order.buyer_id)
        bill = await settle_bill(connection, bill.id, reference="", now=wish.now, source=source)
    return LineChange(order=order, bill=bill)
