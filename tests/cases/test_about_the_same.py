"""How often, and by which side, something can be asked about the same thing; false refusals."""

from datetime import timedelta
from typing import Any

import pytest

from gongdao.base.errors import Refusal
from gongdao.cases import commands as c
from gongdao.cases.commands import Command
from gongdao.cases.decide import decide, decide_opening
from gongdao.cases.facts import Facts, Sibling
from gongdao.ledger.funding import Funds
from gongdao.policy.load import load_pack
from gongdao.shops.order import Line

from .world import NOW, PAID, case_at, order

STANDARD = load_pack("cn-standard")
LINES = (Line(line=1, title="Cup", price_fen=3000), Line(line=2, title="Plate", price_fen=4000))


def filed(by: Any, args: c.OpenArgs, *siblings: Sibling, **changed: Any) -> None:
    bought = order(lines=LINES, shipped_at=PAID, signed_at=NOW, **changed)
    facts = Facts(order=bought, funds=Funds(), siblings=siblings)
    decide_opening(
        Command(action="open", by=by, args=args),
        case_id=bought.id,
        facts=facts,
        pack=STANDARD,
        now=NOW + timedelta(hours=1),
    )


def test_a_line_is_asked_about_so_often_and_no_more() -> None:
    taken_back = Sibling(
        procedure="after_sale", kind="return_refund", lines=(1,), ended="withdrawn"
    )
    most = STANDARD.procedures["after_sale"].applications_max
    again = c.OpenArgs(procedure="after_sale", kind="refund_only", reason="quality", lines=[1])
    filed("buyer", again, *[taken_back] * (most - 1))
    with pytest.raises(Refusal) as refused:
        filed("buyer", again, *[taken_back] * most)
    assert refused.value.code == "not_eligible"
    other_line = c.OpenArgs(procedure="after_sale", kind="refund_only", reason="quality", lines=[2])
    filed("buyer", other_line, *[taken_back] * most)


def test_whoever_is_reported_can_report_the_other_side() -> None:
    theirs = Sibling(procedure="report", kind="harassment", lines=(1, 2), opened_by="seller")
    mine = c.OpenArgs(procedure="report", kind="harassment", evidence=["chat_transcript"])
    filed("buyer", mine, theirs)
    with pytest.raises(Refusal) as refused:
        filed("seller", mine, theirs)
    assert refused.value.code == "duplicate"


@pytest.mark.fact("S0-11")
def test_excluded_goods_are_no_reason_without_the_confirmation_of_this_purchase() -> None:
    case = case_at("after_sale", "return_refund", "seller_review", reason="no_reason")
    tagged = (Line(line=1, title="Briefs", price_fen=10_000, tags=("underwear",)),)
    with pytest.raises(Refusal) as refused:
        args = c.RejectArgs(reason="excluded_goods")
        decide(
            case,
            Command(action="reject", by="seller", args=args),
            facts=Facts(order=order(lines=tagged), funds=Funds()),
            pack=STANDARD,
            now=NOW,
        )
    assert refused.value.code == "not_eligible"
    assert refused.value.rules == ("LAW-7D-CONFIRM",)


def test_a_late_parcel_that_is_paid_at_the_door_is_complained_of_before() -> None:
    late = c.OpenArgs(procedure="complaint", kind="late_shipment")
    bought = order(
        lines=LINES, paid_at=None, payment="cod", placed_at=PAID, shipped_at=None, signed_at=None
    )
    command = Command(action="open", by="buyer", args=late)
    outcome = decide_opening(
        command,
        case_id=bought.id,
        facts=Facts(order=bought, funds=Funds()),
        pack=STANDARD,
        now=PAID + timedelta(days=9),
    )
    assert outcome.case.stage == "seller_response"
