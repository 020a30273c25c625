"""What several cases together may cost a shop: on one order, or with one buyer on one day."""

from collections.abc import Iterator

from gongdao.base.money import scale
from gongdao.cases.case import Case
from gongdao.cases.facts import Facts
from gongdao.cases.known import Known
from gongdao.policy.bounds import Ceiling
from gongdao.policy.pack import Pack


def lowest_ceiling(
    case: Case, facts: Facts, pack: Pack, facts_known: Known
) -> tuple[int, Ceiling] | None:
    """How much the other cases leave for this one, and by which rule; None where none bounds it."""
    found = [
        (left_under(ceiling, facts, pack), ceiling)
        for ceiling in pack.about(case.procedure, case.kind).rules.ceiling
        if _is_meant(ceiling, case.kind) and ceiling.when.holds(facts_known)
    ]
    return min(found, key=lambda one: one[0], default=None)


def left_under(ceiling: Ceiling, facts: Facts, pack: Pack) -> int:
    """What is left of a ceiling once the other cases have been paid."""
    return max(0, _height_fen(ceiling, facts) - sum(_counted(ceiling, facts, pack)))


def paid_beside(facts: Facts) -> int:
    """What a bound on several cases counts, in all that a decision saw: whoever commits it looks
    again whether it is still so (cases_check_beside in schema/cases.sql).
    """
    here = sum(other.compensated_fen + other.freight_fen for other in facts.siblings)
    return here + sum(far.compensated_fen for far in facts.elsewhere)


def _height_fen(ceiling: Ceiling, facts: Facts) -> int:
    heights: list[int] = []
    if ceiling.maximum is not None:
        heights.append(int(ceiling.maximum))
    if ceiling.percent is not None:
        heights.append(scale(facts.order.paid_goods_fen, ceiling.percent / 100))
    assert heights, "the pack's check asks for one of them"
    return max(int(ceiling.minimum), min(heights))


def _counted(ceiling: Ceiling, facts: Facts, pack: Pack) -> Iterator[int]:
    for other in facts.siblings:
        if _is_meant(ceiling, other.kind):
            yield other.compensated_fen
    if ceiling.per == "order" or facts.order.paid_at is None:
        return
    day = pack.calendar.local(facts.order.paid_at).date()
    for far in facts.elsewhere:
        if _is_meant(ceiling, far.kind) and pack.calendar.local(far.paid_at).date() == day:
            yield far.compensated_fen


def _is_meant(ceiling: Ceiling, kind: str) -> bool:
    return not ceiling.kinds or kind in ceiling.kinds
