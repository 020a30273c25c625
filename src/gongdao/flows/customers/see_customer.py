"""A customer of one's shop: who they are to it, what happened, what was promised and kept."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from gongdao.accounts.people_store import names_of_people
from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool, Queryable
from gongdao.customers.customer import Customer, LogEntry, Preference, Request
from gongdao.customers.group import Group
from gongdao.customers.rights_store import log_of_pair, requests_of_buyer
from gongdao.customers.store import groups_of, groups_of_shop, preferences_of
from gongdao.flows.customers.access import require_customer, shop_of
from gongdao.flows.customers.history import (
    OWN_PAGE,
    History,
    ReviewRow,
    read_history,
    read_reviews,
)
from gongdao.flows.customers.reveal import masked
from gongdao.flows.talk.promises import LOOK_AHEAD, PromiseRow, read_promises
from gongdao.shops.rows import purchase_columns, purchase_from_row
from gongdao.shops.shop import Address

#: How far back promises are shown, and how many.
_PROMISED, _PROMISES_MAX, _LOOKS_SHOWN = timedelta(days=365), 50, 50
_RECEIVERS = f"""
SELECT {purchase_columns()} FROM orders o WHERE o.buyer_id = $1 AND o.shop_id = $2
   AND (o.receiver_phone <> '' OR o.receiver_address <> '')
 ORDER BY o.placed_at DESC, o.id DESC LIMIT 20
"""  # noqa: S608 - made of constants
_SUMS = """
SELECT count(*) AS orders, coalesce(sum(paid_fen), 0)::bigint AS paid_fen,
       coalesce(sum(refunded_fen), 0)::bigint AS refunded_fen
  FROM orders WHERE buyer_id = $1 AND shop_id = $2 AND paid_at IS NOT NULL
"""
_GIFTS = """
SELECT t.created_at AS at, t.amount_fen, o.number AS order_number, t.order_id
  FROM orders o JOIN ledger_transfers t
    ON t.target_kind = 'buyer_refund' AND t.target_owner = o.buyer_id AND t.order_id = o.id
 WHERE o.buyer_id = $1 AND o.shop_id = $2 AND t.kind = 'goodwill' AND t.state = 'posted'
 ORDER BY t.id DESC LIMIT 20
"""


class Receiver(msgspec.Struct, frozen=True, kw_only=True):
    """Where parcels of the customer go, masked, and an order by which all of it can be seen."""

    order_id: UUID
    order_number: str
    shown: Address


class Gift(msgspec.Struct, frozen=True, kw_only=True):
    """A small sum that the shop gave."""

    at: datetime
    amount_fen: int
    order_id: UUID
    order_number: str


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """What came of all their orders."""

    orders: int
    paid_fen: int
    refunded_fen: int


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A customer with everything around them."""

    customer: Customer
    sums: Sums
    groups: list[str]
    of_shop: list[Group]
    preferences: list[Preference]
    receivers: list[Receiver]
    history: History
    reviews: list[ReviewRow]
    promises: list[PromiseRow]
    gifts: list[Gift]
    requests: list[Request]
    looks: list[LogEntry]
    """Who looked; only for those who may see that."""
    names: dict[UUID, str]


async def see_customer(pool: Pool, who: Principal, buyer_id: UUID, *, now: datetime) -> Seen:
    """A customer of one's shop; phone and address masked. Raises Refusal: wrong_role, not_found."""
    shop_id = shop_of(who, "customers.read")
    async with pool.acquire() as connection:
        customer = await require_customer(connection, shop_id, buyer_id)
        pair = (connection, shop_id, buyer_id)
        history = await read_history(*pair, shown=OWN_PAGE)
        preferences = await preferences_of(*pair)
        promises = await read_promises(
            connection,
            shop_id,
            since=now - _PROMISED,
            until=now + LOOK_AHEAD,
            buyer_id=buyer_id,
            limit=_PROMISES_MAX,
            now=now,
        )
        requests = await requests_of_buyer(connection, buyer_id, shop_id=shop_id)
        leads = who.may("customers.manage")
        looks = await log_of_pair(*pair, limit=_LOOKS_SHOWN) if leads else []
        people = {each.by_id for each in (*preferences, *looks)}
        people |= {each.answered_by for each in requests if each.answered_by}
        sums = await connection.fetchrow(_SUMS, buyer_id, shop_id)
        assert sums is not None, "a row of sums is always there"
        return Seen(
            customer=customer,
            sums=Sums(**dict(sums)),
            groups=(await groups_of(connection, shop_id, [buyer_id])).get(buyer_id, []),
            of_shop=await groups_of_shop(connection, shop_id),
            preferences=preferences,
            receivers=await _receivers(connection, shop_id, buyer_id),
            history=history,
            reviews=await read_reviews(*pair, limit=20),
            promises=promises,
            gifts=[Gift(**dict(row)) for row in await connection.fetch(_GIFTS, buyer_id, shop_id)],
            requests=requests,
            looks=looks,
            names=await names_of_people(connection, people),
        )


async def _receivers(database: Queryable, shop_id: UUID, buyer_id: UUID) -> list[Receiver]:
    """Each place that parcels went to, once, by its newest order."""
    found: dict[Address, Receiver] = {}
    for row in await database.fetch(_RECEIVERS, buyer_id, shop_id):
        purchase = purchase_from_row(row)
        found.setdefault(
            purchase.remarks.receiver,
            Receiver(
                order_id=purchase.order.id,
                order_number=purchase.order.number,
                shown=masked(purchase.remarks.receiver),
            ),
        )
    return list(found.values())
