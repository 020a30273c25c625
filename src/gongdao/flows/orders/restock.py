"""Who asked for something that is sold out hears of it once it is there again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, translate
from gongdao.base.ids import new_id
from gongdao.base.live import changed
from gongdao.chat.store import load_conversations
from gongdao.flows.orders.desk import shop_of
from gongdao.flows.talk.say import say_line
from gongdao.shops.order import Order
from gongdao.shops.product_store import products_of_lines
from gongdao.shops.shop import Product
from gongdao.shops.stock_store import load_stocked
from gongdao.shops.store import Scope, load_order
from gongdao.shops.wish_store import (
    RestockWish,
    add_wish,
    note_told,
    take_back_wish,
    waiting_for,
)

#: So many buyers are told in one transaction.
TOLD_AT_ONCE = 50
#: So many sold out products stand on the page of an order.
_SHOWN = 12
# A buyer of this shop: who has ordered here, or written.
_KNOWN = """
SELECT EXISTS (SELECT FROM orders WHERE shop_id = $1 AND buyer_id = $2)
    OR EXISTS (SELECT FROM chat_conversations WHERE shop_id = $1 AND buyer_id = $2)
"""
_DUE = """
SELECT w.id, w.shop_id, w.buyer_id, p.title, p.variant, c.id AS conversation_id
  FROM restock_wishes w JOIN products p ON p.id = w.product_id
  JOIN LATERAL (SELECT id FROM chat_conversations
                 WHERE shop_id = w.shop_id AND buyer_id = w.buyer_id AND case_id IS NULL
                 ORDER BY opened_at DESC, id DESC LIMIT 1) c ON TRUE
 WHERE w.told_at IS NULL AND p.stock > 0
 ORDER BY w.at, w.id LIMIT $1 FOR NO KEY UPDATE OF w SKIP LOCKED
"""


async def wish_restock(
    pool: Pool, who: Principal, *, product_id: UUID, buyer_id: UUID, now: datetime
) -> UUID:
    """Keep that a buyer wants to hear; one wish for a product at a time.

    Raises Refusal: wrong_role, not_found (product or buyer), not_eligible (it is there now).
    """
    shop_id = shop_of(who, "case.answer")
    async with pool.acquire() as connection, connection.transaction():
        product = await load_stocked(connection, product_id, shop_id=shop_id)
        if product is None:
            raise Refusal("not_found", N_("There is no such product."))
        if not await connection.fetchval(_KNOWN, shop_id, buyer_id):
            raise Refusal("not_found", N_("There is no such buyer."))
        if product.stock:
            raise Refusal(
                "not_eligible", N_("There are {n} of it now; tell the buyer."), n=product.stock
            )
        kept = await _keep(connection, who, product_id, buyer_id, shop_id=shop_id, now=now)
    changed((f"shop:{shop_id}", f"buyer:{buyer_id}"))
    return kept


async def ask_restock(
    pool: Pool, who: Principal, order_id: UUID, product_id: UUID, *, now: datetime
) -> UUID:
    """A buyer wants to hear of something in an order of theirs, or of another variant of it.

    Raises Refusal: not_found (order or product), not_eligible (it is there, or is not counted).
    """
    async with pool.acquire() as connection, connection.transaction():
        order, product = await _in_order(connection, who, order_id, product_id)
        if product.stock is None:
            raise Refusal(
                "not_eligible", N_("The shop does not count this product; ask it in the chat.")
            )
        if product.stock:
            raise Refusal("not_eligible", N_("It is in stock again; you can order it now."))
        kept = await _keep(
            connection, who, product_id, who.person_id, shop_id=order.shop_id, now=now
        )
    changed((f"shop:{order.shop_id}", f"buyer:{who.person_id}"))
    return kept


async def stop_asking(pool: Pool, who: Principal, order_id: UUID, product_id: UUID) -> None:
    """A buyer does not wait for it any more; whoever does not wait stays so. Raises not_found."""
    async with pool.acquire() as connection, connection.transaction():
        order, _ = await _in_order(connection, who, order_id, product_id)
        shop_id = order.shop_id
        waits = await waiting_for(connection, [product_id], who.person_id, shop_id=shop_id)
        for wish_id in waits.values():
            await take_back_wish(connection, wish_id, shop_id=shop_id)
    changed((f"shop:{shop_id}", f"buyer:{who.person_id}"))


async def drop_wish(pool: Pool, who: Principal, wish_id: UUID) -> None:
    """The buyer told the shop that they do not wait any more. Raises wrong_role, not_found."""
    shop_id = shop_of(who, "case.answer")
    buyer_id = await take_back_wish(pool, wish_id, shop_id=shop_id)
    if buyer_id is None:
        raise Refusal("not_found", N_("There is no such wish, or the buyer was told already."))
    changed((f"shop:{shop_id}", f"buyer:{buyer_id}"))


class SoldOut(msgspec.Struct, frozen=True, kw_only=True):
    """Something of an order that is sold out, and whether its buyer waits for it."""

    product: Product
    waits: bool


async def sold_out_in(
    connection: Connection, order: Order, products: Sequence[Product]
) -> tuple[SoldOut, ...]:
    """What of these is sold out: the products of an order, and their other variants."""
    gone = [product for product in products if product.stock == 0][:_SHOWN]
    if not gone:
        return ()
    waits = await waiting_for(
        connection, [each.id for each in gone], order.buyer_id, shop_id=order.shop_id
    )
    return tuple(SoldOut(product=each, waits=each.id in waits) for each in gone)


async def _in_order(
    connection: Connection, who: Principal, order_id: UUID, product_id: UUID
) -> tuple[Order, Product]:
    order = await load_order(connection, order_id, scope=Scope(buyer_id=who.person_id))
    if order is None:
        raise Refusal("not_found", N_("There is no such order."))
    products = await products_of_lines(connection, order.shop_id, order.lines)
    product = next((each for each in products if each.id == product_id), None)
    if product is None:
        raise Refusal("not_found", N_("There is no such product."))
    return order, product


async def _keep(
    connection: Connection,
    who: Principal,
    product_id: UUID,
    buyer_id: UUID,
    *,
    shop_id: UUID,
    now: datetime,
) -> UUID:
    wish = RestockWish(
        id=new_id(),
        shop_id=shop_id,
        product_id=product_id,
        buyer_id=buyer_id,
        by_id=who.person_id,
        at=now,
    )
    return await add_wish(connection, wish)


async def end_wish(pool: Pool, who: Principal, wish_id: UUID, *, now: datetime) -> None:
    """Somebody has told the buyer on the telephone. Raises Refusal: wrong_role, not_found."""
    shop_id = shop_of(who, "case.answer")
    if not await note_told(pool, wish_id, "phone", shop_id=shop_id, now=now):
        raise Refusal("not_found", N_("There is no such wish."))
    changed((f"shop:{shop_id}",))


async def tell_restocked(pool: Pool, *, now: datetime) -> int:
    """Tell those whose product is there again, in their last conversation; how many."""
    async with pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(_DUE, TOLD_AT_ONCE)
        talks = await load_conversations(connection, [row["conversation_id"] for row in rows])
        for row in rows:
            talk = talks[row["conversation_id"]]
            title = f"{row['title']} {row['variant']}".strip()
            text = translate(
                talk.locale, N_("{product} is there again, as you asked us."), {"product": title}
            )
            await say_line(
                connection, talk, "restocked", once=str(row["id"]), now=now, fields={"text": text}
            )
            await note_told(connection, row["id"], "chat", shop_id=row["shop_id"], now=now)
    changed({f"shop:{row['shop_id']}" for row in rows})
    return len(rows)
