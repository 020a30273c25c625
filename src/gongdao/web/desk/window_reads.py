"""What the lists of the agent's window show beside the conversations themselves."""

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Queryable
from gongdao.flows.talk.presence import shop_served_by

#: Nobody needs to know more exactly how many there are.
COUNT_MAX = 200
_COUNTS = """
SELECT (SELECT count(*) FROM chat_conversations
         WHERE agent_id = $1 AND state = 'open') AS mine,
       (SELECT count(*) FROM chat_conversations
         WHERE agent_id = $1 AND state = 'open' AND asked_at IS NOT NULL) AS mine_unanswered,
       (SELECT count(*) FROM (SELECT FROM chat_conversations
         WHERE shop_id = $2 AND state = 'waiting' LIMIT $3) q) AS waiting,
       (SELECT count(*) FROM (SELECT FROM chat_conversations
         WHERE shop_id = $2 AND asked_at IS NOT NULL AND state <> 'closed' LIMIT $3) u)
       AS unanswered,
       (SELECT count(*) FROM (SELECT FROM script_asks
         WHERE shop_id = $2 AND answer IS NULL AND (asked_by = $1 OR $4) LIMIT $3) a) AS asks
"""
_COLLEAGUES = """
SELECT p.id, p.name, coalesce(a.state, 'offline') AS state
  FROM people p JOIN roles r ON r.id = p.role_id LEFT JOIN chat_agents a ON a.person_id = p.id
 WHERE p.shop_id = $1 AND p.id <> $2 AND p.disabled_at IS NULL
   AND 'chat.serve' = ANY (r.permissions)
 ORDER BY p.created_at, p.id LIMIT 300
"""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many conversations each list has."""

    mine: int
    mine_unanswered: int
    waiting: int
    unanswered: int
    asks: int
    """Questions that wait for a lead: all of the shop's for one who leads it, else one's own."""


class Mentionable(msgspec.Struct, frozen=True, kw_only=True):
    """A colleague who can be named in a note."""

    id: str
    name: str
    state: str


async def count_lists(database: Queryable, who: Principal) -> Counts:
    """One's own, the queue of the shop, and all who wait for an answer."""
    row = await database.fetchrow(
        _COUNTS, who.person_id, shop_served_by(who), COUNT_MAX, who.may("chat.manage")
    )
    assert row, "a count always answers"
    return Counts(**dict(row))


async def colleagues_of(database: Queryable, who: Principal) -> list[Mentionable]:
    """Everybody else who serves in the shop."""
    rows = await database.fetch(_COLLEAGUES, shop_served_by(who), who.person_id)
    return [Mentionable(id=str(row["id"]), name=row["name"], state=row["state"]) for row in rows]
