"""What people said of findings, as the next training set: without the people who are in it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.cursor import NEWEST
from gongdao.base.db import Pool, Record
from gongdao.flows.guard.access import require_watcher
from gongdao.risk.finding import Evidence
from gongdao.risk.nameless import nameless

#: So many are read at once, and so many at most are handed out.
_BATCH, LINES_MAX = 500, 200_000

_MARKED = """
SELECT f.id, f.found_at AS at, f.code, f.by, f.subject, f.weight, f.pack, f.verdict, f.evidence,
       m.author, m.body ->> 'text' AS text, ARRAY[b.name, a.name, s.name] AS names
  FROM (SELECT * FROM risk_findings WHERE verdict IS NOT NULL AND (found_at, id) < ($1, $2)
         ORDER BY found_at DESC, id DESC LIMIT $3) f
  LEFT JOIN chat_messages m ON m.conversation_id = f.conversation_id AND m.seq = f.seq
  LEFT JOIN people b ON b.id = f.buyer_id
  LEFT JOIN people a ON a.id = m.author_id
  LEFT JOIN shops s ON s.id = f.shop_id
 ORDER BY f.found_at DESC, f.id DESC
"""
_MISSED = """
SELECT x.id, x.at, x.code, 'words' AS by, 'message' AS subject, 0 AS weight, '' AS pack,
       'missed' AS verdict, '[]'::jsonb AS evidence, m.author, m.body ->> 'text' AS text,
       ARRAY[b.name, a.name, s.name] AS names
  FROM (SELECT * FROM risk_missed WHERE (at, id) < ($1, $2) ORDER BY at DESC, id DESC LIMIT $3) x
  JOIN chat_messages m ON m.conversation_id = x.conversation_id AND m.seq = x.seq
  LEFT JOIN people b ON b.id = m.buyer_id
  LEFT JOIN people a ON a.id = m.author_id
  LEFT JOIN shops s ON s.id = m.shop_id
 ORDER BY x.at DESC, x.id DESC
"""


class Example(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line: what it is an example of, and whether it is one."""

    code: str
    verdict: str
    """right, wrong, or missed: it is there, and was not found."""
    on: str
    by: str = ""
    """Who noticed it: the word list, the model, or a count."""
    weight: int = 0
    pack: str = ""
    author: str | None = None
    text: str | None = None
    """What was said, without the people in it."""
    figures: dict[str, str] = msgspec.field(default_factory=dict)
    """What was counted, under the names of the pack's sentence."""


async def training_set(pool: Pool, who: Principal) -> AsyncIterator[bytes]:
    """Every finding that was marked, and every message that was missed, a line of JSON each.

    Raises Refusal wrong_role before the first line.
    """
    require_watcher(who)
    return _lines(pool)


async def _lines(pool: Pool) -> AsyncIterator[bytes]:
    left = LINES_MAX
    for query in (_MARKED, _MISSED):
        at, last = NEWEST.at, NEWEST.id
        while left > 0:
            rows = await pool.fetch(query, at, last, min(_BATCH, left))
            if not rows:
                break
            at, last = _place(rows[-1])
            left -= len(rows)
            yield b"".join(msgspec.json.encode(example_of(row)) + b"\n" for row in rows)


def _place(row: Record) -> tuple[datetime, UUID]:
    return row["at"].astimezone(UTC), row["id"]


def example_of(row: Record) -> Example:
    """A line of the set from a row; who it was about is not in it."""
    evidence = msgspec.json.decode(row["evidence"], type=tuple[Evidence, ...])
    names = [name for name in row["names"] if name]
    counted = ("amount", "count", "score")
    return Example(
        code=row["code"],
        verdict=row["verdict"],
        on=row["subject"],
        by=row["by"],
        weight=row["weight"],
        pack=row["pack"],
        author=row["author"],
        text=nameless(row["text"], names) if row["text"] else None,
        figures={one.label: one.said for one in evidence if one.label and one.shows in counted},
    )
