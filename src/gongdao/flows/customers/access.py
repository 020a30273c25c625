"""Whose customers somebody sees: those of their own shop, and nobody else's."""

from collections.abc import Sequence
from uuid import UUID

from gongdao.accounts.principal import Permit, Principal
from gongdao.base.db import Connection, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.customers.customer import Customer
from gongdao.customers.store import load_customer, lock_customers


def shop_of(who: Principal, permit: Permit) -> UUID:
    """The shop whose customers somebody may see or keep. Raises Refusal wrong_role."""
    if who.shop_id is None or not who.may(permit):
        raise Refusal("wrong_role", N_("Your role does not permit this."))
    return who.shop_id


async def require_customer(database: Queryable, shop_id: UUID, buyer_id: UUID) -> Customer:
    """A customer of the shop. Raises Refusal not_found."""
    customer = await load_customer(database, shop_id, buyer_id)
    if customer is None:
        raise Refusal("not_found", N_("There is no such customer."))
    return customer


async def hold_customers(connection: Connection, shop_id: UUID, buyer_ids: Sequence[UUID]) -> None:
    """Customers of whom something may be kept now; nobody erases them until it stands there.

    Raises Refusal: not_found (of one of them), not_allowed_in_stage after an erasure: what the law
    keeps of them is used for nothing else (PIPL art. 47 (2)).
    """
    held = await lock_customers(connection, shop_id, buyer_ids)
    if len(held) != len(buyer_ids):
        raise Refusal("not_found", N_("There is no such customer."))
    if any(each.erased_at for each in held.values()):
        raise Refusal(
            "not_allowed_in_stage",
            N_(
                "What was kept on this customer was erased at their request. Nothing new is kept"
                " until they order or write again."
            ),
        )
