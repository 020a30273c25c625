"""What a sale brings whoever made it, to the fen; pure.

A sale is an order that was paid in the month; its base is what was paid without what was refunded
by the time of counting. Where groups of goods have rates of their own, the base is shared over the
lines in proportion to their prices, exactly. An order's commission is rounded once, half up.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.base.money import split
from gongdao.staff.profile import Mentoring

#: Rates are hundredths of a percent.
BASE_POINTS = 10_000
LineKind = Literal["order", "correction", "mentor"]
#: Why a line brings nobody anything: no name on the order, or somebody who is not of the team.
Why = Literal["", "no_remark", "stranger"]


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """What part of a sale is commission, in hundredths of a percent; groups may have their own."""

    rate_bp: int = 0
    groups: dict[str, int] = msgspec.field(default_factory=dict[str, int])

    def of(self, group: str) -> int:
        """The rate of a group of goods."""
        return self.groups.get(group, self.rate_bp)


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """An order that was paid, and whose it is by its remark."""

    order_id: UUID
    number: str
    paid_fen: int
    refunded_fen: int
    agent_id: UUID | None
    goods: tuple[tuple[str, int], ...] = ()
    """The group and the price of each line, where groups have rates of their own."""


class MonthLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a month: an order, a correction of an earlier month, a mentor's bonus."""

    kind: LineKind
    person_id: UUID | None
    order_id: UUID | None
    number: str
    paid_fen: int = 0
    refunded_fen: int = 0
    amount_fen: int = 0
    why: Why = ""


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """What a line of an earlier month stood for: all that was paid out for an order so far."""

    order_id: UUID
    number: str
    person_id: UUID
    paid_fen: int
    refunded_fen: int
    """As it is now."""
    given_fen: int
    """The line of its month and every correction since."""
    rates: Rates
    """Those of the month in which it was sold."""
    goods: tuple[tuple[str, int], ...] = ()


def commission_on(sale: Sale, rates: Rates) -> int:
    """What a sale brings, in fen: never less than nothing, never more than its base."""
    base = max(0, sale.paid_fen - sale.refunded_fen)
    weights = [price for _, price in sale.goods]
    if not rates.groups or not sum(weights):
        return (base * rates.rate_bp + BASE_POINTS // 2) // BASE_POINTS
    shares = split(base, weights)
    groups = [group for group, _ in sale.goods]
    points = sum(part * rates.of(group) for part, group in zip(shares, groups, strict=True))
    return (points + BASE_POINTS // 2) // BASE_POINTS


def line_of(sale: Sale, rates: Rates, team: Iterable[UUID]) -> MonthLine:
    """The line of a sale: its agent's, or nobody's with the reason."""
    why: Why = ""
    if sale.agent_id is None:
        why = "no_remark"
    elif sale.agent_id not in team:
        why = "stranger"
    return MonthLine(
        kind="order",
        person_id=None if why else sale.agent_id,
        order_id=sale.order_id,
        number=sale.number,
        paid_fen=sale.paid_fen,
        refunded_fen=sale.refunded_fen,
        amount_fen=0 if why else commission_on(sale, rates),
        why=why,
    )


def correction_of(counted: Counted) -> MonthLine | None:
    """What is to be given or taken back for an order whose month is closed; None: nothing."""
    sale = Sale(
        order_id=counted.order_id,
        number=counted.number,
        paid_fen=counted.paid_fen,
        refunded_fen=counted.refunded_fen,
        agent_id=counted.person_id,
        goods=counted.goods,
    )
    difference = commission_on(sale, counted.rates) - counted.given_fen
    if not difference:
        return None
    return MonthLine(
        kind="correction",
        person_id=counted.person_id,
        order_id=counted.order_id,
        number=counted.number,
        paid_fen=counted.paid_fen,
        refunded_fen=counted.refunded_fen,
        amount_fen=difference,
    )


def mentor_lines(passed: Sequence[Mentoring], sums_fen: Sequence[int]) -> list[MonthLine]:
    """The bonus of the mentors whose trainees were ready in the fewest days, the fastest first."""
    ready = [(each.passed_on - each.began_on, each) for each in passed if each.passed_on]
    ready.sort(key=lambda pair: (pair[0], pair[1].passed_on, pair[1].id))
    return [
        MonthLine(
            kind="mentor",
            person_id=each.mentor_id,
            order_id=None,
            number=str(days.days),
            amount_fen=sum_fen,
        )
        for (days, each), sum_fen in zip(ready, sums_fen, strict=False)
    ]


def totals_of(lines: Iterable[MonthLine]) -> dict[UUID, int]:
    """What each person gets; together they are the sum of all lines."""
    totals: dict[UUID, int] = {}
    for line in lines:
        if line.person_id is not None:
            totals[line.person_id] = totals.get(line.person_id, 0) + line.amount_fen
    return totals


def count_by(lines: Iterable[MonthLine]) -> Mapping[UUID, int]:
    """How many orders of the month are whose."""
    counts: dict[UUID, int] = {}
    for line in lines:
        if line.kind == "order" and line.person_id is not None:
            counts[line.person_id] = counts.get(line.person_id, 0) + 1
    return counts
