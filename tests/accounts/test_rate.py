"""Buckets: what is allowed at once, what comes back with time, and who is forgotten."""

from time import perf_counter

from hypothesis import given
from hypothesis import strategies as st

from gongdao.accounts.rate import Buckets, Rate

RATE = Rate(burst=3, per_second=2)


def test_a_burst_is_allowed_and_then_as_much_as_comes_back():
    buckets = Buckets()
    assert [buckets.take("a", RATE, 10) for _ in range(4)] == [0, 0, 0, 1]
    assert buckets.take("b", RATE, 10) == 0
    assert [buckets.take("a", RATE, 10.5) for _ in range(2)] == [0, 1]
    assert [buckets.take("a", RATE, 99) for _ in range(4)] == [0, 0, 0, 1]


def test_the_one_that_was_silent_longest_is_forgotten_first():
    buckets = Buckets(most=2)
    for sender in ("a", "a", "a", "b", "a", "c"):
        buckets.take(sender, RATE, 0)
    assert len(buckets) == 2
    assert buckets.take("a", RATE, 0) == 1, "still remembered: b was silent longer"


@given(st.lists(st.floats(0, 5), min_size=1, max_size=80))
def test_nobody_gets_more_than_the_burst_and_what_came_back(pauses: list[float]):
    buckets, at, allowed = Buckets(), 0.0, 0
    for pause in pauses:
        at += pause
        allowed += buckets.take("a", RATE, at) == 0
    assert allowed <= RATE.burst + at * RATE.per_second + 1e-6


def test_it_costs_microseconds():
    buckets, count = Buckets(), 20_000
    begun = perf_counter()
    for n in range(count):
        buckets.take(n % 500, RATE, n / 1000)
    assert (perf_counter() - begun) / count < 50e-6
