"""Judges past cases by another rule book when somebody has asked for it; one at a time."""

import os
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from uuid import UUID

import msgspec
import structlog

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.flows.whatif.past import compare_past, count_past
from gongdao.settings.retrials import (
    Retrial,
    note_failed,
    note_found,
    note_progress,
    take_retrial,
)

_log = structlog.get_logger()


Tell = Callable[[Iterable[str]], None]


async def judge_again(pool: Pool, now: datetime, *, tell: Tell) -> None:
    """Take the retrial that has waited longest, and see it through; pages hear how it goes."""
    retrial = await take_retrial(pool, now=now)
    if retrial is None:
        return
    try:
        await _see_through(pool, retrial, now, tell)
    except Exception as error:
        # Whoever asked reads why; the worker's other work goes on.
        _log.exception("retrial failed", retrial=str(retrial.id))
        reason = f"{type(error).__name__}: {error}"
        await note_failed(pool, retrial.id, reason, now=utc_now())
    tell([channel_of(retrial.id)])


def channel_of(retrial_id: UUID) -> str:
    """Where a page hears that a retrial has moved."""
    return f"retrial:{retrial_id}"


async def _see_through(pool: Pool, retrial: Retrial, now: datetime, tell: Tell) -> None:
    total = await count_past(pool, retrial.since, limit=retrial.cases_max)
    await note_progress(pool, retrial.id, cases=0, total=total, now=now)
    compared = await compare_past(
        pool,
        retrial.pack,
        since=retrial.since,
        until=now,
        limit=retrial.cases_max,
        # One core stays with the people who are waiting for pages.
        workers=max(1, (os.cpu_count() or 1) - 1),
        told=_teller(pool, retrial.id, total, tell),
    )
    found = msgspec.json.encode(compared)
    await note_found(pool, retrial.id, found, cases=compared.cases, now=utc_now())


def _teller(
    pool: Pool, retrial_id: UUID, total: int, tell: Tell
) -> Callable[[int], Awaitable[None]]:
    async def told(cases: int) -> None:
        await note_progress(pool, retrial_id, cases=cases, total=total, now=utc_now())
        tell([channel_of(retrial_id)])

    return told
