"""What carriers said of the demo's parcels that have arrived: the same as the orders say.

The simulator tells such a tale as well, but with days of a minute, and of towns of its own choice.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from gongdao.base.db import Pool
from gongdao.flows.demo.cast import BUYERS, SHOPS
from gongdao.flows.demo.script import Shipped, Signed, Step
from gongdao.flows.note_tracking import note_tracking
from gongdao.shops.order import SignedBy
from gongdao.shops.shipment import Trace
from gongdao.shops.tracking_store import parcels_by_number
from gongdao.shops.tracking_words import track_word

_SIGNED: dict[SignedBy, str] = {
    "self": "已签收，签收人：本人",
    "proxy": "已签收，他人代收",
    "placed": "已签收，已放入快递柜",
}
_BATCH = 50


class _Way(NamedTuple):
    """A parcel that left and arrived, and between which towns."""

    shipped: Shipped
    signed: Signed
    home: str
    there: str

    def traces(self) -> Iterator[Trace]:
        """Its history, in order."""
        start = self.shipped.at
        whole = self.signed.at - start
        for part, place, said in (
            (0.04, self.home, "快件已揽收"),
            (0.15, f"{self.home}转运中心", f"快件已发往{self.there}"),
            (0.7, f"{self.there}转运中心", f"快件到达{self.there}转运中心"),
            (0.94, self.there, "派件中，快递员正在派送"),
            (1, self.there, _SIGNED[self.signed.by]),
        ):
            yield Trace(at=start + whole * part, event=track_word(said), place=place, said=said)


async def tell_parcels(pool: Pool, steps: Iterable[Step], *, now: datetime) -> None:
    """Keep what the carriers said of each parcel that has arrived; told again, nothing changes."""
    ways = {way.shipped.tracking: way for way in _ways(list(steps))}
    numbers = list(ways)
    for first in range(0, len(numbers), _BATCH):
        async with pool.acquire() as connection, connection.transaction():
            parcels = await parcels_by_number(connection, numbers[first : first + _BATCH])
            said = [(p, trace) for p in parcels for trace in ways[p.tracking].traces()]
            await note_tracking(connection, said, source="carrier", now=now)


def _ways(steps: Sequence[Step]) -> Iterator[_Way]:
    homes = {house.key: house.region.split()[-1] for house in SHOPS}
    theres = {buyer.key: _town_of(buyer.address.address) for buyer in BUYERS}
    arrived = {step.sale.key: step for step in steps if isinstance(step, Signed)}
    for step in steps:
        if isinstance(step, Shipped) and step.sale.key in arrived:
            sale = step.sale
            yield _Way(step, arrived[sale.key], homes[sale.shop], theres[sale.buyer])


def _town_of(address: str) -> str:
    """The town of a Chinese address: what stands before the first 市, without its province."""
    return address.partition("市")[0].rpartition("省")[2]
