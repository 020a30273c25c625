"""Shops and orders for the tests of this room."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from gongdao.base.db import Connection
from gongdao.base.ids import new_id
from gongdao.shops.order import Line, Order
from gongdao.shops.purchase import Purchase, Remarks
from gongdao.shops.shop import Shop
from gongdao.shops.store import insert_orders, insert_shops

T0 = datetime(2014, 3, 3, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def open_shop(connection: Connection) -> UUID:
    shop = Shop(id=new_id(), name=f"shop {new_id()}", opened_at=T0)
    await insert_shops(connection, [shop])
    return shop.id


def an_order(shop_id: UUID, **facts: Any) -> Order:
    defaults: dict[str, Any] = {
        "id": new_id(),
        "number": str(new_id()),
        "shop_id": shop_id,
        "buyer_id": new_id(),
        "placed_at": T0,
        "paid_at": T0 + HOUR,
        "lines": (Line(line=1, title="冰箱", price_fen=268000, category="appliance"),),
    }
    return Order(**(defaults | facts))


async def add_order(
    connection: Connection, shop_id: UUID, *, buyer_name: str = "", **facts: Any
) -> Order:
    order = an_order(shop_id, **facts)
    purchase = Purchase(order=order, remarks=Remarks(buyer_name=buyer_name))
    await insert_orders(connection, [purchase], by=None, now=T0)
    return order
