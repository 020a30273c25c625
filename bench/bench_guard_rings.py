"""Brushing rings planted into real orders: how many are found, how many accused wrongly, how fast.

The orders are Olist's (a real marketplace; DATA names the folder with its files, none of which are
in this repository). There is no public record of real rings, so rings are PLANTED into them, from a
seed, in four manners, and so are groups that only look like rings: housemates whose parcels arrive,
crowds of a flash sale, friends who top up their telephones. Recall is of the planted buyers,
precision of everybody who was named, Olist's real buyers among them.
"""

import csv
import gzip
import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from bench.running import say
from gongdao.base.ids import Chance, chance_of
from gongdao.policy.load import load_pack
from gongdao.risk.rings import Dealt, rings_among

DATA = Path(os.environ.get("DATA", "../shared/data/olist"))
SEED, RINGS_EACH, DECOYS_EACH = 2014, 25, 25
#: plain: one price, one hour. shared: other prices, one address. spread: no address, six hours.
#: dressed: plain, and a third of the parcels really travels.
MANNERS = ("plain", "shared", "spread", "dressed")
DECOYS = ("housemates", "flash sale", "top-ups", "couple")
Traits = defaultdict[UUID, set[str]]


class World(msgspec.Struct, frozen=True, kw_only=True):
    """All orders, what buyers share, and who was planted in which manner."""

    orders: list[Dealt]
    traits: Traits
    planted: dict[UUID, str]
    decoys: dict[UUID, str]


def read_orders(folder: Path) -> list[Dealt]:
    """Olist's paid orders, as far as a ring would show in them; addresses are not in its files."""
    buyers = {r["customer_id"]: r["customer_unique_id"] for r in _rows(folder, "customers")}
    sums: Counter[str] = Counter()
    sellers: dict[str, str] = {}
    for row in _rows(folder, "order_items"):
        sums[row["order_id"]] += round(float(row["price"]) * 100)
        sellers.setdefault(row["order_id"], row["seller_id"])
    return [
        dealt
        for row in _rows(folder, "orders")
        if row["order_approved_at"] and row["order_id"] in sellers
        for dealt in [_dealt(row, sellers[row["order_id"]], buyers, sums[row["order_id"]])]
    ]


def _dealt(row: dict[str, str], seller: str, buyers: dict[str, str], fen: int) -> Dealt:
    paid = _instant(row["order_approved_at"])
    arrived = row["order_delivered_customer_date"]
    return Dealt(
        order_id=_id(row["order_id"]),
        shop_id=_id(seller),
        buyer_id=_id(buyers[row["customer_id"]]),
        at=paid,
        total_fen=fen,
        moved=bool(row["order_delivered_carrier_date"]),
        confirmed_after=_instant(arrived) - paid if arrived else None,
    )


def _rows(folder: Path, table: str) -> Iterator[dict[str, str]]:
    with gzip.open(folder / f"olist_{table}_dataset.csv.gz", "rt", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _id(text: str) -> UUID:
    return uuid5(NAMESPACE_URL, text)


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


class Planter:
    """Puts rings and their look-alikes among the orders, always the same ones."""

    def __init__(self, orders: list[Dealt]) -> None:
        self._chance: Chance = chance_of(SEED)
        self._real = sorted(orders, key=lambda one: one.order_id)
        self._count = 0
        self.world = World(orders=list(orders), traits=defaultdict(set), planted={}, decoys={})

    def plant(self) -> World:
        for manner in MANNERS:
            for _ in range(RINGS_EACH):
                self._ring(manner)
        for kind in DECOYS:
            for _ in range(DECOYS_EACH):
                self._decoy(kind)
        self._chance.shuffle(self.world.orders)
        return self.world

    def _group(self, size: int, of: dict[UUID, str], name: str) -> list[UUID]:
        """New buyers, and now and then one who has bought honestly before."""
        chance = self._chance
        group = [
            chance.choice(self._real).buyer_id if chance.random() < 0.15 else self._new()
            for _ in range(size)
        ]
        of.update(dict.fromkeys(group, name))
        return group

    def _ring(self, manner: str) -> None:
        chance = self._chance
        group = self._group(chance.randint(3, 8), self.world.planted, manner)
        if manner == "shared":
            self._share(group)
        shops = [chance.choice(self._real) for _ in range(chance.randint(1, 2))]
        minutes = 360 if manner == "spread" else 40
        for day in range(chance.randint(3, 6)):
            model = chance.choice(shops)
            for buyer in group:
                self._order(
                    buyer, model, day, minutes,
                    fen=model.total_fen + (chance.randint(1, 999) if manner == "shared" else 0),
                    moved=manner == "dressed" and chance.random() < 0.33,
                    hours=chance.uniform(0.2, 12),
                )  # fmt: skip

    def _decoy(self, kind: str) -> None:
        chance = self._chance
        size = {"flash sale": 40, "couple": 2}.get(kind, chance.randint(3, 6))
        group = self._group(size, self.world.decoys, kind)
        if kind in ("housemates", "couple"):
            self._share(group)
        model = chance.choice(self._real)
        for day in range(4):
            for buyer in group:
                moved = kind in ("housemates", "flash sale", "top-ups")  # nothing to carry is moved
                hours = 0.2 if kind == "top-ups" else chance.uniform(20, 120)
                if kind == "couple":
                    hours = 1.0
                self._order(buyer, model, day, 30, fen=model.total_fen, moved=moved, hours=hours)

    def _order(
        self, buyer: UUID, model: Dealt, day: int, minutes: int, *, fen: int, moved: bool,
        hours: float,
    ) -> None:  # fmt: skip
        at = model.at + timedelta(days=day, minutes=self._chance.uniform(0, minutes))
        self.world.orders.append(
            Dealt(
                order_id=self._new(), shop_id=model.shop_id, buyer_id=buyer, at=at, total_fen=fen,
                moved=moved, confirmed_after=timedelta(hours=90 if moved else hours),
            )
        )  # fmt: skip

    def _share(self, group: list[UUID]) -> None:
        trait = str(self._new())
        for buyer in group:
            self.world.traits[buyer].add(trait)

    def _new(self) -> UUID:
        self._count += 1
        return _id(f"planted {self._count}")


def measure() -> None:
    """Plant, look, and say what was found of what there is."""
    real = read_orders(DATA)
    world = Planter(real).plant()
    limits = load_pack("cn-standard").guard.rules["ring-orders"].limits
    begun = time.perf_counter()
    named = {b for ring in rings_among(world.orders, world.traits, limits) for b in ring.buyers}
    seconds = time.perf_counter() - begun
    right = named & world.planted.keys()
    sizes = {
        "real_orders": len(real), "orders": len(world.orders), "planted_buyers": len(world.planted),
        "planted_rings": len(MANNERS) * RINGS_EACH, "innocent_groups": len(DECOYS) * DECOYS_EACH,
        "note": "rings are planted, orders are real (Olist)",
    }  # fmt: skip
    wrongly = Counter(world.decoys.get(one, "real buyer") for one in named - right)
    say("ring_precision", len(right) / max(1, len(named)), "of those named",
        named=len(named), wrongly=dict(wrongly), **sizes)  # fmt: skip
    say("ring_recall", len(right) / len(world.planted), "of the planted buyers",
        by_manner=_recall(world, right), **sizes)  # fmt: skip
    say("ring_orders_judged", len(world.orders) / seconds, "orders a second on one core", **sizes)


def _recall(world: World, right: set[UUID]) -> dict[str, float]:
    there, found = Counter(world.planted.values()), Counter(world.planted[one] for one in right)
    return {manner: round(found[manner] / there[manner], 3) for manner in MANNERS}


if __name__ == "__main__":
    if (DATA / "olist_orders_dataset.csv.gz").exists():
        measure()
    else:
        print(f"guard_rings: skipped, no Olist files in {DATA} (name their folder in DATA)")
