"""The order of the refusal codes, and the tables of amounts and windows."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from gongdao.base.errors import Refusal
from gongdao.base.i18n import LOCALES, say_refusal
from gongdao.cases import commands as c
from gongdao.cases.decide import decide, decide_opening
from gongdao.cases.facts import Facts, Sibling
from gongdao.ledger.funding import Funds
from gongdao.shops.order import Discount, Gift, Line

from .world import NOW, PACK, PAID, ZONE, act, case_at, facts, offer, open_as, order

OPEN = c.OpenArgs(procedure="after_sale", kind="refund_only", reason="quality")


def code_of(refused: pytest.ExceptionInfo[Refusal]) -> str:
    for locale in LOCALES:
        assert say_refusal(locale, refused.value)
    return refused.value.code


@pytest.mark.parametrize(
    ("action", "by", "args", "changed", "code"),
    [
        ("approve", "buyer", c.ApproveArgs(amount="999.00"), {}, "wrong_role"),
        (
            "adjudicate",
            "arbiter",
            c.AdjudicateArgs(liability="none", remedy="no_action"),
            {},
            "not_allowed_in_stage",
        ),
        ("escalate", "buyer", c.NoArgs(), {"stage": "buyer_decision"}, "not_eligible"),
        ("reject", "seller", c.RejectArgs(), {}, "reason_required"),
        ("reject", "seller", c.RejectArgs(reason="signed"), {}, "evidence_required"),
        ("approve", "seller", c.ApproveArgs(amount="100.01"), {}, "amount_above_limit"),
        ("approve", "seller", c.ApproveArgs(amount="99.99"), {}, "not_eligible"),
        ("accept_offer", "seller", c.NoArgs(), {"offers": (offer(),)}, "not_your_turn"),
        ("accept_offer", "buyer", c.NoArgs(), {}, "not_eligible"),
        ("decline_offer", "seller", c.NoArgs(), {"offers": (offer(),)}, "not_your_turn"),
        ("resume", "arbiter", c.NoArgs(), {}, "not_allowed_in_stage"),
        ("extend_deadline", "arbiter", c.ExtendArgs(by="24h"), {}, "reason_required"),
        ("extend_deadline", "arbiter", c.ExtendArgs(by="x", note="n"), {}, "invalid"),
        ("extend_deadline", "arbiter", c.ExtendArgs(by="31d", note="n"), {}, "not_eligible"),
        ("remind", "buyer", c.NoArgs(), {"reminded": {"buyer": NOW}}, "too_early"),
        ("note", "buyer", c.NoteArgs(note=" "), {}, "invalid"),
        ("modify", "buyer", c.ModifyArgs(kind="late_shipment"), {}, "invalid"),
        ("modify", "buyer", c.ModifyArgs(), {"applications": 5}, "not_eligible"),
        (
            "submit_evidence",
            "buyer",
            c.SubmitEvidenceArgs(kind="statement"),
            {"stage": "adjudication", "evidence_sealed_at": NOW},
            "too_late",
        ),
    ],
)
def test_code(action: str, by: str, args: Any, changed: dict[str, Any], code: str) -> None:
    stage = changed.get("stage", "seller_review")
    rest = {name: value for name, value in changed.items() if name != "stage"}
    case = case_at("after_sale", "refund_only", stage, **rest)
    with pytest.raises(Refusal) as refused:
        act(case, action, by, args)
    assert code_of(refused) == code


def test_what_is_not_intact_is_reported_not_confirmed() -> None:
    sent = act(
        case_at("after_sale", "return_refund", "buyer_return"),
        "ship_back",
        "buyer",
        c.ShipBackArgs(),
    ).case
    with pytest.raises(Refusal) as refused:
        act(sent, "confirm_receipt", "seller", c.ConfirmReceiptArgs(intact=False))
    assert code_of(refused) == "not_eligible"
    assert act(sent, "confirm_receipt", "seller", c.ConfirmReceiptArgs()).case.ended == "settled"


def test_the_platform_pays_what_escrow_does_not_hold() -> None:
    case = case_at("complaint", "not_received", "adjudication", reason=None)
    ruling = c.AdjudicateArgs(liability="platform", remedy="full_refund")
    command = c.Command(action="adjudicate", by="arbiter", args=ruling)
    poor = Facts(order=order(), funds=Funds(escrow_fen=4000, balance_fen=99_999))
    paid = decide(case, command, facts=poor, pack=PACK, now=NOW).case
    assert (paid.paid_from_fen("escrow"), paid.paid_from_fen("advance")) == (4000, 6000)


@pytest.mark.parametrize(
    ("notes", "freight_fen"),
    [
        ((), 5750),
        ((("120.00", "carriage", ""),), 12_000),
        ((("40.00", "handling", ""),), 9750),
        ((("40.00", "carriage", "Down the STAIRS"),), 9750),
        ((("57.50", "carriage", ""), ("40.00", "carriage", "上下楼搬运")), 9750),
    ],
)
def test_carriage_and_handling(notes: Any, freight_fen: int) -> None:
    case = case_at("after_sale", "return_refund", "buyer_return", freight_by="seller")
    case = act(case, "ship_back", "buyer", c.ShipBackArgs(freight="57.50")).case
    for amount, cost, note in notes:
        receipt = c.SubmitEvidenceArgs(kind="freight_receipt", amount=amount, cost=cost, note=note)
        case = act(case, "submit_evidence", "buyer", receipt).case
    assert (
        act(case, "confirm_receipt", "seller", c.ConfirmReceiptArgs()).case.paid_fen("freight")
        == freight_fen
    )


def test_a_stale_version_is_told_after_the_role_and_before_the_stage() -> None:
    case = case_at("after_sale", "refund_only", "seller_review")
    for action, by, code in (
        ("approve", "buyer", "wrong_role"),
        ("adjudicate", "arbiter", "version_conflict"),
        ("approve", "seller", "version_conflict"),
    ):
        command = c.Command(action=action, by=by, args=c.ApproveArgs(), version=2)  # type: ignore[arg-type]
        with pytest.raises(Refusal) as refused:
            decide(case, command, facts=facts(), pack=PACK, now=NOW)
        assert code_of(refused) == code


@pytest.mark.parametrize(
    ("by", "args", "changed", "code"),
    [
        ("buyer", c.OpenArgs(procedure="register", kind="quality"), {}, "invalid"),
        ("buyer", c.OpenArgs(procedure="after_sale", kind="late_shipment"), {}, "invalid"),
        ("buyer", c.OpenArgs(procedure="after_sale", kind="refund_only", lines=[2]), {}, "invalid"),
        (
            "buyer",
            c.OpenArgs(procedure="after_sale", kind="return_refund", reason="not_received"),
            {},
            "invalid",
        ),
        ("seller", OPEN, {}, "wrong_role"),
        ("seller", c.OpenArgs(procedure="after_sale", kind="late_shipment"), {}, "invalid"),
        (
            "buyer",
            c.OpenArgs(procedure="after_sale", kind="return_refund", reason="no_reason"),
            {"signed_at": PAID - timedelta(days=9)},
            "too_late",
        ),
        (
            "buyer",
            c.OpenArgs(procedure="complaint", kind="late_shipment"),
            {"shipped_at": None, "signed_at": None, "ship_within": timedelta(days=9)},
            "too_early",
        ),
        ("buyer", OPEN, {"paid_at": None, "shipped_at": None, "signed_at": None}, "not_eligible"),
        ("buyer", OPEN, {"refunded_fen": 10_000}, "not_eligible"),
        (
            "buyer",
            c.OpenArgs(procedure="after_sale", kind="return_refund"),
            {"shipped_at": None, "signed_at": None},
            "not_eligible",
        ),
        (
            "buyer",
            c.OpenArgs(procedure="after_sale", kind="refund_only", amount="100.01"),
            {},
            "amount_above_limit",
        ),
    ],
)
def test_code_of_filing(by: str, args: c.OpenArgs, changed: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        open_as(by, args, **changed)
    assert code_of(refused) == code


def test_duplicate_comes_before_windows() -> None:
    other = Sibling(procedure="after_sale", kind="refund_only", lines=(1,))
    late = Facts(order=order(confirmed_at=PAID), funds=Funds(), siblings=(other,))
    command = c.Command(action="open", by="buyer", args=OPEN)
    with pytest.raises(Refusal) as refused:
        decide_opening(
            command, case_id=order().id, facts=late, pack=PACK, now=NOW + timedelta(days=99)
        )
    assert code_of(refused) == "duplicate"


SIGNED = datetime(2016, 4, 28, 15, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "in_time"),
    [
        (datetime(2016, 4, 28, 16, tzinfo=ZONE), True),
        (datetime(2016, 5, 5, 23, 59, 59, tzinfo=ZONE), True),
        (datetime(2016, 5, 6, tzinfo=ZONE), False),
        (datetime(2016, 5, 20, tzinfo=ZONE), False),
    ],
)
def test_seven_days(now: datetime, in_time: bool) -> None:
    args = c.OpenArgs(procedure="after_sale", kind="return_refund", reason="no_reason")
    placed = {"paid_at": SIGNED - timedelta(days=3), "shipped_at": SIGNED - timedelta(days=2)}
    try:
        open_as("buyer", args, now=now, signed_at=SIGNED, **placed)
    except Refusal as refusal:
        assert not in_time
        assert refusal.code == "too_late"
    else:
        assert in_time


@pytest.mark.parametrize(
    ("price_fen", "hours", "compensation_fen"),
    [
        (100, 24, 300), (29_900, 48, 300), (30_000, 48, 300), (30_100, 48, 301),
        (300_000, 48, 3000), (900_000, 48, 3000), (9500, 72, 500), (10_000, 72, 500),
        (10_010, 72, 501), (60_000, 72, 3000), (60_100, 168, 3000),
    ],
)  # fmt: skip
def test_late_shipment(price_fen: int, hours: int, compensation_fen: int) -> None:
    late = {
        "lines": (Line(line=1, title="Lamp", price_fen=price_fen),),
        "ship_within": timedelta(hours=hours),
        "shipped_at": None,
        "signed_at": None,
    }
    case = case_at("complaint", "late_shipment", "seller_response", reason=None)
    paid = act(case, "compensate", "seller", c.CompensateArgs(), **late)
    assert paid.case.paid_fen("compensation") == compensation_fen


@pytest.mark.parametrize(
    ("tags", "promises", "price_fen", "punitive_fen"),
    [
        ((), (), 8800, 50_000), ((), (), 16_666, 50_000), ((), (), 16_667, 50_001),
        ((), (), 268_000, 804_000), (("food",), (), 5990, 100_000),
        (("food",), (), 55_860, 558_600),
        ((), ("fake_one_pay_ten",), 55_860, 558_600), ((), ("fake_one_pay_ten",), 1000, 50_000),
        ((), ("fake_one_pay_four",), 20_000, 80_000), ((), ("fake_one_pay_three",), 20_000, 60_000),
    ],
)  # fmt: skip
def test_fakes(tags: Any, promises: Any, price_fen: int, punitive_fen: int) -> None:
    case = case_at("after_sale", "refund_only", "adjudication", reason="counterfeit")
    args = c.AdjudicateArgs(liability="seller", remedy="full_refund", counterfeit=True)
    line = Line(line=1, title="Bag", price_fen=price_fen, tags=tags)
    outcome = act(case, "adjudicate", "arbiter", args, lines=(line,), promises=promises)
    assert outcome.case.paid_fen("punitive") == punitive_fen
    assert outcome.case.paid_fen("refund") == price_fen + 800


@pytest.mark.parametrize(
    ("lines", "reason", "refund_fen"),
    [
        ([1], "no_reason", 5000), ([1, 2], "no_reason", 15_000), ([1, 2, 3], "no_reason", 25_000),
        ([1], "quality", 8333), ([2], "quality", 8333), ([1, 2, 3], "quality", 25_800),
    ],
)  # fmt: skip
def test_part_returns(lines: list[int], reason: Any, refund_fen: int) -> None:
    shirts = tuple(Line(line=n, title="Shirt", price_fen=10_000) for n in (1, 2, 3))
    args = c.OpenArgs(procedure="after_sale", kind="return_refund", reason=reason, lines=lines)
    off = (Discount(threshold_fen=30_000, off_fen=5000),)
    assert open_as("buyer", args, lines=shirts, discounts=off).case.asked_fen == refund_fen


def test_a_gift_that_is_kept_is_taken_off() -> None:
    args = c.OpenArgs(procedure="after_sale", kind="return_refund", reason="no_reason")
    gifts = (Gift(value_fen=1500, returned=False), Gift(value_fen=900))
    assert open_as("buyer", args, gifts=gifts).case.asked_fen == 9200 - 1500
