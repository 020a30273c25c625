"""Amounts at the edge: what is written is what is read, up to the largest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.base.money import FEN_MAX, parse_yuan, yuan


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
