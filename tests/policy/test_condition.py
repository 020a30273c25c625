"""Conditions: what they match, and what they refuse to be."""

from pathlib import Path
from typing import Any

import pytest
from tests.cases.world import NOW, PACK, case_at, facts

from gongdao.cases.known import NAMES, known
from gongdao.policy.condition import FACTS, Condition

FACTS_HERE = {
    "kind": "refund_only",
    "reason": None,
    "tags": frozenset({"food", "durable"}),
    "promised_hours": 48.0,
    "confirmed_after_days": None,
    "paid": True,
    "switch": {"C-1": "after_evidence"},
}


@pytest.mark.parametrize(
    ("written", "holds"),
    [
        ({}, True),
        ({"kind": "refund_only"}, True),
        ({"kind": ["return_refund", "refund_only"]}, True),
        ({"kind": "return_refund"}, False),
        ({"reason": "quality"}, False),
        ({"tags": "food"}, True),
        ({"tags": ["fresh", "durable"]}, True),
        ({"tags": ["fresh", "custom"]}, False),
        ({"paid": True}, True),
        ({"paid": False}, False),
        ({"promised_hours": {"max": 48}}, True),
        ({"promised_hours": {"min": 48.01}}, False),
        ({"promised_hours": {"min": 1, "max": 47}}, False),
        ({"confirmed_after_days": {"max": 10}}, False),
        ({"not": {"kind": "return_refund"}}, True),
        ({"not": {"kind": "refund_only", "paid": False}}, True),
        ({"switch": {"C-1": "after_evidence"}}, True),
        ({"switch": {"C-1": ["inside_evidence", "before_evidence"]}}, False),
        ({"kind": "refund_only", "paid": False}, False),
    ],
)
def test_holds(written: dict[str, Any], holds: bool) -> None:
    assert Condition(written).holds(FACTS_HERE) == holds


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"colour": "red"}, "unknown fact 'colour'; known are: "),
        ({"promised_hours": {"most": 1}}, "takes min and max"),
        ({"promised_hours": {}}, "takes min and max"),
        ({"not": "kind"}, "'not' takes a table"),
        ({"switch": "C-1"}, "'switch' takes a table"),
        ({"not": {"colour": "red"}}, "unknown fact 'colour'"),
    ],
)
def test_refused(written: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Condition(written)


def test_every_fact_that_a_pack_may_name_is_known_of_a_case() -> None:
    found = known(case_at("after_sale", "refund_only", "seller_review"), facts(), PACK, NOW)
    assert NAMES == FACTS
    assert {name for name in NAMES if name in found or found[name] is not NAMES} == FACTS


def test_every_fact_is_described() -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "write-a-pack.md").read_text("utf-8")
    assert [fact for fact in sorted(FACTS) if f"`{fact}`" not in page] == []


def test_none_of_several() -> None:
    condition = Condition({"not": [{"shipped": True}, {"reason": ["quality"]}]})
    facts = {"shipped": False, "reason": "other"}
    assert condition.holds(facts)
    assert not condition.holds(facts | {"shipped": True})
    assert not condition.holds(facts | {"reason": "quality"})
    with pytest.raises(ValueError, match="'not' takes a table"):
        Condition({"not": ["shipped"]})
