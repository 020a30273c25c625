"""The tables of gaps: similar questions are one, each asking is kept once."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable
from gongdao.knowledge.article import shop_term
from gongdao.knowledge.gap import Asking, Gap, GapPlace, GapState
from gongdao.knowledge.likeness import ALIKE, any_of, likeness, terms_of

#: So many open questions are compared with a new one, and askings of one are shown.
COMPARED_MAX, ASKINGS_MAX = 40, 100

_GAP = ", ".join(f"g.{name}" for name in Gap.__struct_fields__)
_ASKING = ", ".join(Asking.__struct_fields__)
# Notes of one shop take turns, so that two that say the same at once do not make two gaps.
_TURN = "SELECT pg_advisory_xact_lock(hashtextextended('knowledge gap ' || $1::uuid::text, 0))"
_KNOWN = "SELECT gap_id FROM knowledge_askings WHERE id = $1 OR (conversation_id = $2 AND seq = $3)"
_ALIKE = f"""
SELECT g.id, g.question FROM knowledge_gaps g
 WHERE g.state = 'open' AND g.words @@ $1::text::tsquery
 ORDER BY g.asked DESC, g.id LIMIT {COMPARED_MAX}
"""  # noqa: S608 - made of constants
_ADD_GAP = """
INSERT INTO knowledge_gaps (id, shop_id, question, first_at, last_at, words)
VALUES ($1, $2, $3, $4, $4, $5::text::tsvector)
"""
_ADD_ASKING = f"""
INSERT INTO knowledge_askings ({_ASKING}, shop_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""  # noqa: S608 - made of constants
_COUNT = (
    "UPDATE knowledge_gaps SET asked = asked + 1, last_at = greatest(last_at, $2) WHERE id = $1"
)
_LIST = f"""
SELECT {_GAP} FROM knowledge_gaps g
 WHERE g.shop_id = $1 AND g.state = $2
   AND (g.asked, g.last_at, g.id) < ($3, $4, $5)
 ORDER BY g.asked DESC, g.last_at DESC, g.id DESC LIMIT $6
"""  # noqa: S608 - made of constants
_ASKINGS = f"""
SELECT {_ASKING} FROM knowledge_askings WHERE gap_id = $1 ORDER BY at DESC, id LIMIT {ASKINGS_MAX}
"""  # noqa: S608 - made of constants
_CLOSE = """
UPDATE knowledge_gaps SET state = $3, article_id = $4, closed_at = $5, closed_by = $6
 WHERE id = $1 AND shop_id = $2 AND state = 'open'
"""


async def note_asking(
    connection: Connection, asking: Asking, *, shop_id: UUID, new_gap: UUID
) -> tuple[UUID, bool]:
    """Keep an asking under the open question that it is like, else under a new one.

    Returns the gap, and whether the asking is new: the same message is kept once. To be called in
    a transaction.
    """
    await connection.execute(_TURN, shop_id)
    known = await connection.fetchval(_KNOWN, asking.id, asking.conversation_id, asking.seq)
    if known is not None:
        return known, False
    gap_id = await _gap_like(connection, asking.said, shop_id)
    if gap_id is None:
        gap_id = new_gap
        words = terms_of(asking.said, shop_term(shop_id))
        await connection.execute(_ADD_GAP, gap_id, shop_id, asking.said, asking.at, words)
    kept = msgspec.structs.replace(asking, gap_id=gap_id)
    values = [getattr(kept, name) for name in Asking.__struct_fields__]
    await connection.execute(_ADD_ASKING, *values, shop_id)
    await connection.execute(_COUNT, gap_id, asking.at)
    return gap_id, True


async def _gap_like(connection: Connection, said: str, shop_id: UUID) -> UUID | None:
    asked = any_of(said, shop_term(shop_id))
    rows = await connection.fetch(_ALIKE, asked) if asked else []
    ranked = [(likeness(said, row["question"]), row["id"]) for row in rows]
    best = max(ranked, key=lambda one: one[0], default=None)
    return best[1] if best and best[0] >= ALIKE else None


async def find_gap(database: Queryable, gap_id: UUID, *, shop_id: UUID) -> Gap | None:
    """One question of a shop."""
    row = await database.fetchrow(
        f"SELECT {_GAP} FROM knowledge_gaps g WHERE id = $1 AND shop_id = $2",  # noqa: S608
        gap_id,
        shop_id,
    )
    return Gap(**dict(row)) if row else None


async def list_gaps(
    database: Queryable,
    shop_id: UUID,
    *,
    state: GapState,
    before: GapPlace,
    limit: int,
) -> list[Gap]:
    """A page of the questions of a shop, the most asked first."""
    rows = await database.fetch(_LIST, shop_id, state, before.asked, before.at, before.id, limit)
    return [Gap(**dict(row)) for row in rows]


async def askings_of(database: Queryable, gap_id: UUID) -> list[Asking]:
    """Who asked, and where, the newest first."""
    return [Asking(**dict(row)) for row in await database.fetch(_ASKINGS, gap_id)]


async def assign_gap(
    database: Queryable, gap_id: UUID, *, shop_id: UUID, person_id: UUID | None
) -> bool:
    """Let somebody look after an open question, or nobody; False where it is not open."""
    done = await database.execute(
        "UPDATE knowledge_gaps SET assigned_to = $3"
        " WHERE id = $1 AND shop_id = $2 AND state = 'open'",
        gap_id,
        shop_id,
        person_id,
    )
    return done == "UPDATE 1"


async def close_gap(
    database: Queryable,
    gap_id: UUID,
    *,
    shop_id: UUID,
    state: GapState,
    article_id: UUID | None,
    by_id: UUID,
    now: datetime,
) -> bool:
    """Answer a question with an article, or set it aside; False where it is not open."""
    done = await database.execute(_CLOSE, gap_id, shop_id, state, article_id, now, by_id)
    return done == "UPDATE 1"


async def note_told(database: Queryable, asking_id: UUID, *, by_id: UUID, now: datetime) -> bool:
    """The buyer has heard the answer; False where that is noted already."""
    done = await database.execute(
        "UPDATE knowledge_askings SET told_at = $2, told_by = $3 WHERE id = $1 AND told_at IS NULL",
        asking_id,
        now,
        by_id,
    )
    return done == "UPDATE 1"
