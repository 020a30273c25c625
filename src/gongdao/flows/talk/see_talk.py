"""Conversations as they are shown: names, how they stand, and the messages one may see."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable
from gongdao.chat.body import Kind
from gongdao.chat.conversation import Channel, ClosedBy, Conversation, Marks, State, Topic
from gongdao.chat.message import Author, Side, sees
from gongdao.chat.routing.store import places_in_queue
from gongdao.chat.store import Seen, marks_of, messages_after, messages_before
from gongdao.flows.talk.access import Talk

# Buyers meet agents under their nicknames; the people of a shop know each other's names.
_NAMES = """
SELECT p.id, p.name, p.kind, coalesce(nullif(a.nickname, ''), s.name, p.name) AS shown
  FROM people p
  LEFT JOIN chat_agents a ON a.person_id = p.id
  LEFT JOIN shops s ON s.id = p.shop_id
 WHERE p.id = ANY ($1)
"""


class Name(msgspec.Struct, frozen=True, kw_only=True):
    """What a person is called within their house, and to others."""

    name: str
    shown: str
    kind: Literal["buyer", "shop", "platform"]


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message as a screen gets it. One that was taken back has no body."""

    seq: int
    id: UUID
    client_id: UUID
    author: Author
    author_id: UUID | None = None
    name: str = ""
    kind: Kind
    # Any, because a union of structs without tags has no schema; what it is, `kind` says.
    body: Any = None
    reply_to: int | None = None
    at: datetime
    recalled: bool = False


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a conversation stands, as both sides may know."""

    id: UUID
    number: int
    state: State
    channel: Channel
    topic: Topic
    case_id: UUID | None
    agent_id: UUID | None
    agent: str
    """Who serves it, under the name that buyers see; empty while nobody does."""
    place: int
    """The place in the queue, from 1; 0 when it does not wait."""
    last_seq: int
    asked_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    closed_by: ClosedBy | None
    invited: bool
    grade: int | None
    marks: dict[Side, Marks]


async def names_of(database: Queryable, ids: Iterable[UUID]) -> dict[UUID, Name]:
    """The names of people, in one statement."""
    rows = await database.fetch(_NAMES, list(ids))
    return {row["id"]: Name(name=row["name"], shown=row["shown"], kind=row["kind"]) for row in rows}


async def see_standing(database: Queryable, conversation: Conversation) -> Standing:
    """How a conversation stands, with names, its place in the queue, and the marks."""
    ids = [conversation.id]
    names = await names_of(database, [conversation.agent_id]) if conversation.agent_id else {}
    places = await places_in_queue(database, ids) if conversation.state == "waiting" else {}
    marks = (await marks_of(database, ids))[conversation.id]
    return standing_of(conversation, names=names, place=places.get(conversation.id, 0), marks=marks)


async def read_lines(
    database: Queryable,
    talk: Talk,
    *,
    after: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Line]:
    """Messages after a number, or the last ones under one; without either the newest."""
    conversation = talk.conversation
    if after is not None:
        seen = await messages_after(database, [(conversation.id, after)], limit=limit)
    else:
        until = before if before is not None else conversation.last_seq + 1
        seen = await messages_before(database, conversation.id, until, limit=limit)
    authors = {one.message.author_id for one in seen if one.message.author_id}
    return lines_for(talk.side, seen, await names_of(database, authors) if authors else {})


def name_for(side: Side, author: Author, name: Name | None) -> str:
    """What this side reads above a message of somebody."""
    if name is None:
        return ""
    if author == "platform":
        return "" if side != "platform" else name.name
    if author == "shop":
        return name.name if side == "shop" else name.shown
    return name.name


def lines_for(side: Side, seen: Iterable[Seen], names: dict[UUID, Name]) -> list[Line]:
    """Messages as this side sees them, without those that it never sees."""
    return [
        line_for(side, one, names) for one in seen if sees(side, one.message.kind, one.message.body)
    ]


def line_for(side: Side, one: Seen, names: dict[UUID, Name]) -> Line:
    """One message as this side sees it."""
    message = one.message
    name = names.get(message.author_id) if message.author_id else None
    return Line(
        seq=message.seq,
        id=message.id,
        client_id=message.client_id,
        author=message.author,
        author_id=message.author_id,
        name=name_for(side, message.author, name),
        kind=message.kind,
        body=None if one.recalled else message.body,
        reply_to=message.reply_to,
        at=message.at,
        recalled=one.recalled,
    )


def standing_of(
    conversation: Conversation,
    *,
    names: dict[UUID, Name],
    place: int,
    marks: dict[Side, Marks],
) -> Standing:
    """How it stands."""
    agent = names.get(conversation.agent_id) if conversation.agent_id else None
    fields: dict[str, Any] = {
        field: getattr(conversation, field)
        for field in Standing.__struct_fields__
        if field in Conversation.__struct_fields__
    }
    return Standing(
        **fields,
        agent=agent.shown if agent else "",
        place=place,
        invited=conversation.invited_at is not None,
        marks=marks,
    )
