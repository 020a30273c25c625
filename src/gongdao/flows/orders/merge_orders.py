"""Orders of one buyer to one address leave in one parcel."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.base.live import changed
from gongdao.flows.orders.desk import shop_of
from gongdao.shops.amend import require_unshipped
from gongdao.shops.parcel_store import MERGED_MAX, merge, take_apart
from gongdao.shops.purchase import Purchase
from gongdao.shops.store import Scope, lock_purchase


async def merge_orders(
    pool: Pool, who: Principal, order_ids: Sequence[UUID], *, now: datetime
) -> list[UUID]:
    """Let these orders leave together; again it changes nothing.

    Raises Refusal: wrong_role, not_found, invalid (fewer than two, too many, another buyer or
    address), not_allowed_in_stage (one has left or is not paid).
    """
    shop_id = shop_of(who, "order.ship")
    ids = sorted(set(order_ids))
    if not 2 <= len(ids) <= MERGED_MAX:
        raise Refusal(
            "invalid", N_("Choose two to {n} orders that leave in one parcel."), n=MERGED_MAX
        )
    async with pool.acquire() as connection, connection.transaction():
        purchases = [
            await lock_purchase(connection, each, scope=Scope(shop_id=shop_id)) for each in ids
        ]
        _require_alike(purchases)
        await merge(connection, ids, merge_id=new_id(), shop_id=shop_id, by=who.person_id, now=now)
    changed((f"shop:{shop_id}",))
    return ids


async def split_order(pool: Pool, who: Principal, order_id: UUID) -> None:
    """Let an order leave alone again. Raises Refusal: wrong_role, not_found, and once it left."""
    shop_id = shop_of(who, "order.ship")
    async with pool.acquire() as connection, connection.transaction():
        purchase = await lock_purchase(connection, order_id, scope=Scope(shop_id=shop_id))
        require_unshipped(purchase.order)
        await take_apart(connection, order_id, shop_id=shop_id)
    changed((f"shop:{shop_id}",))


def _require_alike(purchases: Sequence[Purchase]) -> None:
    first = purchases[0]
    for purchase in purchases:
        order = purchase.order
        require_unshipped(order)
        if order.paid_at is None and order.payment != "cod":
            raise Refusal("not_allowed_in_stage", N_("The buyer has not paid yet."))
        same = (order.buyer_id, purchase.remarks.receiver) == (
            first.order.buyer_id,
            first.remarks.receiver,
        )
        if not same or not purchase.remarks.receiver.address:
            raise Refusal(
                "invalid", N_("Only orders of one buyer to one address leave in one parcel.")
            )
