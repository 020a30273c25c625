"""What the desk answers by itself: to certain words, and while nobody has answered yet."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable
from gongdao.base.i18n import Locale
from gongdao.base.plain import plain
from gongdao.chat.routing.desk import AutoAnswer, DeskRules, Wording
from gongdao.chat.routing.store import RULES_DECODER

_BATCH = 200

_ANSWERS = "SELECT shop_id, rules FROM chat_desks WHERE shop_id = ANY ($1) AND rules ? 'answers'"
# Those who wait in the queue were told their place.
_SLOW = """
SELECT c.id, c.locale, c.asked_seq, d.rules
  FROM chat_conversations c JOIN chat_desks d ON d.shop_id = c.shop_id
 WHERE c.asked_at IS NOT NULL AND c.state = 'open' AND c.case_id IS NULL
   AND coalesce(d.rules -> 'slow', '{}') <> '{}'
   AND c.asked_at <= $1::timestamptz
       - make_interval(secs => coalesce((d.rules ->> 'slow_seconds')::integer, $2))
   AND NOT EXISTS (SELECT FROM chat_messages m
                    WHERE m.conversation_id = c.id AND m.seq > c.asked_seq
                      AND m.kind = 'system' AND m.body ->> 'event' = 'slow')
 LIMIT $3
"""


class Slow(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation whose buyer has waited for an answer for long, and what the shop says."""

    conversation_id: UUID
    asked_seq: int
    text: str


def answer_to(text: str, answers: Sequence[AutoAnswer], locale: Locale) -> str | None:
    """What the desk answers to a text by itself; the longest word found in it counts.

    Traditional letters, capitals, full-width ones and blanks between them make no difference.
    """
    said = plain(text).text
    found = [
        (len(bare), -n, answer.answer)
        for n, answer in enumerate(answers)
        for word in answer.words
        if (bare := plain(word).text.strip("。，")) and bare in said
    ]
    if not found:
        return None
    wording: Wording = max(found, key=lambda each: each[:2])[2]
    return wording.in_(locale) or None


async def load_answers(
    database: Queryable, shop_ids: Sequence[UUID]
) -> list[tuple[AutoAnswer, ...]]:
    """What each of these shops has its desk answer by itself."""
    rows = await database.fetch(_ANSWERS, shop_ids)
    found = {row["shop_id"]: RULES_DECODER.decode(row["rules"]).answers for row in rows}
    return [found.get(shop_id, ()) for shop_id in shop_ids]


async def find_slow(database: Queryable, *, now: datetime) -> list[Slow]:
    """Those to whom a shop that wants it should say that it takes a while; once a question."""
    rows = await database.fetch(_SLOW, now, DeskRules().slow_seconds, _BATCH)
    return [
        Slow(
            conversation_id=row["id"],
            asked_seq=row["asked_seq"],
            text=RULES_DECODER.decode(row["rules"]).slow.in_(row["locale"]),
        )
        for row in rows
    ]
