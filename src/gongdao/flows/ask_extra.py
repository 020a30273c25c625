"""A shop asks a buyer for more on an order: a dearer thing as agreed, or freight to a far place."""

from typing import Literal

from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.flows.notify_orders import tell_other_side
from gongdao.flows.order_desk import (
    Wish,
    bill_key,
    require_no_open_case,
    saying,
    take_up,
    tell_sides,
    write_log,
)
from gongdao.ledger.bill import ASKED_FOR, NOTE_MAX, Bill
from gongdao.ledger.bill_store import bill_of_key, bills_of_order, make_bill
from gongdao.shops.amend import add_extra, add_freight
from gongdao.shops.order import Order

What = Literal["goods", "freight"]
#: So many requests may wait for one buyer on one order.
ASKED_MAX = 3


async def ask_extra(pool: Pool, wish: Wish, *, amount_fen: int, what: What, note: str) -> Bill:
    """Ask the buyer to pay something on top; nothing changes before they have. Raises Refusal."""
    note = " ".join(note.split())[:NOTE_MAX]
    if wish.who.kind != "shop" or not wish.who.may("case.answer"):
        raise Refusal("wrong_role", N_("Your role does not permit this."))
    if not note:
        raise Refusal("reason_required", N_("Say what the buyer is to pay for."))
    if amount_fen <= 0:
        raise Refusal("invalid", N_("An amount looks like 500 or 500.00."))
    wish = saying(wish, "extra_asked", amount_fen, what, note)
    async with pool.acquire() as connection, connection.transaction():
        purchase, done = await take_up(connection, wish, "extra_asked")
        bill = await _ask(connection, wish, purchase.order, amount_fen, what, note, done=done)
        if not done:
            await tell_other_side(connection, purchase.order, "extra_asked", wish.who.person_id)
    tell_sides(purchase.order)
    return bill


async def _ask(
    connection: Connection,
    wish: Wish,
    order: Order,
    amount_fen: int,
    what: What,
    note: str,
    *,
    done: bool,
) -> Bill:
    if done and wish.key:
        made = await bill_of_key(
            connection, shop_id=order.shop_id, payer=order.buyer_id, key=bill_key(wish, order.id)
        )
        assert made, "it was logged with the bill, in one transaction"
        return made
    _require_fitting(order, amount_fen, what, note)
    await require_no_open_case(connection, order.id)
    waiting = [b for b in await bills_of_order(connection, order.id) if b.is_waiting]
    if len(waiting) >= ASKED_MAX:
        raise Refusal("duplicate", N_("The buyer has not paid what was asked for before."))
    bill_id = new_id()
    await write_log(connection, wish, "extra_asked", amount_fen=amount_fen)
    bill = Bill(
        id=bill_id,
        purpose="extra",
        payer=order.buyer_id,
        shop_id=order.shop_id,
        order_id=order.id,
        amount_fen=amount_fen,
        channel="balance" if order.payment == "cod" else order.payment,
        key=bill_key(wish, bill_id),
        note=note,
        detail={"what": what, "title": note},
        made_by=wish.who.person_id,
        created_at=wish.now,
        expires_at=wish.now + ASKED_FOR,
    )
    return await make_bill(connection, bill)


def _require_fitting(order: Order, amount_fen: int, what: What, note: str) -> None:
    """Refuse what could not be carried out once it is paid."""
    if what == "freight":
        add_freight(order, amount_fen=amount_fen)
    else:
        add_extra(order, amount_fen=amount_fen, title=note)
