"""The tables of scripts: those of shops and agents with their versions, and who said which."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec

from gongdao.base.db import Connection, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.scripts.shelf import OwnScript

#: So many scripts of its own a shop has, and an agent.
OF_SHOP_MAX, OF_AGENT_MAX = 500, 200
#: What one said longer ago than this says nothing about what one says.
USES_COUNT = timedelta(days=90)
VERSIONS_MAX = 50

_COLUMNS = ", ".join(OwnScript.__struct_fields__)
_OWN = f"""
SELECT {_COLUMNS} FROM script_own
 WHERE shop_id = $1 AND (owner_id IS NULL OR owner_id = $2)
 ORDER BY changed_at DESC, id LIMIT {OF_SHOP_MAX + OF_AGENT_MAX}
"""  # noqa: S608 - made of constants
_ADD = f"""
INSERT INTO script_own ({_COLUMNS}, changed_at, changed_by)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
 WHERE (SELECT count(*) FROM script_own
         WHERE shop_id = $2 AND owner_id IS NOT DISTINCT FROM $3) < $14
"""  # noqa: S608 - made of constants
_CHANGE = """
UPDATE script_own SET version = version + 1, step = $3, move = $4, title = $5, body = $6,
       archived_at = $7, changed_at = $8, changed_by = $9
 WHERE id = $1 AND version = $2
"""
_NOTE_VERSION = """
INSERT INTO script_versions (script_id, version, step, move, title, body, archived, by_id, at)
SELECT id, version, step, move, title, body, archived_at IS NOT NULL, changed_by, changed_at
  FROM script_own WHERE id = $1
"""
# What tells whether own scripts are as they were, and how often one said which script of late.
_AT_HAND = """
SELECT (SELECT format('%s %s %s', count(*), sum(version), max(changed_at)) FROM script_own
         WHERE shop_id = $1 AND (owner_id IS NULL OR owner_id = $2)) AS stamp,
       (SELECT jsonb_object_agg(u.script, u.uses)
          FROM (SELECT script, count(*) AS uses FROM script_uses
                 WHERE agent_id = $2 AND at >= $3 GROUP BY script) AS u) AS uses
"""
_SAID = """
INSERT INTO script_uses (conversation_id, client_id, shop_id, agent_id, buyer_id, script, at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
"""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """How a script was worded once."""

    version: int
    title: str
    body: str
    archived: bool
    by_id: UUID
    at: datetime


async def own_scripts(database: Queryable, shop_id: UUID, agent_id: UUID) -> list[OwnScript]:
    """The scripts of a shop and of one agent, archived ones too, newest first."""
    rows = await database.fetch(_OWN, shop_id, agent_id)
    return [msgspec.convert(dict(row), OwnScript) for row in rows]


async def find_script(database: Queryable, script_id: UUID, *, shop_id: UUID) -> OwnScript | None:
    """One script of a shop or of its people."""
    row = await database.fetchrow(
        f"SELECT {_COLUMNS} FROM script_own WHERE id = $1 AND shop_id = $2",  # noqa: S608
        script_id,
        shop_id,
    )
    return msgspec.convert(dict(row), OwnScript) if row else None


async def add_script(
    connection: Connection, script: OwnScript, *, by_id: UUID, now: datetime
) -> None:
    """Keep a new script. Raises Refusal where there are too many, or one for the same place."""
    most = OF_AGENT_MAX if script.owner_id else OF_SHOP_MAX
    values = [getattr(script, name) for name in OwnScript.__struct_fields__]
    try:
        async with connection.transaction():
            added = await connection.execute(_ADD, *values, now, by_id, most)
            if added != "INSERT 0 1":
                raise Refusal("invalid", N_("There are {n} scripts already."), n=most)
            await connection.execute(_NOTE_VERSION, script.id)
    except asyncpg.UniqueViolationError:
        raise Refusal(
            "duplicate", N_("Another script stands in that place already; change that one.")
        ) from None


async def change_script(
    connection: Connection, script: OwnScript, *, by_id: UUID, now: datetime
) -> None:
    """Keep a script as it is now; its `version` is the one that was seen. Raises Refusal."""
    async with connection.transaction():
        changed = await connection.execute(
            _CHANGE, script.id, script.version, script.step, script.move, script.title,
            script.body, script.archived_at, now, by_id,
        )  # fmt: skip
        if changed != "UPDATE 1":
            raise Refusal(
                "version_conflict", N_("Somebody else has changed this meanwhile; look again.")
            )
        await connection.execute(_NOTE_VERSION, script.id)


async def versions_of(database: Queryable, script_id: UUID) -> list[Version]:
    """How a script was worded, newest first."""
    rows = await database.fetch(
        "SELECT version, title, body, archived, by_id, at FROM script_versions"
        " WHERE script_id = $1 ORDER BY version DESC LIMIT $2",
        script_id,
        VERSIONS_MAX,
    )
    return [msgspec.convert(dict(row), Version) for row in rows]


async def at_hand(
    database: Queryable, shop_id: UUID, agent_id: UUID, *, now: datetime
) -> tuple[str, dict[str, int]]:
    """A stamp that changes with the own scripts of shop and agent, and how often they said what."""
    row = await database.fetchrow(_AT_HAND, shop_id, agent_id, now - USES_COUNT)
    assert row is not None, "a row of answers is always there"
    uses = msgspec.json.decode(row["uses"], type=dict[str, int]) if row["uses"] else {}
    return row["stamp"], uses


async def note_use(
    database: Queryable,
    *,
    conversation_id: UUID,
    client_id: UUID,
    shop_id: UUID,
    agent_id: UUID,
    buyer_id: UUID,
    script: str,
    now: datetime,
) -> None:
    """Somebody said a script; the message's client_id makes it once."""
    await database.execute(
        _SAID, conversation_id, client_id, shop_id, agent_id, buyer_id, script, now
    )
