"""The table of calls to buyers who pay on delivery."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable
from gongdao.shops.cod import Call

#: So many calls of an order are read.
CALLS_MAX = 20
_COLUMNS = "order_id, result, carrier, told_fen, again_at, note, by_id, at"


async def add_call(connection: Connection, call: Call, *, shop_id: UUID, key: str | None) -> bool:
    """Keep a call; False where the same one was kept before."""
    done = await connection.execute(
        f"INSERT INTO cod_calls (shop_id, key, {_COLUMNS})"  # noqa: S608 - made of constants
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        " ON CONFLICT (order_id, by_id, key) DO NOTHING",
        shop_id,
        key,
        *msgspec.structs.astuple(call),
    )
    return done == "INSERT 0 1"


async def call_of_key(connection: Connection, order_id: UUID, *, by: UUID, key: str) -> Call | None:
    """The call that somebody noted under a key of theirs."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM cod_calls"  # noqa: S608 - made of constants
        " WHERE order_id = $1 AND by_id = $2 AND key = $3",
        order_id,
        by,
        key,
    )
    return msgspec.convert(dict(row), Call) if row else None


async def calls_of_order(database: Queryable, order_id: UUID, *, shop_id: UUID) -> list[Call]:
    """The calls about an order, newest first."""
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM cod_calls WHERE order_id = $1 AND shop_id = $2"  # noqa: S608
        f" ORDER BY position DESC LIMIT {CALLS_MAX}",
        order_id,
        shop_id,
    )
    return [msgspec.convert(dict(row), Call) for row in rows]


async def calls_of_orders(
    database: Queryable, order_ids: Iterable[UUID], *, shop_id: UUID
) -> dict[UUID, list[Call]]:
    """The newest calls of many orders at once."""
    rows = await database.fetch(
        f"SELECT c.* FROM unnest($1::uuid[]) AS o (id), LATERAL ("  # noqa: S608
        f"SELECT {_COLUMNS} FROM cod_calls WHERE order_id = o.id AND shop_id = $2"
        f" ORDER BY position DESC LIMIT {CALLS_MAX}) c",
        list(order_ids),
        shop_id,
    )
    calls: dict[UUID, list[Call]] = {}
    for row in rows:
        calls.setdefault(row["order_id"], []).append(msgspec.convert(dict(row), Call))
    return calls
