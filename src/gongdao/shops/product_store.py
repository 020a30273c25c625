"""Products, their variants, and how many of them may still be promised."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable
from gongdao.shops.order import Line
from gongdao.shops.shop import Product

#: So many products are told, or read for one order, at once.
PRODUCTS_MAX = 500

_COLUMNS = ", ".join(f"p.{name}" for name in Product.__struct_fields__)
# What is in the lines is found first, and then its variants by their family: each by an index.
_OF_LINES = f"""
WITH own AS MATERIALIZED (
    SELECT k.id, k.family FROM products k
     WHERE k.shop_id = $1 AND (k.id = ANY ($2) OR (k.sku <> '' AND k.sku = ANY ($3)))
)
SELECT {_COLUMNS} FROM products p WHERE p.shop_id = $1 AND p.id IN (
    SELECT o.id FROM own o
     UNION ALL
    SELECT f.id FROM own o JOIN products f ON f.shop_id = $1 AND f.family = o.family
     WHERE f.family <> '')
ORDER BY p.family, p.variant, p.id LIMIT {PRODUCTS_MAX}
"""  # noqa: S608
_OF_SHOP = f"""
SELECT {_COLUMNS} FROM products p WHERE p.shop_id = $1 AND p.sku > $2
ORDER BY p.sku LIMIT {PRODUCTS_MAX}
"""  # noqa: S608
_TELL = """
INSERT INTO products AS p (id, shop_id, sku, title, price_fen, category, tags, family, variant,
                           stock)
SELECT t.id, $1, t.sku, t.title, t.price_fen, t.category,
       ARRAY(SELECT jsonb_array_elements_text(t.tags)), t.family, t.variant, t.stock
  FROM jsonb_to_recordset($2) AS t (id uuid, sku text, title text, price_fen bigint, category text,
                                    tags jsonb, family text, variant text, stock integer)
ON CONFLICT (shop_id, sku) WHERE sku <> '' DO UPDATE SET
    title = excluded.title, price_fen = excluded.price_fen, category = excluded.category,
    tags = excluded.tags, family = excluded.family, variant = excluded.variant,
    stock = excluded.stock
"""


async def products_of_lines(
    connection: Queryable, shop_id: UUID, lines: Sequence[Line]
) -> list[Product]:
    """What is in the lines of an order, and the other variants of it."""
    rows = await connection.fetch(
        _OF_LINES,
        shop_id,
        [line.product_id for line in lines if line.product_id],
        [line.sku for line in lines if line.sku],
    )
    return [msgspec.convert(dict(row), Product) for row in rows]


async def products_of_shop(
    connection: Queryable, shop_id: UUID, *, after: str = ""
) -> list[Product]:
    """A page of what a shop sells, by sku."""
    rows = await connection.fetch(_OF_SHOP, shop_id, after)
    return [msgspec.convert(dict(row), Product) for row in rows]


async def tell_products(connection: Queryable, shop_id: UUID, products: Sequence[Product]) -> None:
    """What a shop sells, at which price, and how many of it are free; a known sku is renewed."""
    told: list[dict[str, Any]] = [
        {name: getattr(p, name) for name in p.__struct_fields__} for p in products
    ]
    await connection.execute(_TELL, shop_id, msgspec.json.encode(told))


async def hold_stock(
    connection: Connection, *, holder: UUID, product_id: UUID, units: int, now: datetime
) -> bool:
    """Set units aside for a holder; False where there are not enough."""
    return await connection.fetchval(
        "SELECT shops_hold_stock($1, $2, $3, $4)", holder, product_id, units, now
    )


async def use_hold(connection: Connection, holder: UUID) -> None:
    """What a holder set aside has left the stock for good."""
    await connection.execute("SELECT shops_end_hold($1, TRUE)", holder)


async def free_hold(connection: Connection, holder: UUID) -> None:
    """What a holder set aside may be promised to others again."""
    await connection.execute("SELECT shops_end_hold($1, FALSE)", holder)


async def put_back(connection: Connection, units: dict[UUID, int]) -> None:
    """These may be promised again: nobody gets them. Where nobody counts, nothing changes."""
    await connection.execute(
        "UPDATE products p SET stock = p.stock + t.units"
        " FROM unnest($1::uuid[], $2::integer[]) AS t (id, units)"
        " WHERE p.id = t.id AND p.stock IS NOT NULL",
        list(units),
        list(units.values()),
    )
