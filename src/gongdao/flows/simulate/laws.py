"""What must be true of a marketplace at every instant, whatever its people do."""

from gongdao.cases.case import Case
from gongdao.cases.fold import fold
from gongdao.flows.simulate.market import Lived, Market
from gongdao.policy.pack import Pack
from gongdao.shops.order import Order

#: Accounts that nobody overdraws.
_LIMITED = (
    "order_escrow", "shop_balance", "shop_deposit", "shop_frozen", "shop_debt", "buyer_refund",
)  # fmt: skip


class LawBrokenError(AssertionError):
    """A law does not hold: which one, and of what."""


def check_step(market: Market, lived: Lived | None) -> None:
    """The laws that one step can break, looked at where it has just changed something."""
    for account in market.books.touched:
        held = market.books.held(account.kind, account.owner)
        _hold(account.kind not in _LIMITED or held >= 0, f"nobody overdraws: {account}, {held}")
    market.books.touched.clear()
    if lived is not None:
        _check_case(market, lived)


def check_all(market: Market) -> None:
    """The laws that hold of everything together."""
    _hold(market.books.total() == 0, f"the books balance: {market.books.total()}")
    frozen = dict.fromkeys(market.shops, 0)
    for lived in market.cases.values():
        frozen[lived.case.shop_id] += lived.case.frozen_fen
        _hold(
            lived.case.is_open or lived.case.frozen_fen == 0,
            f"nothing stays frozen for a case that has ended: {lived.case.id}",
        )
    for shop_id, fen in frozen.items():
        held = market.books.held("shop_frozen", shop_id)
        _hold(held == fen, f"what is frozen is what cases froze: {held}, {fen}")
    for shop in market.shops.values():
        least = min((charge.points for charge in shop.record.charges), default=0)
        _hold(least >= 0, f"points are never negative: {least}")


def _check_case(market: Market, lived: Lived) -> None:
    case, order = lived.case, market.orders[lived.case.order_id]
    _hold(fold(lived.log) == case, "a case is the fold of its events")
    versions = [record.version for record in lived.log]
    _hold(versions == list(range(1, len(versions) + 1)), "events are numbered without a gap")
    instants = [record.at for record in lived.log]
    _hold(instants == sorted(instants), "no clock runs backwards")
    _hold(order.refunded_fen <= order.paid_fen, "no refund is above the payment")
    paid_fen = sum(market.cases[c].case.paid_fen("refund") for c in market.of_order[order.id])
    _hold(paid_fen == order.refunded_fen, "an order has got back what its cases gave back")
    _hold(case.deadline is None or case.deadline >= case.entered_at, "a clock runs forward")
    _hold(not case.is_open or _has_way_out(case, market.pack), f"a way out of {case.stage}")
    _hold(case.is_open or case.deadline is None, "what has ended waits for nobody")
    _hold(_is_due(case, order) or not case.is_open, "an open case waits for somebody")


def _has_way_out(case: Case, pack: Pack) -> bool:
    stage = pack.stages.get((case.procedure, case.stage))
    if stage is None:
        return False
    silence = stage.on_timeout is not None and case.deadline is not None
    return silence or any(move.to for move in stage.action)


def _is_due(case: Case, order: Order) -> bool:
    return case.waiting_on != "nobody" and case.order_id == order.id


def _hold(holds: bool, law: str) -> None:
    if not holds:
        raise LawBrokenError(law)
