"""The fund of a department, a book that only grows; it is no money of the marketplace."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable

Way = Literal["in", "out"]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the book, with the balance after it."""

    id: UUID
    position: int
    way: Way
    amount_fen: int
    purpose: str
    corrects: int | None
    balance_fen: int
    by_id: UUID
    at: datetime


_COLUMNS = "id, position, way, amount_fen, purpose, corrects, balance_fen, by_id, at"
_ADD = """
INSERT INTO staff_fund
    (shop_id, position, id, way, amount_fen, purpose, corrects, balance_fen, by_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
_LIST = f"""
SELECT {_COLUMNS} FROM staff_fund WHERE shop_id = $1 AND position < $2
 ORDER BY position DESC LIMIT $3
"""  # noqa: S608 - made of constants
_FIND = f"SELECT {_COLUMNS} FROM staff_fund WHERE shop_id = $1 AND id = $2"  # noqa: S608
_AT = f"SELECT {_COLUMNS} FROM staff_fund WHERE shop_id = $1 AND position = $2"  # noqa: S608
_CORRECTED = "SELECT EXISTS (SELECT FROM staff_fund WHERE shop_id = $1 AND corrects = $2)"


def balance_after(balance_fen: int, way: Way, amount_fen: int) -> int:
    """What is in the fund after something came in or went out."""
    return balance_fen + (amount_fen if way == "in" else -amount_fen)


async def add_entry(connection: Connection, shop_id: UUID, entry: Entry) -> None:
    """Write a line; whoever does holds the row of the team."""
    await connection.execute(
        _ADD, shop_id, entry.position, entry.id, entry.way, entry.amount_fen, entry.purpose,
        entry.corrects, entry.balance_fen, entry.by_id, entry.at,
    )  # fmt: skip


async def entries_of(
    database: Queryable, shop_id: UUID, *, before: int | None = None, limit: int = 50
) -> list[Entry]:
    """The book, the last line first."""
    rows = await database.fetch(_LIST, shop_id, 2**31 - 1 if before is None else before, limit)
    return [Entry(**dict(row)) for row in rows]


async def find_entry(database: Queryable, shop_id: UUID, entry_id: UUID) -> Entry | None:
    """A line by its id."""
    row = await database.fetchrow(_FIND, shop_id, entry_id)
    return Entry(**dict(row)) if row else None


async def entry_at(database: Queryable, shop_id: UUID, position: int) -> Entry | None:
    """A line by its place."""
    row = await database.fetchrow(_AT, shop_id, position)
    return Entry(**dict(row)) if row else None


async def is_corrected(database: Queryable, shop_id: UUID, position: int) -> bool:
    """Whether a later line takes a line back."""
    return bool(await database.fetchval(_CORRECTED, shop_id, position))
