"""The table of questions about receivers."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable, Record
from gongdao.shops.receiver import ReceiverAnswer, ReceiverCheck
from gongdao.shops.shop import Address

CHECKS_MAX = 20
_COLUMNS = ", ".join(ReceiverCheck.__struct_fields__)


async def open_check(connection: Connection, check: ReceiverCheck) -> ReceiverCheck:
    """Ask; a question that is open on the order already is asked in the new conversation."""
    row = await connection.fetchrow(
        "INSERT INTO receiver_checks AS k"  # noqa: S608 - made of constants
        " (id, shop_id, order_id, asked_by, asked_at, conversation_id, message_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (order_id) WHERE answer IS NULL"
        " DO UPDATE SET conversation_id = excluded.conversation_id,"
        " asked_by = CASE WHEN k.conversation_id = excluded.conversation_id"
        " THEN k.asked_by ELSE excluded.asked_by END,"
        " message_id = CASE WHEN k.conversation_id = excluded.conversation_id"
        " THEN k.message_id ELSE excluded.message_id END"
        f" RETURNING {_COLUMNS}",
        check.id,
        check.shop_id,
        check.order_id,
        check.asked_by,
        check.asked_at,
        check.conversation_id,
        check.message_id,
    )
    assert row, "one or the other row is there"
    return _check(row)


async def load_check(database: Queryable, check_id: UUID) -> ReceiverCheck | None:
    """One question, whoever's it is: the caller looks whose order it is."""
    row = await database.fetchrow(
        f"SELECT {_COLUMNS} FROM receiver_checks WHERE id = $1",  # noqa: S608
        check_id,
    )
    return None if row is None else _check(row)


async def answer_check(
    connection: Connection,
    check_id: UUID,
    answer: ReceiverAnswer,
    *,
    was: Address | None,
    receiver: Address,
    by: UUID,
    now: datetime,
) -> bool:
    """Write the answer, once; False where there is one already."""
    done = await connection.execute(
        "UPDATE receiver_checks SET answer = $2, was = $3, receiver = $4, answered_by = $5,"
        " answered_at = greatest($6, asked_at) WHERE id = $1 AND answer IS NULL",
        check_id,
        answer,
        None if was is None else msgspec.json.encode(was),
        msgspec.json.encode(receiver),
        by,
        now,
    )
    return done == "UPDATE 1"


async def checks_of_order(
    database: Queryable, order_id: UUID, *, shop_id: UUID
) -> list[ReceiverCheck]:
    """The questions about an order's receiver, newest first."""
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM receiver_checks WHERE order_id = $1 AND shop_id = $2"  # noqa: S608
        f" ORDER BY asked_at DESC, id DESC LIMIT {CHECKS_MAX}",
        order_id,
        shop_id,
    )
    return [_check(row) for row in rows]


def _check(row: Record) -> ReceiverCheck:
    fields = dict(row)
    for name in ("was", "receiver"):
        if fields[name] is not None:
            fields[name] = msgspec.json.decode(fields[name], type=Address)
    return msgspec.convert(fields, ReceiverCheck)
