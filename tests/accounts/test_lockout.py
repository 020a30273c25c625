"""Waiting times after failures, and whose failures count together."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.accounts.lockout import (
    ATTEMPTS_KEPT,
    NAME_LIMIT,
    NETWORK_LIMIT,
    locked_until,
    network_of,
    parse_address,
)

from .conftest import NOW


@pytest.mark.parametrize("limit", [NAME_LIMIT, NETWORK_LIMIT])
@given(failures=st.integers(0, 10**6))
def test_a_lock_grows_with_failures_up_to_its_longest(limit, failures):
    here = locked_until(limit, failures, NOW)
    after = locked_until(limit, failures + 1, NOW)
    assert (here is None) == (failures < limit.free_failures)
    if here is not None:
        assert after is not None
        assert NOW + limit.first_lock <= here <= after <= NOW + limit.longest_lock


def test_the_first_locks_of_a_name_are_one_two_and_four_minutes():
    waits = [locked_until(NAME_LIMIT, n, NOW) for n in (4, 5, 6, 7)]
    minutes = [None, *(NOW + timedelta(minutes=m) for m in (1, 2, 4))]
    assert waits == minutes


def test_attempts_are_kept_as_long_as_they_count():
    assert max(NAME_LIMIT.window, NETWORK_LIMIT.window) <= ATTEMPTS_KEPT
    for limit in (NAME_LIMIT, NETWORK_LIMIT):
        assert limit.longest_lock <= limit.window


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9/32"),
        ("::ffff:203.0.113.9", "203.0.113.9/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "None"),
        ("", "None"),
        (None, "None"),
    ],
)
def test_network_of(address, network):
    assert str(network_of(address)) == network


@given(st.text())
def test_no_address_breaks_it(text):
    assert parse_address(text) is None or network_of(text) is not None
