"""Closed months of commission in SQL."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable
from gongdao.staff.commission import MonthLine, Rates

#: So many lines are taken into a month at once.
BATCH = 5_000


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """A month that is closed."""

    month: date
    closed_at: datetime
    closed_by: UUID
    rates: Rates
    total_fen: int


_COLUMNS = "kind, person_id, order_id, number, paid_fen, refunded_fen, amount_fen, why"
_FIND = """
SELECT month, closed_at, closed_by, rules, total_fen FROM staff_months
 WHERE shop_id = $1 AND month = $2
"""
_LAST = """
SELECT month, closed_at, closed_by, rules, total_fen FROM staff_months
 WHERE shop_id = $1 ORDER BY month DESC LIMIT $2
"""
_CLOSE = """
INSERT INTO staff_months (shop_id, month, closed_at, closed_by, rules, total_fen)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
"""
_ADD = """
INSERT INTO staff_month_lines
    (shop_id, month, position, kind, person_id, order_id, number, paid_fen, refunded_fen,
     amount_fen, why)
SELECT $1, $2, * FROM unnest($3::int[], $4::text[], $5::uuid[], $6::uuid[], $7::text[],
                             $8::bigint[], $9::bigint[], $10::bigint[], $11::text[])
"""
_LINES = f"""
SELECT {_COLUMNS} FROM staff_month_lines
 WHERE shop_id = $1 AND month = $2 AND position > $3
   AND ($4::uuid IS NULL OR person_id = $4) ORDER BY position LIMIT $5
"""  # noqa: S608 - made of constants
_POSITION = """
SELECT position FROM staff_month_lines
 WHERE shop_id = $1 AND month = $2 AND position > $3
   AND ($4::uuid IS NULL OR person_id = $4) ORDER BY position OFFSET $5 - 1 LIMIT 1
"""
_TOTALS = """
SELECT person_id, sum(amount_fen)::bigint AS amount_fen,
       count(*) FILTER (WHERE kind = 'order') AS orders
  FROM staff_month_lines WHERE shop_id = $1 AND month = $2 GROUP BY person_id
"""


async def find_month(database: Queryable, shop_id: UUID, month: date) -> Month | None:
    """A month, where it is closed."""
    row = await database.fetchrow(_FIND, shop_id, month)
    return _month(dict(row)) if row else None


async def months_of(database: Queryable, shop_id: UUID, *, limit: int = 13) -> list[Month]:
    """The closed months, the last first."""
    return [_month(dict(row)) for row in await database.fetch(_LAST, shop_id, limit)]


async def close_month(
    connection: Connection,
    shop_id: UUID,
    month: date,
    lines: Sequence[MonthLine],
    *,
    rates: Rates,
    by_id: UUID,
    now: datetime,
) -> bool:
    """Freeze a month with its lines; False where it is closed already."""
    total = sum(line.amount_fen for line in lines)
    rules = msgspec.json.encode(rates, order="deterministic")
    done = await connection.execute(_CLOSE, shop_id, month, now, by_id, rules, total)
    if done != "INSERT 0 1":
        return False
    for start in range(0, len(lines), BATCH):
        part = lines[start : start + BATCH]
        await connection.execute(
            _ADD, shop_id, month,
            list(range(start + 1, start + 1 + len(part))),
            [line.kind for line in part],
            [line.person_id for line in part],
            [line.order_id for line in part],
            [line.number for line in part],
            [line.paid_fen for line in part],
            [line.refunded_fen for line in part],
            [line.amount_fen for line in part],
            [line.why for line in part],
        )  # fmt: skip
    return True


async def month_lines(
    database: Queryable,
    shop_id: UUID,
    month: date,
    *,
    person_id: UUID | None = None,
    after: int = 0,
    limit: int = 100,
) -> tuple[list[MonthLine], int | None]:
    """Lines of a closed month in their order, and after which place the next ones come."""
    rows = await database.fetch(_LINES, shop_id, month, after, person_id, limit + 1)
    lines = [MonthLine(**dict(row)) for row in rows]
    if len(lines) <= limit:
        return lines, None
    last = await database.fetchval(_POSITION, shop_id, month, after, person_id, limit)
    return lines[:limit], last


async def month_totals(
    database: Queryable, shop_id: UUID, month: date
) -> dict[UUID | None, tuple[int, int]]:
    """What each person gets of a closed month, and for how many orders; None: nobody's."""
    rows = await database.fetch(_TOTALS, shop_id, month)
    return {row["person_id"]: (row["amount_fen"], row["orders"]) for row in rows}


def _month(row: dict[str, object]) -> Month:
    rules = row.pop("rules")
    assert isinstance(rules, bytes)
    return msgspec.convert({**row, "rates": msgspec.json.decode(rules)}, Month)
