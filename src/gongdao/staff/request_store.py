"""Leave and swaps in SQL."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from gongdao.base.db import Connection, Queryable
from gongdao.staff.request import Leave, LeaveAnswer, Swap, SwapState

LIST_MAX = 100
_LEAVE = "id, person_id, from_day, until_day, why, asked_at, answer, note, answered_by, answered_at"
_SWAP = (
    "id, shift_id, other_shift_id, from_id, to_id, why, asked_at, state, accepted_at, note,"
    " decided_by, decided_at"
)
_ASK_LEAVE = """
INSERT INTO staff_leaves (id, shop_id, person_id, from_day, until_day, why, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_FIND_LEAVE = f"SELECT {_LEAVE} FROM staff_leaves WHERE shop_id = $1 AND id = $2"  # noqa: S608
_WAITING_LEAVES = f"""
SELECT {_LEAVE} FROM staff_leaves WHERE shop_id = $1 AND answer IS NULL
 ORDER BY from_day, id LIMIT $2
"""  # noqa: S608 - made of constants
_OF_PERSON = f"""
SELECT {_LEAVE} FROM staff_leaves WHERE person_id = $1 ORDER BY from_day DESC, id DESC LIMIT $2
"""  # noqa: S608 - made of constants
_GRANTED = f"""
SELECT {_LEAVE} FROM staff_leaves
 WHERE shop_id = $1 AND answer = 'granted' AND from_day <= $3 AND from_day > $2::date - 60
   AND until_day >= $2 ORDER BY from_day, id LIMIT $4
"""  # noqa: S608 - made of constants
_ANSWER_LEAVE = """
UPDATE staff_leaves SET answer = $2, note = $3, answered_by = $4, answered_at = $5
 WHERE id = $1 AND (answer IS NULL OR (answer = 'granted' AND $2 = 'withdrawn'))
"""
_ASK_SWAP = """
INSERT INTO staff_swaps (id, shop_id, shift_id, other_shift_id, from_id, to_id, why, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_FIND_SWAP = f"SELECT {_SWAP} FROM staff_swaps WHERE shop_id = $1 AND id = $2"  # noqa: S608
_WAITING_SWAPS = f"""
SELECT {_SWAP} FROM staff_swaps WHERE shop_id = $1 AND state IN ('proposed', 'accepted')
 ORDER BY asked_at LIMIT $2
"""  # noqa: S608 - made of constants
_SWAPS_OF = f"""
SELECT {_SWAP} FROM (
    (SELECT * FROM staff_swaps WHERE from_id = $1 ORDER BY asked_at DESC LIMIT $2) UNION ALL
    (SELECT * FROM staff_swaps WHERE to_id = $1 ORDER BY asked_at DESC LIMIT $2)) AS s
 ORDER BY asked_at DESC, id DESC LIMIT $2
"""  # noqa: S608 - made of constants
_SWAPS_ABOUT = f"""
SELECT {_SWAP} FROM staff_swaps WHERE shift_id = ANY ($1) AND state = ANY ($2)
UNION ALL
SELECT {_SWAP} FROM staff_swaps WHERE other_shift_id = ANY ($1) AND state = ANY ($2)
 LIMIT 100
"""  # noqa: S608 - made of constants
_ACCEPT = """
UPDATE staff_swaps SET state = 'accepted', accepted_at = $2 WHERE id = $1 AND state = 'proposed'
"""
_END_SWAP = """
UPDATE staff_swaps SET state = $2, note = $3, decided_by = $4, decided_at = $5
 WHERE id = $1 AND state IN ('proposed', 'accepted')
"""


async def ask_leave(database: Queryable, shop_id: UUID, leave: Leave) -> None:
    """Keep a request for leave."""
    await database.execute(
        _ASK_LEAVE, leave.id, shop_id, leave.person_id, leave.from_day, leave.until_day, leave.why,
        leave.asked_at,
    )  # fmt: skip


async def find_leave(database: Queryable, shop_id: UUID, leave_id: UUID) -> Leave | None:
    """A request of a shop."""
    row = await database.fetchrow(_FIND_LEAVE, shop_id, leave_id)
    return Leave(**dict(row)) if row else None


async def leaves_waiting(database: Queryable, shop_id: UUID) -> list[Leave]:
    """Those that nobody has answered, the next first."""
    return [Leave(**dict(row)) for row in await database.fetch(_WAITING_LEAVES, shop_id, LIST_MAX)]


async def leaves_of(database: Queryable, person_id: UUID, *, limit: int = 20) -> list[Leave]:
    """What somebody asked for, the last first."""
    return [Leave(**dict(row)) for row in await database.fetch(_OF_PERSON, person_id, limit)]


async def leaves_granted(
    database: Queryable, shop_id: UUID, since: date, until: date
) -> list[Leave]:
    """Who is away on one of these days, both included."""
    rows = await database.fetch(_GRANTED, shop_id, since, until, LIST_MAX)
    return [Leave(**dict(row)) for row in rows]


async def answer_leave(
    connection: Connection,
    leave_id: UUID,
    answer: LeaveAnswer,
    *,
    note: str = "",
    by_id: UUID,
    now: datetime,
) -> bool:
    """Keep an answer; False where there is one already."""
    done = await connection.execute(_ANSWER_LEAVE, leave_id, answer, note, by_id, now)
    return done == "UPDATE 1"


async def ask_swap(database: Queryable, shop_id: UUID, swap: Swap) -> None:
    """Keep a proposal."""
    await database.execute(
        _ASK_SWAP, swap.id, shop_id, swap.shift_id, swap.other_shift_id, swap.from_id, swap.to_id,
        swap.why, swap.asked_at,
    )  # fmt: skip


async def find_swap(database: Queryable, shop_id: UUID, swap_id: UUID) -> Swap | None:
    """A swap of a shop."""
    row = await database.fetchrow(_FIND_SWAP, shop_id, swap_id)
    return Swap(**dict(row)) if row else None


async def swaps_waiting(database: Queryable, shop_id: UUID) -> list[Swap]:
    """Those in which somebody still has to say something."""
    return [Swap(**dict(row)) for row in await database.fetch(_WAITING_SWAPS, shop_id, LIST_MAX)]


async def swaps_of(database: Queryable, person_id: UUID, *, limit: int = 20) -> list[Swap]:
    """Those that somebody proposed or was asked for, the last first."""
    return [Swap(**dict(row)) for row in await database.fetch(_SWAPS_OF, person_id, limit)]


async def swaps_about(
    database: Queryable, shift_ids: Sequence[UUID], states: Sequence[SwapState]
) -> list[Swap]:
    """The swaps of these shifts that stand so."""
    rows = await database.fetch(_SWAPS_ABOUT, list(shift_ids), list(states))
    return [Swap(**dict(row)) for row in rows]


async def accept_swap(connection: Connection, swap_id: UUID, *, now: datetime) -> bool:
    """The colleague agrees."""
    return await connection.execute(_ACCEPT, swap_id, now) == "UPDATE 1"


async def end_swap(
    connection: Connection,
    swap_id: UUID,
    state: SwapState,
    *,
    note: str = "",
    by_id: UUID,
    now: datetime,
) -> bool:
    """It is over; False where it was already."""
    done = await connection.execute(_END_SWAP, swap_id, state, note, by_id, now)
    return done == "UPDATE 1"
