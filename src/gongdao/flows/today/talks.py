"""Buyers who wait for an answer, and what was promised to buyers until today."""

from gongdao.base.db import Queryable
from gongdao.base.i18n import N_
from gongdao.flows.talk.promises import LOOK_BACK, choose_promises, read_promises
from gongdao.flows.today.line import COUNT_MAX, SHOWN, Day, Line, Lot, read_lot

# Whoever leads the desk sees all who wait, an agent their own and those who wait for anybody.
_TALKS = """
SELECT c.id, b.name AS buyer, c.asked_at, m.body ->> 'text' AS said, count(*) OVER () AS of_all
  FROM (SELECT id, buyer_id, asked_at, asked_seq FROM chat_conversations
         WHERE shop_id = $1 AND asked_at IS NOT NULL AND state <> 'closed'
           AND ($2::uuid IS NULL OR agent_id IS NULL OR agent_id = $2)
         ORDER BY asked_at LIMIT $4) AS c
  JOIN people b ON b.id = c.buyer_id
  LEFT JOIN chat_messages m ON m.conversation_id = c.id AND m.seq = c.asked_seq
   AND m.kind = 'text' AND NOT EXISTS (
       SELECT FROM chat_messages r WHERE r.conversation_id = c.id AND r.kind = 'recall'
          AND (r.body ->> 'seq')::integer = m.seq)
 ORDER BY c.asked_at, c.id LIMIT $3
"""
_SAID_MAX = 80


async def talks(database: Queryable, day: Day) -> list[Lot]:
    """Conversations in which nobody has answered yet, the oldest question first."""
    own = None if day.who.may("chat.manage") else day.who.person_id
    count, rows = await read_lot(database, _TALKS, day.shop_id, own)
    lines = tuple(
        Line(
            href=f"/desk?c={row['id']}",
            title=row["buyer"],
            said=(row["said"] or "")[:_SAID_MAX],
            at=row["asked_at"],
        )
        for row in rows
    )
    return [Lot(work="talks", count=count, lines=lines, href="/desk?view=unanswered")]


async def promises(database: Queryable, day: Day) -> list[Lot]:
    """What was promised until today and is not done, what is late first."""
    rows = await read_promises(
        database,
        day.shop_id,
        since=day.now - LOOK_BACK,
        until=day.ends,
        agent_id=None if day.who.may("chat.manage") else day.who.person_id,
        now=day.now,
    )
    due = choose_promises(rows, "overdue", now=day.now) + choose_promises(
        rows, "today", now=day.now
    )
    lines = tuple(
        Line(
            href=f"/desk?c={row.conversation_id}",
            title=row.buyer,
            note=N_("{agent} promised"),
            params={"agent": row.agent},
            said=row.words[:_SAID_MAX],
            due_at=row.due_at,
        )
        for row in due[:SHOWN]
    )
    return [
        Lot(work="promises", count=min(len(due), COUNT_MAX), lines=lines, href="/desk/promises")
    ]
