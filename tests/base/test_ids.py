"""Identifiers: of version 7, unique, and listed in the order of their making."""

import itertools

from gongdao.base.ids import new_id


def test_what_is_made_one_after_the_other_sorts_so() -> None:
    ids = [new_id() for _ in range(2_000)]
    assert len(set(ids)) == len(ids)
    assert {made.version for made in ids} == {7}
    # Within a quarter of a microsecond two may change places; no more than a few do.
    swapped = sum(first > second for first, second in itertools.pairwise(ids))
    assert swapped < 20
