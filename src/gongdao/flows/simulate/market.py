"""A simulated marketplace: its orders, cases and books, and the one way in which they change."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from gongdao.base.errors import Refusal
from gongdao.cases.case import Case
from gongdao.cases.commands import Command, OpenArgs
from gongdao.cases.decide import decide, decide_opening, decide_timeout
from gongdao.cases.draft import Outcome
from gongdao.cases.events import Recorded
from gongdao.cases.facts import Facts, Sibling, sibling_of
from gongdao.cases.record import ShopRecord, entry_of, write_down
from gongdao.flows.simulate.books import Books
from gongdao.flows.simulate.people import Temper
from gongdao.ledger.transfer import Account
from gongdao.policy.pack import Pack
from gongdao.shops.order import Order


class Shop(msgspec.Struct, kw_only=True):
    """A shop, and what it is like."""

    id: UUID
    temper: Temper
    record: ShopRecord = ShopRecord()


class Lived(msgspec.Struct, kw_only=True):
    """A case, and its whole log."""

    case: Case
    log: list[Recorded]
    seller: Temper
    buyer: Temper
    tries: int = 0
    """How often somebody was refused since it last changed."""


class Market:
    """Everything that there is at an instant."""

    def __init__(self, pack: Pack, shops: Sequence[Shop]) -> None:
        self.pack = pack
        self.shops = {shop.id: shop for shop in shops}
        self.orders: dict[UUID, Order] = {}
        self.cases: dict[UUID, Lived] = {}
        self.of_order: defaultdict[UUID, list[UUID]] = defaultdict(list)
        self.books = Books()
        self.refusals: Counter[str] = Counter()

    def facts(self, order: Order, case_id: UUID) -> Facts:
        """What a decision may know."""
        return Facts(
            order=order,
            funds=self.books.funds(order.id, order.shop_id, case_id),
            record=self.shops[order.shop_id].record,
            siblings=tuple(self._siblings(order.id, case_id)),
        )

    def open(
        self, order_id: UUID, case_id: UUID, command: Command, buyer: Temper, now: datetime
    ) -> Lived | None:
        """File a case; None where it is refused."""
        order = self.orders[order_id]
        assert isinstance(command.args, OpenArgs), "the arguments of a filing"
        try:
            outcome = decide_opening(
                command,
                case_id=case_id,
                facts=self.facts(order, case_id),
                pack=self.pack,
                now=now,
            )
        except Refusal as refusal:
            self.refusals[f"open: {refusal.code}"] += 1
            return None
        seller = self.shops[order.shop_id].temper
        lived = Lived(case=outcome.case, log=[], seller=seller, buyer=buyer)
        self.cases[case_id] = lived
        self.of_order[order_id].append(case_id)
        self._take(lived, order, outcome, now)
        return lived

    def act(self, lived: Lived, command: Command, now: datetime) -> bool:
        """Do something in a case. False where it is refused, and nothing has changed then."""
        order = self.orders[lived.case.order_id]
        facts = self.facts(order, lived.case.id)
        try:
            outcome = decide(lived.case, command, facts=facts, pack=self.pack, now=now)
        except Refusal as refusal:
            self.refusals[refusal.code] += 1
            return False
        self._take(lived, order, outcome, now)
        return True

    def fall_silent(self, lived: Lived, now: datetime) -> None:
        """A clock has run out."""
        order = self.orders[lived.case.order_id]
        facts = self.facts(order, lived.case.id)
        outcome = decide_timeout(lived.case, facts=facts, pack=self.pack, now=now)
        self._take(lived, order, outcome, now)

    def happen(self, order_id: UUID, now: datetime, **changes: Any) -> Order:
        """Something happens to an order itself."""
        order = replace(self.orders[order_id], **changes)
        self.orders[order_id] = order
        if "paid_at" in changes:
            escrow = Account("order_escrow", order_id)
            self.books.bring("payment", escrow, order.paid_fen, now)
        if "confirmed_at" in changes:
            self.books.capture(order_id, order.shop_id, now)
        return order

    def _siblings(self, order_id: UUID, case_id: UUID) -> list[Sibling]:
        cases = (self.cases[other].case for other in self.of_order[order_id] if other != case_id)
        return [sibling_of(case) for case in cases]

    def _take(self, lived: Lived, order: Order, outcome: Outcome, now: datetime) -> None:
        shop = self.shops[order.shop_id]
        for transfer in outcome.transfers:
            if transfer.pending:
                self.books.owe(transfer, outcome.case.id)
            else:
                self.books.move(transfer, now)
        for void in outcome.voids:
            self.books.void(order.shop_id, void)
        for record in outcome.records:
            entry = entry_of(outcome.case, record)
            if entry:
                shop.record = write_down(shop.record, entry)
        changes: dict[str, Any] = {"refunded_fen": order.refunded_fen + outcome.refund_fen}
        if outcome.closes_order:
            changes |= {"closed_at": now, "closed_by": "refund"}
        self.orders[order.id] = replace(order, **changes)
        lived.case = outcome.case
        lived.log += outcome.records
        lived.tries = 0
