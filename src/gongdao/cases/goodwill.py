"""Goodwill outside of cases: how much a shop may still give to the buyer of an order. Pure."""

from decimal import Decimal

from gongdao.base.money import scale
from gongdao.cases.amounts import Due
from gongdao.policy.pack import Pack
from gongdao.shops.order import Order


def goodwill_left(order: Order, pack: Pack, *, given_fen: int) -> Due | None:
    """What may still be given, and the rules that bound it; None where the pack knows no goodwill.

    Every rule of the pack and of the law under it bounds it.
    """
    rules = pack.body.goodwill
    if not rules:
        return None
    bounds = [
        bound
        for rule in rules
        for bound in (
            None if rule.maximum is None else int(rule.maximum),
            None if rule.percent is None else scale(order.paid_fen, Decimal(rule.percent) / 100),
        )
        if bound is not None
    ]
    # A rule without a bound still lets nobody give more than the order cost.
    most_fen = min([*bounds, order.paid_fen])
    return Due(max(0, most_fen - given_fen), tuple(rule.rule for rule in rules))
