"""What the shop's knowledge asks for: trainings to pass, gaps to close, papers to renew."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from gongdao.base.at_once import Question, ask_at_once
from gongdao.base.days import day_of, start_of
from gongdao.base.db import Queryable
from gongdao.flows.knowledge.today import COUNT_MAX, knowledge_waiting
from gongdao.flows.today.line import SHOWN, Day, Line, Lot
from gongdao.knowledge.paper import SOON_DAYS

_TRAININGS = f"""
SELECT t.id, t.title, t.changed_at AS at FROM knowledge_trainings t
 WHERE t.shop_id = $1 AND t.state = 'published' AND t.required
   AND NOT EXISTS (SELECT FROM knowledge_attempts a
                    WHERE a.training_id = t.id AND a.quiz_version = t.quiz_version
                      AND a.person_id = $2 AND a.passed)
 ORDER BY t.changed_at DESC, t.id DESC LIMIT {SHOWN}
"""  # noqa: S608 - made of constants
# Without a person, those of everybody; the most asked first.
_GAPS = f"""
SELECT g.id, g.question AS title, g.last_at AS at FROM knowledge_gaps g
 WHERE g.shop_id = $1 AND g.state = 'open' AND ($2::uuid IS NULL OR g.assigned_to = $2)
 ORDER BY g.asked DESC, g.last_at DESC, g.id DESC LIMIT {SHOWN}
"""  # noqa: S608 - made of constants
_PAPERS = f"""
SELECT p.id, p.title, p.valid_until FROM knowledge_papers p
 WHERE p.shop_id = $1 AND p.withdrawn_at IS NULL AND p.valid_until <= $2
 ORDER BY p.valid_until, p.id LIMIT {SHOWN}
"""  # noqa: S608 - made of constants
_TITLE_MAX = 80


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    """A training, a question or a paper."""

    id: UUID
    title: str
    at: datetime | None = None
    valid_until: date | None = None


async def knowledge(database: Queryable, day: Day) -> list[Lot]:
    """One's own trainings; gaps and papers are for those who write the knowledge."""
    waiting = await knowledge_waiting(database, day.who, now=day.now)
    writes = day.who.may("knowledge.edit")
    gaps, papers = waiting.gaps if writes else waiting.mine, waiting.papers if writes else 0
    person = day.who.person_id
    until = day_of(day.now) + timedelta(days=SOON_DAYS)
    asked = {
        "trainings": Question(_TRAININGS, (day.shop_id, person), _Row)
        if waiting.trainings
        else None,
        "gaps": Question(_GAPS, (day.shop_id, None if writes else person), _Row) if gaps else None,
        "papers": Question(_PAPERS, (day.shop_id, until), _Row) if papers else None,
    }
    meant = {name: question for name, question in asked.items() if question}
    rows = dict(zip(meant, await ask_at_once(database, list(meant.values())), strict=True))
    page = "/shop/knowledge"
    return [
        Lot(work="trainings", count=waiting.trainings, href=f"{page}/trainings", limit=COUNT_MAX,
            lines=_lines(rows.get("trainings", ()), f"{page}/trainings/")),
        Lot(work="gaps", count=gaps, href=f"{page}/gaps", limit=COUNT_MAX,
            lines=_lines(rows.get("gaps", ()), f"{page}/gaps/")),
        Lot(work="papers", count=papers, href=f"{page}/papers?soon=true", limit=COUNT_MAX,
            lines=_lines(rows.get("papers", ()), f"{page}/papers?soon=true#paper-")),
    ]  # fmt: skip


def _lines(rows: Iterable[_Row], before: str) -> tuple[Line, ...]:
    return tuple(
        Line(
            href=f"{before}{row.id}",
            title=row.title[:_TITLE_MAX],
            at=row.at,
            due_at=row.valid_until and start_of(row.valid_until + timedelta(days=1)),
        )
        for row in rows
    )
