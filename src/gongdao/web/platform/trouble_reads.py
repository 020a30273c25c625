"""What the worker has set aside: clocks that it could not decide, deeds that nobody could read."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable
from gongdao.policy.words import Stage

#: The page shows so many of each, the oldest trouble first; a cause mostly stands behind many.
SHOWN_MAX = 200

_CLOCKS = f"""
SELECT s.case_id, c.number, c.stage, s.due_at, s.failures, s.since, s.wait_until, s.reason
  FROM clocks_set_aside s JOIN cases c ON c.id = s.case_id AND c.due_at = s.due_at
 ORDER BY s.since, s.case_id LIMIT {SHOWN_MAX}
"""  # noqa: S608 - made of constants
_DEEDS = f"""
SELECT d.case_id, c.number, d.follower, d.first_version, d.at, d.reason
  FROM deeds_set_aside d LEFT JOIN cases c ON c.id = d.case_id
 ORDER BY d.at DESC, d.case_id LIMIT {SHOWN_MAX}
"""  # noqa: S608 - made of constants


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """A case whose silence could not be decided, how often, and when it is tried again."""

    case_id: UUID
    number: int
    stage: Stage
    due_at: datetime
    failures: int
    since: datetime
    wait_until: datetime
    reason: str


class LostDeed(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened and that a follower could not read."""

    case_id: UUID
    number: int | None
    follower: str
    first_version: int
    at: datetime
    reason: str


async def list_clocks(database: Queryable) -> list[Clock]:
    """The clocks that stand still, the oldest first."""
    return [msgspec.convert(dict(row), Clock) for row in await database.fetch(_CLOCKS)]


async def list_deeds(database: Queryable) -> list[LostDeed]:
    """What followers have passed over, the newest first."""
    return [msgspec.convert(dict(row), LostDeed) for row in await database.fetch(_DEEDS)]
