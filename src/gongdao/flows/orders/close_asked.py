"""A shop closes an order that its buyer does not want: only after it has asked, or was told."""

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.cancel_order import cancel_order
from gongdao.flows.order_desk import Wish
from gongdao.flows.orders.desk import lock_for
from gongdao.shops.cod import standing
from gongdao.shops.cod_store import calls_of_order
from gongdao.shops.contact_store import contacts_of
from gongdao.shops.order import Order

#: What counts as having asked whether somebody still wants the order.
ASKED = ("duplicate", "impulse")


async def close_asked(pool: Pool, wish: Wish) -> Order:
    """Close it as not wanted: the buyer was asked, or refused it on the telephone.

    Raises Refusal: not_eligible before that, and those of cancelling: what is paid can only be
    cancelled by the buyer.
    """
    async with pool.acquire() as connection, connection.transaction():
        # Whether anybody asked is nothing that another shop hears of.
        order = (await lock_for(connection, wish, "case.answer")).order
        contacts = (await contacts_of(connection, [order.id])).get(order.id, {})
        calls = await calls_of_order(connection, order.id, shop_id=order.shop_id)
    asked = any(kind in contacts and contacts[kind].said_at for kind in ASKED)
    if not asked and standing(calls, now=wish.now) != "refused":
        raise Refusal(
            "not_eligible", N_("Ask the buyer first; an order is closed only after that.")
        )
    return await cancel_order(pool, wish, reason="changed_mind")
