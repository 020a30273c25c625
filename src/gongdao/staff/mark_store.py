"""What was noted under the house rules, in SQL."""

from datetime import date, datetime
from uuid import UUID

from gongdao.base.db import Connection, Queryable
from gongdao.staff.house_rule import Decision, Mark

MARKS_MAX = 1000
_COLUMNS = (
    "id, person_id, rule, title, monthly, amount_fen, flag_at, happened_on, text, by_id, at,"
    " contest, contested_at, decision, decided_why, decided_by, decided_at"
)
_ADD = """
INSERT INTO staff_marks
    (id, shop_id, person_id, rule, title, monthly, amount_fen, flag_at, happened_on, text, by_id,
     at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (id) DO NOTHING
"""
_OF_SHOP = f"""
SELECT {_COLUMNS} FROM staff_marks
 WHERE shop_id = $1 AND happened_on >= $2 AND happened_on < $3
 ORDER BY happened_on DESC, id DESC LIMIT $4
"""  # noqa: S608 - made of constants
_OF_PERSON = f"""
SELECT {_COLUMNS} FROM staff_marks
 WHERE person_id = $1 AND happened_on >= $2 AND happened_on < $3
 ORDER BY happened_on DESC, id DESC LIMIT $4
"""  # noqa: S608 - made of constants
_FIND = f"SELECT {_COLUMNS} FROM staff_marks WHERE shop_id = $1 AND id = $2"  # noqa: S608
_CONTEST = """
UPDATE staff_marks SET contest = $2, contested_at = $3
 WHERE id = $1 AND contested_at IS NULL AND decision IS NULL
"""
_DECIDE = """
UPDATE staff_marks SET decision = $2, decided_why = $3, decided_by = $4, decided_at = $5
 WHERE id = $1 AND decision IS NULL
"""
_CONTESTED = f"""
SELECT {_COLUMNS} FROM staff_marks
 WHERE shop_id = $1 AND contested_at IS NOT NULL AND decision IS NULL ORDER BY contested_at LIMIT $2
"""  # noqa: S608 - made of constants


async def add_mark(database: Queryable, shop_id: UUID, mark: Mark) -> None:
    """Keep a mark; sent twice it is one."""
    await database.execute(
        _ADD, mark.id, shop_id, mark.person_id, mark.rule, mark.title, mark.monthly,
        mark.amount_fen, mark.flag_at, mark.happened_on, mark.text, mark.by_id, mark.at,
    )  # fmt: skip


async def marks_of_shop(database: Queryable, shop_id: UUID, since: date, until: date) -> list[Mark]:
    """Those of everybody in a time, the last first."""
    rows = await database.fetch(_OF_SHOP, shop_id, since, until, MARKS_MAX)
    return [Mark(**dict(row)) for row in rows]


async def marks_of_person(
    database: Queryable, person_id: UUID, since: date, until: date
) -> list[Mark]:
    """Those of one person in a time, the last first."""
    rows = await database.fetch(_OF_PERSON, person_id, since, until, MARKS_MAX)
    return [Mark(**dict(row)) for row in rows]


async def marks_contested(database: Queryable, shop_id: UUID, *, limit: int = 50) -> list[Mark]:
    """Those that wait for a decision."""
    return [Mark(**dict(row)) for row in await database.fetch(_CONTESTED, shop_id, limit)]


async def find_mark(database: Queryable, shop_id: UUID, mark_id: UUID) -> Mark | None:
    """A mark of a shop."""
    row = await database.fetchrow(_FIND, shop_id, mark_id)
    return Mark(**dict(row)) if row else None


async def contest_mark(connection: Connection, mark_id: UUID, text: str, *, now: datetime) -> bool:
    """The person says why it is wrong, once."""
    return await connection.execute(_CONTEST, mark_id, text, now) == "UPDATE 1"


async def decide_mark(
    connection: Connection,
    mark_id: UUID,
    decision: Decision,
    *,
    why: str,
    by_id: UUID,
    now: datetime,
) -> bool:
    """It stays or is removed; False where that was decided before."""
    return await connection.execute(_DECIDE, mark_id, decision, why, by_id, now) == "UPDATE 1"
