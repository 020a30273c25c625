"""The reports of weeks in SQL: frozen when made, with what each says about their own week."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A report as it was made."""

    monday: date
    made_at: datetime
    made_by: UUID | None
    report: bytes


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says about their own week."""

    person_id: UUID
    version: int
    text: str
    at: datetime


_KEEP = """
INSERT INTO staff_reports (shop_id, monday, made_at, made_by, report) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
"""
_FIND = """
SELECT monday, made_at, made_by, report FROM staff_reports WHERE shop_id = $1 AND monday = $2
"""
_MONDAYS = "SELECT monday FROM staff_reports WHERE shop_id = $1 ORDER BY monday DESC LIMIT $2"
_SAID = """
SELECT DISTINCT ON (person_id) person_id, version, text, at FROM staff_report_words
 WHERE shop_id = $1 AND monday = $2 ORDER BY person_id, version DESC LIMIT 500
"""
_SAY = """
INSERT INTO staff_report_words (shop_id, monday, person_id, version, text, at)
SELECT $1, $2, $3, 1 + coalesce(max(version), 0), $4, $5 FROM staff_report_words
 WHERE shop_id = $1 AND monday = $2 AND person_id = $3 HAVING coalesce(max(version), 0) < 50
"""
# Shops with people who serve, without a report of the week.
_WITHOUT = """
SELECT t.shop_id FROM staff_teams t
 WHERE NOT EXISTS (SELECT FROM staff_reports r WHERE r.shop_id = t.shop_id AND r.monday = $1)
 ORDER BY t.shop_id LIMIT $2
"""


async def keep_report(database: Queryable, shop_id: UUID, report: Report) -> None:
    """Freeze a report; the first one of a week stays."""
    await database.execute(
        _KEEP, shop_id, report.monday, report.made_at, report.made_by, report.report
    )


async def find_report(database: Queryable, shop_id: UUID, monday: date) -> Report | None:
    """The report of a week."""
    row = await database.fetchrow(_FIND, shop_id, monday)
    return Report(**dict(row)) if row else None


async def mondays_of(database: Queryable, shop_id: UUID, *, limit: int = 26) -> list[date]:
    """The weeks that have a report, the last first."""
    return [row["monday"] for row in await database.fetch(_MONDAYS, shop_id, limit)]


async def said_of(database: Queryable, shop_id: UUID, monday: date) -> dict[UUID, Said]:
    """What each says about their own week, as they said it last."""
    rows = await database.fetch(_SAID, shop_id, monday)
    return {row["person_id"]: Said(**dict(row)) for row in rows}


async def say_of_week(
    connection: Connection,
    shop_id: UUID,
    monday: date,
    text: str,
    *,
    person_id: UUID,
    now: datetime,
) -> bool:
    """Keep what somebody says; False where they have said it too often."""
    done = await connection.execute(_SAY, shop_id, monday, person_id, text, now)
    return done == "INSERT 0 1"


async def shops_without(database: Queryable, monday: date, *, limit: int = 50) -> list[UUID]:
    """Shops with a team that have no report of a week."""
    return [row["shop_id"] for row in await database.fetch(_WITHOUT, monday, limit)]
