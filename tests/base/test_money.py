"""Amounts at the edge: what is written is what is read, up to the largest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.base.money import FEN_MAX, parse_yuan, split, yuan


@given(st.integers(0, FEN_MAX))
def test_what_is_written_is_read(fen: int) -> None:
    assert parse_yuan(yuan(fen)) == fen


@given(st.integers(FEN_MAX + 1, 10**15))
def test_more_than_the_largest_is_not_read(fen: int) -> None:
    with pytest.raises(ValueError):
        parse_yuan(yuan(fen))


@pytest.mark.parametrize("text", ["", "-1", "1.234", "１", "1\n", "01", "1.", ".5", "1e3", " 1"])
def test_what_is_no_amount_is_not_read(text: str) -> None:
    with pytest.raises(ValueError):
        parse_yuan(text)


def test_parts_are_rounded_half_up_and_the_last_give_way() -> None:
    assert split(25_000, [1, 1, 1]) == [8_333, 8_333, 8_334]
    assert split(35_000, [1, 1, 1]) == [11_667, 11_667, 11_666]
    assert split(3, [1, 1]) == [2, 1]
