"""The products that knowledge is about: of the shop, of a talk, of a case."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.talk.access import talk_of

#: So many products can be chosen from at once; a shop with more finds them by their numbers.
CHOICE_MAX = 500

_OF_SHOP = """
SELECT id, sku, title, variant, family FROM products WHERE shop_id = $1 ORDER BY id LIMIT $2
"""
_THESE = """
SELECT id, sku, title, variant, family FROM products WHERE shop_id = $1 AND id = ANY ($2)
 ORDER BY id
"""
_BY_SKU = "SELECT sku, id FROM products WHERE shop_id = $1 AND sku = ANY ($2) AND sku <> ''"
# What it was opened about, the orders that the buyer has here, the newest first, and cards in it.
_OF_TALK = """
WITH told AS (
    SELECT 1 AS rank, unnest(b.product_ids)::text AS id, '' AS sku
      FROM chat_about b WHERE b.conversation_id = $1
    UNION ALL
    SELECT 0, m.body ->> 'product_id', '' FROM chat_messages m
     WHERE m.conversation_id = $1 AND m.kind = 'product'
    UNION ALL
    SELECT 2, l ->> 'product_id', l ->> 'sku' FROM (
        SELECT o.lines FROM orders o WHERE o.buyer_id = $3 AND o.shop_id = $2
         ORDER BY o.id = $4 DESC, o.placed_at DESC, o.id DESC LIMIT 1) n,
        jsonb_array_elements(n.lines) AS l
), found AS (
    SELECT t.rank, p.id FROM told t JOIN products p ON p.id = t.id::uuid AND p.shop_id = $2
    UNION SELECT t.rank, p.id FROM told t
      JOIN products p ON p.shop_id = $2 AND p.sku = t.sku AND p.sku <> ''
)
SELECT id FROM found GROUP BY id ORDER BY min(rank), id LIMIT 50
"""
_OF_LINES = """
WITH told AS (SELECT l ->> 'product_id' AS id, l ->> 'sku' AS sku, (l ->> 'line')::integer AS line
                FROM orders o, jsonb_array_elements(o.lines) AS l
               WHERE o.id = $2 AND o.shop_id = $1)
SELECT p.id FROM told t JOIN products p ON p.id = t.id::uuid AND p.shop_id = $1
 WHERE $3::integer[] IS NULL OR t.line = ANY ($3)
UNION SELECT p.id FROM told t JOIN products p ON p.shop_id = $1 AND p.sku = t.sku AND p.sku <> ''
 WHERE $3::integer[] IS NULL OR t.line = ANY ($3)
LIMIT 200
"""


class ProductNamed(msgspec.Struct, frozen=True, kw_only=True):
    """A product as people know it."""

    id: UUID
    sku: str
    title: str
    variant: str = ""
    family: str = ""

    @property
    def shown(self) -> str:
        """Its title, with what tells it from the others of its family."""
        return f"{self.title} {self.variant}".strip()


async def products_of_shop(database: Queryable, shop_id: UUID) -> list[ProductNamed]:
    """What a shop sells, to choose from."""
    rows = await database.fetch(_OF_SHOP, shop_id, CHOICE_MAX)
    return [ProductNamed(**dict(row)) for row in rows]


async def products_named(
    database: Queryable, shop_id: UUID, product_ids: Iterable[UUID]
) -> dict[UUID, ProductNamed]:
    """These products of a shop, by their ids."""
    wanted = list(dict.fromkeys(product_ids))
    rows = await database.fetch(_THESE, shop_id, wanted) if wanted else []
    return {row["id"]: ProductNamed(**dict(row)) for row in rows}


async def require_products(database: Queryable, shop_id: UUID, product_ids: Sequence[UUID]) -> None:
    """Refuse products that are not of the shop. Raises Refusal not_found."""
    found = await products_named(database, shop_id, product_ids)
    if len(found) != len(set(product_ids)):
        raise Refusal("not_found", N_("One of the products is not in this shop."))


async def products_by_sku(
    database: Queryable, shop_id: UUID, skus: Sequence[str]
) -> dict[str, UUID]:
    """Products by their numbers; those that are not there are left out."""
    rows = await database.fetch(_BY_SKU, shop_id, list(skus)) if skus else []
    return {row["sku"]: row["id"] for row in rows}


async def products_of_talk(
    database: Queryable, who: Principal, conversation_id: UUID
) -> list[UUID]:
    """What a conversation of one's shop is about, the surest first. Raises Refusal not_found."""
    talk = await talk_of(database, who, conversation_id)
    if talk.side != "shop":
        raise Refusal("not_found", N_("There is no such conversation."))
    about = talk.conversation
    rows = await database.fetch(_OF_TALK, about.id, about.shop_id, about.buyer_id, about.order_id)
    return [row["id"] for row in rows]


async def products_of_order(
    database: Queryable, shop_id: UUID, order_id: UUID, *, lines: Sequence[int] | None = None
) -> list[UUID]:
    """The products in the lines of an order, or in these of them."""
    wanted = list(lines) if lines else None
    return [row["id"] for row in await database.fetch(_OF_LINES, shop_id, order_id, wanted)]
