"""Counts of the stock: what changed, and the products that need somebody to look."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.at_once import Question
from gongdao.base.db import Connection, Queryable
from gongdao.shops.stock import Count

COUNTS_MAX, LISTED_MAX = 20, 50


class Stocked(msgspec.Struct, frozen=True, kw_only=True):
    """A product with both its stocks."""

    id: UUID
    title: str
    sku: str
    variant: str
    stock: int | None
    real_stock: int | None


_COLUMNS = ", ".join(f"p.{name}" for name in Stocked.__struct_fields__)
_COUNTED = """EXISTS (SELECT FROM stock_counts c
                      WHERE c.product_id = {} AND c.what = 'real' AND c.at >= {})"""


async def lock_product(
    connection: Connection, product_id: UUID, *, shop_id: UUID
) -> Stocked | None:
    """A product of a shop, locked until the transaction ends."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM products p WHERE p.id = $1 AND p.shop_id = $2"  # noqa: S608
        " FOR NO KEY UPDATE",
        product_id,
        shop_id,
    )
    return msgspec.convert(dict(row), Stocked) if row else None


async def lock_by_sku(
    connection: Connection, skus: Sequence[str], *, shop_id: UUID
) -> dict[str, Stocked]:
    """Products of a shop by what they are called in a file, locked until the transaction ends."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM products p WHERE p.shop_id = $1"  # noqa: S608
        " AND p.sku = ANY ($2::text[]) AND p.sku <> '' ORDER BY p.id FOR NO KEY UPDATE",
        shop_id,
        list(skus),
    )
    return {row["sku"]: msgspec.convert(dict(row), Stocked) for row in rows}


async def write_counts(connection: Connection, counts: Sequence[Count], *, shop_id: UUID) -> None:
    """Let other numbers count, each of them kept with what it was before."""
    for what, column in (("real", "real_stock"), ("shown", "stock")):
        meant = [count for count in counts if count.what == what]
        if meant:
            await connection.execute(
                f"UPDATE products p SET {column} = t.units"  # noqa: S608 - one of two constants
                " FROM unnest($1::uuid[], $2::integer[]) AS t (id, units) WHERE p.id = t.id",
                [count.product_id for count in meant],
                [count.units for count in meant],
            )
    await connection.copy_records_to_table(
        "stock_counts",
        columns=["shop_id", *Count.__struct_fields__],
        records=[(shop_id, *msgspec.structs.astuple(count)) for count in counts],
    )


async def counts_of_product(database: Queryable, product_id: UUID, *, shop_id: UUID) -> list[Count]:
    """How the stocks of a product came about, newest first."""
    rows = await database.fetch(
        "SELECT product_id, what, was, units, how, note, by_id, at FROM stock_counts"  # noqa: S608
        f" WHERE product_id = $1 AND shop_id = $2 ORDER BY position DESC LIMIT {COUNTS_MAX}",
        product_id,
        shop_id,
    )
    return [msgspec.convert(dict(row), Count) for row in rows]


async def load_stocked(database: Queryable, product_id: UUID, *, shop_id: UUID) -> Stocked | None:
    """One product of a shop with both its stocks."""
    row = await database.fetchrow(
        f"SELECT {_COLUMNS} FROM products p WHERE p.id = $1 AND p.shop_id = $2",  # noqa: S608
        product_id,
        shop_id,
    )
    return msgspec.convert(dict(row), Stocked) if row else None


async def is_counted(database: Queryable, product_id: UUID, *, since: datetime) -> bool:
    """Whether somebody has counted what lies on the shelf since then."""
    return await database.fetchval(
        f"SELECT {_COUNTED.format('$1', '$2')}",
        product_id,
        since,
    )


def low_stock(shop_id: UUID, *, below: int, uncounted_since: datetime | None = None) -> Question:
    """Listings of which fewer can be promised, the fewest first.

    With an instant, only those that nobody has counted since then.
    """
    given: tuple[Any, ...] = (shop_id, below)
    more = ""
    if uncounted_since is not None:
        given, more = (*given, uncounted_since), f" AND NOT {_COUNTED.format('p.id', '$3')}"
    return Question(
        f"SELECT {_COLUMNS} FROM products p WHERE p.shop_id = $1 AND p.stock < $2"  # noqa: S608
        f"{more} ORDER BY p.stock, p.id LIMIT {LISTED_MAX}",
        given,
        Stocked,
    )


def differing_stock(shop_id: UUID) -> Question:
    """Products of which another number is shown than lies on the shelf."""
    return Question(
        f"SELECT {_COLUMNS} FROM products p"  # noqa: S608 - made of constants
        f" WHERE p.shop_id = $1 AND p.real_stock <> p.stock ORDER BY p.id LIMIT {LISTED_MAX}",
        (shop_id,),
        Stocked,
    )
