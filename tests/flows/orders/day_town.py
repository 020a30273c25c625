"""A desk town with orders of every kind that the day looks after."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.web.chat.desk_town import DeskTown

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.flows.order_desk import Wish
from gongdao.flows.order_money import post_order_money
from gongdao.shops.order import Line, Order
from gongdao.shops.purchase import Purchase, Remarks
from gongdao.shops.shop import Address, Product
from gongdao.shops.store import insert_orders, insert_products

HOME = Address(name="李梅", phone="13800001111", address="浙江省杭州市文一路 1 号")


async def order_of(
    town: DeskTown, name: str = "李梅", *, hours: float = 1, receiver: Address = HOME, **more: Any
) -> Order:
    """An order placed some hours ago; without more, nobody has paid it."""
    at = utc_now() - timedelta(hours=hours)
    paid = more.pop("paid", False)
    fields: dict[str, Any] = {
        "id": new_id(),
        "number": f"D{new_id().int % 10**12:012d}",
        "shop_id": town.shop_id,
        "buyer_id": town.people[name].person_id,
        "placed_at": at,
        "paid_at": at if paid else None,
        "lines": (Line(line=1, title="台灯", price_fen=9_600, sku="lamp"),),
    }
    order = Order(**fields | more)
    purchase = Purchase(order=order, remarks=Remarks(buyer_name=name, receiver=receiver))
    async with town.pool.acquire() as connection, connection.transaction():
        await insert_orders(connection, [purchase], by=None, now=at)
        if paid:
            await post_order_money(connection, [(None, order)], now=at)
    return order


async def product_of(town: DeskTown, *, sku: str = "lamp", stock: int | None = 5) -> UUID:
    """Something that the shop sells."""
    product = Product(
        id=new_id(), shop_id=town.shop_id, title="台灯", sku=sku, price_fen=9_600, stock=stock
    )
    async with town.pool.acquire() as connection:
        await insert_products(connection, [product])
    return product.id


def wish(town: DeskTown, order: Order, name: str = "小安", **more: Any) -> Wish:
    return Wish(**{"who": town.people[name], "order_id": order.id, "now": utc_now()} | more)


async def said_to(town: DeskTown, name: str) -> list[str]:
    """What a buyer was written, in all of their conversations."""
    rows = await town.pool.fetch(
        "SELECT coalesce(body ->> 'text', body #>> '{fields,text}', kind) AS text"
        " FROM chat_messages WHERE buyer_id = $1 AND shop_id = $2 AND author <> 'buyer'"
        " ORDER BY at, seq",
        town.people[name].person_id,
        town.shop_id,
    )
    return [row["text"] for row in rows]
