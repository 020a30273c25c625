"""Conversations and messages in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Pool, Queryable, Record
from gongdao.base.together import Together
from gongdao.chat.body import read_body
from gongdao.chat.conversation import Channel, ClosedBy, Conversation, Mark, Marks, Topic
from gongdao.chat.message import ROOT, Message, Saying, Side, digest_of
from gongdao.chat.quality.keep import SAY_AND_KEEP, has_more, kept_columns
from gongdao.chat.words import words_of

#: How many messages of one conversation are read at once.
PAGE_MAX = 200

_COLUMNS = ", ".join(Conversation.__struct_fields__)
_MESSAGE = (
    "conversation_id, seq, id, client_id, author, author_id, kind, body, reply_to, at, digest, hash"
)
_SAY = """
SELECT outcome, seq, at, hash, stirs, is_alone, may_answer FROM chat_say(
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::text[]::tsvector[])
"""
_OPEN = f"""
INSERT INTO chat_conversations
       (id, shop_id, buyer_id, case_id, channel, subject, topic, order_id, locale, state,
        opened_at, queued_at, last_at, head)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,
        CASE WHEN $4::uuid IS NULL THEN 'waiting' ELSE 'open' END,
        $10, CASE WHEN $4::uuid IS NULL THEN $10::timestamptz END, $10, $11)
ON CONFLICT DO NOTHING RETURNING {_COLUMNS}
"""  # noqa: S608 - made of constants
_FIND_OPEN = f"""
SELECT {_COLUMNS} FROM chat_conversations
 WHERE shop_id = $1 AND buyer_id = $2 AND channel = $3 AND state <> 'closed' AND case_id IS NULL
"""  # noqa: S608 - made of constants
_FIND_OF_CASE = f"SELECT {_COLUMNS} FROM chat_conversations WHERE case_id = $1"  # noqa: S608
_LOAD = f"SELECT {_COLUMNS} FROM chat_conversations WHERE id = ANY ($1)"  # noqa: S608


def recalled_in_sql(message: str) -> str:
    """Whether the message of this alias (conversation_id, seq) was taken back."""
    return f"""EXISTS (SELECT FROM chat_messages r
                WHERE r.conversation_id = {message}.conversation_id AND r.kind = 'recall'
                  AND (r.body ->> 'seq')::integer = {message}.seq)"""


_AFTER = f"""
SELECT {_MESSAGE}, {recalled_in_sql("m")} AS recalled
  FROM unnest($1::uuid[], $2::integer[]) AS asked (of, after),
       LATERAL (SELECT * FROM chat_messages
                 WHERE conversation_id = asked.of AND seq > asked.after
                 ORDER BY seq LIMIT $3) AS m
 ORDER BY m.conversation_id, m.seq
"""  # noqa: S608 - made of constants
_BEFORE = f"""
SELECT {_MESSAGE}, {recalled_in_sql("m")} AS recalled
  FROM chat_messages m WHERE conversation_id = $1 AND seq < $2
 ORDER BY seq DESC LIMIT $3
"""  # noqa: S608 - made of constants
_MARK = """
INSERT INTO chat_marks AS m (conversation_id, person_id, side, delivered, read, at)
SELECT asked.of, asked.by, asked.side, least(asked.delivered, c.last_seq),
       least(asked.read, c.last_seq), $6
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::integer[], $5::integer[])
       AS asked (of, by, side, delivered, read)
  JOIN chat_conversations c ON c.id = asked.of
ON CONFLICT (conversation_id, person_id) DO UPDATE
   SET delivered = greatest(m.delivered, excluded.delivered),
       read = greatest(m.read, excluded.read), at = excluded.at
 WHERE m.delivered < excluded.delivered OR m.read < excluded.read
"""
_MARKS = """
SELECT conversation_id, side, max(delivered) AS delivered, max(read) AS read
  FROM chat_marks WHERE conversation_id = ANY ($1) GROUP BY 1, 2
"""
_CLOSE = """
WITH closed AS (
    UPDATE chat_conversations c
       SET state = 'closed', closed_at = $3, closed_by = $2, queued_at = NULL,
           asked_seq = NULL, asked_at = NULL
      FROM (SELECT id, asked_seq, asked_at FROM chat_conversations
             WHERE id = $1 AND state <> 'closed' AND case_id IS NULL FOR UPDATE) AS was
     WHERE c.id = was.id
    RETURNING c.id, was.asked_seq, was.asked_at, c.shop_id, c.group_id, c.agent_id
), unanswered AS (
    INSERT INTO chat_turns (conversation_id, asked_seq, asked_at, shop_id, group_id, agent_id)
    SELECT id, asked_seq, asked_at, shop_id, group_id, agent_id FROM closed
     WHERE asked_seq IS NOT NULL
)
SELECT count(*) FROM closed
"""
_INVITE = """
UPDATE chat_conversations SET invited_at = $2
 WHERE id = $1 AND invited_at IS NULL AND answered_seq > 0 AND case_id IS NULL
"""
_GRADE = """
UPDATE chat_conversations SET grade = $2, graded_at = $3
 WHERE id = $1 AND invited_at IS NOT NULL AND grade IS NULL
"""
_UNTOUCHED = f"""
SELECT {", ".join(f"c.{name}" for name in Conversation.__struct_fields__)}
  FROM chat_desks d JOIN chat_conversations c ON c.shop_id = d.shop_id
 WHERE (d.rules ->> 'idle_minutes')::integer > 0
   AND c.state = 'open' AND c.case_id IS NULL AND c.asked_at IS NULL AND c.answered_seq > 0
   AND c.last_at < $1::timestamptz - (d.rules ->> 'idle_minutes')::integer * interval '1 minute'
 LIMIT $2
"""  # noqa: S608 - made of constants


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a saying came to: `again` when it stood there before; else the message it became.

    `other`: something else stands under its client_id. `newer`: a colleague has answered
    meanwhile. `closed` and `unknown` speak of the conversation.
    """

    outcome: Literal["said", "again", "other", "newer", "closed", "unknown"]
    seq: int = 0
    message: Message | None = None
    stirs: bool = False
    """Whether the buyer waits for an answer from now on, or no more."""
    is_alone: bool = False
    """Whether whoever serves this buyer has gone."""
    may_answer: bool = False
    """Whether the desk answers some words by itself."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it is read back, and whether it was taken back."""

    message: Message
    recalled: bool


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What a new conversation begins with."""

    id: UUID
    shop_id: UUID
    buyer_id: UUID
    case_id: UUID | None = None
    channel: Channel = "chat"
    subject: str = ""
    topic: Topic = "general"
    order_id: UUID | None = None
    locale: Literal["zh", "en"] = "zh"


async def open_conversation(
    connection: Queryable, opening: Opening, *, now: datetime
) -> tuple[Conversation, bool]:
    """The conversation of these two that is open, and whether it was made now."""
    made = await connection.fetchrow(
        _OPEN, *msgspec.structs.astuple(opening), now, ROOT
    )  # in the order of the statement
    if made is not None:
        return _conversation(made), True
    found = await (
        connection.fetchrow(_FIND_OF_CASE, opening.case_id)
        if opening.case_id
        else connection.fetchrow(_FIND_OPEN, opening.shop_id, opening.buyer_id, opening.channel)
    )
    if found is None:
        known = (await load_conversations(connection, [opening.id])).get(opening.id)
        # One of this id is over; else it was closed between the two statements.
        return (known, False) if known else await open_conversation(connection, opening, now=now)
    return _conversation(found), False


async def load_conversations(database: Queryable, ids: Sequence[UUID]) -> dict[UUID, Conversation]:
    """Conversations by id."""
    return {row["id"]: _conversation(row) for row in await database.fetch(_LOAD, ids)}


async def load_conversation(database: Queryable, conversation_id: UUID) -> Conversation | None:
    """One conversation."""
    return await _load_one(database, conversation_id)


async def say(database: Queryable, saying: Saying) -> Said:
    """Number and keep a message; those that come at the same time go in one transaction."""
    return await _say(database, saying)


async def say_all(connection: Connection, sayings: Sequence[Saying]) -> list[Said]:
    """Number and keep messages in the caller's transaction, in the order given."""
    return await _say_many(connection, sayings)


async def _say_many(connection: Connection, sayings: Sequence[Saying]) -> list[Said]:
    digests = [digest_of(one) for one in sayings]
    more = has_more(sayings)
    rows = await connection.fetch(
        SAY_AND_KEEP if more else _SAY,
        [one.conversation_id for one in sayings],
        [one.id for one in sayings],
        [one.client_id for one in sayings],
        [one.author for one in sayings],
        [one.author_id for one in sayings],
        [one.kind for one in sayings],
        [msgspec.json.encode(one.body) for one in sayings],
        [one.reply_to for one in sayings],
        [one.seen for one in sayings],
        [one.at for one in sayings],
        digests,
        [words_of(one.kind, one.body) for one in sayings],
        *(kept_columns(sayings) if more else ()),
    )
    return [
        _said(one, digest, row) for one, digest, row in zip(sayings, digests, rows, strict=True)
    ]


_say = Together(_say_many)


def _said(one: Saying, digest: bytes, row: Record) -> Said:
    if row["outcome"] != "said":
        return Said(outcome=row["outcome"], seq=row["seq"] or 0)
    message = Message(
        conversation_id=one.conversation_id,
        seq=row["seq"],
        id=one.id,
        client_id=one.client_id,
        author=one.author,
        author_id=one.author_id,
        kind=one.kind,
        body=one.body,
        reply_to=one.reply_to,
        at=row["at"],
        digest=digest,
        hash=row["hash"],
    )
    return Said(
        outcome="said",
        seq=message.seq,
        message=message,
        stirs=row["stirs"],
        is_alone=row["is_alone"],
        may_answer=row["may_answer"],
    )


async def _load_many(connection: Connection, ids: Sequence[UUID]) -> list[Conversation | None]:
    found = await load_conversations(connection, ids)
    return [found.get(one) for one in ids]


_load_one = Together(_load_many)


async def messages_after(
    database: Queryable, asked: Sequence[tuple[UUID, int]], *, limit: int = PAGE_MAX
) -> list[Seen]:
    """What came after these numbers: of each conversation the next ones, in order."""
    rows = await database.fetch(_AFTER, [of for of, _ in asked], [n for _, n in asked], limit)
    return [_seen(row) for row in rows]


async def messages_before(
    database: Queryable, conversation_id: UUID, before: int, *, limit: int = 50
) -> list[Seen]:
    """The messages under this number, the oldest of them first."""
    rows = await database.fetch(_BEFORE, conversation_id, before, limit)
    return [_seen(row) for row in reversed(rows)]


async def set_mark(pool: Pool, mark: Mark, *, now: datetime) -> None:
    """Note how far a person's screen is; never backwards, and never further than there is."""
    await _set_mark(pool, (mark, now))


async def _set_marks(connection: Connection, asked: Sequence[tuple[Mark, datetime]]) -> list[None]:
    marks = [mark for mark, _ in sorted(asked, key=lambda one: one[0].conversation_id)]
    await connection.execute(
        _MARK,
        [mark.conversation_id for mark in marks],
        [mark.person_id for mark in marks],
        [mark.side for mark in marks],
        [mark.delivered for mark in marks],
        [mark.read for mark in marks],
        max(now for _, now in asked),
    )
    return [None] * len(asked)


_set_mark = Together(
    _set_marks, apart=lambda asked: ((asked[0].conversation_id, asked[0].person_id),)
)


async def marks_of(database: Queryable, ids: Sequence[UUID]) -> dict[UUID, dict[Side, Marks]]:
    """How far each side has received and read."""
    found: dict[UUID, dict[Side, Marks]] = {one: {} for one in ids}
    for row in await database.fetch(_MARKS, ids):
        marks = Marks(delivered=row["delivered"], read=row["read"])
        found[row["conversation_id"]][row["side"]] = marks
    return found


async def close_conversation(
    connection: Queryable, conversation_id: UUID, *, by: ClosedBy, now: datetime
) -> bool:
    """End it; what stood unanswered is kept as such. False when it was over, or is a case's."""
    return bool(await connection.fetchval(_CLOSE, conversation_id, by, now))


async def invite(connection: Queryable, conversation_id: UUID, *, now: datetime) -> bool:
    """Ask the buyer how content they were; once, and only where somebody has answered."""
    return await connection.execute(_INVITE, conversation_id, now) == "UPDATE 1"


async def keep_grade(
    connection: Queryable, conversation_id: UUID, grade: int, *, now: datetime
) -> bool:
    """Keep the buyer's grade, 1 to 5; once."""
    return await connection.execute(_GRADE, conversation_id, grade, now) == "UPDATE 1"


async def find_untouched(
    database: Queryable, *, now: datetime, limit: int = 200
) -> list[Conversation]:
    """Open conversations, all answered, in which nothing was said for as long as the desk says."""
    return [_conversation(row) for row in await database.fetch(_UNTOUCHED, now, limit)]


def _conversation(row: Any) -> Conversation:
    return Conversation(**dict(row))


def _seen(row: Record) -> Seen:
    fields = dict(row)
    recalled = fields.pop("recalled")
    fields["body"] = read_body(fields["kind"], fields["body"])
    return Seen(message=Message(**fields), recalled=recalled)
