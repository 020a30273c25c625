"""What a kind of sign is called where nothing was found yet that could stand in its sentence."""

import pytest

from gongdao.policy.written import Text
from gongdao.web.guard.words import NAME_MAX, sign_name


@pytest.mark.parametrize(
    ("say", "name"),
    [
        ("They ask to control your phone: {words}", "They ask to control your phone"),
        ("Somebody has acted: {watched}, {act}", "Somebody has acted"),
        (
            "They want {times} at {price} yuan, {total} together",
            "They want … at … yuan, … together",
        ),
        ("An order for {total}", "An order for"),
        ("x" * 200, "x" * (NAME_MAX - 1) + "…"),
    ],
)
def test_a_sign_is_named_without_what_shows_it(say: str, name: str) -> None:
    assert sign_name(Text(zh="对方让您付款：{words}", en=say), "en") == name
    assert sign_name(Text(zh="对方让您付款：{words}", en=say), "zh") == "对方让您付款"
