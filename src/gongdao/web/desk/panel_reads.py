"""What stands beside a conversation: orders, cases, notes and earlier talks of its buyer."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable
from gongdao.cases.seen_by import masked_in_sql
from gongdao.chat.conversation import Conversation
from gongdao.chat.store import recalled_in_sql
from gongdao.policy.pack import Ended
from gongdao.policy.words import Procedure, Stage
from gongdao.shops.order import Order
from gongdao.shops.rows import order_columns, order_from_row

#: So much of each is shown beside a chat; the rest is one click away.
ORDERS_SHOWN, CASES_SHOWN, NOTES_SHOWN, TALKS_SHOWN = 5, 8, 10, 8
#: Notes are looked for in so many of the newest conversations of the two.
_TALKS_READ = 20

_ORDERS = f"""
SELECT {order_columns()} FROM orders o WHERE o.buyer_id = $1 AND o.shop_id = $2
 ORDER BY o.id = $3 DESC, o.placed_at DESC, o.id DESC LIMIT {ORDERS_SHOWN}
"""  # noqa: S608 - made of constants
_CASES = f"""
SELECT c.id, c.number, c.order_id, c.procedure, c.kind, c.stage, c.ended, c.opened_at, c.due_at,
       c.refunded_fen, coalesce((c.state ->> 'asked_fen')::bigint, 0) AS asked_fen
  FROM cases c WHERE c.buyer_id = $1 AND c.shop_id = $2 AND NOT {masked_in_sql("c.state", "seller")}
 ORDER BY c.ended IS NOT NULL, c.waiting_on NOT IN ('seller', 'both'), c.opened_at DESC, c.id DESC
 LIMIT {CASES_SHOWN}
"""  # noqa: S608 - made of constants
_NOTES = f"""
SELECT n.conversation_id, t.number, n.seq, n.at, p.name, n.body ->> 'text' AS text
  FROM (SELECT id, number FROM chat_conversations
         WHERE shop_id = $2 AND buyer_id = $1 ORDER BY opened_at DESC LIMIT {_TALKS_READ}) t,
       LATERAL (SELECT m.conversation_id, m.seq, m.at, m.author_id, m.body FROM chat_messages m
                 WHERE m.conversation_id = t.id AND m.kind = 'note'
                   AND NOT {recalled_in_sql("m")}
                 ORDER BY m.seq DESC LIMIT {NOTES_SHOWN}) n
  LEFT JOIN people p ON p.id = n.author_id
 ORDER BY n.at DESC LIMIT {NOTES_SHOWN}
"""  # noqa: S608 - made of constants
_TALKS = f"""
SELECT c.id, c.number, c.state, c.topic, c.opened_at, c.last_at, c.last_seq, c.grade, c.case_id,
       coalesce(p.name, '') AS agent
  FROM chat_conversations c LEFT JOIN people p ON p.id = c.agent_id
 WHERE c.shop_id = $2 AND c.buyer_id = $1 AND c.id <> $3
 ORDER BY c.opened_at DESC LIMIT {TALKS_SHOWN}
"""  # noqa: S608 - made of constants


class CaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """A case of the buyer in this shop, in one line."""

    id: UUID
    number: int
    order_id: UUID
    procedure: Procedure
    kind: str
    stage: Stage
    ended: Ended | None
    opened_at: datetime
    due_at: datetime | None
    refunded_fen: int
    asked_fen: int


class NoteRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a colleague noted about the buyer, and where it stands."""

    conversation_id: UUID
    number: int
    seq: int
    at: datetime
    name: str | None
    text: str


class TalkRow(msgspec.Struct, frozen=True, kw_only=True):
    """Another conversation of the two."""

    id: UUID
    number: int
    state: str
    topic: str
    opened_at: datetime
    last_at: datetime
    last_seq: int
    grade: int | None
    case_id: UUID | None
    agent: str


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    orders: list[Order]
    cases: list[CaseRow]
    notes: list[NoteRow]
    talks: list[TalkRow]


async def read_beside(database: Queryable, conversation: Conversation) -> Beside:
    """Orders (the one talked about first), cases, notes and other talks: four statements."""
    pair = (conversation.buyer_id, conversation.shop_id)
    orders = await database.fetch(_ORDERS, *pair, conversation.order_id)
    cases = await database.fetch(_CASES, *pair)
    notes = await database.fetch(_NOTES, *pair)
    talks = await database.fetch(_TALKS, *pair, conversation.id)
    return Beside(
        orders=[order_from_row(row) for row in orders],
        cases=[msgspec.convert(dict(row), CaseRow) for row in cases],
        notes=[NoteRow(**dict(row)) for row in notes],
        talks=[TalkRow(**dict(row)) for row in talks],
    )
