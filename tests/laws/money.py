"""The law of money in a story: nothing is made, nothing is lost, and every sum has its reason."""

from gongdao.flows.replay import World
from gongdao.ledger.transfer import UNLIMITED, AccountKind

HELD: tuple[AccountKind, ...] = (
    "order_escrow", "shop_balance", "shop_deposit", "shop_frozen", "buyer_refund",
)  # fmt: skip


def whole_fen(world: World) -> int:
    """All that the accounts of a story hold, and what went to the platform and beyond."""
    posted = [t for t in world.till.transfers if not t.pending]
    outside = sum(t.amount_fen for t in posted if t.target.kind in UNLIMITED)
    outside -= sum(t.amount_fen for t in posted if t.source.kind in UNLIMITED)
    return sum(world.till[kind] for kind in HELD) + outside


def assert_money(world: World, whole: int) -> None:
    """What is true of the money at every instant; `whole` is what it was at the beginning."""
    transfers, cases = world.till.transfers, list(world.cases.values())
    assert all(t.amount_fen > 0 for t in transfers)
    assert whole_fen(world) == whole, "money is neither made nor lost"
    owed = sum(t.amount_fen for t in transfers if t.pending)
    assert world.till.debt_fen == owed - world.till.voided_fen
    lines = [line for case in cases for line in case.paid]
    assert all(line.amount_fen > 0 for line in lines)
    assert world.till["buyer_refund"] == sum(p.amount_fen for p in lines if p.source != "debt")
    refunds = sum(line.amount_fen for line in lines if line.name == "refund")
    assert refunds == world.order.refunded_fen <= world.order.paid_fen
    freight = sum(line.amount_fen for line in lines if line.name == "freight")
    floor = int(world.pack.body.limits.carriage_floor)
    assert freight <= max(world.order.paid_fen, floor), "of an order, however many cases"
    assert world.till["shop_frozen"] == sum(case.frozen_fen for case in cases)
    for case in cases:
        assert case.frozen_fen >= 0
        assert case.is_open or case.frozen_fen == 0, "what is frozen is let go at the end"
