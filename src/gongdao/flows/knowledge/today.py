"""What of the shop's knowledge waits for somebody, in one cheap statement."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.days import day_of
from gongdao.base.db import Queryable
from gongdao.flows.knowledge.leave import shop_of
from gongdao.knowledge.paper import SOON_DAYS

#: Nobody needs to know more exactly how many there are.
COUNT_MAX = 200
_WAITING = """
SELECT (SELECT count(*) FROM (
            SELECT FROM knowledge_trainings t
             WHERE t.shop_id = $1 AND t.state = 'published' AND t.required
               AND NOT EXISTS (SELECT FROM knowledge_attempts a
                                WHERE a.training_id = t.id AND a.quiz_version = t.quiz_version
                                  AND a.person_id = $2 AND a.passed) LIMIT $4) n) AS trainings,
       (SELECT t.id FROM knowledge_trainings t
         WHERE t.shop_id = $1 AND t.state = 'published' AND t.required
           AND NOT EXISTS (SELECT FROM knowledge_attempts a
                            WHERE a.training_id = t.id AND a.quiz_version = t.quiz_version
                              AND a.person_id = $2 AND a.passed)
         ORDER BY t.changed_at DESC, t.id DESC LIMIT 1) AS training_id,
       (SELECT count(*) FROM (SELECT FROM knowledge_gaps g
         WHERE g.shop_id = $1 AND g.state = 'open' LIMIT $4) n) AS gaps,
       (SELECT count(*) FROM (SELECT FROM knowledge_gaps g
         WHERE g.shop_id = $1 AND g.assigned_to = $2 AND g.state = 'open' LIMIT $4) n) AS mine,
       (SELECT count(*) FROM (SELECT FROM knowledge_papers p
         WHERE p.shop_id = $1 AND p.withdrawn_at IS NULL AND p.valid_until <= $3 LIMIT $4) n)
       AS papers
"""


class KnowledgeWaiting(msgspec.Struct, frozen=True, kw_only=True):
    """How much waits."""

    trainings: int
    """Trainings that this person has yet to pass."""
    training_id: UUID | None
    """The newest of them."""
    gaps: int
    """Open questions that nobody could answer."""
    mine: int
    """Those of them that this person looks after."""
    papers: int
    """Papers that have ended, or do within 30 days."""


async def knowledge_waiting(
    database: Queryable, who: Principal, *, now: datetime
) -> KnowledgeWaiting:
    """What waits for one person of a shop."""
    until = day_of(now) + timedelta(days=SOON_DAYS)
    row = await database.fetchrow(_WAITING, shop_of(who), who.person_id, until, COUNT_MAX)
    assert row, "a count always answers"
    return KnowledgeWaiting(**dict(row))
