"""Lives through the days: who does what when, and what was seen at the end."""

import heapq
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import msgspec

from gongdao.base.ids import chance_of
from gongdao.cases.commands import ARGS, Command
from gongdao.flows.simulate.laws import check_all, check_step
from gongdao.flows.simulate.market import Lived, Market, Shop
from gongdao.flows.simulate.people import Temper, choose, claim, delay, temper
from gongdao.flows.simulate.words import Matter, arguments
from gongdao.ledger.transfer import Account
from gongdao.policy.pack import Pack
from gongdao.policy.words import Role
from gongdao.shops.order import Line, Order

#: Names of a simulation are made from its seed, so that every run makes the same ones.
_SPACE = UUID("0d0c8f5e-3a52-5f0e-8c55-9b2a9f1d0c07")
DAY = timedelta(days=1)
#: Whoever is refused so often gives up until something changes.
_TRIES_MAX = 4
_ROLES: dict[str, tuple[Role, ...]] = {
    "buyer": ("buyer",),
    "seller": ("seller",),
    "agent": ("seller",),
    "both": ("buyer", "seller"),
    "arbiter": ("arbiter",),
    "supervisor": ("supervisor",),
    "jurors": ("juror",),
    "operator": ("operator",),
    "system": ("operator",),
    "carrier": ("carrier",),
}
_EVERYBODY: tuple[Role, ...] = (
    "buyer", "seller", "arbiter", "supervisor", "juror", "carrier", "operator", "auditor", "system",
)  # fmt: skip
_ACTIONS = tuple(sorted(set(ARGS) - {"open", "timeout"}))
_TAGS = ("durable", "underwear", "sale_item", "custom", "fresh", "virtual", "food")


class Seen(msgspec.Struct, kw_only=True):
    """What a simulation saw."""

    seed: int
    pack: str
    days: int
    shops: int
    steps: int = 0
    orders: int = 0
    cases: int = 0
    case_days: float = 0
    """How long all cases together were open, in days."""
    events: int = 0
    silences: int = 0
    retries: int = 0
    payouts: int = 0
    payouts_failed: int = 0
    endings: dict[str, int] = {}
    kinds: dict[str, int] = {}
    refusals: dict[str, int] = {}
    volume_fen: dict[str, int] = {}
    days_to_end: dict[str, float] = {}
    """The median, by procedure."""
    points: dict[str, int] = {}
    sanctions: dict[str, int] = {}
    shops_closed: int = 0


class Simulation:
    """A marketplace under one seed; `run` lives through it day by day."""

    def __init__(
        self,
        pack: Pack,
        *,
        seed: int,
        shops: int,
        start: datetime,
        a_day: float,
        with_laws: bool = True,
    ) -> None:
        self.chance = chance_of(seed)
        self.start = self.now = start
        self.seen = Seen(seed=seed, pack=pack.name, days=0, shops=shops)
        self._a_day, self._with_laws = a_day, with_laws
        self._queue: list[tuple[datetime, int, Callable[..., None], tuple[Any, ...]]] = []
        self._count = 0
        found = [Shop(id=self._id("shop", n), temper=temper(self.chance)) for n in range(shops)]
        self.market = Market(pack, found)
        for shop in found:
            self._fund(shop)
            self._later(self._gap(), self._place, shop.id)

    def run(self, days: int, *, told: Callable[[int], None] = lambda day: None) -> Seen:
        """Live through so many days. Raises LawBrokenError at the step that breaks a law."""
        for day in range(1, days + 1):
            end = self.start + day * DAY
            while self._queue and self._queue[0][0] <= end:
                self.now, _, happen, args = heapq.heappop(self._queue)
                self.seen.steps += 1
                happen(*args)
            self.now = end
            if self._with_laws:
                check_all(self.market)
            told(day)
        self.seen.days = days
        self._sum_up()
        return self.seen

    # What happens to orders.

    def _place(self, shop_id: UUID) -> None:
        self._later(self._gap(), self._place, shop_id)
        if self.market.shops[shop_id].record.status(self.now) != "open":
            return
        chance, number = self.chance, self.seen.orders
        self.seen.orders += 1
        order = Order(
            id=self._id("order", number),
            number=f"S{number}",
            shop_id=shop_id,
            buyer_id=self._id("buyer", chance.randint(0, max(10, 40 * self.seen.shops))),
            placed_at=self.now,
            lines=tuple(self._line(n) for n in range(1, chance.randint(1, 3) + 1)),
            freight_fen=chance.choice((0, 600, 800)),
            ship_within=timedelta(hours=chance.choice((24, 48, 72))),
            promises=tuple(p for p in ("fake_one_pay_ten",) if chance.random() < 0.1),
        )
        self.market.orders[order.id] = order
        if chance.random() < 0.04:
            self._later(DAY, self._close_unpaid, order.id)
        else:
            self._later(timedelta(minutes=chance.randint(1, 60)), self._pay, order.id)

    def _line(self, number: int) -> Line:
        chance = self.chance
        return Line(
            line=number,
            title="Goods",
            price_fen=chance.randint(500, 60_000),
            quantity=chance.choice((1, 1, 1, 2, 3)),
            category=chance.choice(("clothing", "food", "electronics", "home")),
            tags=tuple(tag for tag in _TAGS if chance.random() < 0.06),
            no_reason_exclusion_confirmed=chance.random() < 0.5,
        )

    def _close_unpaid(self, order_id: UUID) -> None:
        self.market.happen(order_id, self.now, closed_at=self.now, closed_by="timeout")
        if self.chance.random() < 0.3:
            self._later(timedelta(hours=2), self._file, order_id, "seller")

    def _pay(self, order_id: UUID) -> None:
        order = self.market.happen(order_id, self.now, paid_at=self.now)
        self._check(None)
        shop = self.market.shops[order.shop_id]
        late = {"prompt": 0.02, "slow": 0.3, "silent": 0.4, "abusive": 0.1}[shop.temper]
        wait = order.ship_within * (
            self.chance.random() * (4 if self.chance.random() < late else 1)
        )
        self._later(wait, self._ship, order_id)
        if self.chance.random() < 0.12:
            waits = timedelta(hours=self.chance.expovariate(1 / 200))
            self._later(waits, self._file, order_id, "buyer")

    def _ship(self, order_id: UUID) -> None:
        if self.market.orders[order_id].closed_at is None:
            self.market.happen(order_id, self.now, shipped_at=self.now, carrier="SF", tracking="1")
            self._later(timedelta(hours=self.chance.randint(20, 140)), self._sign, order_id)

    def _sign(self, order_id: UUID) -> None:
        if self.market.orders[order_id].closed_at is None:
            self.market.happen(order_id, self.now, signed_at=self.now, signed_by="self")
            self._later(self.chance.randint(1, 10) * DAY, self._confirm, order_id)

    def _confirm(self, order_id: UUID) -> None:
        order = self.market.orders[order_id]
        cases = (self.market.cases[c].case for c in self.market.of_order[order_id])
        if order.closed_at is None and not any(case.is_open for case in cases):
            self.market.happen(order_id, self.now, confirmed_at=self.now)
            self._check(None)
        elif order.closed_at is None:
            self._later(3 * DAY, self._confirm, order_id)

    # What people do.

    def _file(self, order_id: UUID, role: Role) -> None:
        order, buyer = self.market.orders[order_id], temper(self.chance)
        args = claim(order, role, buyer, self.market.pack, self.chance)
        case_id = self._id("case", self._count)
        command = Command(action="open", by=role, args=args, person_id=order.buyer_id)
        lived = self.market.open(order_id, case_id, command, buyer, self.now)
        if lived is not None:
            self._changed(lived)
        if self.chance.random() < (0.5 if buyer == "abusive" or lived is None else 0.05):
            self._later(delay(buyer, self.chance), self._file, order_id, role)

    def _act(self, case_id: UUID, version: int, role: Role) -> None:
        lived = self.market.cases[case_id]
        if lived.case.version != version or not lived.case.is_open:
            return
        stage = self.market.pack.stages.get((lived.case.procedure, lived.case.stage))
        mine = [move.do for move in stage.action if role in move.by] if stage else []
        if self.chance.random() < 0.03:
            # Somebody tries something, whatever the rules say.
            role, mine = self.chance.choice(_EVERYBODY), [self.chance.choice(_ACTIONS)]
        if not mine:
            return
        action = choose(mine, self._temper_of(lived, role), self.chance)
        command = self._command(lived, action, role, version)
        if self.market.act(lived, command, self.now):
            self._send_again(lived, command)
            self._changed(lived)
        elif lived.tries < _TRIES_MAX:
            lived.tries += 1
            wait = delay(self._temper_of(lived, role), self.chance)
            self._later(wait, self._act, case_id, version, role)

    def _send_again(self, lived: Lived, command: Command) -> None:
        """The network swallowed the answer: the same again, in the version that was seen."""
        if self.chance.random() < 0.1:
            before = lived.case
            done = self.market.act(lived, command, self.now)
            assert not done and lived.case is before, "a command is carried out once"
            self.seen.retries += 1

    def _command(self, lived: Lived, action: str, role: Role, version: int) -> Command:
        case, order = lived.case, self.market.orders[lived.case.order_id]
        kind = self.market.pack.kinds[case.procedure, case.kind]
        offices = {"arbiter": 5, "supervisor": 3, "juror": 30, "operator": 2}
        if role in offices:
            person = self._id(role, self.chance.randrange(offices[role]))
        else:
            person = order.buyer_id if role == "buyer" else order.shop_id
        args = arguments(action, Matter(case, kind, order, self.chance))
        return Command(action=action, by=role, args=args, person_id=person, version=version)

    def _temper_of(self, lived: Lived, role: Role) -> Temper:
        if role in ("buyer", "seller"):
            return lived.buyer if role == "buyer" else lived.seller
        return "prompt"

    def _changed(self, lived: Lived) -> None:
        """A case is another one now: its laws are checked, its clock is set, and people look."""
        self._check(lived)
        case = lived.case
        self._send_money()
        if case.deadline is not None:
            self._at(case.deadline, self._silence, case.id, case.version)
        for role in _ROLES.get(case.waiting_on, ()):
            wait = delay(self._temper_of(lived, role), self.chance)
            self._later(wait, self._act, case.id, case.version, role)
        if case.is_open and self.chance.random() < 0.1:
            # The other side does not always wait for its turn.
            role = self.chance.choice(("buyer", "seller"))
            wait = delay(self._temper_of(lived, role), self.chance)
            self._later(wait, self._act, case.id, case.version, role)
        if not case.is_open and self.chance.random() < 0.1:
            self._later(2 * DAY, self._appeal, case.id)

    def _appeal(self, case_id: UUID) -> None:
        lived = self.market.cases[case_id]
        role: Role = self.chance.choice(("buyer", "seller"))
        command = self._command(lived, "appeal", role, lived.case.version)
        if self.market.act(lived, command, self.now):
            self._changed(lived)

    def _silence(self, case_id: UUID, version: int) -> None:
        lived = self.market.cases[case_id]
        if lived.case.version == version:
            self.seen.silences += 1
            self.market.fall_silent(lived, self.now)
            self._changed(lived)

    # Money on its way.

    def _send_money(self) -> None:
        while self.market.books.payouts:
            _, buyer_id, fen = self.market.books.payouts.popleft()
            self._later(self.chance.randint(1, 3) * DAY, self._arrive, buyer_id, fen)

    def _arrive(self, buyer_id: UUID, fen: int) -> None:
        if self.chance.random() < 0.03:
            self.seen.payouts_failed += 1
            self._later(timedelta(hours=6), self._arrive, buyer_id, fen)
            return
        self.seen.payouts += 1
        self.market.books.pay_out(buyer_id, fen, self.now)
        self._check(None)

    def _fund(self, shop: Shop) -> None:
        for kind, most in (("shop_balance", 500_000), ("shop_deposit", 200_000)):
            fen = self.chance.randint(0, most)
            self.market.books.bring("top_up", Account(kind, shop.id), fen, self.now)  # pyright: ignore[reportArgumentType]

    # The laws, and the queue.

    def _check(self, lived: Lived | None) -> None:
        if self._with_laws:
            check_step(self.market, lived)

    def _gap(self) -> timedelta:
        return timedelta(days=self.chance.expovariate(self._a_day))

    def _later(self, wait: timedelta, happen: Callable[..., None], *args: Any) -> None:
        self._at(self.now + wait, happen, *args)

    def _at(self, at: datetime, happen: Callable[..., None], *args: Any) -> None:
        self._count += 1
        heapq.heappush(self._queue, (at, self._count, happen, args))

    def _id(self, what: str, number: int) -> UUID:
        return uuid5(_SPACE, f"{self.seen.seed} {what} {number}")

    def _sum_up(self) -> None:
        seen, cases = self.seen, [lived.case for lived in self.market.cases.values()]
        seen.cases = len(cases)
        seen.events = sum(len(lived.log) for lived in self.market.cases.values())
        seen.endings = dict(Counter(str(case.ended or "open") for case in cases).most_common())
        seen.kinds = dict(Counter(f"{c.procedure} {c.kind}" for c in cases).most_common())
        seen.refusals = dict(self.market.refusals.most_common())
        seen.volume_fen = dict(self.market.books.volume_fen)
        took: dict[str, list[float]] = {}
        for case in cases:
            days = ((case.closed_at or self.now) - case.opened_at) / DAY
            seen.case_days += days
            if case.closed_at:
                took.setdefault(case.procedure, []).append(days)
        seen.days_to_end = {p: sorted(all_)[len(all_) // 2] for p, all_ in sorted(took.items())}
        records = [shop.record for shop in self.market.shops.values()]
        points: Counter[str] = Counter()
        sanctions: Counter[str] = Counter()
        for record in records:
            points.update({charge.ledger: charge.points for charge in record.charges})
            sanctions.update(one.sanction.kind for one in record.sanctions)
        seen.points, seen.sanctions = dict(points), dict(sanctions)
        seen.shops_closed = sum(record.status(self.now) == "closed" for record in records)
