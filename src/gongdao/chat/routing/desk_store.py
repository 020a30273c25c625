"""The desk itself in SQL: its rules, groups, members, agents and their states, with their logs."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable
from gongdao.base.i18n import Locale
from gongdao.chat.routing.desk import AGENTS_MAX, Desk, DeskRules, Group, State
from gongdao.chat.routing.store import desk_of

#: A sign of life this young is not written down again.
_FRESH = timedelta(seconds=5)
_BATCH = 200

_ADD_AGENT = """
INSERT INTO chat_agents (person_id, shop_id, nickname, is_main, state_since)
VALUES ($1, $2, $3, $4 AND NOT EXISTS (SELECT FROM chat_agents WHERE shop_id = $2 AND is_main), $5)
ON CONFLICT (person_id) DO NOTHING
"""
_SET_STATE = """
UPDATE chat_agents a
   SET state = $3, state_since = $4, fell_from = NULL,
       seen_at = CASE WHEN $3 = 'offline' THEN a.seen_at ELSE $4 END
  FROM (SELECT person_id, state FROM chat_agents WHERE person_id = $1 AND shop_id = $2) AS was
 WHERE a.person_id = was.person_id AND (was.state <> $3 OR a.fell_from IS NOT NULL)
RETURNING a.person_id AS agent_id, was.state AS before, a.state
"""
_SILENCE = """
UPDATE chat_agents a SET state = 'offline', state_since = $3, fell_from = was.state
  FROM (SELECT person_id, state FROM chat_agents WHERE person_id = $1 AND shop_id = $2) AS was
 WHERE a.person_id = was.person_id AND was.state <> 'offline'
   AND coalesce(a.seen_at, a.state_since) <= $4
RETURNING a.person_id AS agent_id, was.state AS before, a.state
"""
_RESTORE = """
UPDATE chat_agents a SET state = a.fell_from, state_since = $3, fell_from = NULL, seen_at = $3
 WHERE a.person_id = $1 AND a.shop_id = $2 AND a.fell_from IS NOT NULL
RETURNING a.person_id AS agent_id, 'offline' AS before, a.state
"""
_LOG_STATE = """
INSERT INTO chat_states_log (shop_id, agent_id, at, before, state, cause, by_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_SEEN = """
UPDATE chat_agents SET seen_at = $2
 WHERE person_id = ANY ($1) AND (seen_at IS NULL OR seen_at < $3 OR fell_from IS NOT NULL)
RETURNING person_id, shop_id, fell_from
"""
_SILENT = """
SELECT a.person_id, a.shop_id
  FROM chat_agents a JOIN chat_desks d ON d.shop_id = a.shop_id
 WHERE a.state <> 'offline'
   AND coalesce(a.seen_at, a.state_since) <= $1::timestamptz
       - make_interval(secs => coalesce((d.rules ->> 'silent_seconds')::integer, $2))
 LIMIT $3
"""
# Whose buyers wait for somebody who is gone, and desks at which somebody waits while others are
# there: a crash between two steps leaves such things.
_STRANDED = """
SELECT DISTINCT c.shop_id, c.agent_id
  FROM chat_conversations c JOIN chat_agents a ON a.person_id = c.agent_id
 WHERE c.asked_at IS NOT NULL AND c.state <> 'closed' AND a.state = 'offline' LIMIT $1
"""
_BUSY_DESKS = """
SELECT d.shop_id FROM chat_desks d
 WHERE d.shop_id IN (SELECT shop_id FROM chat_agents WHERE state <> 'offline')
   AND EXISTS (SELECT FROM chat_conversations c WHERE c.shop_id = d.shop_id AND c.state = 'waiting')
 LIMIT $1
"""
_GROUPS = """
SELECT id, name, topic, languages, position, published FROM chat_groups
 WHERE shop_id = $1 AND retired_at IS NULL ORDER BY position, name
"""
_SAVE_GROUP = """
INSERT INTO chat_groups (id, shop_id, name, topic, languages, position, published)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE
   SET name = excluded.name, topic = excluded.topic, languages = excluded.languages,
       position = excluded.position, published = excluded.published
 WHERE chat_groups.shop_id = excluded.shop_id AND chat_groups.retired_at IS NULL
"""
_RETIRE = """
UPDATE chat_groups SET retired_at = $3, published = false
 WHERE id = $1 AND shop_id = $2 AND retired_at IS NULL
"""
# Only agents of this shop; what was owed counts from nothing under new weights.
_SEAT = """
WITH kept AS (
    INSERT INTO chat_members (group_id, agent_id, weight)
    SELECT $1, a.person_id, w.weight
      FROM unnest($3::uuid[], $4::integer[]) AS w (agent_id, weight)
      JOIN chat_agents a ON a.person_id = w.agent_id AND a.shop_id = $2
    ON CONFLICT (group_id, agent_id) DO UPDATE SET weight = excluded.weight, credit = 0
    RETURNING agent_id
), gone AS (
    DELETE FROM chat_members WHERE group_id = $1 AND agent_id <> ALL ($3)
)
SELECT count(*) FROM kept
"""
_SAVE_AGENT = """
UPDATE chat_agents SET nickname = $3, capacity = $4, in_routing = $5, languages = $6,
       is_main = coalesce($7, is_main)
 WHERE person_id = $1 AND shop_id = $2
"""
_LOG = """
INSERT INTO chat_desk_log (shop_id, at, by_id, what, about, after) VALUES ($1, $2, $3, $4, $5, $6)
"""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An agent's state before and after."""

    agent_id: UUID
    before: State
    state: State


async def load_desk(database: Queryable, shop_id: UUID) -> Desk:
    """The desk of a shop; one that nobody has set up goes by the defaults."""
    row = await database.fetchrow(
        "SELECT rules, version FROM chat_desks WHERE shop_id = $1", shop_id
    )
    return desk_of(shop_id, row) if row else Desk(shop_id=shop_id, rules=DeskRules(), version=0)


async def save_rules(connection: Connection, desk: Desk, rules: DeskRules) -> Desk:
    """Let new rules count at a desk that is held."""
    encoded = msgspec.json.encode(rules, order="deterministic")
    await connection.execute(
        "UPDATE chat_desks SET rules = $2, version = version + 1 WHERE shop_id = $1",
        desk.shop_id,
        encoded,
    )
    return Desk(shop_id=desk.shop_id, rules=rules, version=desk.version + 1)


async def log_change(
    connection: Connection,
    desk: Desk,
    what: str,
    about: UUID,
    after: Any,
    *,
    by_id: UUID,
    now: datetime,
) -> None:
    """Keep what somebody changed about the desk."""
    await connection.execute(
        _LOG, desk.shop_id, now, by_id, what, about, msgspec.json.encode(after)
    )


# --- groups and members ------------------------------------------------------------------------


async def list_groups(database: Queryable, shop_id: UUID) -> list[Group]:
    """The groups of a shop in their order."""
    return [msgspec.convert(dict(row), Group) for row in await database.fetch(_GROUPS, shop_id)]


async def save_group(connection: Connection, desk: Desk, group: Group) -> bool:
    """Make a group or change it; False when its id is another's. Raises UniqueViolationError."""
    done = await connection.execute(
        _SAVE_GROUP,
        group.id,
        desk.shop_id,
        group.name,
        group.topic,
        list(group.languages),
        group.position,
        group.published,
    )
    return done == "INSERT 0 1"


async def retire_group(
    connection: Connection, desk: Desk, group_id: UUID, *, now: datetime
) -> bool:
    """Take a group off the desk; its conversations keep its name."""
    return await connection.execute(_RETIRE, group_id, desk.shop_id, now) == "UPDATE 1"


async def save_members(
    connection: Connection, desk: Desk, group_id: UUID, weights: Mapping[UUID, int]
) -> int:
    """Who sits in a group with which weight, and nobody else; how many of them are agents."""
    return await connection.fetchval(
        _SEAT, group_id, desk.shop_id, list(weights), list(weights.values())
    )


# --- agents ------------------------------------------------------------------------------------


async def find_agent(database: Queryable, person_id: UUID) -> UUID | None:
    """The shop at whose desk somebody has a place."""
    return await database.fetchval(
        "SELECT shop_id FROM chat_agents WHERE person_id = $1", person_id
    )


async def name_of_agent(database: Queryable, agent_id: UUID) -> str:
    """What buyers call an agent."""
    found = await database.fetchval(
        "SELECT nickname FROM chat_agents WHERE person_id = $1", agent_id
    )
    return found or ""


async def add_agent(
    connection: Connection,
    shop_id: UUID,
    person_id: UUID,
    *,
    nickname: str,
    is_main: bool,
    now: datetime,
) -> None:
    """Give somebody a place at the desk."""
    await connection.execute(_ADD_AGENT, person_id, shop_id, nickname[:20], is_main, now)


async def count_agents(database: Queryable, shop_id: UUID) -> int:
    """How many places there are; AGENTS_MAX stands for that many or more."""
    return await database.fetchval(
        "SELECT count(*) FROM (SELECT FROM chat_agents WHERE shop_id = $1 LIMIT $2) AS counted",
        shop_id,
        AGENTS_MAX,
    )


async def main_account(database: Queryable, shop_id: UUID) -> UUID | None:
    """The agent who receives what nobody else is there for."""
    return await database.fetchval(
        "SELECT person_id FROM chat_agents WHERE shop_id = $1 AND is_main", shop_id
    )


async def save_agent(
    connection: Connection,
    desk: Desk,
    agent_id: UUID,
    *,
    nickname: str,
    capacity: int | None,
    in_routing: bool,
    languages: Sequence[Locale],
    is_main: bool | None,
) -> bool:
    """How an agent takes part; one at most is the main account. False: none of this desk."""
    if is_main:
        await connection.execute(
            "UPDATE chat_agents SET is_main = false WHERE shop_id = $1 AND is_main"
            " AND person_id <> $2",
            desk.shop_id,
            agent_id,
        )
    done = await connection.execute(
        _SAVE_AGENT,
        agent_id,
        desk.shop_id,
        nickname,
        capacity,
        in_routing,
        list(languages),
        is_main,
    )
    return done == "UPDATE 1"


# --- states ------------------------------------------------------------------------------------


async def set_state(
    connection: Connection, desk: Desk, agent_id: UUID, state: State, *, now: datetime
) -> Change | None:
    """Change an agent's state; None when it is so already, or no agent of this desk."""
    row = await connection.fetchrow(_SET_STATE, agent_id, desk.shop_id, state, now)
    return Change(**dict(row)) if row else None


async def silence(
    connection: Connection, desk: Desk, agent_id: UUID, *, now: datetime
) -> Change | None:
    """Take an agent for gone whose screens have said nothing for as long as the rules say."""
    since = now - timedelta(seconds=desk.rules.silent_seconds)
    row = await connection.fetchrow(_SILENCE, agent_id, desk.shop_id, now, since)
    return Change(**dict(row)) if row else None


async def restore_state(
    connection: Connection, desk: Desk, agent_id: UUID, *, now: datetime
) -> Change | None:
    """Let an agent be as they were when they dropped."""
    row = await connection.fetchrow(_RESTORE, agent_id, desk.shop_id, now)
    return Change(**dict(row)) if row else None


async def log_state(
    connection: Connection,
    desk: Desk,
    change: Change,
    *,
    cause: str,
    by_id: UUID | None,
    now: datetime,
) -> None:
    """Keep who was there when."""
    await connection.execute(
        _LOG_STATE, desk.shop_id, change.agent_id, now, change.before, change.state, cause, by_id
    )


async def note_seen(
    database: Queryable, person_ids: Sequence[UUID], *, now: datetime
) -> list[tuple[UUID, UUID]]:
    """A screen of each of them has spoken; the shop and id of those who had dropped."""
    rows = await database.fetch(_SEEN, person_ids, now, now - _FRESH)
    return [(row["shop_id"], row["person_id"]) for row in rows if row["fell_from"]]


async def find_silent(database: Queryable, *, now: datetime) -> list[tuple[UUID, UUID]]:
    """The shop and id of agents whose screens have been silent for too long."""
    rows = await database.fetch(_SILENT, now, DeskRules().silent_seconds, _BATCH)
    return [(row["shop_id"], row["person_id"]) for row in rows]


async def find_stranded(database: Queryable) -> list[tuple[UUID, UUID]]:
    """The shop and id of agents who are gone, and whose buyers wait for an answer."""
    rows = await database.fetch(_STRANDED, _BATCH)
    return [(row["shop_id"], row["agent_id"]) for row in rows]


async def find_busy_desks(database: Queryable) -> list[UUID]:
    """The shops at whose desks somebody waits and somebody is there."""
    return [row["shop_id"] for row in await database.fetch(_BUSY_DESKS, _BATCH)]
