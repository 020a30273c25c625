"""What the page of an order shows of the day: remarks, checks, calls, additions, what was said."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from gongdao.accounts.people_store import Colleague, colleagues_of
from gongdao.base.db import Connection
from gongdao.flows.orders.call_cod import fees_of
from gongdao.flows.orders.desk import rules_of
from gongdao.shops.cod import Call, Fees
from gongdao.shops.cod_store import calls_of_order
from gongdao.shops.contact_store import Contact, ContactKind, contacts_of
from gongdao.shops.dispatch_store import DispatchNotice, notices_of_orders
from gongdao.shops.order import Order
from gongdao.shops.parcel import Addition, Making, furthest
from gongdao.shops.parcel_store import additions_of_order, makings_of, merged_with
from gongdao.shops.receiver import ReceiverCheck
from gongdao.shops.receiver_store import checks_of_order
from gongdao.shops.remark import Remark
from gongdao.shops.remark_store import remarks_of_order
from gongdao.shops.store import Scope, load_orders

#: The people of a shop that a remark can name.
_COLLEAGUES_MAX = 200


class OrderDay(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    remarks: list[Remark]
    checks: list[ReceiverCheck]
    calls: list[Call]
    additions: list[Addition]
    contacts: dict[ContactKind, Contact]
    notices: list[DispatchNotice]
    making: Making
    """How far the packer is with this order, ..."""
    parcel: Making
    """... with the furthest of the orders in its parcel, ..."""
    makings: dict[UUID, Making]
    """... and with each of them."""
    merged: list[Order]
    colleagues: list[Colleague]
    names: dict[UUID, str]
    fees: Fees


async def read_day(connection: Connection, order: Order) -> OrderDay:
    """What was done about an order; for the people of its shop."""
    shop_id = order.shop_id
    others = (await merged_with(connection, [order.id], shop_id=shop_id)).get(order.id, [])
    merged = await load_orders(connection, others, scope=Scope(shop_id=shop_id)) if others else {}
    makings = await makings_of(connection, [order.id, *others])
    people = await colleagues_of(connection, shop_id, limit=_COLLEAGUES_MAX)
    return OrderDay(
        remarks=await remarks_of_order(connection, order.id, shop_id=shop_id),
        checks=await checks_of_order(connection, order.id, shop_id=shop_id),
        calls=await calls_of_order(connection, order.id, shop_id=shop_id),
        additions=await additions_of_order(connection, order.id, shop_id=shop_id),
        contacts=(await contacts_of(connection, [order.id])).get(order.id, {}),
        notices=await notices_of_orders(connection, [order.id, *others]),
        making=makings[order.id],
        parcel=furthest(makings.values()),
        makings=makings,
        merged=[merged[each] for each in others if each in merged],
        colleagues=[each for each in people if each.disabled_at is None],
        names=_names(people),
        fees=fees_of(await rules_of(connection, shop_id)),
    )


def _names(people: Iterable[Colleague]) -> dict[UUID, str]:
    return {each.id: each.name for each in people}
