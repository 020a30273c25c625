"""Judgements of conversations and objections to them in the database; rows are only added."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from gongdao.base.db import Queryable
from gongdao.chat.quality.check import AgentMarks, Check, ItemMean, Mark, Objection

#: How many judgements of one conversation are read, and how many lines of a list.
HISTORY_MAX, LIST_MAX = 50, 200
_COLUMNS = ", ".join(Check.__struct_fields__)
_ADD = """
INSERT INTO chat_checks (id, conversation_id, shop_id, agent_id, by_id, at, form_version, marks,
                         fatal, score, remark, replaces)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (id) DO NOTHING
"""
_HISTORY = f"""
SELECT {_COLUMNS} FROM chat_checks WHERE conversation_id = $1 ORDER BY at DESC, id DESC LIMIT $2
"""  # noqa: S608 - made of constants
_OBJECT = """
INSERT INTO chat_objections (conversation_id, check_id, by_id, at, text)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""
_OBJECTION = """
SELECT conversation_id, check_id, by_id, at, text FROM chat_objections WHERE conversation_id = $1
"""
# What counts is what nothing has replaced.
_MARKS = """
WITH counting AS (
    SELECT * FROM chat_checks c
     WHERE shop_id = $1 AND at >= $2 AND at < $3 AND ($4::uuid IS NULL OR agent_id = $4)
       AND NOT EXISTS (SELECT FROM chat_checks r WHERE r.replaces = c.id)
), by_item AS (
    SELECT agent_id, m ->> 'item' AS item, coalesce(max(m ->> 'title'), '') AS title,
           avg((m ->> 'points')::numeric / (m ->> 'most')::numeric) AS share
      FROM counting, jsonb_array_elements(marks) AS m GROUP BY agent_id, m ->> 'item'
)
SELECT agent_id, count(*) AS checks, avg(score) AS mean,
       count(*) FILTER (WHERE cardinality(fatal) > 0) AS fatal,
       (SELECT jsonb_agg(jsonb_build_array(item, title, share) ORDER BY item) FROM by_item i
         WHERE i.agent_id = c.agent_id) AS items
  FROM counting c GROUP BY agent_id ORDER BY mean, agent_id LIMIT $5
"""


async def add_check(database: Queryable, check: Check, *, shop_id: UUID) -> bool:
    """Keep a judgement. False when another one stands in its place already."""
    try:
        await database.execute(
            _ADD,
            check.id,
            check.conversation_id,
            shop_id,
            check.agent_id,
            check.by_id,
            check.at,
            check.form_version,
            msgspec.json.encode(check.marks),
            check.fatal,
            check.score,
            check.remark,
            check.replaces,
        )
    except asyncpg.UniqueViolationError:
        return False
    return True


async def checks_of(database: Queryable, conversation_id: UUID) -> list[Check]:
    """How a conversation was judged, newest first: the first of them counts."""
    return [_check(row) for row in await database.fetch(_HISTORY, conversation_id, HISTORY_MAX)]


async def add_objection(database: Queryable, objection: Objection) -> bool:
    """Keep what an agent objects. False when they have objected before."""
    done = await database.execute(_OBJECT, *msgspec.structs.astuple(objection))
    return done == "INSERT 0 1"


async def objection_of(database: Queryable, conversation_id: UUID) -> Objection | None:
    """What the agent has objected."""
    row = await database.fetchrow(_OBJECTION, conversation_id)
    return Objection(**dict(row)) if row else None


async def read_marks(
    database: Queryable,
    shop_id: UUID,
    *,
    since: datetime,
    until: datetime,
    agent_id: UUID | None = None,
) -> list[AgentMarks]:
    """How the agents of a shop were judged in a time, the one with the lowest mean first."""
    rows = await database.fetch(_MARKS, shop_id, since, until, agent_id, LIST_MAX)
    return [_marks(dict(row)) for row in rows]


def _check(row: Any) -> Check:
    fields = dict(row)
    fields["marks"] = msgspec.json.decode(fields["marks"], type=tuple[Mark, ...])
    fields["fatal"] = tuple(fields["fatal"])
    return Check(**fields)


def _marks(fields: dict[str, Any]) -> AgentMarks:
    items = msgspec.json.decode(fields.pop("items") or b"[]", type=list[tuple[str, str, float]])
    fields["mean"] = float(fields["mean"])
    return AgentMarks(**fields, items=tuple(ItemMean(*item) for item in items))
