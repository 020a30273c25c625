"""A buyer pays in another way: once, while nothing is paid; a gift card pays all of it at once."""

from typing import Literal

from msgspec.structs import replace

from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.money import yuan
from gongdao.flows.change_line import require_buyer
from gongdao.flows.notify_orders import tell_other_side
from gongdao.flows.order_desk import Wish, saying, take_up, tell_sides, write_log
from gongdao.ledger.store import load_balances, post
from gongdao.ledger.transfer import Account, Transfer
from gongdao.shops.amend import switch_payment, total_fen
from gongdao.shops.order import Order
from gongdao.shops.store import advance_orders, logged_times

#: What a buyer may change to; whether it can be paid on delivery is for the shop to say.
Chosen = Literal["balance", "card", "credit", "gift_card"]


async def change_payment(pool: Pool, wish: Wish, payment: Chosen) -> Order:
    """Choose another way of paying. Raises Refusal."""
    require_buyer(wish.who)
    wish = saying(wish, "payment_changed", payment)
    async with pool.acquire() as connection, connection.transaction():
        purchase, done = await take_up(connection, wish, "payment_changed")
        order = purchase.order
        if not done:
            order = await _change(connection, wish, order, payment)
            await tell_other_side(connection, order, "payment_changed", wish.who.person_id)
    tell_sides(order)
    return order


async def _change(connection: Connection, wish: Wish, order: Order, payment: Chosen) -> Order:
    after = switch_payment(order, payment=payment)
    if await logged_times(connection, order.id, "payment_changed"):
        raise Refusal("not_eligible", N_("The way of paying can be changed only once."))
    if payment == "gift_card":
        await _pay_by_card(connection, wish, order)
        after = replace(after, paid_at=max(wish.now, order.placed_at))
    await advance_orders(connection, [after])
    await write_log(connection, wish, "payment_changed", payment=payment, before=order.payment)
    if after.paid_at is not None:
        await write_log(connection, wish, "paid", payment=payment)
    return after


async def _pay_by_card(connection: Connection, wish: Wish, order: Order) -> None:
    card, due_fen = Account("gift_card", order.buyer_id), total_fen(order)
    balance = (await load_balances(connection, [card]))[card]
    if balance.available_fen < due_fen:
        raise Refusal(
            "insufficient_funds",
            N_("The gift card holds {held} yuan; it has to cover the whole order of {due}."),
            held=yuan(balance.available_fen),
            due=yuan(due_fen),
        )
    if due_fen:
        paying = Transfer(
            kind="payment",
            source=card,
            target=Account("order_escrow", order.id),
            amount_fen=due_fen,
        )
        await post(connection, [paying], now=wish.now, order_id=order.id, channel="gift_card")
