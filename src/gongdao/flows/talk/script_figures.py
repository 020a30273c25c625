"""Who said which script how often, and what came of it: the one place where this is counted."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable
from gongdao.cases.seen_by import masked_in_sql

#: An order placed, or paid, so soon after a script may be due to it; a case so soon as well.
ORDERED_WITHIN = timedelta(hours=24)
CASE_WITHIN = timedelta(days=7)
SCRIPTS_MAX, USES_MAX = 1_000, 100

_FIGURES = f"""
SELECT u.script, count(*)::integer AS uses,
       count(DISTINCT u.agent_id)::integer AS agents,
       count(DISTINCT u.conversation_id)::integer AS talks,
       count(*) FILTER (WHERE EXISTS (
           SELECT FROM orders o WHERE o.buyer_id = u.buyer_id AND o.shop_id = u.shop_id
              AND o.placed_at > u.at AND o.placed_at <= u.at + $4))::integer AS ordered,
       count(*) FILTER (WHERE EXISTS (
           SELECT FROM orders o WHERE o.buyer_id = u.buyer_id AND o.shop_id = u.shop_id
              AND o.paid_at > u.at AND o.paid_at <= u.at + $4))::integer AS paid,
       count(*) FILTER (WHERE EXISTS (
           SELECT FROM cases k WHERE k.buyer_id = u.buyer_id AND k.shop_id = u.shop_id
              AND k.opened_at > u.at AND k.opened_at <= u.at + $5
              AND NOT {masked_in_sql("k.state", "seller")}))::integer AS cases,
       count(c.grade)::integer AS grades,
       avg(c.grade)::double precision AS grade,
       max(u.at) AS last_at
  FROM script_uses u JOIN chat_conversations c ON c.id = u.conversation_id
 WHERE u.shop_id = $1 AND u.at >= $2 AND u.at < $3 AND ($6::uuid IS NULL OR u.agent_id = $6)
 GROUP BY u.script ORDER BY uses DESC, u.script LIMIT {SCRIPTS_MAX}
"""  # noqa: S608 - made of constants
_USES = f"""
SELECT u.at, p.name AS agent, c.number AS talk, u.conversation_id, c.grade
  FROM script_uses u
  JOIN chat_conversations c ON c.id = u.conversation_id
  JOIN people p ON p.id = u.agent_id
 WHERE u.shop_id = $1 AND u.script = $2 AND u.at >= $3
 ORDER BY u.at DESC LIMIT {USES_MAX}
"""  # noqa: S608 - made of constants


class ScriptFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One script in a period; `ordered`, `paid`, `cases` count uses after which that happened."""

    script: str
    uses: int
    agents: int
    talks: int
    ordered: int
    paid: int
    cases: int
    grades: int
    grade: float | None
    """What buyers gave the talks on average, from 1 to 5; None: none of them was graded."""
    last_at: datetime


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """Once that a script was said."""

    at: datetime
    agent: str
    talk: int
    conversation_id: UUID
    grade: int | None


async def script_figures(
    database: Queryable,
    shop_id: UUID,
    *,
    since: datetime,
    until: datetime,
    agent_id: UUID | None = None,
) -> list[ScriptFigures]:
    """What came of each script of a shop in a period, the most said first; of one agent, or all."""
    rows = await database.fetch(
        _FIGURES, shop_id, since, until, ORDERED_WITHIN, CASE_WITHIN, agent_id
    )
    return [msgspec.convert(dict(row), ScriptFigures) for row in rows]


async def uses_of_script(
    database: Queryable, shop_id: UUID, script: str, *, since: datetime
) -> list[Use]:
    """When a script was said, by whom, and in which talk; the newest first."""
    rows = await database.fetch(_USES, shop_id, script, since)
    return [msgspec.convert(dict(row), Use) for row in rows]
