"""What is open when a shift ends: conversations, clocks of cases, promises."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable
from gongdao.base.ids import new_id
from gongdao.flows.talk.promises import read_promises
from gongdao.staff.book import LINES_MAX, TEXT_MAX, Line, LineKind

#: What falls due so soon is handed over; a promise that was broken so lately, too.
CLOCKS_WITHIN, PROMISES_WITHIN, BROKEN_SINCE = (
    timedelta(hours=24),
    timedelta(hours=48),
    timedelta(days=1),
)
#: A case that a colleague has accepted so lately needs no other line.
ACCEPTED_LATELY = timedelta(hours=8)

# $1 agent. The buyer's last words say what it is about.
_TALKS = """
SELECT c.id, c.number, b.name AS buyer, coalesce(m.words, c.subject) AS words
  FROM chat_conversations c
  JOIN people b ON b.id = c.buyer_id
  LEFT JOIN LATERAL (
       SELECT left(m.body ->> 'text', 80) AS words FROM chat_messages m
        WHERE m.conversation_id = c.id AND m.author = 'buyer' AND m.kind = 'text'
        ORDER BY m.seq DESC LIMIT 1) AS m ON TRUE
 WHERE c.agent_id = $1 AND c.state = 'open'
   AND NOT EXISTS (SELECT FROM staff_lines l
                    WHERE l.about = c.id AND l.kind = 'talk' AND l.state <> 'accepted')
 ORDER BY c.number LIMIT $2
"""
# $1 shop, $2 due before, $3 accepted since.
_CASES = """
SELECT c.id, c.number, c.due_at FROM cases c
 WHERE c.shop_id = $1 AND c.waiting_on = 'seller' AND c.ended IS NULL AND c.due_at < $2
   AND NOT EXISTS (SELECT FROM staff_lines l WHERE l.about = c.id AND l.kind = 'case'
                      AND (l.state <> 'accepted' OR l.taken_at > $3))
 ORDER BY c.due_at, c.id LIMIT $4
"""
_PROMISED = """
SELECT about, seq FROM staff_lines
 WHERE about = ANY ($1) AND kind = 'promise' AND (state <> 'accepted' OR taken_at > $2)
"""
# $1 shop, $2 now. Those that nobody on duty serves and no line of a book speaks of.
_LOOSE = """
SELECT c.id, c.number, b.name AS buyer, a.nickname AS agent, c.last_at
  FROM chat_agents a
  JOIN chat_conversations c ON c.agent_id = a.person_id AND c.state = 'open'
  JOIN people b ON b.id = c.buyer_id
 WHERE a.shop_id = $1 AND a.state = 'offline'
   AND NOT EXISTS (SELECT FROM staff_shifts s
                    WHERE s.person_id = a.person_id AND s.cancelled_at IS NULL
                      AND s.starts_at <= $2 AND s.starts_at > $2::timestamptz - interval '23 hours'
                      AND coalesce(s.ended_at, s.ends_at) > $2)
   AND NOT EXISTS (SELECT FROM staff_lines l
                    WHERE l.about = c.id AND l.kind = 'talk' AND l.state <> 'accepted')
 ORDER BY c.last_at LIMIT 100
"""


class LooseTalk(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation whose agent has gone without handing it over."""

    id: UUID
    number: int
    buyer: str
    agent: str
    last_at: datetime


async def open_ends(
    database: Queryable, shop_id: UUID, person_id: UUID, *, book_id: UUID, now: datetime
) -> list[Line]:
    """Everything that somebody would leave behind now, as the lines of a book."""
    found: list[tuple[LineKind, UUID, int | None, str, datetime | None]] = []
    for row in await database.fetch(_TALKS, person_id, LINES_MAX // 2):
        text = f"{row['buyer']} #{row['number']} {row['words']}".strip()
        found.append(("talk", row["id"], None, text, None))
    lately = now - ACCEPTED_LATELY
    rows = await database.fetch(_CASES, shop_id, now + CLOCKS_WITHIN, lately, LINES_MAX // 4)
    for row in rows:
        found.append(("case", row["id"], None, str(row["number"]), row["due_at"]))
    found += await _promises(database, shop_id, person_id, lately, now=now)
    return [
        Line(
            id=new_id(),
            book_id=book_id,
            from_id=person_id,
            position=position,
            kind=kind,
            about=about,
            seq=seq,
            text=text[:TEXT_MAX],
            note="",
            due_at=due_at,
        )
        for position, (kind, about, seq, text, due_at) in enumerate(found, start=1)
    ]


async def loose_talks(database: Queryable, shop_id: UUID, *, now: datetime) -> list[LooseTalk]:
    """Conversations that somebody left open when they went, and that stand in no book."""
    return [LooseTalk(**dict(row)) for row in await database.fetch(_LOOSE, shop_id, now)]


async def _promises(
    database: Queryable, shop_id: UUID, person_id: UUID, lately: datetime, *, now: datetime
) -> list[tuple[LineKind, UUID, int | None, str, datetime | None]]:
    rows = await read_promises(
        database,
        shop_id,
        since=now - BROKEN_SINCE,
        until=now + PROMISES_WITHIN,
        agent_id=person_id,
        limit=LINES_MAX // 4,
        now=now,
    )
    open_ = [row for row in rows if row.state in ("open", "broken")]
    known = await database.fetch(_PROMISED, [row.conversation_id for row in open_], lately)
    told = {(row["about"], row["seq"]) for row in known}
    return [
        (
            "promise",
            row.conversation_id,
            row.seq,
            f"{row.buyer} #{row.number} {row.words}",
            row.due_at,
        )
        for row in reversed(open_)
        if (row.conversation_id, row.seq) not in told
    ]
