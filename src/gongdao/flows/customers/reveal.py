"""Seeing a whole phone number and address: with a reason, and never without a trace."""

from datetime import datetime
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.customers.customer import LogEntry, reason_of
from gongdao.customers.mask import mask_address, mask_name, mask_phone
from gongdao.customers.rights_store import write_log
from gongdao.flows.customers.access import require_customer, shop_of
from gongdao.shops.order import Order
from gongdao.shops.purchase import Purchase
from gongdao.shops.shop import Address
from gongdao.shops.store import Scope, load_purchase


async def reveal_receiver(
    pool: Pool,
    who: Principal,
    buyer_id: UUID,
    order_id: UUID,
    *,
    why: str,
    look_id: UUID,
    now: datetime,
) -> Address:
    """The receiver of an order, whole. The look is kept before anything is shown.

    Raises Refusal: wrong_role, reason_required, not_found.
    """
    shop_id = shop_of(who, "customers.reveal")
    why = reason_of(why)
    await require_customer(pool, shop_id, buyer_id)
    async with pool.acquire() as connection, connection.transaction():
        purchase = await load_purchase(connection, order_id, scope=Scope(shop_id=shop_id))
        if purchase is None or purchase.order.buyer_id != buyer_id:
            raise Refusal("not_found", N_("There is no such order."))
        look = LogEntry(
            id=look_id,
            shop_id=shop_id,
            buyer_id=buyer_id,
            by_id=who.person_id,
            at=now,
            what="revealed",
            why=why,
            order_id=order_id,
        )
        await write_log(connection, look)
    return purchase.remarks.receiver


def receiver_for(who: Principal, purchase: Purchase) -> Address:
    """The receiver of an order as this person needs it: whole while they still have to send it."""
    receiver = purchase.remarks.receiver
    if who.kind != "shop" or _has_to_send(who, purchase.order):
        return receiver
    return masked(receiver)


def masked(receiver: Address) -> Address:
    """A receiver of whom nobody is found by it."""
    return Address(
        name=mask_name(receiver.name),
        phone=mask_phone(receiver.phone),
        address=mask_address(receiver.address),
    )


def _has_to_send(who: Principal, order: Order) -> bool:
    return who.may("order.ship") and order.shipped_at is None and order.closed_at is None
