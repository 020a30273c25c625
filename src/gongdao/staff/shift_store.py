"""The rota in SQL."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gongdao.base.db import Connection, Queryable
from gongdao.staff.shift import Shift

_COLUMNS = "id, person_id, name, starts_at, ends_at, extends, ended_at"
_JOIN = "INSERT INTO staff_teams (shop_id) VALUES ($1) ON CONFLICT DO NOTHING"
_LOCK = "SELECT FROM staff_teams WHERE shop_id = $1 FOR UPDATE"
_ADD = """
INSERT INTO staff_shifts
    (id, shop_id, person_id, name, starts_at, ends_at, extends, made_by, made_at)
SELECT id, $1, person_id, name, starts_at, ends_at, extends, $8, $9
  FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::bool[])
       AS s (id, person_id, name, starts_at, ends_at, extends)
"""
_BETWEEN = f"""
SELECT {_COLUMNS} FROM staff_shifts
 WHERE shop_id = $1 AND starts_at >= $2 AND starts_at < $3 AND cancelled_at IS NULL
 ORDER BY starts_at, person_id LIMIT $4
"""  # noqa: S608 - made of constants
_OF_PERSON = f"""
SELECT {_COLUMNS} FROM staff_shifts
 WHERE person_id = $1 AND starts_at >= $2 AND starts_at < $3 AND cancelled_at IS NULL
 ORDER BY starts_at LIMIT $4
"""  # noqa: S608 - made of constants
_FIND = f"""
SELECT {_COLUMNS} FROM staff_shifts WHERE shop_id = $1 AND id = $2 AND cancelled_at IS NULL
"""  # noqa: S608 - made of constants
_NAMED = f"""
SELECT {_COLUMNS} FROM staff_shifts WHERE shop_id = $1 AND id = ANY ($2)
"""  # noqa: S608 - made of constants
_CANCEL = """
UPDATE staff_shifts SET cancelled_at = $3, cancelled_by = $4
 WHERE shop_id = $1 AND id = ANY ($2) AND cancelled_at IS NULL
"""
_GIVE = "UPDATE staff_shifts SET person_id = $2 WHERE id = $1"
_END = """
UPDATE staff_shifts s SET ended_at = e.at
  FROM unnest($1::uuid[], $2::timestamptz[]) AS e (id, at) WHERE s.id = e.id AND s.ended_at IS NULL
"""
#: More than anybody plans in the time that a page looks at.
SHIFTS_MAX = 2_000


async def lock_team(connection: Connection, shop_id: UUID) -> None:
    """Whoever plans in a shop, or writes into its fund, takes turns."""
    await connection.execute(_JOIN, shop_id)
    await connection.execute(_LOCK, shop_id)


async def join_team(database: Queryable, shop_id: UUID) -> None:
    """The row of a shop that others refer to."""
    await database.execute(_JOIN, shop_id)


async def add_shifts(
    connection: Connection, shop_id: UUID, shifts: Sequence[Shift], *, by_id: UUID, now: datetime
) -> None:
    """Plan shifts."""
    await connection.execute(
        _ADD,
        shop_id,
        [each.id for each in shifts],
        [each.person_id for each in shifts],
        [each.name for each in shifts],
        [each.starts_at for each in shifts],
        [each.ends_at for each in shifts],
        [each.extends for each in shifts],
        by_id,
        now,
    )


async def shifts_between(
    database: Queryable, shop_id: UUID, since: datetime, until: datetime
) -> list[Shift]:
    """The shifts of a shop that begin in a time."""
    rows = await database.fetch(_BETWEEN, shop_id, since, until, SHIFTS_MAX)
    return [Shift(**dict(row)) for row in rows]


async def shifts_of(
    database: Queryable, person_id: UUID, since: datetime, until: datetime
) -> list[Shift]:
    """The shifts of a person that begin in a time."""
    rows = await database.fetch(_OF_PERSON, person_id, since, until, SHIFTS_MAX)
    return [Shift(**dict(row)) for row in rows]


async def find_shift(database: Queryable, shop_id: UUID, shift_id: UUID) -> Shift | None:
    """A shift on the rota of a shop."""
    row = await database.fetchrow(_FIND, shop_id, shift_id)
    return Shift(**dict(row)) if row else None


async def shifts_named(
    database: Queryable, shop_id: UUID, ids: Sequence[UUID]
) -> dict[UUID, Shift]:
    """Shifts of a shop by their ids, also those that were taken off."""
    rows = await database.fetch(_NAMED, shop_id, ids)
    return {row["id"]: Shift(**dict(row)) for row in rows}


async def cancel_shifts(
    connection: Connection, shop_id: UUID, ids: Sequence[UUID], *, by_id: UUID, now: datetime
) -> None:
    """Take shifts off the rota."""
    await connection.execute(_CANCEL, shop_id, ids, now, by_id)


async def give_shift(connection: Connection, shift_id: UUID, person_id: UUID) -> None:
    """Let somebody else work it."""
    await connection.execute(_GIVE, shift_id, person_id)


async def note_ends(database: Queryable, ends: Sequence[tuple[UUID, datetime]]) -> None:
    """When shifts really ended."""
    await database.execute(_END, [shift_id for shift_id, _ in ends], [at for _, at in ends])
