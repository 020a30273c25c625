"""Days begin and end at the midnights of Shanghai."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gongdao.base.days import day_of, next_midnight, start_of

START = datetime(1992, 1, 1, tzinfo=UTC)
#: Summer time, which Shanghai had until 1991, is over.
SECONDS = st.integers(0, 900 * 365 * 86_400)


def test_a_day_ends_at_four_in_the_afternoon_of_utc() -> None:
    before, after = (
        datetime(2026, 5, 1, 15, 59, 59, tzinfo=UTC),
        datetime(2026, 5, 1, 16, tzinfo=UTC),
    )
    assert (day_of(before), day_of(after)) == (date(2026, 5, 1), date(2026, 5, 2))
    assert next_midnight(before) == after == start_of(date(2026, 5, 2))
    assert next_midnight(after) == after + timedelta(days=1)


@given(SECONDS)
def test_every_instant_lies_in_its_day(seconds: int) -> None:
    now = START + timedelta(seconds=seconds)
    day = day_of(now)
    assert start_of(day) <= now < next_midnight(now) == start_of(day + timedelta(days=1))
