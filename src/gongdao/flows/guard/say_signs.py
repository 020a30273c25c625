"""What is said is looked at once it stands there: nobody waits for it, and what is found is told.

A long line that shows nothing by itself costs no question of the database; a short one, which may
be the rest of a word, and one that shows something cost one. Whatever is missed here,
because the process died or the earlier lines were needed, the round of the worker finds
(read_messages.py); the same finding is kept once.
"""

import asyncio
import threading
from collections.abc import Iterable
from datetime import datetime

import msgspec
import structlog

from gongdao.base.db import Pool, Queryable
from gongdao.base.live import changed
from gongdao.base.weather import is_weather
from gongdao.chat.body import Text
from gongdao.chat.conversation import Conversation
from gongdao.chat.message import Message
from gongdao.flows.guard.access import channels_of
from gongdao.flows.guard.book import own_hosts, pack_of_now
from gongdao.flows.guard.noticed import noticed
from gongdao.policy.guard import GuardBook
from gongdao.risk.finding import Finding, Place
from gongdao.risk.message import Line, MessageFacts, may_end_a_word, message_signs
from gongdao.risk.small_model import small_model
from gongdao.risk.store import keep
from gongdao.risk.words import word_book

_log = structlog.get_logger()

#: Whoever comes while the books are being read waits for them instead of reading them, too.
_reading = threading.Lock()

#: So many earlier lines and orders are what a line is read with.
EARLIER_MAX, ORDERS_MAX = 30, 20

_CONTEXT = """
SELECT (SELECT jsonb_agg(jsonb_build_object('side', author, 'text', body ->> 'text', 'at', at)
                         ORDER BY seq)
          FROM (SELECT author, body, at, seq FROM chat_messages
                 WHERE conversation_id = $1 AND seq < $2 AND kind = 'text'
                   AND author IN ('buyer', 'shop')
                 ORDER BY seq DESC LIMIT $5) AS before) AS earlier,
       (SELECT array_agg(total_fen) FROM (
            SELECT total_fen FROM orders WHERE buyer_id = $4 AND shop_id = $3
             ORDER BY placed_at DESC, id DESC LIMIT $6) AS o) AS order_fen,
       (SELECT regexp_replace(return_address ->> 'phone', '[^0-9]', '', 'g')
          FROM shops WHERE id = $3) AS own_contact
"""


async def look_at_said(
    pool: Pool, conversation: Conversation, said: Iterable[Message], *, now: datetime
) -> list[Finding]:
    """Look at what was just said, keep what is found, and tell the screens of whom it concerns."""
    try:
        return await _look(pool, conversation, said, now=now)
    except Exception as error:
        # It was said, and stands; the round finds what this could not.
        if is_weather(error):
            _log.warning("guard: what was said was not looked at", reason=str(error))
        else:
            _log.exception("guard: what was said was not looked at")
        return []


async def _look(
    pool: Pool, conversation: Conversation, said: Iterable[Message], *, now: datetime
) -> list[Finding]:
    found: list[Finding] = []
    await _have_books()
    for message in said:
        facts = facts_of(message)
        if facts is None:
            continue
        pack = await pack_of_now(pool)
        if not may_end_a_word(facts.text) and not message_signs(facts, pack.guard):
            continue
        facts = await _with_context(pool, conversation, message, facts)
        signs = message_signs(facts, pack.guard)
        place = _place(conversation, message)
        found += [noticed(sign, place, pack, at=message.at, now=now) for sign in signs]
    news = await keep(pool, found)
    if news:
        tell_found(news, (await pack_of_now(pool)).guard)
    return news


async def _have_books() -> None:
    """The first message of a process has the books read: half a second, in which others talk on."""
    if not (word_book.cache_info().currsize and small_model.cache_info().currsize):
        await asyncio.to_thread(_read_books)


def _read_books() -> None:
    with _reading:
        word_book()
        small_model()


def facts_of(message: Message) -> MessageFacts | None:
    """A message as it is looked at; None: it is not one of a party's texts."""
    if message.author not in ("buyer", "shop") or not isinstance(message.body, Text):
        return None
    return MessageFacts(
        side=message.author, text=message.body.text, at=message.at, own_hosts=own_hosts()
    )


def _place(conversation: Conversation, message: Message) -> Place:
    assert message.author in ("buyer", "shop"), "only a party's words are looked at"
    return Place(
        subject="message",
        subject_id=message.id,
        shop_id=conversation.shop_id,
        buyer_id=conversation.buyer_id,
        conversation_id=conversation.id,
        seq=message.seq,
        order_id=conversation.order_id,
        case_id=conversation.case_id,
        about=message.author,
    )


def tell_found(found: Iterable[Finding], book: GuardBook) -> None:
    """Tell the screens that may know of these."""
    for one in found:
        changed(channels_of(one.place, book.rules.get(one.code)))


async def _with_context(
    database: Queryable, conversation: Conversation, message: Message, facts: MessageFacts
) -> MessageFacts:
    row = await database.fetchrow(
        _CONTEXT,
        conversation.id,
        message.seq,
        conversation.shop_id,
        conversation.buyer_id,
        EARLIER_MAX,
        ORDERS_MAX,
    )
    assert row, "a statement without FROM has a row"
    return msgspec.structs.replace(
        facts,
        earlier=msgspec.json.decode(row["earlier"], type=list[Line]) if row["earlier"] else (),
        order_fen=tuple(row["order_fen"] or ()),
        own_contacts=(row["own_contact"],) if row["own_contact"] else (),
    )
