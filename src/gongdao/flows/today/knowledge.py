"""What the shop's knowledge asks for: trainings to pass, gaps to close, papers to renew."""

from gongdao.base.db import Queryable
from gongdao.flows.knowledge.today import COUNT_MAX, knowledge_waiting
from gongdao.flows.today.line import Day, Lot


async def knowledge(database: Queryable, day: Day) -> list[Lot]:
    """One's own trainings; gaps and papers are for those who write the knowledge."""
    waiting = await knowledge_waiting(database, day.who, now=day.now)
    writes = day.who.may("knowledge.edit")
    page = "/shop/knowledge"
    return [
        Lot(work="trainings", count=waiting.trainings, lines=(),
            href=f"{page}/trainings", limit=COUNT_MAX),
        Lot(work="gaps", count=waiting.gaps if writes else waiting.mine, lines=(),
            href=f"{page}/gaps", limit=COUNT_MAX),
        Lot(work="papers", count=waiting.papers if writes else 0, lines=(),
            href=f"{page}/papers", limit=COUNT_MAX),
    ]  # fmt: skip
