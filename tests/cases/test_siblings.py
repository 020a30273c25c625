"""What another case on the same order did to the goods."""

from typing import Any

import pytest

from gongdao.cases.facts import Sibling


@pytest.mark.parametrize(
    ("said", "took_back"),
    [
        ({}, True),
        ({"ended": "decided"}, True),
        ({"ended": "defaulted"}, True),
        ({"refunded_fen": 0}, False),
        ({"ended": None}, False),
        ({"ended": "withdrawn"}, False),
        ({"remedy": "full_refund"}, False),
        ({"remedy": "full_refund", "kind": "refund_only", "reason": "changed_mind"}, True),
        ({"remedy": "full_refund", "kind": "refund_only", "reason": "quality"}, False),
    ],
)
def test_goods_came_back_where_money_was_paid_and_the_case_has_ended(
    said: dict[str, Any], took_back: bool
) -> None:
    fields: dict[str, Any] = {
        "procedure": "after_sale",
        "kind": "return_refund",
        "lines": (1,),
        "remedy": "return_and_refund",
        "refunded_fen": 3000,
        "ended": "settled",
    }
    assert Sibling(**fields | said).took_goods_back is took_back
