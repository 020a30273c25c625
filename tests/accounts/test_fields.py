"""Names and passwords at their limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.accounts.fields import (
    NAME_MAX,
    PASSWORD_MAX,
    PASSWORD_MIN,
    SIGN_IN_NAME_MAX,
    check_name,
    check_password,
    check_sign_in_name,
    fold_name,
)
from gongdao.base.errors import Refusal


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Anna", "anna"),
        (" ANNA ", "anna"),
        ("Ａｎｎａ", "anna"),
        ("旗舰店:丽丽", "旗舰店:丽丽"),
        ("t**3", "t**3"),
        ("a@b.cn", "a@b.cn"),
    ],
)
def test_sign_in_names_fold_to_one_form(typed, kept):
    assert check_sign_in_name(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "a", "a b", "a/b", "<a>", "a\nb", "x" * (SIGN_IN_NAME_MAX + 1), "ann\u200ba b"]
)
def test_what_is_no_sign_in_name(typed):
    with pytest.raises(Refusal, match=r"^invalid"):
        check_sign_in_name(typed)


@given(st.text())
def test_folding_is_stable_and_printable(text):
    folded = fold_name(text)
    assert folded.isprintable()
    try:
        assert check_sign_in_name(text) == folded
    except Refusal:
        return
    assert check_sign_in_name(folded) == folded


@pytest.mark.parametrize("length", [PASSWORD_MIN, PASSWORD_MAX])
def test_passwords_of_the_first_and_last_length(length):
    assert check_password(("abcd密" * 50)[:length], sign_in_name="anna")


@pytest.mark.parametrize(
    "password",
    [
        "abcdefgh1",
        "abcde" * 40 + "x",
        "aaaaaaaaaaaaaaa",
        "ababababababab",
        "Anna:Bella",
        "",
    ],
)
def test_passwords_that_are_refused(password):
    with pytest.raises(Refusal, match=r"^invalid"):
        check_password(password, sign_in_name="anna:bella")


def test_shown_names():
    assert check_name("  丽丽\t 王 ") == "丽丽 王"
    assert len(check_name("x" * NAME_MAX)) == NAME_MAX
    for bad in ("", "   ", "x" * (NAME_MAX + 1), "a\x00b", "a\u202eb", "a\ud800"):
        with pytest.raises(Refusal, match=r"^invalid"):
            check_name(bad)
