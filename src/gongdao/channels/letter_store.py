"""Threads and letters in the database; the only SQL for `channel_threads` and `channel_outbox`."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable, Record
from gongdao.channels.channel import Letter
from gongdao.channels.reason import REASON_MAX
from gongdao.channels.store import LEASE

#: What a list shows at most.
LIST_MAX = 50


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    """The other end of a conversation that is held over a channel."""

    conversation_id: UUID
    account_id: UUID
    address: str
    subject: str
    reply_to: str = ""
    refers_to: tuple[str, ...] = ()
    put_seq: int = 0


class LetterRow(msgspec.Struct, frozen=True, kw_only=True):
    """A letter of the outbox."""

    id: UUID
    account_id: UUID
    conversation_id: UUID | None
    seq: int | None
    letter: Letter
    reference: str
    state: str
    put_at: datetime
    due_at: datetime
    attempts: int
    reason: str


_THREAD = ", ".join(Thread.__struct_fields__)
_LETTER = ", ".join(LetterRow.__struct_fields__)
_KEEP_THREAD = f"""
INSERT INTO channel_threads ({_THREAD}) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (conversation_id) DO UPDATE
   SET reply_to = excluded.reply_to, refers_to = excluded.refers_to
"""  # noqa: S608 - made of constants
_LOCK_THREAD = f"""
SELECT {_THREAD} FROM channel_threads WHERE conversation_id = $1 FOR UPDATE
"""  # noqa: S608 - made of constants
_FIND_OPEN = """
SELECT c.id FROM channel_threads t JOIN chat_conversations c ON c.id = t.conversation_id
 WHERE t.account_id = $1 AND t.address = $2 AND c.buyer_id = $3 AND c.state <> 'closed'
   AND t.reply_to || t.refers_to && $4::text[]
 ORDER BY c.opened_at DESC, c.id DESC LIMIT 1
"""
_ADVANCE = "UPDATE channel_threads SET put_seq = $2 WHERE conversation_id = $1 AND put_seq < $2"
_PUT = """
INSERT INTO channel_outbox
       (id, account_id, conversation_id, seq, letter, reference, state, put_at, due_at)
VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8) ON CONFLICT DO NOTHING
"""
_TAKE_LETTER = f"""
UPDATE channel_outbox SET due_at = $2, attempts = attempts + 1
 WHERE id IN (SELECT o.id FROM channel_outbox o JOIN channel_accounts a ON a.id = o.account_id
               WHERE o.state = 'waiting' AND o.due_at <= $1 AND a.paused_at IS NULL
               ORDER BY o.due_at, o.id LIMIT 1 FOR UPDATE OF o SKIP LOCKED)
RETURNING {_LETTER}
"""  # noqa: S608 - made of constants
_END_LETTER = """
UPDATE channel_outbox SET state = $2, reason = $3, ended_at = $4
 WHERE id = $1 AND (state = 'waiting' OR (state = 'sent' AND $2 = 'bounced'))
"""
_DELAY = "UPDATE channel_outbox SET due_at = $2, reason = $3 WHERE id = $1 AND state = 'waiting'"
_LETTERS = f"SELECT {_LETTER} FROM channel_outbox WHERE id = ANY ($1)"  # noqa: S608
_TROUBLE = f"""
SELECT {_LETTER} FROM channel_outbox
 WHERE account_id = ANY ($1)
   AND (state IN ('failed', 'bounced') OR (state = 'waiting' AND attempts > 1))
 ORDER BY put_at DESC LIMIT {LIST_MAX}
"""  # noqa: S608 - made of constants
_SEND_AGAIN = """
UPDATE channel_outbox SET state = 'waiting', due_at = $3, attempts = 0, ended_at = NULL
 WHERE id = $1 AND account_id = ANY ($2) AND state IN ('failed', 'bounced')
"""


async def keep_thread(connection: Queryable, thread: Thread) -> None:
    """Remember where answers of a conversation go, and what they answer."""
    await connection.execute(
        _KEEP_THREAD,
        thread.conversation_id,
        thread.account_id,
        thread.address,
        thread.subject,
        thread.reply_to,
        list(thread.refers_to),
        thread.put_seq,
    )


async def find_open_thread(
    database: Queryable, account_id: UUID, address: str, buyer_id: UUID, names: Sequence[str]
) -> UUID | None:
    """The open conversation with this address in which a message of one of these names stands."""
    return await database.fetchval(_FIND_OPEN, account_id, address, buyer_id, names)


async def lock_thread(connection: Connection, conversation_id: UUID) -> Thread | None:
    """The thread of a conversation, ours alone until the transaction ends."""
    row = await connection.fetchrow(_LOCK_THREAD, conversation_id)
    return None if row is None else _thread(row)


async def advance_thread(connection: Queryable, conversation_id: UUID, seq: int) -> None:
    """The outbox has everything up to this message."""
    await connection.execute(_ADVANCE, conversation_id, seq)


async def put_letter(
    connection: Queryable,
    row_id: UUID,
    *,
    account_id: UUID,
    letter: Letter,
    reference: str,
    now: datetime,
    due_at: datetime,
    message: tuple[UUID, int] | None = None,
) -> bool:
    """Put a letter in the outbox; `message`, conversation and number, goes there once."""
    conversation_id, seq = message or (None, None)
    encoded = msgspec.json.encode(letter)
    row = (row_id, account_id, conversation_id, seq, encoded, reference, now, due_at)
    return await connection.execute(_PUT, *row) == "INSERT 0 1"


async def take_letter(database: Queryable, *, now: datetime) -> LetterRow | None:
    """The letter that is due first; nobody else gets it until it is noted or LEASE ends."""
    row = await database.fetchrow(_TAKE_LETTER, now, now + LEASE)
    return None if row is None else _letter(row)


async def end_letter(
    database: Queryable, letter_id: UUID, state: str, *, reason: str = "", now: datetime
) -> bool:
    """It is sent, or it never will be; False where that was known."""
    done = await database.execute(_END_LETTER, letter_id, state, reason[:REASON_MAX], now)
    return done == "UPDATE 1"


async def delay_letter(
    database: Queryable, letter_id: UUID, *, until: datetime, reason: str
) -> None:
    """It could not be sent now."""
    await database.execute(_DELAY, letter_id, until, reason[:REASON_MAX])


async def find_letters(database: Queryable, ids: Sequence[UUID]) -> dict[UUID, LetterRow]:
    """Letters by id."""
    return {row["id"]: _letter(row) for row in await database.fetch(_LETTERS, list(ids))}


async def letters_in_trouble(database: Queryable, account_ids: Sequence[UUID]) -> list[LetterRow]:
    """What could not be delivered, or not yet, the newest first."""
    return [_letter(row) for row in await database.fetch(_TROUBLE, list(account_ids))]


async def send_again(
    database: Queryable, letter_id: UUID, account_ids: Sequence[UUID], *, now: datetime
) -> bool:
    """A person wants a letter that failed to be tried again."""
    return await database.execute(_SEND_AGAIN, letter_id, list(account_ids), now) == "UPDATE 1"


def _thread(row: Record) -> Thread:
    fields = dict(row)
    fields["refers_to"] = tuple(fields["refers_to"])
    return Thread(**fields)


def _letter(row: Record) -> LetterRow:
    fields = dict(row)
    fields["letter"] = msgspec.json.decode(fields["letter"], type=Letter)
    return LetterRow(**fields)
