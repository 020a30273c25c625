"""The table of those who want to hear when something is there again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable


class RestockWish(msgspec.Struct, frozen=True, kw_only=True):
    """One buyer who waits for one product."""

    id: UUID
    shop_id: UUID
    product_id: UUID
    buyer_id: UUID
    by_id: UUID
    at: datetime
    title: str = ""
    stock: int | None = None


async def add_wish(connection: Connection, wish: RestockWish) -> UUID:
    """Keep a wish; the id of the one that stands there if the buyer waits already."""
    wish_id = await connection.fetchval(
        "INSERT INTO restock_wishes AS w (id, shop_id, product_id, buyer_id, by_id, at)"
        " VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (product_id, buyer_id) WHERE told_at IS NULL"
        " DO UPDATE SET by_id = w.by_id RETURNING id",
        wish.id,
        wish.shop_id,
        wish.product_id,
        wish.buyer_id,
        wish.by_id,
        wish.at,
    )
    assert wish_id, "one or the other row is there"
    return wish_id


async def note_told(
    database: Queryable,
    wish_id: UUID,
    way: Literal["chat", "phone"],
    *,
    shop_id: UUID,
    now: datetime,
) -> bool:
    """The buyer knows; False where there is no such wish."""
    done = await database.execute(
        "UPDATE restock_wishes SET told_at = coalesce(told_at, $3), way = coalesce(way, $4)"
        " WHERE id = $1 AND shop_id = $2",
        wish_id,
        shop_id,
        now,
        way,
    )
    return done == "UPDATE 1"


async def waiting_for(
    database: Queryable, product_ids: Sequence[UUID], buyer_id: UUID, *, shop_id: UUID
) -> dict[UUID, UUID]:
    """The wish of a buyer for each of these products that they wait for."""
    rows = await database.fetch(
        "SELECT product_id, id FROM restock_wishes"
        " WHERE product_id = ANY ($1::uuid[]) AND buyer_id = $2 AND shop_id = $3"
        " AND told_at IS NULL",
        list(product_ids),
        buyer_id,
        shop_id,
    )
    return {row["product_id"]: row["id"] for row in rows}


async def take_back_wish(database: Queryable, wish_id: UUID, *, shop_id: UUID) -> UUID | None:
    """Take a wish away that nobody has been told of yet; whose it was, or None."""
    return await database.fetchval(
        "DELETE FROM restock_wishes WHERE id = $1 AND shop_id = $2 AND told_at IS NULL"
        " RETURNING buyer_id",
        wish_id,
        shop_id,
    )


async def forget_wishes(database: Queryable, shop_id: UUID, buyer_id: UUID) -> int:
    """Take away what a buyer waited for, for good; how much it was."""
    done = await database.execute(
        "DELETE FROM restock_wishes WHERE shop_id = $1 AND buyer_id = $2", shop_id, buyer_id
    )
    return int(done.rpartition(" ")[2])
