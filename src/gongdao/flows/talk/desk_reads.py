"""What the people of a desk see of it: agents, who sits where, the queue, and the logs."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale
from gongdao.chat.routing.desk import DeskRules, Group, State, Topic
from gongdao.chat.routing.desk_store import list_groups
from gongdao.flows.talk.access import talk_of

#: So many of the queue, of a log, and of the agents are shown at once.
QUEUE_SHOWN, LOG_SHOWN, AGENTS_SHOWN = 200, 100, 300

# Everybody who may serve, whether or not they have ever been at the desk.
_AGENTS = """
SELECT p.id, p.name, r.name AS role, coalesce(a.nickname, '') AS nickname,
       coalesce(a.state, 'offline') AS state, a.state_since, a.seen_at,
       coalesce(a.in_routing, true) AS in_routing, coalesce(a.is_main, false) AS is_main,
       a.capacity AS own_capacity,
       coalesce(a.capacity, (d.rules ->> 'capacity')::integer, $2) AS capacity,
       coalesce(a.languages, '{zh}') AS languages,
       (SELECT count(*) FROM chat_conversations c
         WHERE c.agent_id = p.id AND c.state = 'open') AS load,
       (SELECT count(*) FROM chat_routings t WHERE t.to_agent = p.id AND t.at >= $3) AS served
  FROM people p JOIN roles r ON r.id = p.role_id
  LEFT JOIN chat_agents a ON a.person_id = p.id
  LEFT JOIN chat_desks d ON d.shop_id = p.shop_id
 WHERE p.shop_id = $1 AND p.disabled_at IS NULL AND 'chat.serve' = ANY (r.permissions)
 ORDER BY p.created_at, p.id LIMIT $4
"""
_MEMBERS = """
SELECT m.group_id, m.agent_id, m.weight
  FROM chat_groups g JOIN chat_members m ON m.group_id = g.id
 WHERE g.shop_id = $1 AND g.retired_at IS NULL ORDER BY m.weight DESC, m.agent_id
"""
_QUEUE = """
SELECT c.id, c.number, c.topic, c.locale, c.queued_at, c.asked_at, b.name AS buyer,
       w.group_id AS asked_group, w.agent_id AS asked_agent
  FROM chat_conversations c
  LEFT JOIN people b ON b.id = c.buyer_id
  LEFT JOIN chat_wishes w ON w.conversation_id = c.id
 WHERE c.shop_id = $1 AND c.state = 'waiting' ORDER BY c.queued_at, c.id LIMIT $2
"""
_ROUTINGS = """
SELECT id, at, group_id, from_agent, to_agent, by_id, why, details
  FROM chat_routings WHERE conversation_id = $1 ORDER BY id LIMIT $2
"""
_STATES = """
SELECT id, at, agent_id, before, state, cause, by_id
  FROM chat_states_log WHERE agent_id = $1 AND shop_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4
"""
_CHANGES = """
SELECT id, at, by_id, what, about, after
  FROM chat_desk_log WHERE shop_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3
"""
ID_MAX = 2**63 - 1


class AgentRow(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may serve, and how they are at the desk."""

    id: UUID
    name: str
    role: str
    nickname: str
    """What buyers call them; empty for somebody who has not been at the desk."""
    state: State
    state_since: datetime | None
    seen_at: datetime | None
    in_routing: bool
    is_main: bool
    own_capacity: int | None
    capacity: int
    languages: tuple[Locale, ...]
    load: int
    served: int
    """How many conversations came to them since the time that was asked for."""


class GroupRow(msgspec.Struct, frozen=True, kw_only=True):
    """A group and the weights of its members."""

    group: Group
    weights: dict[UUID, int]


class QueueRow(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that waits."""

    id: UUID
    number: int
    place: int
    topic: Topic
    locale: Locale
    buyer: str | None
    queued_at: datetime
    asked_at: datetime | None
    asked_group: UUID | None
    asked_agent: UUID | None


class RoutingRow(msgspec.Struct, frozen=True, kw_only=True):
    """Why a conversation went to somebody, or waited; `details` say what it rested on."""

    id: int
    at: datetime
    group_id: UUID | None
    from_agent: UUID | None
    to_agent: UUID | None
    by_id: UUID | None
    why: str
    details: dict[str, Any]


class StateRow(msgspec.Struct, frozen=True, kw_only=True):
    """A change of an agent's state."""

    id: int
    at: datetime
    agent_id: UUID
    before: State
    state: State
    cause: str
    by_id: UUID | None


class ChangeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A change of the desk itself."""

    id: int
    at: datetime
    by_id: UUID
    what: str
    about: UUID
    after: dict[str, Any]


def shop_at(who: Principal) -> UUID:
    """The shop whose desk somebody may look at. Raises Refusal wrong_role."""
    if who.shop_id is None or not (who.may("chat.serve") or who.may("chat.manage")):
        raise Refusal("wrong_role", N_("Your role does not permit this."))
    return who.shop_id


async def read_agents(database: Queryable, who: Principal, *, since: datetime) -> list[AgentRow]:
    """Everybody who may serve; `served` counts from an instant, such as midnight."""
    usual = DeskRules().capacity
    rows = await database.fetch(_AGENTS, shop_at(who), usual, since, AGENTS_SHOWN)
    return [msgspec.convert(dict(row), AgentRow) for row in rows]


async def read_groups(database: Queryable, who: Principal) -> list[GroupRow]:
    """The groups in their order, with their members."""
    shop_id = shop_at(who)
    groups = await list_groups(database, shop_id)
    weights: dict[UUID, dict[UUID, int]] = {each.id: {} for each in groups}
    for row in await database.fetch(_MEMBERS, shop_id):
        weights[row["group_id"]][row["agent_id"]] = row["weight"]
    return [GroupRow(group=each, weights=weights[each.id]) for each in groups]


async def read_queue(database: Queryable, who: Principal) -> list[QueueRow]:
    """Who waits, in the order in which they are served."""
    rows = await database.fetch(_QUEUE, shop_at(who), QUEUE_SHOWN)
    return [QueueRow(place=n, **dict(row)) for n, row in enumerate(rows, start=1)]


async def read_routings(
    database: Queryable, who: Principal, conversation_id: UUID
) -> list[RoutingRow]:
    """Why a conversation of one's shop went where it went, oldest first."""
    shop_at(who)
    await talk_of(database, who, conversation_id)
    rows = await database.fetch(_ROUTINGS, conversation_id, LOG_SHOWN)
    return [
        RoutingRow(**{**dict(row), "details": msgspec.json.decode(row["details"])}) for row in rows
    ]


async def read_states(
    database: Queryable, who: Principal, agent_id: UUID, *, before: int | None = None
) -> list[StateRow]:
    """When an agent was there, newest first: one's own, or as a lead anybody's."""
    shop_id = shop_at(who)
    if agent_id != who.person_id and not who.may("chat.manage"):
        raise Refusal("wrong_role", N_("Your role does not permit this."))
    rows = await database.fetch(_STATES, agent_id, shop_id, before or ID_MAX, LOG_SHOWN)
    return [StateRow(**dict(row)) for row in rows]


async def read_changes(
    database: Queryable, who: Principal, *, before: int | None = None
) -> list[ChangeRow]:
    """What leads changed about the desk, newest first."""
    rows = await database.fetch(_CHANGES, shop_at(who), before or ID_MAX, LOG_SHOWN)
    return [ChangeRow(**{**dict(row), "after": msgspec.json.decode(row["after"])}) for row in rows]
