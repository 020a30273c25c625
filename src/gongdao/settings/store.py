"""The log of the settings: the newest value, the history, and a new version."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from gongdao.base.db import Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.settings.setting import V, Value, Version

REASON_MAX = 500
_PAGE_MAX, _VERSION_MAX = 200, 2**31 - 1

_NEWEST = """
SELECT version, value, reason, by_id, at FROM settings_log
WHERE name = $1 ORDER BY version DESC LIMIT 1
"""
_HISTORY = """
SELECT version, value, reason, by_id, at FROM settings_log
WHERE name = $1 AND version < $2 ORDER BY version DESC LIMIT $3
"""
_ADD = """
INSERT INTO settings_log (name, version, value, reason, by_id, at)
SELECT $1, $2, $3, $4, $5, $6
WHERE $2 = 1 + (SELECT coalesce(max(version), 0) FROM settings_log WHERE name = $1)
"""


async def load_setting(database: Queryable, kind: type[V], *, of: UUID | None = None) -> Version[V]:
    """The value that counts now; `of` is the shop whose own setting it is."""
    row = await database.fetchrow(_NEWEST, _name(kind, of))
    return _version(row, kind) if row else Version(version=0, value=kind())


async def load_history(
    database: Queryable,
    kind: type[V],
    *,
    before: int | None = None,
    limit: int = 50,
    of: UUID | None = None,
) -> list[Version[V]]:
    """What was said of a setting, newest first; `before` is the last version of the page above."""
    rows = await database.fetch(
        _HISTORY, _name(kind, of), _VERSION_MAX if before is None else before, min(limit, _PAGE_MAX)
    )
    return [_version(row, kind) for row in rows]


async def add_version(
    database: Queryable,
    value: V,
    *,
    seen: int,
    reason: str,
    by_id: UUID,
    now: datetime,
    of: UUID | None = None,
) -> Version[V]:
    """Let a new value count, decided on the version that its author saw. Raises Refusal."""
    said = reason.strip()
    if not said:
        raise Refusal("reason_required", N_("Say why this is changed."))
    if len(said) > REASON_MAX:
        raise Refusal("too_large", N_("A reason has at most {n} characters."), n=REASON_MAX)
    encoded = msgspec.json.encode(value, order="deterministic")
    added = ""
    if 0 <= seen < _VERSION_MAX:
        try:
            added = await database.execute(
                _ADD, _name(type(value), of), seen + 1, encoded, said, by_id, now
            )
        except asyncpg.UniqueViolationError:
            added = ""
    if added != "INSERT 0 1":
        raise Refusal(
            "version_conflict", N_("Somebody else has changed this meanwhile; look again.")
        )
    return Version(version=seen + 1, value=value, reason=said, by_id=by_id, at=now)


def _name(kind: type[Value], of: UUID | None) -> str:
    return kind.NAME if of is None else f"{kind.NAME}:{of}"


def _version(row: Any, kind: type[V]) -> Version[V]:
    return Version(
        version=row["version"],
        value=msgspec.json.decode(row["value"], type=kind),
        reason=row["reason"],
        by_id=row["by_id"],
        at=row["at"],
    )
