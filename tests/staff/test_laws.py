"""Laws of the team: no two shifts at once, a day of rest, sums that add up, a fund of no debt."""

import itertools
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.base.errors import Refusal
from gongdao.staff.commission import (
    Counted,
    MonthLine,
    Rates,
    Sale,
    commission_on,
    correction_of,
    line_of,
    mentor_lines,
    totals_of,
)
from gongdao.staff.days import day_of, moment
from gongdao.staff.fund_store import balance_after
from gongdao.staff.house_rule import Mark, weigh
from gongdao.staff.profile import Mentoring, Profile
from gongdao.staff.shift import Shift, days_without_rest, minutes_of, require_place

A, B = UUID(int=1), UUID(int=2)
MONDAY = date(2026, 11, 16)


def shift(number: int, start: int, length: int, *, person: UUID = A) -> Shift:
    starts_at = moment(MONDAY, start)
    return Shift(
        id=UUID(int=100 + number),
        person_id=person,
        name="x",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=length),
    )


@pytest.mark.fact("S0-60")
@given(
    st.lists(
        st.tuples(st.integers(0, 14 * 1440), st.integers(30, 960), st.sampled_from([A, B])),
        max_size=25,
    )
)
def test_what_is_planned_never_overlaps_and_leaves_a_day_of_rest(
    wanted: list[tuple[int, int, UUID]],
) -> None:
    planned: list[Shift] = []
    for number, (start, length, person) in enumerate(wanted):
        one = shift(number, start, length, person=person)
        try:
            require_place(one, planned, name="x", days_in_a_row=6)
        except Refusal as refusal:
            assert refusal.code == "not_eligible"
            continue
        planned.append(one)
    for person in (A, B):
        own = sorted(
            (each for each in planned if each.person_id == person), key=lambda s: s.starts_at
        )
        assert all(a.ends_at <= b.starts_at for a, b in itertools.pairwise(own))
        days = {each.day for each in own}
        for first in range(-1, 22):
            week = {MONDAY + timedelta(days=first + n) for n in range(7)}
            assert not week <= days


@pytest.mark.fact("S0-60")
def test_the_two_shifts_of_the_house() -> None:
    assert minutes_of(8 * 60 + 30, 17 * 60 + 30) == 9 * 60
    assert minutes_of(17 * 60 + 30, 60) == 7 * 60 + 30
    night = shift(1, 17 * 60 + 30, 450)
    assert night.hours == "17:30–01:00"
    # It belongs to the day on which it begins, and ends on the next one.
    assert night.day == MONDAY
    assert day_of(night.ends_at) == MONDAY + timedelta(days=1)


def test_seven_days_in_a_row_are_found() -> None:
    days = [MONDAY + timedelta(days=n) for n in range(7)]
    assert days_without_rest(days[:6], most=6) is None
    assert days_without_rest(days, most=6) == (MONDAY, days[6])


fen = st.integers(0, 10_000_000)
rates = st.builds(
    Rates,
    rate_bp=st.integers(0, 10_000),
    groups=st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 10_000)),
)
goods = st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(0, 100_000)), max_size=4)


@st.composite
def sales(draw: st.DrawFn) -> Sale:
    paid = draw(fen)
    return Sale(
        order_id=UUID(int=draw(st.integers(1, 2**64))),
        number="1",
        paid_fen=paid,
        refunded_fen=draw(st.integers(0, paid)),
        agent_id=draw(st.sampled_from([None, A, B, UUID(int=9)])),
        goods=tuple(draw(goods)),
    )


@pytest.mark.fact("S0-63")
@given(st.lists(sales(), max_size=30), rates)
def test_lines_add_up_to_the_fen(found: list[Sale], rate: Rates) -> None:
    lines = [line_of(sale, rate, {A, B}) for sale in found]
    assert sum(totals_of(lines).values()) == sum(line.amount_fen for line in lines)
    for sale, line in zip(found, lines, strict=True):
        assert 0 <= line.amount_fen <= sale.paid_fen - sale.refunded_fen
        if sale.agent_id not in (A, B):
            assert line.person_id is None and line.amount_fen == 0
            assert line.why == ("stranger" if sale.agent_id else "no_remark")


@given(sales(), rates, st.lists(st.integers(0, 100), max_size=5))
def test_corrections_lead_to_what_the_order_is_worth_now(
    sale: Sale, rate: Rates, steps: list[int]
) -> None:
    given_fen = commission_on(sale, rate)
    refunded = sale.refunded_fen
    for percent in steps:
        refunded = sale.paid_fen * percent // 100
        counted = Counted(
            order_id=sale.order_id, number="1", person_id=A, paid_fen=sale.paid_fen,
            refunded_fen=refunded, given_fen=given_fen, rates=rate, goods=sale.goods,
        )  # fmt: skip
        if line := correction_of(counted):
            given_fen += line.amount_fen
    now = Sale(
        order_id=sale.order_id, number="1", paid_fen=sale.paid_fen, refunded_fen=refunded,
        agent_id=A, goods=sale.goods,
    )  # fmt: skip
    assert given_fen == commission_on(now, rate)


def test_an_order_is_rounded_once_half_up() -> None:
    sale = Sale(order_id=A, number="1", paid_fen=5, refunded_fen=0, agent_id=A)
    assert commission_on(sale, Rates(rate_bp=1000)) == 1
    assert commission_on(sale, Rates(rate_bp=999)) == 0


@pytest.mark.fact("S0-67")
def test_the_fastest_trainees_bring_their_mentors_150_100_and_50() -> None:
    def mentoring(number: int, days: int) -> Mentoring:
        return Mentoring(
            id=UUID(int=number), mentor_id=UUID(int=10 + number), trainee_id=UUID(int=20 + number),
            began_on=MONDAY, passed_on=MONDAY + timedelta(days=days),
        )  # fmt: skip

    passed = [mentoring(1, 20), mentoring(2, 5), mentoring(3, 30), mentoring(4, 12)]
    lines = mentor_lines(passed, (15_000, 10_000, 5_000))
    assert [(line.person_id, line.amount_fen) for line in lines] == [
        (UUID(int=12), 15_000),
        (UUID(int=14), 10_000),
        (UUID(int=11), 5_000),
    ]
    assert isinstance(lines[0], MonthLine)


def mark(number: int, day: date, *, person: UUID = A, removed: bool = False) -> Mark:
    return Mark(
        id=UUID(int=number), person_id=person, rule="complaint", title="x", monthly=True,
        amount_fen=5_000, flag_at=3, happened_on=day, text="x", by_id=B,
        at=datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=number),
        decision="removed" if removed else None,
    )  # fmt: skip


@pytest.mark.fact("S0-62")
def test_worked_case_37_complaints_of_march_and_april() -> None:
    march = [mark(n, date(2026, 3, n)) for n in (1, 2, 3, 4)]
    found = weigh([*march, mark(5, date(2026, 4, 1))])
    assert [found[m.id].amount_fen for m in march] == [5_000, 10_000, 0, 0]
    assert [found[m.id].flag for m in march] == [False, False, True, True]
    assert (found[UUID(int=5)].amount_fen, found[UUID(int=5)].flag) == (5_000, False)


@given(
    st.lists(
        st.tuples(st.dates(date(2026, 1, 1), date(2026, 4, 30)), st.booleans(), st.booleans()),
        max_size=20,
    )
)
def test_a_removed_entry_counts_for_nothing(drawn: list[tuple[date, bool, bool]]) -> None:
    marks = [
        mark(n, day, person=A if first else B, removed=gone)
        for n, (day, first, gone) in enumerate(drawn, start=1)
    ]
    found = weigh(marks)
    without = weigh([each for each in marks if each.decision != "removed"])
    for each in marks:
        if each.decision == "removed":
            assert (found[each.id].nth, found[each.id].amount_fen) == (0, 0)
        else:
            assert found[each.id] == without[each.id]
    for person in (A, B):
        for month in (1, 2, 3, 4):
            own = [
                w for w in found.values()
                if w.nth and w.mark.person_id == person and w.mark.happened_on.month == month
            ]  # fmt: skip
            assert sorted(w.nth for w in own) == list(range(1, len(own) + 1))
            assert sum(w.amount_fen for w in own) in (0, 5_000, 15_000)


@given(st.lists(st.tuples(st.sampled_from(["in", "out"]), st.integers(1, 10_000)), max_size=40))
def test_the_balance_is_what_came_in_without_what_went_out(drawn: list[tuple[str, int]]) -> None:
    balance, total = 0, 0
    for way, amount in drawn:
        after = balance_after(balance, way, amount)  # pyright: ignore
        if after >= 0:
            balance, total = after, total + (amount if way == "in" else -amount)
    assert balance == total >= 0


@pytest.mark.fact("S3-30")
def test_years_in_the_trade_are_whole_years() -> None:
    profile = Profile(person_id=A, in_trade_since=date(2021, 11, 23))
    assert profile.years(date(2026, 11, 22)) == 4
    assert profile.years(date(2026, 11, 23)) == 5
    assert Profile(person_id=A).years(date(2026, 11, 23)) is None
