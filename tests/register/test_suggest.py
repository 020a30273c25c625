"""What the five questions speak for; it is a hint, and decides nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gongdao.register.entry import Analysis
from gongdao.register.suggest import suggest

PLAIN = Analysis(
    facts="x",
    severity="low",
    unfounded=False,
    long_term="unknown",
    repurchase="unknown",
    word_of_mouth="unknown",
    unreasonable=False,
    fault="none",
)
ANALYSES = st.builds(
    Analysis,
    facts=st.just("x"),
    severity=st.sampled_from(["low", "medium", "high", "critical"]),
    unfounded=st.booleans(),
    long_term=st.sampled_from(["yes", "no", "unknown"]),
    repurchase=st.sampled_from(["yes", "no", "unknown"]),
    word_of_mouth=st.sampled_from(["yes", "no", "unknown"]),
    unreasonable=st.booleans(),
    fault=st.sampled_from(["none", "slight", "partial", "main", "full"]),
)


@pytest.mark.fact("S3-32")
@given(ANALYSES)
def test_a_fault_of_ones_own_is_compensated_richly_and_never_answered_with_no(a: Analysis) -> None:
    advice = suggest(a).advice
    if a.fault in ("main", "full"):
        assert advice == "richer"
    if advice == "clear_no":
        assert a.unreasonable and a.fault in ("none", "slight")
        assert "yes" not in (a.long_term, a.repurchase)


@pytest.mark.fact("S3-32")
def test_an_unreasonable_demand_without_future_gets_a_clear_no() -> None:
    demand = replace(PLAIN, unreasonable=True, long_term="no", repurchase="no")
    assert suggest(demand).advice == "clear_no"
    for stays in ("long_term", "repurchase"):
        assert suggest(replace(demand, **{stays: "yes"})).advice == "gesture"


@pytest.mark.fact("S3-32")
@pytest.mark.parametrize(
    "answer",
    [
        {"long_term": "yes"},
        {"repurchase": "yes"},
        {"word_of_mouth": "yes"},
        {"unreasonable": True},
        {"fault": "main"},
        {"severity": "critical"},
    ],
)
def test_every_answer_counts_among_the_reasons(answer: dict[str, object]) -> None:
    assert suggest(replace(PLAIN, **answer)).reasons != suggest(PLAIN).reasons


@pytest.mark.fact("S3-33")
def test_what_is_serious_goes_to_somebody_higher_up() -> None:
    reasons = suggest(replace(PLAIN, severity="high")).reasons
    assert any("higher up" in reason for reason in reasons)
