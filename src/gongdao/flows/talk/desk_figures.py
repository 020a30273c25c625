"""The figures of one's desk with names, and the desk at this instant for the wall."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.chat.figures import By, Figures, Period, days_until, read_figures, read_total
from gongdao.chat.routing.desk import State

_AGENTS = "SELECT person_id::text AS id, nickname AS name FROM chat_agents WHERE shop_id = $1"
_GROUPS = "SELECT id::text AS id, name FROM chat_groups WHERE shop_id = $1"
_NOW = """
SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
       count(*) FILTER (WHERE state = 'open' AND case_id IS NULL) AS open,
       count(*) FILTER (WHERE asked_at IS NOT NULL) AS unanswered,
       count(*) FILTER (WHERE asked_at <= $2::timestamptz - interval '3 minutes') AS late,
       min(queued_at) AS queued_since, min(asked_at) AS asked_since
  FROM chat_conversations WHERE shop_id = $1 AND state <> 'closed'
"""
_STAFF = """
SELECT a.person_id, a.nickname, p.name, a.state, a.state_since, a.in_routing,
       count(c.id) AS load, count(c.asked_at) AS unanswered, min(c.asked_at) AS asked_since
  FROM chat_agents a
  JOIN people p ON p.id = a.person_id AND p.disabled_at IS NULL
  LEFT JOIN chat_conversations c ON c.agent_id = a.person_id AND c.state = 'open'
 WHERE a.shop_id = $1
 GROUP BY a.person_id, p.name
 ORDER BY (a.state = 'offline'), a.nickname LIMIT 300
"""


class Named(msgspec.Struct, frozen=True):
    """A line of a table: what it is called, and its figures."""

    name: str
    figures: Figures


class AgentNow(msgspec.Struct, frozen=True, kw_only=True):
    """An agent at this instant."""

    person_id: UUID
    nickname: str
    name: str
    state: State
    state_since: datetime
    in_routing: bool
    load: int
    unanswered: int
    asked_since: datetime | None


class Wall(msgspec.Struct, frozen=True, kw_only=True):
    """A desk at this instant, and what today has come to."""

    waiting: int
    open: int
    unanswered: int
    late: int
    """Buyers who have waited for more than three minutes."""
    queued_since: datetime | None
    asked_since: datetime | None
    agents: list[AgentNow]
    today: Figures


def led_by(who: Principal) -> UUID:
    """The shop whose desk somebody leads. Raises Refusal wrong_role."""
    if who.shop_id is None or not who.may("chat.manage"):
        raise Refusal("wrong_role", N_("Only whoever leads the desk sees its figures."))
    return who.shop_id


async def total_of_desk(
    database: Queryable, who: Principal, period: Period, *, now: datetime
) -> Figures:
    """The figures of the whole desk."""
    return await read_total(database, led_by(who), period, now=now)


async def figures_of_desk(
    database: Queryable, who: Principal, period: Period, *, by: By, now: datetime
) -> list[Named]:
    """The figures of one's desk, each line under the name that people know."""
    shop_id = led_by(who)
    lines = await read_figures(database, shop_id, period, by=by, now=now)
    names: dict[str, str] = {}
    if by in ("agent", "group"):
        statement = _AGENTS if by == "agent" else _GROUPS
        names = {row["id"]: row["name"] for row in await database.fetch(statement, shop_id)}
    return [Named(names.get(line.key, "" if by == "group" else line.key), line) for line in lines]


async def wall_of_desk(database: Queryable, who: Principal, *, now: datetime) -> Wall:
    """The desk as it is now."""
    shop_id = led_by(who)
    row = await database.fetchrow(_NOW, shop_id, now)
    assert row is not None, "a row of counts is always there"
    agents = [AgentNow(**dict(each)) for each in await database.fetch(_STAFF, shop_id)]
    today = await read_total(database, shop_id, days_until(now, days=1), now=now)
    return Wall(**dict(row), agents=agents, today=today)
