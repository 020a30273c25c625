"""Goods of a shop, as its people look for them: to show one, to bargain, to say what it costs."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable
from gongdao.chat.conversation import Conversation

GOODS_SHOWN = 20
#: Words of a search that count; each has to stand somewhere in the title, the variant or the sku.
_WORDS_MAX = 6
_FIND = """
SELECT p.id, p.title, p.sku, p.variant, p.price_fen, p.stock, c.cost_fen, c.freight_fen, c.floor_fen
  FROM products p LEFT JOIN script_costs c ON c.product_id = p.id AND c.shop_id = p.shop_id
 WHERE p.shop_id = $1
   AND (p.title || ' ' || p.variant || ' ' || p.sku) ILIKE ALL ($2::text[])
   AND ($3::uuid IS NULL OR p.id < $3)
 ORDER BY p.id = ANY ($4::uuid[]) DESC, p.id DESC LIMIT $5
"""
# The cards that were shown in the talk, then what was ordered in the order it is about.
_SPOKEN_OF = """
SELECT p.id FROM products p WHERE p.shop_id = $2 AND (
    p.id IN (SELECT (m.body ->> 'product_id')::uuid FROM chat_messages m
              WHERE m.conversation_id = $1 AND m.kind = 'product' ORDER BY m.seq DESC LIMIT 5)
    OR EXISTS (SELECT FROM orders o, jsonb_array_elements(o.lines) AS line
                WHERE o.id = $3 AND o.shop_id = $2
                  AND (line ->> 'product_id' = p.id::text
                       OR p.sku <> '' AND line ->> 'sku' = p.sku)))
 LIMIT 10
"""


class GoodsRow(msgspec.Struct, frozen=True, kw_only=True):
    """A product, and what it costs the shop as far as somebody said so."""

    id: UUID
    title: str
    sku: str
    variant: str
    price_fen: int
    stock: int | None
    cost_fen: int | None
    freight_fen: int | None
    floor_fen: int | None


async def find_goods(
    database: Queryable,
    shop_id: UUID,
    words: str = "",
    *,
    first: Sequence[UUID] = (),
    after: UUID | None = None,
    limit: int = GOODS_SHOWN,
) -> list[GoodsRow]:
    """Products in which all words stand: those named `first`, then the newest."""
    patterns = [f"%{_literal(word)}%" for word in words.split()[:_WORDS_MAX]] or ["%"]
    rows = await database.fetch(_FIND, shop_id, patterns, after, list(first), limit)
    return [GoodsRow(**dict(row)) for row in rows]


async def goods_spoken_of(database: Queryable, talk: Conversation) -> list[UUID]:
    """The products that a conversation is about, as far as one can tell."""
    rows = await database.fetch(_SPOKEN_OF, talk.id, talk.shop_id, talk.order_id)
    return [row["id"] for row in rows]


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
