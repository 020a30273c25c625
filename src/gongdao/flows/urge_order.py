"""A buyer reminds the shop that a parcel has not left yet: not too often."""

from datetime import timedelta

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.change_line import require_buyer
from gongdao.flows.notify_orders import tell_other_side
from gongdao.flows.order_desk import Wish, saying, take_up, tell_sides, write_log
from gongdao.shops.amend import require_unshipped
from gongdao.shops.order import Order
from gongdao.shops.store import logged_times

#: How often, and how many times in all, a buyer may urge a shop.
URGE_EVERY, URGES_MAX = timedelta(hours=12), 5


async def urge_order(pool: Pool, wish: Wish) -> Order:
    """Remind the shop to send the parcel. Raises Refusal."""
    require_buyer(wish.who)
    wish = saying(wish, "urged")
    async with pool.acquire() as connection, connection.transaction():
        purchase, done = await take_up(connection, wish, "urged")
        order = purchase.order
        if not done:
            require_unshipped(order)
            if order.promised_from is None:
                raise Refusal("not_allowed_in_stage", N_("The buyer has not paid yet."))
            before = await logged_times(connection, order.id, "urged")
            if len(before) >= URGES_MAX:
                raise Refusal(
                    "not_eligible",
                    N_("You have reminded the shop {n} times; file a complaint if it is late."),
                    n=len(before),
                )
            if before and wish.now < before[0] + URGE_EVERY:
                again = before[0] + URGE_EVERY
                raise Refusal("too_early", N_("You can remind again from {at} on."), at=again)
            await write_log(connection, wish, "urged")
            await tell_other_side(connection, order, "urged", wish.who.person_id)
    tell_sides(order)
    return order
