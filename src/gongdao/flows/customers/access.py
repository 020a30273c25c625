"""Whose customers somebody sees: those of their own shop, and nobody else's."""

from uuid import UUID

from gongdao.accounts.principal import Permit, Principal
from gongdao.base.db import Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.customers.customer import Customer
from gongdao.customers.store import load_customer


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
