"""What the guard finds in the demo: the student's suits (S0-32) and three accounts that are one."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256

from gongdao.flows.demo.cast import RING
from gongdao.flows.demo.script import Confirmed, Placed, Sale, Shipped, Step
from gongdao.flows.demo.stage import Stage
from gongdao.flows.demo.when import When
from gongdao.flows.guard.count_signs import count_signs
from gongdao.flows.guard.read_messages import read_messages
from gongdao.risk.trait_store import Trait, keep_traits

_EVENINGS, _APART = (9, 6, 3), timedelta(minutes=11)


def suits(when: When) -> Iterator[Step]:
    """Thirty suits at 99.99 on credit, just under a limit of 3000; nothing is sent yet."""
    sale = Sale(
        key="suits",
        buyer="buyer6",
        goods=(("XF-30", 30),),
        placed_at=when.ago(minutes=1),
        payment="credit",
    )
    yield Placed(at=sale.placed_at + timedelta(seconds=10), sale=sale)


def bought_praise(when: When) -> Iterator[Step]:
    """Three evenings: the same goods for the same price, received before any parcel moved."""
    for evening in _EVENINGS:
        for number, buyer in enumerate(RING):
            placed_at = when.day(evening, "21:05") + _APART * number
            sale = Sale(
                key=f"ring {evening} {number}",
                buyer=buyer.key,
                goods=(("MGG-2", 2),),
                placed_at=placed_at,
            )
            yield Placed(at=placed_at + timedelta(minutes=2), sale=sale)
            yield Shipped(at=placed_at + timedelta(hours=1), sale=sale, carrier="圆通速递")
            yield Confirmed(at=placed_at + timedelta(hours=2), sale=sale)


async def look_around(stage: Stage, *, now: datetime) -> None:
    """What the guard's rounds would find, found before anybody looks."""
    while await read_messages(stage.pool, now=now):
        continue
    await count_signs(stage.pool, now)


async def tie_ring(stage: Stage, *, now: datetime) -> None:
    """The three were seen with one telephone."""
    digest = sha256(b"the telephone of the demo's ring").digest()
    trait = Trait(kind="device", digest=digest, shown="Android · 小米 13")
    for buyer in RING:
        await keep_traits(stage.pool, stage.people[buyer.key].person_id, [trait], now=now)
