"""Bills in the database: made once, sent once, ended once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.keys import require_key
from gongdao.ledger.bill import Bill
from gongdao.ledger.channel import ATTEMPTS_MAX, wait_before

#: So many bills are looked at in one round, or shown in one list.
BATCH, PAGE_MAX = 100, 50

_COLUMNS = ", ".join(Bill.__struct_fields__)
_MAKE = f"""
INSERT INTO bills ({_COLUMNS}, next_attempt_at)
SELECT {", ".join(f"${n}" for n in range(1, len(Bill.__struct_fields__) + 1))},
       CASE $9::text WHEN 'sent' THEN $14::timestamptz ELSE $15::timestamptz END
ON CONFLICT (shop_id, payer, key) DO NOTHING
"""
_OF_KEY = f"SELECT {_COLUMNS} FROM bills WHERE shop_id = $1 AND payer = $2 AND key = $3"  # noqa: S608
_ONE = f"SELECT {_COLUMNS} FROM bills WHERE id = $1"  # noqa: S608
_SEND = """
UPDATE bills SET state = 'sent', channel = $2, sent_at = $3, next_attempt_at = $3
WHERE id = $1 AND state = 'open'
"""
_END = f"""
UPDATE bills SET state = $2, ended_at = $3, reference = $4, returned = $5, next_attempt_at = NULL
WHERE id = $1 RETURNING {_COLUMNS}
"""  # noqa: S608
# An open bill is due when its time is over; one that was sent, when the channel is asked again.
_CLAIM = f"""
UPDATE bills SET attempts = attempts + 1,
       next_attempt_at = $1 + ($2::interval[])[least(attempts + 1, cardinality($2))]
WHERE id IN (SELECT id FROM bills WHERE next_attempt_at <= $1
             ORDER BY next_attempt_at LIMIT {BATCH} FOR UPDATE SKIP LOCKED)
RETURNING {_COLUMNS}
"""  # noqa: S608
_OF_ORDER = f"""
SELECT {_COLUMNS} FROM bills WHERE order_id = $1 ORDER BY created_at DESC, id DESC LIMIT {PAGE_MAX}
"""  # noqa: S608
_TOP_UPS = f"""
SELECT {_COLUMNS} FROM bills WHERE shop_id = $1 AND order_id IS NULL
ORDER BY created_at DESC, id DESC LIMIT {PAGE_MAX}
"""  # noqa: S608
_WAITING = f"""
SELECT {_COLUMNS} FROM bills WHERE state IN ('open', 'sent')
ORDER BY created_at, id LIMIT {PAGE_MAX}
"""  # noqa: S608
_PAID_FOR_CASE = """
SELECT coalesce(sum(amount_fen), 0)::bigint FROM bills
WHERE case_id = $1 AND state = 'paid' AND NOT returned
"""
# The case ends in another room; here it is only looked at. Goods that were sent and whose whole
# price comes back were no exchange. Of what was paid for a dearer variant than the one that was
# sent in the end, the shop gets no more than that one cost on top.
_TO_SETTLE = f"""
SELECT b.id FROM bills b JOIN cases c ON c.id = b.case_id AND c.ended IS NOT NULL
WHERE b.purpose = 'exchange' AND b.state = 'paid' AND b.settled_at IS NULL AND NOT b.returned
ORDER BY b.case_id, b.created_at LIMIT {BATCH}
"""  # noqa: S608
_SETTLES = f"""
SELECT {", ".join(f"b.{name}" for name in Bill.__struct_fields__)},
       CASE WHEN c.state ? 'sent' AND coalesce(c.state ->> 'remedy', '') NOT IN
           ('full_refund', 'return_and_refund', 'refund_keep_item')
       THEN least(b.amount_fen, greatest(0, coalesce(
           (c.state #>> '{{wanted,more_fen}}')::bigint, 0) - (
           SELECT coalesce(sum(e.amount_fen), 0) FROM bills e
            WHERE e.case_id = b.case_id AND e.state = 'paid' AND NOT e.returned
              AND (e.created_at, e.id) < (b.created_at, b.id))))
       ELSE 0 END::bigint AS for_shop_fen, (c.state #>> '{{wanted,line}}')::integer AS line
FROM bills b JOIN cases c ON c.id = b.case_id AND c.ended IS NOT NULL
WHERE b.id = $1 AND b.purpose = 'exchange' AND b.state = 'paid' AND b.settled_at IS NULL
  AND NOT b.returned
"""  # noqa: S608
_SETTLED = "UPDATE bills SET settled_at = $2 WHERE id = $1"


async def make_bill(connection: Queryable, bill: Bill) -> Bill:
    """Ask for money once; the same key again gives the bill that was made with it."""
    require_key(bill.key)
    values = [getattr(bill, name) for name in Bill.__struct_fields__]
    values[Bill.__struct_fields__.index("detail")] = msgspec.json.encode(bill.detail)
    await connection.execute(_MAKE, *values)
    made = await bill_of_key(connection, shop_id=bill.shop_id, payer=bill.payer, key=bill.key)
    assert made, "it was just made, or was there"
    said = (made.purpose, made.amount_fen, made.order_id, made.case_id)
    if said != (bill.purpose, bill.amount_fen, bill.order_id, bill.case_id):
        raise Refusal(
            "idempotency_conflict", N_("This idempotency key was used for something else.")
        )
    return made


async def bill_of_key(
    connection: Queryable, *, shop_id: UUID, payer: UUID, key: str
) -> Bill | None:
    """The bill that was made under a key."""
    row = await connection.fetchrow(_OF_KEY, shop_id, payer, key)
    return bill_of(row) if row else None


async def load_bill(connection: Queryable, bill_id: UUID) -> Bill | None:
    """A bill by its id."""
    row = await connection.fetchrow(_ONE, bill_id)
    return bill_of(row) if row else None


async def lock_bill(connection: Connection, bill_id: UUID) -> Bill:
    """A bill, locked until the transaction ends. Whoever changes an order locks that first."""
    row = await connection.fetchrow(f"{_ONE} FOR UPDATE", bill_id)
    if row is None:
        raise Refusal("not_found", N_("There is no such bill."))
    return bill_of(row)


async def mark_sent(connection: Connection, bill_id: UUID, *, channel: str, now: datetime) -> None:
    """The payer has told the channel to pay."""
    await connection.execute(_SEND, bill_id, channel, now)


async def end_bill(
    connection: Connection,
    bill_id: UUID,
    state: Literal["paid", "void"],
    *,
    now: datetime,
    reference: str = "",
    returned: bool = False,
) -> Bill:
    """Nobody pays it any more: it is paid, or will not be."""
    row = await connection.fetchrow(_END, bill_id, state, now, reference, returned)
    assert row is not None, "its caller holds the row"
    return bill_of(row)


async def claim_bills(connection: Connection, *, now: datetime, day: timedelta) -> list[Bill]:
    """Take the bills that are to be looked at now; nobody else does before their wait ends."""
    waits = [wait_before(attempt, day=day) for attempt in range(1, ATTEMPTS_MAX + 1)]
    return [bill_of(row) for row in await connection.fetch(_CLAIM, now, waits)]


async def bills_of_order(connection: Queryable, order_id: UUID) -> list[Bill]:
    """What was asked for on an order, newest first."""
    return [bill_of(row) for row in await connection.fetch(_OF_ORDER, order_id)]


async def top_ups_of(connection: Queryable, shop_id: UUID) -> list[Bill]:
    """What a shop has paid in, or is about to, newest first."""
    return [bill_of(row) for row in await connection.fetch(_TOP_UPS, shop_id)]


async def bills_waiting(connection: Queryable) -> list[Bill]:
    """What nobody has paid yet, longest waiting first: the operator's list."""
    return [bill_of(row) for row in await connection.fetch(_WAITING)]


async def paid_for_case(connection: Queryable, case_id: UUID) -> int:
    """How much of the difference of an exchange has come in, in fen."""
    return await connection.fetchval(_PAID_FOR_CASE, case_id)


class Settling(NamedTuple):
    """What was paid on top in an exchange that has ended."""

    bill: Bill
    for_shop_fen: int
    line: int


async def bills_to_settle(connection: Queryable) -> Sequence[UUID]:
    """Differences of exchanges that have ended. Whoever settles one locks it and asks again."""
    return [row["id"] for row in await connection.fetch(_TO_SETTLE)]


async def what_settles(connection: Connection, bill_id: UUID) -> Settling | None:
    """What of a bill is the shop's. None: it is settled by now. The caller holds its locks."""
    row = await connection.fetchrow(_SETTLES, bill_id)
    return Settling(bill_of(row), row["for_shop_fen"], row["line"]) if row else None


async def mark_settled(connection: Connection, bill_id: UUID, *, now: datetime) -> None:
    """The money of an exchange has gone to whom it belongs."""
    await connection.execute(_SETTLED, bill_id, now)


def bill_of(row: Any) -> Bill:
    """A bill from a row with its columns."""
    facts: dict[str, Any] = {name: row[name] for name in Bill.__struct_fields__}
    facts["detail"] = msgspec.json.decode(row["detail"])
    return msgspec.convert(facts, Bill)
