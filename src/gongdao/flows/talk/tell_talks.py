"""What a shop does in a case is said in its conversation with the buyer, where one is under way.

A buyer who waits there for an answer reads it there; the notice of it comes as to everybody.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from gongdao.base.db import Connection, Record
from gongdao.base.i18n import N_, Locale, translate
from gongdao.cases import events as e
from gongdao.cases.log import Deed
from gongdao.cases.narrate import narrate
from gongdao.chat.message import own_line
from gongdao.chat.store import load_conversations, say_all
from gongdao.flows.notify_parties import news_of
from gongdao.flows.talk.say import tell
from gongdao.policy.load import load_pack
from gongdao.policy.words import Role

_SHOP: frozenset[Role] = frozenset({"seller", "agent", "lead"})
# Who reported a shop stays unknown to it: nothing of that is said between these two.
_TALKS = """
SELECT c.id AS case_id, c.number, t.id AS talk_id, t.locale, t.opened_at
  FROM cases c JOIN chat_conversations t
    ON t.shop_id = c.shop_id AND t.buyer_id = c.buyer_id AND t.case_id IS NULL
   AND t.channel = 'chat' AND t.state <> 'closed'
 WHERE c.id = ANY ($1) AND NOT c.state ? 'anonymous'
 ORDER BY t.id
"""


async def tell_talks(connection: Connection, deeds: Sequence[Deed], now: datetime) -> None:
    """Say in conversations under way what a batch of deeds has for their buyers."""
    news = {
        (deed.case_id, record.version): record for deed in deeds for record in _told_by_shop(deed)
    }
    if not news:
        return
    rows = await connection.fetch(_TALKS, list({case_id for case_id, _ in news}))
    told = [
        (row, record)
        for row in rows
        for (case_id, _), record in news.items()
        if case_id == row["case_id"] and record.at >= row["opened_at"]
    ]
    if not told:
        return
    talks = await load_conversations(connection, [row["talk_id"] for row, _ in told])
    lines = [
        own_line(
            row["talk_id"],
            "case_moved",
            once=f"{row['case_id']}:{record.version}",
            at=now,
            fields=_fields(row, record),
        )
        for row, record in told
    ]
    for line, said in zip(lines, await say_all(connection, lines), strict=True):
        tell(talks[line.conversation_id], said)


def _told_by_shop(deed: Deed) -> Iterator[e.Recorded]:
    return (record for side, record in news_of(deed) if side == "buyer" and record.by in _SHOP)


def _fields(row: Record, record: e.Recorded) -> dict[str, str | int]:
    locale: Locale = row["locale"]
    sentence, params = narrate(record, load_pack(record.pack))
    said = translate(locale, sentence, params)
    return {
        "text": translate(
            locale, N_("Case {number}: {said}"), {"number": row["number"], "said": said}
        ),
        "number": row["number"],
        "case_id": str(row["case_id"]),
    }
