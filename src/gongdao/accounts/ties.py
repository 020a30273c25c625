"""Who on the platform is tied to which buyer or shop, and so decides none of their cases."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable

#: So many ties are listed, the newest first.
TIES_MAX = 200

_LIST = f"""
SELECT t.id, p.name AS person, t.tied_to, t.noted_at, b.name AS buyer
  FROM ties t JOIN people p ON p.id = t.person_id LEFT JOIN people b ON b.id = t.tied_to
 ORDER BY t.noted_at DESC, t.id DESC LIMIT {TIES_MAX}
"""  # noqa: S608 - made of constants


class Tie(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the platform, and the buyer or the shop that they are tied to."""

    id: UUID
    person: str
    tied_to: UUID
    buyer: str | None
    """The buyer's name; none where it is a shop."""
    noted_at: datetime


async def list_ties(database: Queryable) -> list[Tie]:
    """The ties that are known, the newest first."""
    return [msgspec.convert(dict(row), Tie) for row in await database.fetch(_LIST)]


async def add_tie(
    database: Queryable, tie_id: UUID, *, person_id: UUID, tied_to: UUID, by: UUID, now: datetime
) -> None:
    """Note that somebody is tied to a buyer or a shop; noted twice, it stands once."""
    await database.execute(
        "INSERT INTO ties (id, person_id, tied_to, noted_by, noted_at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (person_id, tied_to) DO NOTHING",
        tie_id,
        person_id,
        tied_to,
        by,
        now,
    )


async def drop_tie(database: Queryable, tie_id: UUID) -> None:
    """Forget a tie that was noted by mistake."""
    await database.execute("DELETE FROM ties WHERE id = $1", tie_id)


async def find_person(database: Queryable, sign_in_name: str, kind: str) -> UUID | None:
    """The person of one kind with this sign-in name."""
    return await database.fetchval(
        "SELECT id FROM people WHERE sign_in_name = $1 AND kind = $2",
        sign_in_name.strip().lower(),
        kind,
    )
