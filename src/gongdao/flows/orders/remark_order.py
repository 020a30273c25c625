"""Somebody of the shop remarks something on an order: flag, reason, and whose sale it is."""

from uuid import UUID

from gongdao.accounts.people_store import find_colleague
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.flows.order_desk import Wish
from gongdao.flows.orders.desk import lock_for, other_said
from gongdao.shops.remark import Remark, read_flag, read_reason
from gongdao.shops.remark_store import add_remark, remark_of_key


async def remark_order(
    pool: Pool, wish: Wish, *, flag: str, reason: str, agent_id: UUID | None
) -> Remark:
    """Add a remark; the same request again adds nothing.

    Raises Refusal: wrong_role, not_found, invalid, reason_required (one half is missing),
    too_large, idempotency_conflict.
    """
    colour = read_flag(flag)
    said, agent = read_reason(reason, agent_id=agent_id)
    async with pool.acquire() as connection, connection.transaction():
        purchase = await lock_for(connection, wish, "case.answer")
        shop_id = purchase.order.shop_id
        if await find_colleague(connection, agent, shop_id=shop_id) is None:
            raise Refusal("invalid", N_("This agent is not of your shop."))
        remark = Remark(
            order_id=wish.order_id,
            flag=colour,
            agent_id=agent,
            reason=said,
            by_id=wish.who.person_id,
            at=wish.now,
        )
        if not await add_remark(connection, remark, shop_id=shop_id, key=wish.key):
            assert wish.key, "only a key is found again"
            before = await remark_of_key(
                connection, wish.order_id, by=wish.who.person_id, key=wish.key
            )
            if before != (colour, agent, said):
                raise other_said()
    changed((f"shop:{shop_id}",))
    return remark
