"""The tables of parcels before they leave: how far they are, what is added, what is merged."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable
from gongdao.shops.parcel import Addition, Making

ADDITIONS_MAX, MERGED_MAX = 20, 20
_COLUMNS = ", ".join(Addition.__struct_fields__)


async def makings_of(database: Queryable, order_ids: Iterable[UUID]) -> dict[UUID, Making]:
    """How far whoever makes up the parcel is with each of these orders."""
    ids = list(order_ids)
    rows = await database.fetch(
        "SELECT order_id, state FROM order_makings WHERE order_id = ANY ($1::uuid[])", ids
    )
    found: dict[UUID, Making] = dict.fromkeys(ids, "unread")
    for row in rows:
        found[row["order_id"]] = row["state"]
    return found


async def note_making(
    connection: Connection,
    order_id: UUID,
    state: Literal["read", "packed"],
    *,
    shop_id: UUID,
    by: UUID,
    now: datetime,
) -> None:
    """Whoever makes up the parcel has read it, or packed it; it never goes back."""
    await connection.execute(
        "INSERT INTO order_makings AS m (order_id, shop_id, state, by_id, at)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (order_id) DO UPDATE"
        " SET state = excluded.state, by_id = excluded.by_id, at = excluded.at"
        " WHERE m.state = 'read' AND excluded.state = 'packed'",
        order_id,
        shop_id,
        state,
        by,
        now,
    )


async def add_addition(connection: Connection, addition: Addition) -> Addition:
    """Keep what is to be added; under the same key it is what stands there."""
    await connection.execute(
        f"INSERT INTO order_additions ({_COLUMNS}) VALUES"  # noqa: S608 - made of constants
        " ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        " ON CONFLICT (order_id, by_id, key) DO NOTHING",
        *msgspec.structs.astuple(addition),
    )
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM order_additions"  # noqa: S608 - made of constants
        " WHERE id = $1 OR (order_id = $2 AND by_id = $3 AND key = $4)",
        addition.id,
        addition.order_id,
        addition.by_id,
        addition.key,
    )
    assert row, "it was just put there"
    return msgspec.convert(dict(row), Addition)


async def addition_of_key(
    connection: Connection, order_id: UUID, *, by: UUID, key: str
) -> Addition | None:
    """What somebody added under a key of theirs."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM order_additions"  # noqa: S608 - made of constants
        " WHERE order_id = $1 AND by_id = $2 AND key = $3",
        order_id,
        by,
        key,
    )
    return msgspec.convert(dict(row), Addition) if row else None


async def end_addition(
    connection: Connection, addition_id: UUID, *, shop_id: UUID, by: UUID, now: datetime
) -> UUID | None:
    """It lies in the parcel; the id of its order, None where there is no such addition."""
    return await connection.fetchval(
        "UPDATE order_additions SET done_by = coalesce(done_by, $3),"
        " done_at = coalesce(done_at, $4)"
        " WHERE id = $1 AND shop_id = $2 RETURNING order_id",
        addition_id,
        shop_id,
        by,
        now,
    )


async def additions_of_order(
    database: Queryable, order_id: UUID, *, shop_id: UUID
) -> list[Addition]:
    """What was to be added to a parcel, newest first."""
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM order_additions WHERE order_id = $1 AND shop_id = $2"  # noqa: S608
        f" ORDER BY at DESC, id DESC LIMIT {ADDITIONS_MAX}",
        order_id,
        shop_id,
    )
    return [msgspec.convert(dict(row), Addition) for row in rows]


async def merge(
    connection: Connection,
    order_ids: Sequence[UUID],
    *,
    merge_id: UUID,
    shop_id: UUID,
    by: UUID,
    now: datetime,
) -> None:
    """Let these orders leave in one parcel, with all that were merged with them before."""
    await connection.execute(
        "WITH earlier AS (SELECT merge_id FROM order_merges WHERE order_id = ANY ($1::uuid[])),"
        " moved AS (UPDATE order_merges SET merge_id = $2"
        "            WHERE merge_id IN (SELECT merge_id FROM earlier))"
        " INSERT INTO order_merges (order_id, shop_id, merge_id, by_id, at)"
        " SELECT id, $3, $2, $4, $5 FROM unnest($1::uuid[]) AS o (id)"
        " ON CONFLICT (order_id) DO NOTHING",
        list(order_ids),
        merge_id,
        shop_id,
        by,
        now,
    )


async def take_apart(connection: Connection, order_id: UUID, *, shop_id: UUID) -> None:
    """An order leaves in a parcel of its own again; one that stays behind alone is not merged."""
    merge_id = await connection.fetchval(
        "DELETE FROM order_merges WHERE order_id = $1 AND shop_id = $2 RETURNING merge_id",
        order_id,
        shop_id,
    )
    await connection.execute(
        "DELETE FROM order_merges WHERE merge_id = $1"
        " AND (SELECT count(*) FROM order_merges WHERE merge_id = $1) = 1",
        merge_id,
    )


async def merged_with(
    database: Queryable, order_ids: Iterable[UUID], *, shop_id: UUID
) -> dict[UUID, list[UUID]]:
    """Of each of these orders the others that leave in its parcel; none where it leaves alone."""
    rows = await database.fetch(
        "SELECT m.order_id, n.order_id AS other FROM order_merges m"
        " JOIN order_merges n ON n.merge_id = m.merge_id AND n.order_id <> m.order_id"
        " WHERE m.order_id = ANY ($1::uuid[]) AND m.shop_id = $2 ORDER BY n.at, n.order_id",
        list(order_ids),
        shop_id,
    )
    found: dict[UUID, list[UUID]] = {}
    for row in rows:
        found.setdefault(row["order_id"], []).append(row["other"])
    return found
