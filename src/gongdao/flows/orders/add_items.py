"""More in the same parcel: free while nobody has read it, for postage after that."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.base.live import changed
from gongdao.flows.ask_extra import ask_extra
from gongdao.flows.order_desk import Wish
from gongdao.flows.orders.desk import lock_for, other_said, shop_of
from gongdao.shops.amend import require_unshipped
from gongdao.shops.order import Order
from gongdao.shops.parcel import Addition, check_addition, furthest
from gongdao.shops.parcel_store import (
    add_addition,
    addition_of_key,
    end_addition,
    makings_of,
    merged_with,
    note_making,
)


async def note_made(pool: Pool, wish: Wish, state: str) -> None:
    """Whoever makes up the parcel has read the order, or packed it; it never goes back."""
    if state not in ("read", "packed"):
        raise Refusal("invalid", N_("A parcel is read or packed."))
    reached: Literal["read", "packed"] = "read" if state == "read" else "packed"
    async with pool.acquire() as connection, connection.transaction():
        purchase = await lock_for(connection, wish, "order.ship")
        require_unshipped(purchase.order)
        await note_making(
            connection,
            wish.order_id,
            reached,
            shop_id=purchase.order.shop_id,
            by=wish.who.person_id,
            now=wish.now,
        )
    changed((f"shop:{purchase.order.shop_id}",))


async def add_items(pool: Pool, wish: Wish, *, what: str, extra_fen: int) -> Addition:
    """Have something added; the same request again adds nothing.

    While nobody has read any order of the parcel, whoever makes it up is told at once and nothing
    is to be paid. After that the buyer pays the postage: by a bill where the platform holds the
    money of the order, else the shop collects it where the order was paid.
    Raises Refusal: wrong_role, not_found, not_allowed_in_stage (it has left), invalid,
    reason_required (no postage named), not_eligible (postage for nothing), and those of a bill.
    """
    async with pool.acquire() as connection, connection.transaction():
        purchase = await lock_for(connection, wish, "case.answer")
        order = purchase.order
        if wish.key:
            before = await addition_of_key(
                connection, order.id, by=wish.who.person_id, key=wish.key
            )
            if before is not None:
                if (before.what, before.extra_fen) != (" ".join(what.split()), extra_fen):
                    raise other_said()
                return before
        require_unshipped(order)
        merged = await merged_with(connection, [order.id], shop_id=order.shop_id)
        makings = await makings_of(connection, [order.id, *merged.get(order.id, [])])
        making = furthest(makings.values())
    said = check_addition(what, making, extra_fen)
    addition_id = new_id()
    bill_id = await _bill(pool, wish, order, said, extra_fen) if extra_fen else None
    async with pool.acquire() as connection, connection.transaction():
        kept = await add_addition(
            connection,
            Addition(
                id=addition_id,
                shop_id=order.shop_id,
                order_id=order.id,
                what=said,
                making=making,
                extra_fen=extra_fen,
                bill_id=bill_id,
                key=wish.key,
                by_id=wish.who.person_id,
                at=wish.now,
            ),
        )
    changed((f"shop:{order.shop_id}",))
    return kept


async def _bill(pool: Pool, wish: Wish, order: Order, what: str, extra_fen: int) -> UUID | None:
    """The bill for the postage; none where the money of the order is not with us."""
    if order.money == "elsewhere" or order.paid_at is None:
        return None
    bill = await ask_extra(pool, wish, amount_fen=extra_fen, what="freight", note=what[:60])
    return bill.id


async def end_adding(pool: Pool, who: Principal, addition_id: UUID, *, now: datetime) -> None:
    """It lies in the parcel. Raises Refusal: wrong_role, not_found."""
    shop_id = shop_of(who, "order.ship")
    async with pool.acquire() as connection, connection.transaction():
        order_id = await end_addition(
            connection, addition_id, shop_id=shop_id, by=who.person_id, now=now
        )
    if order_id is None:
        raise Refusal("not_found", N_("There is nothing of this kind to be added."))
    changed((f"shop:{shop_id}",))
