"""What a carrier says of parcels is kept, and where it says that one arrived, the order knows it.

Whoever says the same twice changes nothing. An order is locked before anything of it is written.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from gongdao.base.db import Connection
from gongdao.base.live import changed
from gongdao.shops.carrier_word import ENDS, heed_carrier
from gongdao.shops.compare import SKEW
from gongdao.shops.order import Order
from gongdao.shops.purchase import LogEntry, Logged
from gongdao.shops.shipment import Trace
from gongdao.shops.store import Scope, advance_orders, append_log, load_orders
from gongdao.shops.tracking_store import ParcelNamed, add_traces, look_again

Source = Literal["carrier", "import"]

_LOCK = "SELECT id FROM orders WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE"
# The page of an anonymous report does not stir with a parcel: it would say which order it means.
_OPEN_CASES = """
SELECT id FROM cases
 WHERE order_id = ANY ($1) AND ended IS NULL AND NOT state ? 'anonymous' LIMIT 1000
"""


async def note_tracking(
    connection: Connection,
    said: Sequence[tuple[ParcelNamed, Trace]],
    *,
    source: Source,
    now: datetime,
) -> int:
    """Keep what was said of parcels, each once; returns of how many parcels there was news.

    Nobody speaks of the future: such lines are left out. Needs a transaction.
    """
    said = [(parcel, trace) for parcel, trace in said if trace.at <= now + SKEW]
    if not said:
        return 0
    parcels = {parcel.id: parcel for parcel, _ in said}
    order_ids = list({parcel.order_id for parcel in parcels.values()})
    await connection.fetch(_LOCK, order_ids)
    traces = [(parcel.id, trace) for parcel, trace in said]
    news = await add_traces(connection, traces, source=source, now=now)
    if not news:
        return 0
    orders = await load_orders(connection, order_ids, scope=Scope(platform=True))
    changes = list(_changes(orders, [(p, t) for p, t in said if p.id in news]))
    await advance_orders(connection, [after for _, after in changes])
    await append_log(connection, [e for b, a in changes for e in _entries(b, a, source, now)])
    ended = {one: any(t.event in ENDS for p, t in said if p.id == one) for one in news}
    await look_again(connection, ended, now=now)
    await _tell(connection, [orders[parcels[one].order_id] for one in news])
    return len(news)


def _changes(
    orders: dict[UUID, Order], said: Sequence[tuple[ParcelNamed, Trace]]
) -> list[tuple[Order, Order]]:
    """The orders that go on with what was said of the parcel that they name."""
    found: list[tuple[Order, Order]] = []
    for order in orders.values():
        own = [
            trace
            for parcel, trace in said
            if parcel.order_id == order.id
            and parcel.direction == "out"
            and (parcel.carrier, parcel.tracking) == (order.carrier, order.tracking)
        ]
        after = heed_carrier(order, sorted(own, key=lambda trace: trace.at))
        if after is not order:
            found.append((order, after))
    return found


def _entries(before: Order, after: Order, source: Source, now: datetime) -> list[Logged]:
    steps: list[tuple[LogEntry, bool]] = [
        ("shipped", before.told.shipped_at is not None and after.told.shipped_at is None),
        ("signed", before.signed_at != after.signed_at),
    ]
    return [
        Logged(order_id=after.id, at=now, by_id=None, what=what, detail={"from": source})
        for what, is_news in steps
        if is_news
    ]


async def _tell(connection: Connection, orders: Sequence[Order]) -> None:
    changed({f"shop:{order.shop_id}" for order in orders})
    changed({f"buyer:{order.buyer_id}" for order in orders})
    rows = await connection.fetch(_OPEN_CASES, [order.id for order in orders])
    changed({f"case:{row['id']}" for row in rows})
