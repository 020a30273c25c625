"""The table of notices that a parcel has left: one a parcel, told by the worker."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable

NoticeWay = Literal["chat", "mail", "letter", "sms", "none"]
#: How long a notice is left alone after it was taken up: whoever took it may have died.
CLAIM = timedelta(minutes=2)


class DispatchNotice(msgspec.Struct, frozen=True, kw_only=True):
    """The news that a parcel has left, and how it reached the buyer."""

    id: UUID
    shop_id: UUID
    order_id: UUID
    order_ids: list[UUID]
    carrier: str
    tracking: str
    made_at: datetime
    due_at: datetime | None = None
    tries: int = 0
    way: NoticeWay | None = None
    sent_at: datetime | None = None
    trouble: str = ""


_COLUMNS = ", ".join(DispatchNotice.__struct_fields__)


async def put_notice(connection: Connection, notice: DispatchNotice) -> None:
    """Have it told, with the dispatch; the same parcel is told once."""
    await connection.execute(
        "INSERT INTO dispatch_notices"
        " (id, shop_id, order_id, order_ids, carrier, tracking, made_at, due_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $7)"
        " ON CONFLICT (order_id, carrier, tracking) DO NOTHING",
        notice.id,
        notice.shop_id,
        notice.order_id,
        notice.order_ids,
        notice.carrier,
        notice.tracking,
        notice.made_at,
    )


async def take_notice(connection: Connection, *, now: datetime) -> DispatchNotice | None:
    """The next notice that is due, locked until the transaction ends."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM dispatch_notices WHERE due_at <= $1"  # noqa: S608
        " ORDER BY due_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED",
        now,
    )
    return msgspec.convert(dict(row), DispatchNotice) if row else None


async def put_off(
    database: Queryable, notice_id: UUID, *, until: datetime, trouble: str = ""
) -> None:
    """Try it again later; with a trouble it counts as tried."""
    await database.execute(
        "UPDATE dispatch_notices SET due_at = $2, trouble = $3,"
        " tries = tries + CASE WHEN $3 = '' THEN 0 ELSE 1 END WHERE id = $1 AND way IS NULL",
        notice_id,
        until,
        trouble[:300],
    )


async def end_notice(
    database: Queryable, notice_id: UUID, way: NoticeWay, *, now: datetime, trouble: str = ""
) -> None:
    """It was told this way, or there is no way."""
    await database.execute(
        "UPDATE dispatch_notices SET due_at = NULL, way = $2, trouble = $4,"
        " sent_at = CASE WHEN $2 = 'none' THEN NULL ELSE $3::timestamptz END"
        " WHERE id = $1 AND way IS NULL",
        notice_id,
        way,
        now,
        trouble[:300],
    )


async def notices_of_orders(database: Queryable, order_ids: Sequence[UUID]) -> list[DispatchNotice]:
    """What was told of the parcels of these orders, newest first."""
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM dispatch_notices WHERE order_id = ANY ($1::uuid[])"  # noqa: S608
        " ORDER BY made_at DESC, id DESC LIMIT 20",
        list(order_ids),
    )
    return [msgspec.convert(dict(row), DispatchNotice) for row in rows]
