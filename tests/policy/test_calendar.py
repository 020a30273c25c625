"""Spans and calendars: holidays, make-up days, months, zones."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.policy.calendar import WORKING_DAYS_MAX, Calendar, Span, parse_span

CHINA = Calendar()
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2014-03-11 12:00", "4wd", "2014-03-17 12:00"),
        ("2026-02-12 12:00", "4wd", "2026-02-25 12:00"),
        ("2026-02-13 09:00", "1wd", "2026-02-14 09:00"),
        ("2026-03-10 09:00", "7wd", "2026-03-19 09:00"),
        ("2026-05-11 10:00", "7d", "2026-05-18 10:00"),
        ("2026-03-10 09:00", "30d", "2026-04-09 09:00"),
        ("2016-04-28 15:00", "6mo", "2016-10-28 15:00"),
        ("2026-08-31 00:00", "6mo", "2027-02-28 00:00"),
        ("2023-12-31 00:00", "2mo", "2024-02-29 00:00"),
        ("2026-05-11 23:59", "90s", "2026-05-12 00:00:30"),
    ],
)
def test_add(start: str, span: str, end: str) -> None:
    assert CHINA.add(at(start), parse_span(span)) == at(end)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-02-14", True), ("2026-02-15", False), ("2026-02-16", False), ("2026-02-23", False),
        ("2026-02-24", True), ("2026-02-28", True), ("2026-05-04", False), ("2026-05-09", True),
        ("2026-05-11", True), ("2026-05-16", False), ("2014-03-15", False),
    ],
)  # fmt: skip
def test_working_days(day: str, works: bool) -> None:
    assert CHINA.is_working_day(date.fromisoformat(day)) == works


def test_midnights_are_those_of_the_place() -> None:
    signed = datetime(2016, 4, 28, 17, tzinfo=UTC)
    assert CHINA.day_after(signed) == at("2016-04-30 00:00")
    assert CHINA.midnight(signed) == at("2016-04-29 00:00")
    assert CHINA.day_after(datetime(2016, 4, 28, 15, 59, tzinfo=UTC)) == at("2016-04-29 00:00")


@pytest.mark.parametrize("text", ["", "0h", "h", "24", "24 h", "-1d", "1.5d", "1y", "261wd", "1D"])
def test_no_span(text: str) -> None:
    with pytest.raises(ValueError, match=r"write 30m|at most"):
        parse_span(text)


@given(st.integers(1, 99_999), st.sampled_from(["d", "h", "m", "s"]))
def test_a_span_reads_what_it_writes(number: int, unit: str) -> None:
    span = parse_span(f"{number}{unit}")
    assert parse_span(str(span)).seconds == span.seconds if len(str(span)) <= 6 else span.seconds


@given(st.integers(0, 16 * 365 * 86400), st.integers(1, 20))
def test_no_clock_runs_backwards_and_working_days_are_worked(seconds: int, days: int) -> None:
    instant = at("2010-01-01 00:00") + timedelta(seconds=seconds)
    end = CHINA.add(instant, Span(working_days=days))
    assert end > instant
    assert CHINA.is_working_day(end.date())
    assert end - instant >= timedelta(days=days)
    assert days <= WORKING_DAYS_MAX
