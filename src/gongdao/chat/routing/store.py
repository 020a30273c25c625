"""Placing conversations in SQL: the desk's lock, the board, the queue, picks, and their log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable, Record
from gongdao.base.i18n import Locale
from gongdao.chat.routing.desk import Agent, Board, Desk, DeskRules, Group, Seat, SeatKey, State
from gongdao.chat.routing.pick import Affinity, Pick, Request

RULES_DECODER = msgspec.json.Decoder(DeskRules)
#: So many who wait are looked at in one go; a longer queue takes more of them.
QUEUE_PAGE = 200

_LOCK = "SELECT rules, version FROM chat_desks WHERE shop_id = $1 FOR NO KEY UPDATE"
_MAKE = "INSERT INTO chat_desks (shop_id) VALUES ($1) ON CONFLICT DO NOTHING"
# An agent in no group has a seat of their own; what waits in closed groups stays countable.
_BOARD = """
SELECT a.person_id, a.nickname, a.state, a.capacity, a.in_routing, a.is_main, a.languages, a.credit,
       (SELECT count(*) FROM chat_conversations c
         WHERE c.agent_id = a.person_id AND c.state = 'open') AS load,
       m.groups, m.weights, m.credits, m.names, m.topics, m.spoken
  FROM chat_agents a, LATERAL (
       SELECT array_agg(g.id) AS groups, array_agg(m.weight) AS weights,
              array_agg(m.credit) AS credits, array_agg(g.name) AS names,
              array_agg(g.topic) AS topics,
              array_agg(array_to_string(g.languages, ' ')) AS spoken
         FROM chat_members m JOIN chat_groups g ON g.id = m.group_id
        WHERE m.agent_id = a.person_id AND g.retired_at IS NULL) AS m
 WHERE a.shop_id = $1 ORDER BY a.person_id
"""
_WAITING = """
SELECT c.id, c.topic, c.locale, w.group_id, w.agent_id, c.queued_at,
       last.agent_id AS last_agent, last.last_at,
       (SELECT jsonb_agg(s.agents) FROM chat_about b
          JOIN chat_schooled s ON s.product_id = ANY (b.product_ids) AND s.shop_id = b.shop_id
         WHERE b.conversation_id = c.id) AS schooled
  FROM chat_conversations c
  LEFT JOIN chat_wishes w ON w.conversation_id = c.id
  LEFT JOIN LATERAL (
       SELECT p.agent_id, p.last_at FROM chat_conversations p
        WHERE p.shop_id = c.shop_id AND p.buyer_id = c.buyer_id AND p.opened_at < c.opened_at
          AND p.agent_id IS NOT NULL
        ORDER BY p.opened_at DESC LIMIT 1) AS last ON true
 WHERE c.shop_id = $1 AND c.state = 'waiting'
   AND (c.queued_at, c.id) > ($2::timestamptz, $3::uuid)
 ORDER BY c.queued_at, c.id LIMIT $4
"""
_TALK = """
SELECT c.id, c.shop_id, c.state, c.case_id, c.agent_id, c.group_id, c.topic, c.locale, c.queued_at,
       c.asked_at, (SELECT a.state FROM chat_agents a WHERE a.person_id = c.agent_id) AS agent_state
  FROM chat_conversations c WHERE c.id = $1
"""
_PLACES = """
SELECT c.id, (SELECT count(*) FROM chat_conversations q
               WHERE q.shop_id = c.shop_id AND q.state = 'waiting'
                 AND (q.queued_at, q.id) <= (c.queued_at, c.id)) AS place
  FROM chat_conversations c WHERE c.id = ANY ($1) AND c.state = 'waiting'
"""
_FIRST = """
SELECT id FROM chat_conversations WHERE shop_id = $1 AND state = 'waiting'
 ORDER BY queued_at, id LIMIT $2
"""
# The seats (group, agent) and what they are owed from now on.
_OWED = """
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::integer[]) AS e (group_id, agent_id, credit)
"""
_OWE = """
in_groups AS (
    UPDATE chat_members m SET credit = owed.credit FROM owed
     WHERE m.group_id = owed.group_id AND m.agent_id = owed.agent_id
), alone AS (
    UPDATE chat_agents a SET credit = owed.credit FROM owed
     WHERE owed.group_id IS NULL AND a.person_id = owed.agent_id
)
"""
_SETTLE = f"WITH owed AS ({_OWED}), {_OWE} SELECT"
# Conversations are held in the order of their ids, as everybody does, so that nobody waits for
# each other. Where one of them waits no more, nothing is done: the answer says which still do.
_PLACE = f"""
WITH still AS MATERIALIZED (
    SELECT id FROM chat_conversations WHERE id = ANY ($4) AND state = 'waiting'
     ORDER BY id FOR NO KEY UPDATE
), may AS MATERIALIZED (
    SELECT count(*) = cardinality($4::uuid[]) AS do_it FROM still
), owed AS (
    SELECT e.* FROM ({_OWED}) AS e, may WHERE may.do_it
), {_OWE}, picked AS (
    SELECT p.* FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::jsonb[])
           AS p (id, agent_id, group_id, why, details), may WHERE may.do_it
), placed AS (
    UPDATE chat_conversations c
       SET state = 'open', agent_id = p.agent_id, group_id = p.group_id, queued_at = NULL
      FROM picked p WHERE c.id = p.id
), told AS (
    INSERT INTO chat_routings (conversation_id, shop_id, at, group_id, to_agent, why, details)
    SELECT p.id, $9, $10, p.group_id, p.agent_id, p.why, p.details FROM picked p
)
SELECT id FROM still
"""  # noqa: S608 - made of constants
_LOG = """
INSERT INTO chat_routings
       (conversation_id, shop_id, at, group_id, from_agent, to_agent, by_id, why, details)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_LOCK_LEFT = """
SELECT c.id FROM chat_conversations c
 WHERE c.agent_id = $1 AND c.state = 'open' AND c.asked_at IS NOT NULL
   AND EXISTS (SELECT FROM chat_agents a WHERE a.person_id = $1 AND a.state = 'offline')
 ORDER BY c.id FOR NO KEY UPDATE
"""
_QUEUE_AGAIN = """
WITH left_behind AS (
    UPDATE chat_conversations
       SET state = 'waiting', queued_at = coalesce(asked_at, $3), agent_id = NULL
     WHERE id = ANY ($1) AND state = 'open' AND agent_id = $2
    RETURNING id, shop_id, group_id
)
INSERT INTO chat_routings (conversation_id, shop_id, at, group_id, from_agent, why, details)
SELECT id, shop_id, $3, group_id, $2, 'agent_left', '{}' FROM left_behind
"""
_WISH = """
INSERT INTO chat_wishes (conversation_id, group_id, agent_id)
SELECT $1, g.id, a.person_id
  FROM (SELECT) AS once
  LEFT JOIN chat_groups g ON g.id = $3 AND g.shop_id = $2 AND g.retired_at IS NULL
  LEFT JOIN chat_agents a ON a.person_id = $4 AND a.shop_id = $2
 WHERE g.id IS NOT NULL OR a.person_id IS NOT NULL
ON CONFLICT (conversation_id) DO UPDATE
   SET group_id = excluded.group_id, agent_id = excluded.agent_id
"""
_HAND = """
UPDATE chat_conversations
   SET state = 'open', agent_id = $2, group_id = coalesce($3, group_id), queued_at = NULL
 WHERE id = $1
"""
_PUT_BACK = """
UPDATE chat_conversations
   SET state = 'waiting', agent_id = NULL, group_id = $2,
       queued_at = coalesce(queued_at, asked_at, $3)
 WHERE id = $1
"""


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation as routing sees it."""

    id: UUID
    shop_id: UUID
    state: str
    case_id: UUID | None
    agent_id: UUID | None
    group_id: UUID | None
    topic: Any
    locale: Locale
    queued_at: datetime | None
    asked_at: datetime | None
    agent_state: State | None
    """How the agent who serves it is; None without one."""


async def lock_desk(connection: Connection, shop_id: UUID) -> Desk:
    """The desk, held until the transaction ends: nobody else places, hands over or changes there.

    Whoever also locks conversations takes the desk first.
    """
    row = await connection.fetchrow(_LOCK, shop_id)
    if row is None:
        await connection.execute(_MAKE, shop_id)
        row = await connection.fetchrow(_LOCK, shop_id)
        assert row, "it was made just now"
    return desk_of(shop_id, row)


def desk_of(shop_id: UUID, row: Record) -> Desk:
    """The desk of a row."""
    rules = RULES_DECODER.decode(row["rules"])
    return Desk(shop_id=shop_id, rules=rules, version=row["version"])


async def load_board(database: Queryable, desk: Desk) -> Board:
    """The desk as it is now, with how much everybody has to do."""
    rows = await database.fetch(_BOARD, desk.shop_id)
    groups: dict[UUID, Group] = {}
    credits_: dict[SeatKey, int] = {}
    for row in rows:
        for n, group_id in enumerate(row["groups"] or ()):
            groups[group_id] = groups.get(group_id) or _group(row, n)
            credits_[group_id, row["person_id"]] = row["credits"][n]
        credits_[None, row["person_id"]] = row["credit"]
    agents = {row["person_id"]: _agent(row, desk.rules) for row in rows}
    return Board(rules=desk.rules, groups=groups, agents=agents, credits=credits_)


def _group(row: Record, n: int) -> Group:
    return Group(
        id=row["groups"][n],
        name=row["names"][n],
        topic=row["topics"][n],
        languages=tuple(row["spoken"][n].split()),
    )


def _agent(row: Record, rules: DeskRules) -> Agent:
    if row["groups"]:
        seats = tuple(map(Seat, row["groups"], row["weights"]))
    else:
        weight = rules.main_weight if row["is_main"] else rules.weight
        seats = (Seat(None, weight),)
    return Agent(
        id=row["person_id"],
        nickname=row["nickname"],
        state=row["state"],
        capacity=rules.capacity if row["capacity"] is None else row["capacity"],
        load=row["load"],
        in_routing=row["in_routing"],
        is_main=row["is_main"],
        languages=tuple(row["languages"]),
        seats=seats,
    )


async def load_waiting(
    database: Queryable, shop_id: UUID, *, after: Request | None = None
) -> tuple[list[Request], dict[UUID, Affinity]]:
    """Who waits, in their order, after somebody; and with whom each talked the last time."""
    start = (after.queued_at, after.conversation_id) if after else (_LONG_AGO, UUID(int=0))
    rows = await database.fetch(_WAITING, shop_id, *start, QUEUE_PAGE)
    requests = [
        Request(
            conversation_id=row["id"],
            topic=row["topic"],
            locale=row["locale"],
            group_id=row["group_id"],
            agent_id=row["agent_id"],
            schooled=_in_all(row["schooled"]),
            queued_at=row["queued_at"],
        )
        for row in rows
    ]
    affinities = {
        row["id"]: Affinity(row["last_agent"], row["last_at"]) for row in rows if row["last_agent"]
    }
    return requests, affinities


def _in_all(lists: bytes | None) -> frozenset[UUID] | None:
    """Who is in every one of these lists; None without any."""
    if lists is None:
        return None
    first, *others = msgspec.json.decode(lists, type=list[frozenset[UUID]])
    return first.intersection(*others)


_LONG_AGO = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


async def load_talk(database: Queryable, conversation_id: UUID) -> Talk | None:
    """One conversation."""
    row = await database.fetchrow(_TALK, conversation_id)
    return Talk(**dict(row)) if row else None


async def lock_talk(connection: Connection, conversation_id: UUID) -> Talk | None:
    """One conversation, held until the transaction ends."""
    row = await connection.fetchrow(f"{_TALK} FOR NO KEY UPDATE OF c", conversation_id)
    return Talk(**dict(row)) if row else None


async def places_in_queue(database: Queryable, ids: Sequence[UUID]) -> dict[UUID, int]:
    """The places of those that wait, from 1."""
    return {row["id"]: row["place"] for row in await database.fetch(_PLACES, ids)}


async def first_in_queue(database: Queryable, shop_id: UUID, *, limit: int) -> list[UUID]:
    """Who has waited longest."""
    return [row["id"] for row in await database.fetch(_FIRST, shop_id, limit)]


async def keep_picks(
    connection: Connection, shop_id: UUID, picks: Sequence[Pick], *, now: datetime
) -> set[UUID]:
    """Give the conversations to those who were picked, settle the credits, and say why.

    Returns those that still waited. Unless it is all of them, nothing was done.
    """
    owed = {seat: credit for picked in picks for seat, credit in picked.credits.items()}
    rows = await connection.fetch(
        _PLACE,
        *_columns(owed),
        [picked.conversation_id for picked in picks],
        [picked.agent_id for picked in picks],
        [picked.group_id for picked in picks],
        [picked.why for picked in picks],
        [_details(picked) for picked in picks],
        shop_id,
        now,
    )
    return {row["id"] for row in rows}


async def keep_credits(connection: Connection, picked: Pick) -> None:
    """Settle the credits of a pick that is carried out in another way."""
    await connection.execute(_SETTLE, *_columns(picked.credits))


def _columns(owed: dict[SeatKey, int]) -> tuple[list[Any], list[UUID], list[int]]:
    return [group_id for group_id, _ in owed], [agent_id for _, agent_id in owed], [*owed.values()]


def _details(picked: Pick) -> bytes:
    told: dict[str, Any] = {"candidates": picked.candidates}
    if picked.affinity:
        told["affinity"] = {"agent_id": picked.affinity.agent_id, "at": picked.affinity.at}
    if picked.schooling:
        told["schooling"] = picked.schooling
    if picked.language_missed:
        told["language_missed"] = True
    return msgspec.json.encode(told)


async def log_routing(
    connection: Connection,
    talk: Talk,
    why: str,
    *,
    to_agent: UUID | None = None,
    group_id: UUID | None = None,
    by_id: UUID | None = None,
    details: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """Say why a conversation went where it went, or waits."""
    await connection.execute(
        _LOG,
        talk.id,
        talk.shop_id,
        now,
        group_id or talk.group_id,
        talk.agent_id,
        to_agent,
        by_id,
        why,
        msgspec.json.encode(details or {}),
    )


async def lock_left_behind(connection: Connection, agent_id: UUID) -> list[UUID]:
    """The conversations in which a buyer waits for an agent who is offline, held."""
    return [row["id"] for row in await connection.fetch(_LOCK_LEFT, agent_id)]


async def queue_again(
    connection: Connection, ids: Sequence[UUID], *, left_by: UUID, now: datetime
) -> None:
    """Let conversations wait for somebody else, as long as their buyers have waited already."""
    await connection.execute(_QUEUE_AGAIN, ids, left_by, now)


async def keep_wish(
    connection: Connection,
    conversation_id: UUID,
    shop_id: UUID,
    *,
    group_id: UUID | None,
    agent_id: UUID | None,
) -> None:
    """Note which group or agent was clicked; what is not of this shop is nobody's wish."""
    await connection.execute(_WISH, conversation_id, shop_id, group_id, agent_id)


async def give_to(
    connection: Connection, talk: Talk, agent_id: UUID, *, group_id: UUID | None
) -> None:
    """Let somebody serve a conversation that is held."""
    await connection.execute(_HAND, talk.id, agent_id, group_id)


async def put_back(
    connection: Connection, talk: Talk, *, group_id: UUID | None, now: datetime
) -> None:
    """Let a conversation that is held wait for somebody of a group."""
    await connection.execute(_PUT_BACK, talk.id, group_id, now)
