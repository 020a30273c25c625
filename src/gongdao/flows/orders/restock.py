"""Who asked for something that is sold out hears of it once it is there again."""

from datetime import datetime
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, translate
from gongdao.base.ids import new_id
from gongdao.base.live import changed
from gongdao.chat.store import load_conversations
from gongdao.flows.orders.desk import shop_of
from gongdao.flows.talk.say import say_line
from gongdao.shops.stock_store import load_stocked
from gongdao.shops.wish_store import RestockWish, add_wish, note_told

#: So many buyers are told in one transaction.
TOLD_AT_ONCE = 50
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
        wish = RestockWish(
            id=new_id(),
            shop_id=shop_id,
            product_id=product_id,
            buyer_id=buyer_id,
            by_id=who.person_id,
            at=now,
        )
        kept = await add_wish(connection, wish)
    changed((f"shop:{shop_id}",))
    return kept


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
