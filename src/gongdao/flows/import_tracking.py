"""A file of what carriers said is kept: all of it, or nothing; the same file again adds nothing.

Only the platform brings one: a shop's word about its own parcels is what carriers are asked for.
"""

from datetime import datetime

import msgspec

from gongdao.base.db import Pool
from gongdao.base.i18n import N_
from gongdao.flows.note_tracking import note_tracking
from gongdao.shops.fault import FAULTS_MAX, Fault
from gongdao.shops.read_tracking import Told, read_tracking
from gongdao.shops.shipment import Trace
from gongdao.shops.tracking_store import ParcelNamed, parcels_by_number


class TrackingImported(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did; with faults it did nothing."""

    lines: int = 0
    parcels: int = 0
    """Of how many parcels there was news."""
    faults: tuple[Fault, ...] = ()


async def import_tracking(pool: Pool, raw: bytes, *, now: datetime) -> TrackingImported:
    """Keep what a file says of parcels that are known. Raises Refusal for what is no such file."""
    reading = read_tracking(raw, now=now)
    if reading.faults:
        return TrackingImported(faults=reading.faults)
    async with pool.acquire() as connection, connection.transaction():
        numbers = {told.tracking for told in reading.told}
        parcels = await parcels_by_number(connection, numbers)
        by_number: dict[tuple[str, str], list[ParcelNamed]] = {}
        for parcel in parcels:
            by_number.setdefault((parcel.carrier, parcel.tracking), []).append(parcel)
        unknown = [t for t in reading.told if (t.carrier, t.tracking) not in by_number]
        if unknown:
            return TrackingImported(faults=tuple(map(_unknown, unknown[:FAULTS_MAX])))
        said: list[tuple[ParcelNamed, Trace]] = [
            (parcel, told.trace)
            for told in reading.told
            for parcel in by_number[told.carrier, told.tracking]
        ]
        news = await note_tracking(connection, said, source="import", now=now)
    return TrackingImported(lines=len(reading.told), parcels=news)


def _unknown(told: Told) -> Fault:
    return Fault(
        line=told.line,
        column="tracking",
        in_entry=told.in_entry,
        sentence=N_("No parcel with {carrier} has the number {tracking}."),
        params={"carrier": told.carrier, "tracking": told.tracking},
    )
