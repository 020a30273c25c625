"""What carriers said of parcels: added once, never changed; and which parcels to ask about next."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from gongdao.base.db import Connection
from gongdao.shops.shipment import Direction, Trace

#: How often a carrier is asked about a parcel of which there is no news: rarer each time.
WAITS = tuple(timedelta(hours=h) for h in (0.5, 1, 2, 4, 8, 12))
#: A parcel is given up after this, whatever the carrier says.
GIVEN_UP_AFTER = timedelta(days=60)
#: What the hot path of decisions carries of a parcel's history: the newest so many lines.
TRACK_MAX = 100
BATCH = 200

_CLAIM = f"""
UPDATE shipments s SET looks = looks + 1,
       next_look_at = $1 + ($2::interval[])[least(looks + 1, cardinality($2))]
WHERE id IN (SELECT id FROM shipments WHERE next_look_at <= $1
             ORDER BY next_look_at LIMIT {BATCH} FOR NO KEY UPDATE SKIP LOCKED)
RETURNING id, order_id, direction, carrier, tracking, shipped_at
"""  # noqa: S608
_BY_NUMBER = """
SELECT id, order_id, direction, carrier, tracking, shipped_at FROM shipments s
WHERE tracking = ANY ($1) AND ($2::uuid IS NULL OR EXISTS (
    SELECT FROM orders o WHERE o.id = s.order_id AND o.shop_id = $2))
"""
_ADD = """
INSERT INTO tracking_events (shipment_id, at, event, place, said, source, noted_at)
SELECT t.*, $6, $7 FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[])
    AS t (shipment_id, at, event, place, said)
ON CONFLICT (shipment_id, at, event, place) DO NOTHING
RETURNING shipment_id
"""
# The order carries what was said of the parcel that it names; a corrected number starts anew.
_DRAW = f"""
UPDATE orders o SET track = drawn.track, version = o.version + 1
FROM (SELECT s.order_id, coalesce(jsonb_agg(t.line ORDER BY t.at, t.position), '[]') AS track
        FROM shipments s JOIN orders k ON k.id = s.order_id
       CROSS JOIN LATERAL (
           SELECT t.at, t.position, jsonb_strip_nulls(jsonb_build_object(
                      'at', t.at, 'event', t.event, 'place', nullif(t.place, ''))) AS line
             FROM tracking_events t WHERE t.shipment_id = s.id
            ORDER BY t.at DESC, t.position DESC LIMIT {TRACK_MAX}) t
       WHERE s.id = ANY ($1) AND s.direction = 'out' AND s.carrier = k.carrier
         AND s.tracking = k.tracking
       GROUP BY s.order_id) drawn
WHERE o.id = drawn.order_id AND o.track <> drawn.track
"""  # noqa: S608
_NEWS = """
UPDATE shipments SET looks = 0,
       next_look_at = CASE WHEN NOT ended THEN least(next_look_at, $3::timestamptz) END
FROM unnest($1::uuid[], $2::boolean[]) AS n (id, ended) WHERE shipments.id = n.id
"""
_GIVE_UP = "UPDATE shipments SET next_look_at = NULL WHERE id = ANY ($1)"


class ParcelNamed(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel as a carrier knows it, and whose it is."""

    id: UUID
    order_id: UUID
    direction: Direction
    carrier: str
    tracking: str
    shipped_at: datetime


async def claim_parcels(
    connection: Connection, *, now: datetime, day: timedelta = timedelta(days=1)
) -> list[ParcelNamed]:
    """Take the parcels that the carrier is to be asked about; days of a demo are shorter."""
    scale = day / timedelta(days=1)
    rows = await connection.fetch(_CLAIM, now, [wait * scale for wait in WAITS])
    return [ParcelNamed(**dict(row)) for row in rows]


async def parcels_by_number(
    connection: Connection, numbers: Iterable[str], *, shop_id: UUID | None = None
) -> list[ParcelNamed]:
    """The parcels with these tracking numbers, of one shop or of all."""
    rows = await connection.fetch(_BY_NUMBER, list(numbers), shop_id)
    return [ParcelNamed(**dict(row)) for row in rows]


async def add_traces(
    connection: Connection,
    traces: Sequence[tuple[UUID, Trace]],
    *,
    source: str,
    now: datetime,
) -> set[UUID]:
    """Keep what was said of parcels, by their ids; returns those of which there is news.

    The caller holds the locks of their orders.
    """
    rows = await connection.fetch(
        _ADD,
        [parcel_id for parcel_id, _ in traces],
        [t.at for _, t in traces],
        [t.event for _, t in traces],
        [t.place for _, t in traces],
        [t.said for _, t in traces],
        source,
        now,
    )
    news = {row["shipment_id"] for row in rows}
    if news:
        await connection.execute(_DRAW, list(news))
    return news


async def look_again(connection: Connection, ended: dict[UUID, bool], *, now: datetime) -> None:
    """There is news of these parcels: ask soon again, or never more where they have ended."""
    await connection.execute(_NEWS, list(ended), list(ended.values()), now + WAITS[0])


async def give_up(connection: Connection, parcel_ids: Sequence[UUID]) -> None:
    """Nobody asks about these parcels any more."""
    await connection.execute(_GIVE_UP, list(parcel_ids))


async def look_now(connection: Connection, order_id: UUID, *, now: datetime) -> None:
    """Have the carrier asked at once about what an order sent out and nobody has signed for."""
    await connection.execute(
        "UPDATE shipments SET next_look_at = $2"
        " WHERE order_id = $1 AND direction = 'out' AND signed_at IS NULL",
        order_id,
        now,
    )
