"""What happened between a shop and a buyer: orders, cases, notes, talks and reviews.

The agent's window shows the newest of it beside the chat, the customer's page more of the same.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable
from gongdao.cases.seen_by import masked_in_sql
from gongdao.policy.pack import Ended
from gongdao.policy.words import Procedure, Stage
from gongdao.shops.order import Order
from gongdao.shops.rows import order_columns, order_from_row

#: Notes are looked for in so many of the newest conversations of the two.
_TALKS_READ = 20

_ORDERS = f"""
SELECT {order_columns()} FROM orders o WHERE o.buyer_id = $1 AND o.shop_id = $2
 ORDER BY o.id IS NOT DISTINCT FROM $3 DESC, o.placed_at DESC, o.id DESC LIMIT $4
"""  # noqa: S608 - made of constants
_CASES = f"""
SELECT c.id, c.number, c.order_id, c.procedure, c.kind, c.stage, c.ended, c.opened_at, c.due_at,
       c.refunded_fen, coalesce((c.state ->> 'asked_fen')::bigint, 0) AS asked_fen,
       jsonb_array_length(coalesce(c.state -> 'offers', '[]')) AS offers,
       coalesce((SELECT sum((a.value)::bigint) FROM jsonb_each_text(
           coalesce(c.state -> 'award_fen', '{{}}')) AS a), 0)::bigint AS award_fen
  FROM cases c WHERE c.buyer_id = $1 AND c.shop_id = $2 AND NOT {masked_in_sql("c.state", "seller")}
 ORDER BY c.ended IS NOT NULL, c.waiting_on NOT IN ('seller', 'both'), c.opened_at DESC, c.id DESC
 LIMIT $3
"""  # noqa: S608 - made of constants
# An internal note of a chat and a note on the customer are one list, whichever was written where.
_NOTES = f"""
SELECT n.*, p.name FROM (
    (SELECT m.conversation_id, t.number, m.seq, NULL::uuid AS id, m.at, m.author_id AS by_id,
            m.body ->> 'text' AS text, NULL::timestamptz AS due_at, NULL::timestamptz AS done_at
       FROM (SELECT id, number FROM chat_conversations
              WHERE shop_id = $2 AND buyer_id = $1 ORDER BY opened_at DESC LIMIT {_TALKS_READ}) t,
            LATERAL (SELECT * FROM chat_messages m
                      WHERE m.conversation_id = t.id AND m.kind = 'note'
                        AND NOT EXISTS (
                            SELECT FROM chat_messages r
                             WHERE r.conversation_id = m.conversation_id AND r.kind = 'recall'
                               AND (r.body ->> 'seq')::integer = m.seq)
                      ORDER BY m.seq DESC LIMIT $3) m)
    UNION ALL
    (SELECT NULL, NULL, NULL, id, at, by_id, text, due_at, done_at FROM customer_notes
      WHERE shop_id = $2 AND buyer_id = $1 AND erased_at IS NULL ORDER BY at DESC LIMIT $3)) AS n
  LEFT JOIN people p ON p.id = n.by_id
 ORDER BY n.at DESC LIMIT $3
"""  # noqa: S608 - made of constants
_TALKS = """
SELECT c.id, c.number, c.state, c.topic, c.opened_at, c.last_at, c.last_seq, c.grade, c.case_id,
       coalesce(p.name, '') AS agent
  FROM chat_conversations c LEFT JOIN people p ON p.id = c.agent_id
 WHERE c.shop_id = $2 AND c.buyer_id = $1 AND c.id IS DISTINCT FROM $3
 ORDER BY c.opened_at DESC LIMIT $4
"""
_REVIEWS = """
SELECT id, order_id, product, stars, text, at, reply FROM reviews
 WHERE buyer_id = $1 AND shop_id = $2 ORDER BY at DESC, id DESC LIMIT $3
"""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """How much of each is shown at once."""

    orders: int
    cases: int
    notes: int
    talks: int


#: Beside a chat stands the newest; on the customer's own page, what one looks through at a time.
BESIDE_CHAT = Shown(orders=5, cases=8, notes=10, talks=8)
OWN_PAGE = Shown(orders=20, cases=20, notes=50, talks=20)


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
    offers: int = 0
    """How many proposals to settle there were."""
    award_fen: int = 0
    """What was agreed or ruled."""


class NoteRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a colleague noted about the buyer, and where it stands."""

    conversation_id: UUID | None = None
    """The talk in which it was said; without one it was written on the customer's page."""
    number: int | None = None
    seq: int | None = None
    id: UUID | None = None
    at: datetime
    by_id: UUID | None
    name: str | None
    text: str
    due_at: datetime | None = None
    """Until when somebody gets in touch again."""
    done_at: datetime | None = None


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


class ReviewRow(msgspec.Struct, frozen=True, kw_only=True):
    """What the buyer said of a purchase."""

    id: UUID
    order_id: UUID
    product: str
    stars: int
    text: str
    at: datetime
    reply: str | None


class History(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    orders: list[Order]
    cases: list[CaseRow]
    notes: list[NoteRow]
    talks: list[TalkRow]


async def read_history(
    database: Queryable,
    shop_id: UUID,
    buyer_id: UUID,
    *,
    shown: Shown,
    order_id: UUID | None = None,
    conversation_id: UUID | None = None,
) -> History:
    """Orders (the one talked about first), cases, notes and other talks: four statements."""
    pair = (buyer_id, shop_id)
    orders = await database.fetch(_ORDERS, *pair, order_id, shown.orders)
    cases = await database.fetch(_CASES, *pair, shown.cases)
    talks = await database.fetch(_TALKS, *pair, conversation_id, shown.talks)
    return History(
        orders=[order_from_row(row) for row in orders],
        cases=[msgspec.convert(dict(row), CaseRow) for row in cases],
        notes=await read_notes(database, shop_id, buyer_id, limit=shown.notes),
        talks=[TalkRow(**dict(row)) for row in talks],
    )


async def read_notes(
    database: Queryable, shop_id: UUID, buyer_id: UUID, *, limit: int
) -> list[NoteRow]:
    """What was noted about a buyer, in chats and on the customer's page, newest first."""
    rows = await database.fetch(_NOTES, buyer_id, shop_id, limit)
    return [NoteRow(**dict(row)) for row in rows]


async def read_reviews(
    database: Queryable, shop_id: UUID, buyer_id: UUID, *, limit: int
) -> list[ReviewRow]:
    """What a buyer said of purchases in this shop, newest first."""
    rows = await database.fetch(_REVIEWS, buyer_id, shop_id, limit)
    return [ReviewRow(**dict(row)) for row in rows]
