"""Amounts are read as people write them, and texts as they were typed."""

import pytest

from gongdao.base.errors import Refusal
from gongdao.web.typed import read_amount, read_fen, text_of


@pytest.mark.parametrize(
    ("typed", "amount", "fen"),
    [
        ("2680", "2680", 268_000),
        ("￥2,680.5", "2680.5", 268_050),
        ("１２．５０ 元", "12.50", 1_250),
        (" ¥95.00", "95.00", 9_500),
        ("100000000", "100000000", 10_000_000_000),
    ],
)
def test_an_amount_is_read_as_people_write_it(typed: str, amount: str, fen: int) -> None:
    assert (read_amount(typed), read_fen(typed)) == (amount, fen)


@pytest.mark.parametrize("typed", ["", "-1", "9.999", "一百", "1e3", "100000000.01", "5\x00"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(Refusal):
        read_fen(typed)


def test_a_field_is_a_text_or_nothing() -> None:
    assert text_of({"a": " x "}, "a") == " x "
    assert text_of({"a": 1}, "a") == text_of({}, "a") == ""
    with pytest.raises(Refusal):
        text_of({"a": "x\x00"}, "a")
