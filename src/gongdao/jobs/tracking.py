"""A job of the worker: ask the carrier about parcels under way, rarer the less it says.

It may be killed at any step and called twice: a parcel that was claimed is due again after its
wait, and what the carrier said is kept once.
"""

from datetime import datetime, timedelta

import structlog

from gongdao.base.config import read_config
from gongdao.base.db import Pool
from gongdao.carriers.carrier import Asked, Carrier, CarrierUnavailable, Report
from gongdao.carriers.simulator import Simulator
from gongdao.flows.note_tracking import note_tracking
from gongdao.shops.shipment import Trace
from gongdao.shops.tracking_store import (
    BATCH,
    GIVEN_UP_AFTER,
    ParcelNamed,
    claim_parcels,
    give_up,
)
from gongdao.shops.tracking_words import track_word

_log = structlog.get_logger()
_DAY = timedelta(days=1)


async def ask_carrier(pool: Pool, now: datetime) -> None:
    """One round of the worker through the configured carrier; without one nothing is asked."""
    config = read_config()
    day = timedelta(seconds=config.channel_seconds_per_day)
    carrier = open_carrier(config.carrier, pool, day=day)
    if carrier is None:
        return
    while await ask_due(pool, carrier, now=now, day=day) == BATCH:
        continue


def open_carrier(name: str, pool: Pool, *, day: timedelta = _DAY) -> Carrier | None:
    """The carrier of that name; None for `none`. Raises ValueError with the names there are."""
    if name == "none":
        return None
    if name != "simulator":
        raise ValueError(f"GONGDAO_CARRIER must be none or simulator, not {name!r}")
    return Simulator(pool, day=day)


async def ask_due(pool: Pool, carrier: Carrier, *, now: datetime, day: timedelta = _DAY) -> int:
    """Ask about a batch of parcels that are due; returns how many were asked about."""
    async with pool.acquire() as connection:
        parcels = await claim_parcels(connection, now=now, day=day)
        old = [p.id for p in parcels if now - p.shipped_at > GIVEN_UP_AFTER]
        if old:
            await give_up(connection, old)
    asked = [Asked(carrier=p.carrier, tracking=p.tracking, handed_at=p.shipped_at) for p in parcels]
    try:
        # No connection is held while the carrier thinks.
        reports = await carrier.track(asked, now=now) if asked else []
    except CarrierUnavailable as unavailable:
        _log.warning("carrier unavailable", reason=str(unavailable))
        return len(parcels)
    said = [(parcel, trace_of(report)) for parcel, report in _matched(parcels, reports)]
    if said:
        async with pool.acquire() as connection, connection.transaction():
            await note_tracking(connection, said, source="carrier", now=now)
    return len(parcels)


def trace_of(report: Report) -> Trace:
    """A line of a carrier, with what it means."""
    return Trace(at=report.at, event=track_word(report.said), place=report.place, said=report.said)


def _matched(parcels: list[ParcelNamed], reports: list[Report]) -> list[tuple[ParcelNamed, Report]]:
    """Each report with its parcels: two orders may share one."""
    by_number: dict[tuple[str, str], list[ParcelNamed]] = {}
    for parcel in parcels:
        by_number.setdefault((parcel.carrier, parcel.tracking), []).append(parcel)
    return [(p, r) for r in reports for p in by_number.get((r.carrier, r.tracking), ())]
