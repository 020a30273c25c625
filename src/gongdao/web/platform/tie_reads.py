"""The shops that ties speak of, by their ids and by their names."""

from collections.abc import Iterable
from uuid import UUID

from gongdao.base.db import Queryable


async def names_of_shops(database: Queryable, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of these shops."""
    rows = await database.fetch("SELECT id, name FROM shops WHERE id = ANY ($1)", list(ids))
    return {row["id"]: row["name"] for row in rows}


async def find_shops_named(database: Queryable, name: str) -> list[UUID]:
    """The shops of exactly this name; two are enough to know that it is not one."""
    rows = await database.fetch("SELECT id FROM shops WHERE name = $1 LIMIT 2", name)
    return [row["id"] for row in rows]
