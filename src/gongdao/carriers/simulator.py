"""The embedded carrier: durable, slow and sometimes wrong, like a real one.

What becomes of a parcel depends on nothing but its number. Like the test numbers of real carriers,
the last three digits choose what goes wrong; every other number arrives.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from gongdao.base.db import Pool
from gongdao.carriers.carrier import Asked, CarrierUnavailable, Report

#: The test numbers, by their last three digits.
TEST_NUMBERS = {
    "401": "lost",
    "402": "damaged",
    "403": "refused",
    "404": "no_such_number",
    "405": "stalled",
    "406": "address_wrong",
    "407": "stalled_in_town",
    "408": "left_at_a_locker",
    "409": "never_picked_up",
}
_TOWNS = ("杭州", "苏州", "武汉", "郑州", "济南", "成都", "西安", "广州")
# The first time of a number is when it was handed over; an older word of the shop changes nothing.
_ASK = """
INSERT INTO carrier_sim_parcels AS p (carrier, tracking, handed_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[])
ON CONFLICT (carrier, tracking) DO UPDATE SET asked = p.asked + 1
RETURNING carrier, tracking, handed_at, asked
"""


class _Step(NamedTuple):
    """Something that happens to a parcel: after so many hours, where, and how it is told."""

    hours: float
    place: str
    said: str


class Simulator:
    """Makes up the way of every parcel; of a thousand numbers `failing` do not answer at first."""

    def __init__(
        self, pool: Pool, *, day: timedelta = timedelta(days=1), failing: int = 50
    ) -> None:
        self._pool = pool
        self._hour = day / 24
        self._failing = failing

    async def track(self, parcels: Sequence[Asked], *, now: datetime) -> list[Report]:
        """Everything that is known of these parcels by now; see Carrier."""
        named = {(p.carrier, p.tracking): p.handed_at for p in parcels}
        rows = await self._pool.fetch(
            _ASK, [c for c, _ in named], [t for _, t in named], list(named.values())
        )
        silent = [r for r in rows if r["asked"] == 1 and _dice(r["tracking"], 1000) < self._failing]
        if silent and len(silent) == len(rows):
            raise CarrierUnavailable("the carrier does not answer; try again later")
        return [
            report
            for row in rows
            if row not in silent
            for report in self._told(row["carrier"], row["tracking"], row["handed_at"], now)
        ]

    def _told(
        self, carrier: str, tracking: str, handed_at: datetime, now: datetime
    ) -> Iterator[Report]:
        for place, step in enumerate(way_of(tracking)):
            at = handed_at + step.hours * self._hour
            # What happened is told up to three hours later, and so not always in its order.
            told_at = at + _dice(f"{tracking}/{place}", 4) * self._hour
            if told_at <= now:
                yield Report(
                    carrier=carrier, tracking=tracking, at=at, said=step.said, place=step.place
                )


def way_of(tracking: str) -> list[_Step]:
    """What happens to the parcel of this number."""
    fate = TEST_NUMBERS.get(tracking[-3:], "arrives")
    if fate == "no_such_number":
        return [_Step(1, "", "查无此单，请核对单号")]
    if fate == "never_picked_up":
        return []
    home, there = (_town(tracking, n) for n in (0, 1))
    if fate == "stalled_in_town":
        there = home
    start = 2 + _dice(tracking, 8)
    steps = [_Step(start, home, f"{home}营业部已揽收")]
    steps += list(_between(tracking, home, there, start))
    end = steps[-1].hours
    return [*steps, *_ending(fate, there, end)]


def _between(tracking: str, home: str, there: str, start: float) -> Iterator[_Step]:
    yield _Step(start + 6, f"{home}转运中心", f"快件已发往{there}转运中心")
    if _dice(f"{tracking}!", 20) == 0:
        # A scan that never was: the same hour in another town.
        wrong = _town(tracking, 2)
        yield _Step(start + 6, f"{wrong}转运中心", f"快件到达{wrong}转运中心")
    yield _Step(start + 18 + _dice(tracking, 18), f"{there}转运中心", f"快件到达{there}转运中心")


def _ending(fate: str, there: str, end: float) -> list[_Step]:
    out = _Step(end + 8, there, "派件中，快递员正在派送")
    match fate:
        case "lost":
            return [_Step(end + 60, there, "快件丢失，已启动理赔")]
        case "damaged":
            return [_Step(end + 4, there, "快件外包装破损，已登记"), out,
                    _Step(end + 12, there, "已签收，签收人：本人")]  # fmt: skip
        case "refused":
            return [out, _Step(end + 11, there, "客户拒收，快件待退回"),
                    _Step(end + 70, there, "快件已退回发件人")]  # fmt: skip
        case "stalled" | "stalled_in_town":
            return []
        case "address_wrong":
            return [out, _Step(end + 10, there, "问题件：地址不详，无法联系收件人"),
                    _Step(end + 82, there, "快件已退回发件人")]  # fmt: skip
        case "left_at_a_locker":
            return [out, _Step(end + 10, there, "已签收，已放入快递柜")]
        case _:
            return [out, _Step(end + 11, there, "已签收，签收人：本人")]


def _town(tracking: str, which: int) -> str:
    return _TOWNS[(_dice(tracking, len(_TOWNS)) + 3 * which) % len(_TOWNS)]


def _dice(text: str, sides: int) -> int:
    return int.from_bytes(sha256(text.encode()).digest()[:8]) % sides
