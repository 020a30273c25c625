"""What a database holds of the demo, told quickly: every start of a filled demo asks."""

from datetime import datetime, timedelta
from typing import Literal

import asyncpg
import msgspec

from gongdao.flows.demo.cast import FIRST, LAST
from gongdao.flows.demo.names import demo_id

#: How long before the demo was begun its shops opened.
PAST = timedelta(days=61)

_STATE = """
SELECT (SELECT created_at FROM people WHERE id = $1) AS opened_at,
       EXISTS (SELECT FROM people WHERE id = $2) AS whole,
       EXISTS (SELECT FROM people) OR EXISTS (SELECT FROM shops) AS used
"""


class Found(msgspec.Struct, frozen=True):
    """How much of the demo there is, and the moment from which its instants are counted."""

    state: Literal["empty", "begun", "whole", "foreign"]
    begun_at: datetime | None = None


async def look(url: str) -> Found:
    """What the database at an address holds; one without the schema holds nothing."""
    connection = await asyncpg.connect(url)
    try:
        if await connection.fetchval("SELECT to_regclass('people')") is None:
            return Found("empty")
        row = await connection.fetchrow(_STATE, demo_id("person", FIRST), demo_id("person", LAST))
    finally:
        await connection.close()
    assert row, "a row without a table always comes"
    if row["opened_at"] is None:
        return Found("foreign" if row["used"] else "empty")
    return Found("whole" if row["whole"] else "begun", row["opened_at"] + PAST)
