"""Which arbiter has taken a case into their hands, as other arbiters see it."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable

# Whoever takes a case over names the one they take it from: two at once do not both have it.
_CLAIM = """
INSERT INTO case_claims AS k (case_id, person_id, at) VALUES ($1, $2, $4)
ON CONFLICT (case_id) DO UPDATE SET person_id = excluded.person_id, at = excluded.at
 WHERE k.person_id = $3
RETURNING true
"""
_HOLDER = """
SELECT k.person_id, p.name, k.at FROM case_claims k JOIN people p ON p.id = k.person_id
WHERE k.case_id = $1
"""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Who has a case, and since when."""

    person_id: UUID
    name: str
    at: datetime


async def write_claim(
    database: Queryable, case_id: UUID, *, person_id: UUID, taken_from: UUID | None, now: datetime
) -> bool:
    """Give a case to somebody; False when it is in the hands of another one than was thought."""
    return bool(await database.fetchval(_CLAIM, case_id, person_id, taken_from, now))


async def drop_claim(database: Queryable, case_id: UUID, *, person_id: UUID) -> None:
    """Take a case out of somebody's hands; changes nothing where it is not in theirs."""
    await database.execute(
        "DELETE FROM case_claims WHERE case_id = $1 AND person_id = $2", case_id, person_id
    )


async def read_claim(database: Queryable, case_id: UUID) -> Claim | None:
    """Who has a case; None where nobody has."""
    row = await database.fetchrow(_HOLDER, case_id)
    return Claim(person_id=row["person_id"], name=row["name"], at=row["at"]) if row else None
