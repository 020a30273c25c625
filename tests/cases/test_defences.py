"""What a side is asked to prove: the papers of each defence, from the rule books."""

import pytest
from msgspec.structs import replace

from gongdao.cases.known import known
from gongdao.policy.load import load_pack

from .world import NOW, case_at, facts


def asked(pack: str, side: str, procedure: str, kind: str, **changed: object) -> list[set[str]]:
    """The kinds of evidence that this side is asked for; whose burden comes first stands first."""
    book = load_pack(pack)
    case = replace(case_at(procedure, kind, "evidence"), **{"reason": None, **changed})
    told = known(case, facts(), book, NOW)
    rules = sorted(book.body.checklist, key=lambda rule: not rule.first)
    return [set(rule.kinds) for rule in rules if rule.side == side and rule.when.holds(told)]


@pytest.mark.fact("S4-02")
@pytest.mark.parametrize(
    ("kind", "papers"),
    [
        ("refuse_to_sell", {"chat_transcript", "statement"}),
        ("paid_not_shipped", {"proof_of_delivery", "tracking_history"}),
        ("not_received", {"proof_of_delivery", "tracking_history"}),
        ("not_as_described", {"listing_snapshot", "qualification", "appraisal_report"}),
        ("late_shipment", {"proof_of_delivery", "chat_transcript"}),
        ("fake_dispatch", {"proof_of_delivery", "tracking_history"}),
    ],
)
def test_each_complaint_has_its_defence(kind: str, papers: set[str]) -> None:
    (wanted,) = asked("taobao-classic", "seller", "complaint", kind)
    assert papers <= wanted


@pytest.mark.fact("S4-03")
def test_a_malicious_return_is_met_with_papers() -> None:
    (wanted,) = asked("taobao-classic", "seller", "report", "malicious_complaint")
    assert wanted == {
        "proof_of_delivery", "invoice", "qualification", "listing_snapshot", "chat_transcript",
    }  # fmt: skip


@pytest.mark.fact("S3-16")
def test_a_malicious_order_is_shown_by_the_chat_and_the_repeated_orders() -> None:
    (wanted,) = asked("taobao-classic", "seller", "report", "malicious_order")
    assert wanted == {"chat_transcript", "system_record"}


@pytest.mark.fact("S3-04")
def test_the_papers_of_genuine_goods() -> None:
    papers = asked("pdd-2020", "seller", "counterfeit_claim", "counterfeit")
    assert {"qualification", "invoice", "appraisal_report", "system_record"} in papers


@pytest.mark.fact("S3-18")
def test_of_broken_goods_photos_are_asked_and_of_the_buyer_first() -> None:
    first, *_ = asked("pdd-2020", "buyer", "complaint", "damaged")
    assert first == {"photo_of_item", "unboxing_video"}


@pytest.mark.fact("S0-14")
def test_of_missing_goods_photographs_of_the_packing_list_are_asked() -> None:
    papers = asked("taobao-classic", "buyer", "after_sale", "resend", reason="missing_item")
    assert {"photo_of_item", "unboxing_video"} in papers


@pytest.mark.fact("S2-04", "S3-04")
def test_of_a_fake_the_seller_proves_the_source_first_and_the_buyer_may_have_it_tested() -> None:
    source, *_ = asked("taobao-classic", "seller", "counterfeit_claim", "counterfeit")
    assert source == {"qualification", "invoice", "appraisal_report"}
    tested = asked("taobao-classic", "buyer", "counterfeit_claim", "counterfeit")
    assert any("appraisal_report" in kinds for kinds in tested)
    claimed = asked("taobao-classic", "buyer", "after_sale", "refund_only", reason="counterfeit")
    assert any("appraisal_report" in kinds for kinds in claimed)


@pytest.mark.fact("S0-15")
def test_of_conduct_the_whole_chat_is_asked() -> None:
    assert asked("taobao-classic", "buyer", "complaint", "staff_conduct") == [{"chat_transcript"}]
