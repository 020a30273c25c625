"""What goes out by a channel: the shop's messages become letters, each once; letters are tried.

A conversation's messages are put in the outbox in the order of their numbers, in the transaction
that notes up to which number that was done. A letter keeps its reference however often it is
tried, so whoever got it twice, because a worker died after the server's yes, sees it once.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from gongdao.base.db import Connection, Pool
from gongdao.base.i18n import N_, Locale, translate
from gongdao.channels.channel import Account, Channel, Delivery, Enclosure, Letter, Outgoing
from gongdao.channels.letter_store import (
    LetterRow,
    Thread,
    advance_thread,
    delay_letter,
    end_letter,
    lock_thread,
    put_letter,
    take_letter,
)
from gongdao.channels.mail.headers import plain_subject
from gongdao.channels.reason import say_reason, write_reason
from gongdao.channels.store import AccountRow, find_accounts
from gongdao.chat.body import (
    Body,
    CaseCard,
    FileBody,
    OrderCard,
    ProductCard,
    ReceiverCard,
    SystemLine,
    Text,
)
from gongdao.chat.conversation import Conversation
from gongdao.chat.store import Seen, load_conversation, messages_after
from gongdao.files.limits import MEBIBYTE
from gongdao.files.objects import Objects, object_key
from gongdao.files.store import find_files
from gongdao.flows.talk.say import say_line
from gongdao.flows.talk.see_talk import names_of

#: A message that is taken back this soon was never sent.
HOLD = timedelta(seconds=10)
#: How long a letter waits after each try that did not succeed; after the last one it has failed.
WAITS = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60)
)
#: Conversations that one round looks at, and the largest file that goes out with a letter.
UNSENT_MAX, ENCLOSURE_MAX = 200, 18 * MEBIBYTE
#: Lines of our own that a buyer gets by letter, too: a parcel has left, something is there again.
_TOLD = ("dispatched", "restocked")
#: How far back a round looks for what was said; the first one of a worker looks at everything.
LOOK_BACK = timedelta(minutes=10)

_UNSENT = """
SELECT t.conversation_id FROM chat_conversations c
  JOIN channel_threads t ON t.conversation_id = c.id
 WHERE c.channel = 'mail' AND c.last_at >= $1 AND c.last_seq > t.put_seq
 ORDER BY c.last_at LIMIT $2
"""


_HEARD = """
SELECT EXISTS (
    SELECT FROM channel_threads t JOIN chat_conversations c ON c.id = t.conversation_id
     WHERE t.account_id = $1 AND t.address = $2
       AND (c.opened_at, c.id) < ($3, $4) AND c.opened_at > $5)
"""


async def find_unsent(pool: Pool, *, since: datetime) -> list[UUID]:
    """Conversations in which something was said that the outbox does not have."""
    return [row["conversation_id"] for row in await pool.fetch(_UNSENT, since, UNSENT_MAX)]


async def put_answers(
    pool: Pool, channel: Channel, conversation_id: UUID, *, now: datetime
) -> None:
    """Put what the shop has said since in a conversation into the outbox, in one transaction."""
    conversation = await load_conversation(pool, conversation_id)
    assert conversation, "conversations are never deleted"
    async with pool.acquire() as connection, connection.transaction():
        thread = await lock_thread(connection, conversation_id)
        assert thread, "threads are never deleted"
        account = (await find_accounts(connection, [thread.account_id]))[thread.account_id]
        seen = await messages_after(connection, [(conversation_id, thread.put_seq)])
        authors = {one.message.author_id for one in seen if one.message.author_id}
        names = await names_of(connection, authors)
        for one in seen:
            author = one.message.author_id
            name = names[author].shown if author and author in names else ""
            letter = letter_of(one, thread, conversation, name=name)
            if letter is None or (
                letter.is_automatic and await _heard(connection, thread, conversation)
            ):
                continue
            row_id = uuid5(conversation_id, f"letter {one.message.seq}")
            await put_letter(
                connection,
                row_id,
                account_id=account.id,
                letter=letter,
                reference=channel.name_letter(account.opened(""), row_id),
                now=now,
                due_at=one.message.at + HOLD,
                message=(conversation_id, one.message.seq),
            )
        if seen:
            await advance_thread(connection, conversation_id, seen[-1].message.seq)


async def send_next(
    pool: Pool,
    objects: Objects,
    channel: Channel,
    opened: Callable[[AccountRow], Account | None],
    *,
    now: datetime,
) -> bool:
    """Try the letter that is due first; False when none is. `opened` opens an account's secret."""
    row = await take_letter(pool, now=now)
    if row is None:
        return False
    if await _was_recalled(pool, row):
        await end_letter(pool, row.id, "recalled", now=now)
        return True
    account = opened((await find_accounts(pool, [row.account_id]))[row.account_id])
    if account is None:
        why = write_reason(N_("The password has to be entered again."))
        delivery = Delivery(outcome="later", reason=why)
    else:
        delivery = await _send(pool, objects, channel, account, row)
    await _note(pool, row, delivery, now)
    return True


def letter_of(
    one: Seen, thread: Thread, conversation: Conversation, *, name: str = ""
) -> Letter | None:
    """The letter of a message; None for what the buyer does not get by letter."""
    message = one.message
    body = message.body
    is_away = isinstance(body, SystemLine) and body.event == "away" and "text" in body.fields
    is_told = isinstance(body, SystemLine) and body.event in _TOLD
    if one.recalled or not (message.author == "shop" or is_away or is_told):
        return None
    text = _text_of(body, conversation.locale)
    if text is None:
        return None
    subject = plain_subject(thread.subject)
    return Letter(
        to=thread.address,
        subject=f"Re: {subject}" if subject else f"#{conversation.number}",
        text=f"{text}\n\n— {name}\n" if name else f"{text}\n",
        file_id=body.file_id if isinstance(body, FileBody) else None,
        reply_to=thread.reply_to,
        refers_to=thread.refers_to,
        is_automatic=is_away,
    )


def _text_of(body: Body, locale: Locale) -> str | None:
    match body:
        case Text():
            return body.text
        case FileBody():
            return body.name
        case OrderCard():
            return translate(locale, N_("Order {number}"), {"number": body.number})
        case ProductCard():
            return body.title
        case CaseCard():
            return translate(locale, N_("Case {number}"), {"number": body.number})
        case ReceiverCard():
            return translate(
                locale,
                N_("Please look whether the receiver of order {number} is right, and tell us."),
                {"number": body.number},
            )
        case SystemLine():
            return str(body.fields.get("text", ""))
        case _:
            return None


async def _heard(connection: Connection, thread: Thread, conversation: Conversation) -> bool:
    """Whether the address began another conversation shortly before: one such answer a day."""
    begun = conversation.opened_at
    asked = (thread.account_id, thread.address, begun, conversation.id, begun - timedelta(days=1))
    return bool(await connection.fetchval(_HEARD, *asked))


async def _was_recalled(pool: Pool, row: LetterRow) -> bool:
    if row.conversation_id is None or row.seq is None:
        return False
    seen = await messages_after(pool, [(row.conversation_id, row.seq - 1)], limit=1)
    return any(one.recalled for one in seen)


async def _send(
    pool: Pool, objects: Objects, channel: Channel, account: Account, row: LetterRow
) -> Delivery:
    enclosures: tuple[Enclosure, ...] = ()
    if row.letter.file_id is not None:
        file = (await find_files(pool, [row.letter.file_id])).get(row.letter.file_id)
        if file is None:
            return Delivery(outcome="refused", reason=write_reason(N_("The file is not there.")))
        if file.size_bytes > ENCLOSURE_MAX:
            too_large = write_reason(N_("The file is too large for a letter."))
            return Delivery(outcome="refused", reason=too_large)
        pieces = [p async for p in objects.read(object_key(file.sha256), 0, file.size_bytes)]
        enclosures = (
            Enclosure(
                name=file.original_name, media_type=file.media_type, content=b"".join(pieces)
            ),
        )
    return await channel.send(
        account,
        Outgoing(letter=row.letter, reference=row.reference, at=row.put_at, enclosures=enclosures),
    )


async def _note(pool: Pool, row: LetterRow, delivery: Delivery, now: datetime) -> None:
    if delivery.outcome == "sent":
        await end_letter(pool, row.id, "sent", now=now)
        return
    if delivery.outcome == "later" and row.attempts <= len(WAITS):
        until = now + WAITS[row.attempts - 1]
        await delay_letter(pool, row.id, until=until, reason=delivery.reason)
        return
    await end_letter(pool, row.id, "failed", reason=delivery.reason, now=now)
    if row.conversation_id is None:
        return
    conversation = await load_conversation(pool, row.conversation_id)
    assert conversation, "conversations are never deleted"
    fields: dict[str, str | int] = {
        "text": say_reason(conversation.locale, delivery.reason)[:300],
        "seq": row.seq or 0,
    }
    await say_line(
        pool, conversation, "mail_failed", once=f"{row.id}:{now.isoformat()}", now=now,
        for_shop=True, fields=fields,
    )  # fmt: skip
