"""When shifts really end: on time, or once the last customer of whoever works has been served."""

from datetime import datetime

from gongdao.base.db import Pool
from gongdao.staff.shift import EXTENDS_MAX
from gongdao.staff.shift_store import note_ends

# $1 now, $2 how long a shift goes on at most. A shift that extends ends when its book was written,
# or when the last conversation that its agent had was closed or handed over.
_OVER = """
SELECT s.id, CASE
         WHEN NOT s.extends THEN s.ends_at
         WHEN b.written_at IS NOT NULL THEN greatest(s.ends_at, b.written_at)
         WHEN busy.now AND s.ends_at + $2::interval > $1 THEN NULL
         ELSE least(greatest(s.ends_at, last.at), s.ends_at + $2::interval) END AS at
  FROM (SELECT * FROM staff_shifts
         WHERE ended_at IS NULL AND cancelled_at IS NULL AND ends_at <= $1
         ORDER BY ends_at LIMIT 500) AS s
  LEFT JOIN LATERAL (
       SELECT min(written_at) AS written_at FROM staff_books WHERE shift_id = s.id) AS b ON TRUE
 CROSS JOIN LATERAL (
       SELECT EXISTS (SELECT FROM chat_conversations
                       WHERE agent_id = s.person_id AND state = 'open') AS now) AS busy
  LEFT JOIN LATERAL (
       SELECT max(x.at) AS at FROM (
           SELECT CASE WHEN c.agent_id = s.person_id THEN c.closed_at
                       ELSE (SELECT max(o.at) FROM chat_routings o
                              WHERE o.conversation_id = c.id
                                AND o.from_agent = s.person_id) END AS at
             FROM chat_routings r JOIN chat_conversations c ON c.id = r.conversation_id
            WHERE r.to_agent = s.person_id AND r.at >= s.starts_at AND r.at <= $1) AS x
        WHERE x.at <= $1) AS last ON TRUE
"""


async def end_shifts(pool: Pool, now: datetime) -> int:
    """Note the real end of every shift that is over, and say of how many."""
    rows = await pool.fetch(_OVER, now, EXTENDS_MAX)
    ends = [(row["id"], row["at"]) for row in rows if row["at"] is not None]
    if ends:
        await note_ends(pool, ends)
    return len(ends)
