"""What the rules say is owed: refund, freight, compensation and penalties, in fen."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import NamedTuple

from gongdao.base.money import scale
from gongdao.cases.case import Case, Evidence
from gongdao.cases.ceilings import lowest_ceiling
from gongdao.cases.facts import Facts
from gongdao.cases.known import Known
from gongdao.ledger.funding import Funds, Purse
from gongdao.policy.condition import first_that_holds
from gongdao.policy.pack import Amount, Freight, Pack, Refund
from gongdao.shops.order import (
    Line,
    Order,
    discount_on,
    is_whole,
    leaves_units,
    share_fen,
    waived_freight,
)


class Due(NamedTuple):
    """A sum, and the rules that it follows from."""

    fen: int
    rules: tuple[str, ...] = ()


def refundable_fen(case: Case, facts: Facts) -> int:
    """The most that a case can give back for its lines: never more than was paid for them."""
    order = facts.order
    if order.paid_at is None:
        return 0
    # What was held back of a return, because of what stayed, is due when that goes back as well.
    lines = {*case.lines, *_units_returned(facts)}
    share = share_fen(order, tuple(lines))
    if _rest_is_back(case, facts):
        share += order.freight_fen
    by_others = order.refunded_fen - case.paid_fen("refund")
    return max(0, min(share - _refunded_by_others(lines, facts), order.paid_fen - by_others))


def refund_due(case: Case, facts: Facts, pack: Pack, facts_known: Known) -> Due:
    """What of the payment comes back by the pack's refund rules."""
    rule = first_that_holds(pack.about(case.procedure, case.kind).rules.refund, facts_known)
    if rule is None or facts.order.paid_at is None:
        return Due(0)
    order = facts.order
    repricing = _repricing(rule, case, facts, pack, facts_known)
    if repricing is not None:
        fen = _return_part(repricing, facts, case, unwanted=rule.goods == "reprice")
    else:
        fen = share_fen(order, case.lines, case.quantities)
        fen = max(
            0,
            fen - _held_back(rule, order, none_stays=is_whole(order, case.lines, case.quantities)),
        )
    percent = _part_given(rule, case)
    if percent is not None:
        fen = scale(fen, percent / 100)
    if rule.outbound == "always" or (
        rule.outbound == "whole_order"
        and _rest_is_back(case, facts)
        and not leaves_units(order, case.lines, case.quantities)
    ):
        fen += order.freight_fen
    # What others gave back counts first against the units of these lines that are not in dispute.
    aside = share_fen(order, case.lines) - share_fen(order, case.lines, case.quantities)
    others = _refunded_by_others(case.lines, facts, but_returns=repricing is not None)
    fen = max(0, fen - max(0, others - aside))
    return Due(min(fen, refundable_fen(case, facts)), (rule.rule,))


def _part_given(rule: Refund, case: Case) -> Decimal | None:
    """The percent that a rule gives at most; None: all of it."""
    if rule.pro_rata and case.share is not None:
        return Decimal(str(case.share))
    return rule.percent


def _rest_is_back(case: Case, facts: Facts) -> bool:
    """Whether nothing of the order stays beside these lines: the others were paid back in full.

    What the buyer sent back out of mere dislike left the way out with the buyer, and it stays so.
    """
    order = facts.order
    elsewhere = [s for s in facts.siblings if set(s.lines).isdisjoint(case.lines)]
    rest = {line.line for line in order.lines}.difference(case.lines)
    # What cost nothing is back without a payment.
    given = [other for other in elsewhere if other.refunded_fen or other.took_goods_back]
    back = {line for other in given for line in other.lines}
    if not rest <= back or any(other.disliked for other in elsewhere):
        return False
    rest_fen = order.paid_goods_fen - share_fen(order, case.lines)
    return rest_fen <= sum(other.refunded_fen for other in elsewhere)


def freight_rule(pack: Pack, facts_known: Known) -> Freight | None:
    """The rule that says who bears the carriage of a return."""
    about = pack.about(facts_known["procedure"], facts_known["kind"])
    return first_that_holds(about.rules.freight, facts_known)


def carriage_fen(case: Case, pack: Pack) -> int:
    """What the buyer advanced: receipts of carriage where there are any, else what was said.

    Handling (stairs, loading) comes on top only where the pack's switch lets it, and never without
    a receipt.
    """
    limits = pack.body.limits
    receipts = [p for p in case.evidence if p.kind == "freight_receipt" and p.by == "buyer"]
    handling = [p for p in receipts if _is_handling(p, limits.handling_words)]
    carriage = [p.amount_fen for p in receipts if p not in handling]
    said_fen = case.parcel.freight_fen if case.parcel and not case.parcel.collect else 0
    total_fen = sum(carriage) if carriage else said_fen
    if pack.switches.get(limits.handling_switch, "with_evidence") == "with_evidence":
        total_fen += sum(p.amount_fen for p in handling)
    return total_fen


def carriage_limit_fen(facts: Facts, pack: Pack) -> int:
    """The most that a buyer can still claim for carriage, in all cases on the order together:
    nobody looks at a claim that silence grants.
    """
    most_fen = max(facts.order.paid_fen, int(pack.body.limits.carriage_floor))
    return max(0, most_fen - sum(other.freight_fen for other in facts.siblings))


def _is_handling(receipt: Evidence, words: tuple[str, ...]) -> bool:
    note = receipt.note.lower()
    return receipt.cost == "handling" or any(word in note for word in words)


def compensation_due(case: Case, facts: Facts, pack: Pack, facts_known: Known) -> Due:
    """What a breach costs by the pack: the first rule that holds."""
    for rule in pack.about(case.procedure, case.kind).rules.amount:
        if rule.name == "compensation" and rule.when.holds(facts_known):
            due = Due(_amount_fen(rule, case, facts.order), (rule.rule,))
            return (
                due if rule.beyond_order else _under_ceilings(due, case, facts, pack, facts_known)
            )
    return Due(0)


def _under_ceilings(due: Due, case: Case, facts: Facts, pack: Pack, facts_known: Known) -> Due:
    """What is left of it beside what other cases were paid; the rule that lowers it is cited."""
    found = lowest_ceiling(case, facts, pack, facts_known)
    if found is None or due.fen <= found[0]:
        return due
    left_fen, ceiling = found
    return Due(left_fen, (*due.rules, ceiling.rule))


def punitive_due(
    case: Case, facts: Facts, pack: Pack, facts_known: Known, *, count: int | None = None
) -> Due:
    """The highest multiple that promise and law give, for all units in dispute or for so many."""
    part = Decimal(1)
    if count is not None:
        part = min(part, Decimal(count) / facts_known["quantity"])
    found = [
        Due(_amount_fen(rule, case, facts.order, part=part), (rule.rule,))
        for rule in pack.about(case.procedure, case.kind).rules.amount
        if rule.name == "punitive" and rule.when.holds(facts_known)
    ]
    return max(found, key=lambda due: due.fen, default=Due(0))


def test_fee_due(case: Case, pack: Pack, facts_known: Known) -> Due:
    """What the buyer paid for appraisals, where the pack lets somebody else bear it."""
    rule = first_that_holds(pack.about(case.procedure, case.kind).rules.test_fee, facts_known)
    if rule is None:
        return Due(0)
    reports = [p for p in case.evidence if p.kind == "appraisal_report" and p.by == "buyer"]
    return Due(sum(p.amount_fen for p in reports), (rule.rule,))


def purse_for(case: Case, funds: Funds) -> Purse:
    """The accounts that pay for a case."""
    return Purse(funds, order_id=case.order_id, shop_id=case.shop_id, buyer_id=case.buyer_id)


def _repricing(
    rule: Refund, case: Case, facts: Facts, pack: Pack, facts_known: Known
) -> Refund | None:
    """The rule that prices anew what stays: the case's own; of goods that go back for another
    reason, that of goods that went back out of mere dislike before.
    """
    if rule.goods == "reprice":
        return rule
    remedy = case.ruling.remedy if case.ruling else case.remedy
    if _part_given(rule, case) is not None or remedy != "return_and_refund":
        return None
    for other in facts.siblings:
        if other.unwanted:
            theirs = {name: getattr(other, name) for name in ("procedure", "kind", "reason")}
            known_then = facts_known.but({**theirs, "liability": None})
            rules = pack.about(other.procedure, other.kind).rules.refund
            found = first_that_holds(rules, known_then)
            if found is not None and found.goods == "reprice":
                return found
    return None


def _return_part(rule: Refund, facts: Facts, case: Case, *, unwanted: bool) -> int:
    """What is left to pay of all goods that are back: as much as if they had come at once.

    What is back out of mere dislike loses the discounts that what stays is too little for, as if
    nothing else had gone back; a fault of the seller costs the buyer none. Yet what stays never
    costs more than it would have alone.
    """
    order = facts.order
    here = {line: _units(order, line, case.quantities) for line in case.lines}
    disliked = _units_returned(facts, unwanted=True)
    others = _units_returned(facts, unwanted=False)
    mine = disliked if unwanted else others
    for line, units in here.items():
        mine[line] = mine.get(line, 0) + units
    back = {line: disliked.get(line, 0) + others.get(line, 0) for line in {**disliked, **others}}
    apart = min(_repriced_fen(rule, order, disliked), _paid_for(order, disliked))
    fen = max(apart + _paid_for(order, others), _repriced_fen(rule, order, back))
    before = sum(other.refunded_fen for other in facts.siblings if other.took_goods_back)
    return max(0, min(fen, _paid_for(order, back)) - before)


def _paid_for(order: Order, back: Mapping[int, int]) -> int:
    """The part of the payment that falls on so many units of these lines."""
    return share_fen(order, tuple(back), back)


def _repriced_fen(rule: Refund, order: Order, back: Mapping[int, int]) -> int:
    """What was paid for the goods, less what those that stay would have cost alone."""
    units = {line.line: max(0, line.quantity - back.get(line.line, 0)) for line in order.lines}
    kept = sum(line.price_fen * units[line.line] for line in order.lines)
    waived = waived_freight(order.goods_fen, order.discounts)
    coupons = sum(c.value_fen for c in order.coupons if kept >= c.threshold_fen)
    kept_alone = max(0, kept - discount_on(kept, order.discounts) - coupons)
    kept_alone += sum(_kept_on_top_fen(line, units[line.line]) for line in order.lines)
    fen = order.paid_goods_fen - min(kept_alone, order.paid_goods_fen)
    if kept:
        # Free shipping above a threshold is lost with the threshold.
        fen -= waived - waived_freight(kept, order.discounts)
    return max(0, fen - _held_back(rule, order, none_stays=not any(units.values())))


def _held_back(rule: Refund, order: Order, *, none_stays: bool) -> int:
    """Gifts that stay, and the freight waived for an order of which nothing stays."""
    gifts = sum(gift.value_fen for gift in order.gifts if not gift.returned)
    waived = waived_freight(order.goods_fen, order.discounts)
    return gifts * rule.deduct_gifts + waived * (rule.deduct_waived and none_stays)


def _units(order: Order, line: int, quantities: Mapping[int, int]) -> int:
    bought = next(each.quantity for each in order.lines if each.line == line)
    return quantities.get(line, bought)


def _units_returned(facts: Facts, *, unwanted: bool | None = None) -> dict[int, int]:
    """Units of each line that went back in other cases, and are paid for: all, or only those out
    of mere dislike, or only the others.
    """
    units: dict[int, int] = {}
    for other in facts.siblings:
        if other.took_goods_back and unwanted in (None, other.unwanted):
            for line in other.lines:
                back = _units(facts.order, line, other.quantities)
                units[line] = units.get(line, 0) + back
    return units


def _kept_on_top_fen(line: Line, units: int) -> int:
    """What was paid in an exchange for those units of a line that stay."""
    return scale(line.on_top_fen, Decimal(units) / line.quantity)


def ask_limit_fen(case: Case, facts: Facts, pack: Pack, facts_known: Known) -> int:
    """The most that can be asked for: where the rules give a part only, that part."""
    rule = first_that_holds(pack.about(case.procedure, case.kind).rules.refund, facts_known)
    if rule is not None and _part_given(rule, case) is not None:
        return refund_due(case, facts, pack, facts_known).fen
    return refundable_fen(case, facts)


def _base_fen(rule: Amount, case: Case, order: Order) -> int:
    if rule.base == "asked":
        return case.asked_fen
    if rule.base == "gift":
        return sum(gift.value_fen for gift in order.gifts)
    if rule.base == "unit":
        return share_fen(order, case.lines, dict.fromkeys(case.lines, 1))
    base = share_fen(order, case.lines, case.quantities)
    if rule.base == "paid" and is_whole(order, case.lines, case.quantities):
        base += order.freight_fen
    return base


def _amount_fen(rule: Amount, case: Case, order: Order, *, part: Decimal = Decimal(1)) -> int:
    base = _base_fen(rule, case, order)
    factor = (rule.percent or Decimal(0)) / 100 + (rule.multiple or Decimal(0))
    fen = scale(base, factor * part, rule.rounding)
    if rule.maximum_percent is not None:
        goods = share_fen(order, case.lines, case.quantities)
        fen = min(fen, scale(goods, rule.maximum_percent / 100))
    fen = max(int(rule.minimum), fen)
    return fen if rule.maximum is None else min(fen, int(rule.maximum))


def _refunded_by_others(lines: Collection[int], facts: Facts, *, but_returns: bool = False) -> int:
    return sum(
        other.refunded_fen
        for other in facts.siblings
        if not set(other.lines).isdisjoint(lines) and not (but_returns and other.took_goods_back)
    )
