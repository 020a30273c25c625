"""A parcel leaves: with all orders that were merged into it, and with the word to its buyer."""

from datetime import datetime
from uuid import UUID

from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.base.live import changed
from gongdao.flows.order_desk import Wish
from gongdao.flows.orders.desk import rules_of, shop_of
from gongdao.shops.cod import Call, standing
from gongdao.shops.cod_store import add_call, calls_of_orders
from gongdao.shops.dispatch_store import DispatchNotice, put_notice
from gongdao.shops.order import Order
from gongdao.shops.parcel_store import merged_with
from gongdao.shops.store import Scope, load_orders, mark_shipped


async def dispatch_order(
    pool: Pool,
    wish: Wish,
    *,
    carrier: str,
    tracking: str,
    at: datetime | None = None,
    note: str = "",
) -> list[Order]:
    """Note that the parcel left; all of its orders are on their way, or none is.

    An order that pays on delivery and was not confirmed on the telephone leaves only with a reason,
    unless the shop wants it otherwise. The same again changes nothing. Raises Refusal.
    """
    shop_id = shop_of(wish.who, "order.ship")
    if not any(letter.isdigit() for letter in tracking):
        raise Refusal("invalid", N_("Name a carrier and a tracking number."))
    async with pool.acquire() as connection, connection.transaction():
        others = (await merged_with(connection, [wish.order_id], shop_id=shop_id)).get(
            wish.order_id, []
        )
        # Locked before the calls are read: what a colleague hears now is heard before it leaves.
        known = await load_orders(
            connection, [wish.order_id, *others], scope=Scope(shop_id=shop_id), lock=True
        )
        rules = await rules_of(connection, shop_id)
        if rules.cod_note:
            await _require_word(connection, list(known.values()), wish, note)
        shipped = [
            await _ship(connection, each, wish, carrier=carrier, tracking=tracking, at=at)
            for each in sorted({wish.order_id, *others})
            if each == wish.order_id or _leaves(known.get(each))
        ]
        fresh = [order for order in shipped if known[order.id].shipped_at is None]
        if fresh and rules.tell_dispatch:
            await _tell(connection, wish, shipped)
    changed((f"shop:{shop_id}", *(f"buyer:{order.buyer_id}" for order in shipped)))
    return shipped


def _leaves(order: Order | None) -> bool:
    """Whether a merged order still can leave: one that was closed since is left behind."""
    return order is not None and order.closed_at is None and order.shipped_at is None


async def _ship(
    connection: Connection,
    order_id: UUID,
    wish: Wish,
    *,
    carrier: str,
    tracking: str,
    at: datetime | None,
) -> Order:
    return await mark_shipped(
        connection,
        order_id,
        scope=Scope(shop_id=wish.who.shop_id),
        carrier=carrier,
        tracking=tracking,
        by=wish.who.person_id,
        at=at or wish.now,
        told_at=wish.now,
    )


async def _require_word(connection: Connection, orders: list[Order], wish: Wish, note: str) -> None:
    """Refuse what nobody has confirmed on the telephone, unless somebody says why it goes."""
    meant = [o for o in orders if o.payment == "cod" and o.shipped_at is None and not o.closed_at]
    if not meant:
        return
    shop_id = meant[0].shop_id
    calls = await calls_of_orders(connection, [o.id for o in meant], shop_id=shop_id)
    for order in meant:
        if standing(calls.get(order.id, []), now=wish.now) in ("confirmed", "shipped_unconfirmed"):
            continue
        said = " ".join(note.split())[:500]
        if not said:
            raise Refusal(
                "reason_required",
                N_(
                    "The buyer of {number} pays on delivery and has not confirmed on the telephone."
                    " Call them first, or say why the parcel leaves all the same."
                ),
                number=order.number,
            )
        call = Call(
            order_id=order.id,
            result="shipped_unconfirmed",
            note=said,
            by_id=wish.who.person_id,
            at=wish.now,
        )
        await add_call(connection, call, shop_id=shop_id, key=None)


async def _tell(connection: Connection, wish: Wish, orders: list[Order]) -> None:
    first = next((o for o in orders if o.id == wish.order_id), orders[0])
    notice = DispatchNotice(
        id=new_id(),
        shop_id=first.shop_id,
        order_id=first.id,
        order_ids=[order.id for order in orders],
        carrier=first.carrier,
        tracking=first.tracking,
        made_at=wish.now,
    )
    await put_notice(connection, notice)
