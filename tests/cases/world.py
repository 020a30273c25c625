"""A small named world for pure decisions: one order, one case at any stage of any procedure."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from gongdao.cases import commands as c
from gongdao.cases.case import Case, Offer
from gongdao.cases.decide import decide, decide_opening
from gongdao.cases.draft import Outcome
from gongdao.cases.facts import Facts
from gongdao.ledger.funding import Funds
from gongdao.policy.load import load_pack
from gongdao.shops.order import Line, Order

PACK = load_pack("taobao-classic")
ZONE = ZoneInfo("Asia/Shanghai")
PAID = datetime(2026, 5, 4, 10, tzinfo=ZONE)
NOW = datetime(2026, 5, 9, 10, tzinfo=ZONE)
RICH = Funds(escrow_fen=10_000, balance_fen=1_000_000, deposit_fen=100_000)


def order(**changed: Any) -> Order:
    """A signed order of 100.00: a lamp for 92.00 and 8.00 of freight."""
    lamp = Line(line=1, title="Lamp", price_fen=9200)
    plain = Order(
        id=UUID(int=1),
        number="A1",
        shop_id=UUID(int=2),
        buyer_id=UUID(int=3),
        placed_at=PAID,
        paid_at=PAID,
        freight_fen=800,
        lines=(lamp,),
        shipped_at=PAID + timedelta(hours=8),
        signed_at=PAID + timedelta(days=3),
    )
    return replace(plain, **changed)


def facts(**changed: Any) -> Facts:
    """The order, and a rich shop."""
    return Facts(order=order(**changed), funds=RICH)


def case_at(procedure: str, kind: str, stage: str, **changed: Any) -> Case:
    """A case at a stage, with a clock that has an hour left."""
    rule = PACK.stages.get((procedure, stage))
    plain = Case(
        id=UUID(int=4),
        procedure=procedure,  # type: ignore[arg-type]
        kind=kind,
        order_id=UUID(int=1),
        shop_id=UUID(int=2),
        buyer_id=UUID(int=3),
        pack=PACK.name,
        opened_at=NOW,
        opened_by="seller" if procedure == "report" else "buyer",
        version=3,
        reason="quality",
        lines=(1,),
        asked_fen=10_000,
        stage=stage,  # type: ignore[arg-type]
        waiting_on=rule.waiting_on if rule else "nobody",
        deadline=NOW + timedelta(hours=1) if rule else None,
        entered_at=NOW,
        ended=None if rule else "settled",
    )
    return replace(plain, **changed)


def offer(by: str = "seller") -> Offer:
    """An open offer of 20.00."""
    return Offer(number=1, by=by, at=NOW, remedy="partial_refund", refund_fen=2000)  # type: ignore[arg-type]


def act(case: Case, action: str, by: str, args: Any = None, **changed: Any) -> Outcome:
    """Decide with the rich facts, now."""
    command = c.Command(action=action, by=by, args=args or c.NoArgs())  # type: ignore[arg-type]
    return decide(case, command, facts=facts(**changed), pack=PACK, now=NOW)


def open_as(by: str, args: c.OpenArgs, *, now: datetime = NOW, **changed: Any) -> Outcome:
    """File a case on the order."""
    command = c.Command(action="open", by=by, args=args)  # type: ignore[arg-type]
    return decide_opening(command, case_id=UUID(int=4), facts=facts(**changed), pack=PACK, now=now)
