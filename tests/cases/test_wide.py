"""Stages beyond the first story: exchange, mediation, juries, reviews, appeals, execution."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from gongdao.base.errors import Refusal
from gongdao.cases import commands as c
from gongdao.cases.amounts import refund_due
from gongdao.cases.case import Case
from gongdao.cases.decide import decide, decide_opening, decide_timeout
from gongdao.cases.facts import Facts
from gongdao.cases.known import known, ship_due_at
from gongdao.policy.load import load_folder
from gongdao.shops.order import Discount, Line, TrackEvent
from gongdao.shops.tracking_words import track_word

from .world import PAID, RICH, order

WIDE = load_folder(Path(__file__).parent / "packs/wide/1")
ZONE = ZoneInfo("Asia/Shanghai")
TEN = datetime(2026, 3, 10, 10, tzinfo=ZONE)
SELLER_LIABLE = c.AdjudicateArgs(liability="seller", remedy="full_refund")
NOBODY = c.AdjudicateArgs(liability="none", remedy="no_action")


class Story:
    """A case that goes on, one action after the other."""

    def __init__(self, args: c.OpenArgs, now: datetime = TEN, **changed: Any) -> None:
        self.facts = Facts(order=order(**changed), funds=RICH)
        self.now = now
        command = c.Command(action="open", by="buyer", args=args)
        self.case: Case = decide_opening(
            command, case_id=UUID(int=4), facts=self.facts, pack=WIDE, now=now
        ).case

    def act(self, action: str, by: str, args: Any = None, person: int | None = None) -> Case:
        command = c.Command(
            action=action,
            by=by,  # type: ignore[arg-type]
            args=args or c.NoArgs(),
            person_id=UUID(int=person) if person else None,
        )
        outcome = decide(self.case, command, facts=self.facts, pack=WIDE, now=self.now)
        self.case = outcome.case
        return self.case

    def refused(self, action: str, by: str, args: Any = None, person: int | None = None) -> str:
        before = self.case
        with pytest.raises(Refusal) as refused:
            self.act(action, by, args, person)
        assert self.case is before
        return refused.value.code

    def silence(self) -> Case:
        assert self.case.deadline
        self.now = self.case.deadline
        self.case = decide_timeout(self.case, facts=self.facts, pack=WIDE, now=self.now).case
        return self.case


def exchange(**more: Any) -> Story:
    return Story(c.OpenArgs(procedure="after_sale", kind="exchange", **more))


def complaint() -> Story:
    story = Story(c.OpenArgs(procedure="complaint", kind="not_as_described"))
    story.act("approve", "arbiter")
    return story


def ruled_by(person: int) -> Story:
    """A jury without a quorum, so that an arbiter rules, above the sum that wants a review."""
    story = complaint()
    story.silence()
    story.silence()
    story.act("adjudicate", "arbiter", SELLER_LIABLE, person)
    return story


def test_an_exchange_goes_back_and_forth() -> None:
    story = exchange()
    assert story.case.asked_fen == 0
    story.act("approve", "seller", c.ApproveArgs())
    assert (story.case.remedy, story.case.stage) == ("replacement", "buyer_return")
    story.act("ship_back", "buyer", c.ShipBackArgs(tracking="1"))
    story.act("ship", "seller", c.SignArgs(carrier="SF", tracking="2"))
    assert story.case.stage == "buyer_receipt"
    story.act("sign", "carrier", c.SignArgs())
    assert story.case.sent and story.case.sent.signed_at == TEN.astimezone(story.now.tzinfo)
    story.act("report_mismatch", "buyer", c.MismatchArgs(problem="damaged"))
    assert (story.case.stage, story.case.refused) == ("fulfilment", False)
    story.act("ship", "seller", c.SignArgs(tracking="3"))
    story.act("confirm_receipt", "buyer", c.ConfirmReceiptArgs())
    assert (story.case.ended, story.case.paid) == ("settled", ())


def test_the_spring_festival_clock_holds_on_its_days_only() -> None:
    args = c.OpenArgs(procedure="after_sale", kind="exchange")
    for day, hours in ((9, 36), (10, 120), (23, 120), (24, 36)):
        entered = datetime(2026, 2, day, 23, 59, tzinfo=ZONE)
        assert Story(args, now=entered).case.deadline == entered + timedelta(hours=hours)


def test_time_that_was_left_goes_on_after_the_platform_has_stepped_in() -> None:
    story = exchange()
    story.act("approve", "seller", c.ApproveArgs())
    story.now += timedelta(days=2)
    story.act("escalate", "buyer")
    story.silence()
    assert story.case.stage == "buyer_return"
    assert story.case.deadline == story.now + timedelta(days=5)


def test_freight_is_asked_for_by_itself() -> None:
    args = c.OpenArgs(procedure="after_sale", kind="freight_dispute", amount="12.00")
    story = Story(args)
    story.act("approve", "seller", c.ApproveArgs())
    assert story.case.paid_fen("freight") == 1200
    with pytest.raises(Refusal) as refused:
        Story(replace(args, amount="200.01"))
    assert refused.value.code == "amount_above_limit"


def test_triage_takes_on_or_turns_away() -> None:
    story = Story(c.OpenArgs(procedure="complaint", kind="not_as_described"))
    assert story.refused("reject", "arbiter", c.RejectArgs()) == "reason_required"
    assert story.refused("approve", "seller", c.ApproveArgs()) == "wrong_role"
    story.act("reject", "arbiter", c.RejectArgs(reason="not_in_window"))
    assert story.case.ended == "out_of_scope"


def test_three_of_five_jurors_decide_at_once() -> None:
    story = complaint()
    story.silence()
    for juror in (1, 2):
        story.act("adjudicate", "juror", SELLER_LIABLE, juror)
    assert story.case.stage == "jury"
    assert story.refused("adjudicate", "juror", NOBODY, 2) == "duplicate"
    assert story.refused("adjudicate", "arbiter", NOBODY) == "not_your_turn"
    half = c.AdjudicateArgs(liability="seller", remedy="partial_refund", refund="1.00")
    assert story.refused("adjudicate", "juror", half, 3) == "invalid"
    story.act("adjudicate", "juror", SELLER_LIABLE, 3)
    assert (story.case.stage, story.case.waiting_on) == ("execution", "system")
    assert story.case.ruling and story.case.ruling.person_id is None
    assert story.case.award_fen == {"refund": 10_000}


@pytest.mark.parametrize(
    ("findings", "stage"),
    [
        ([SELLER_LIABLE, SELLER_LIABLE], "adjudication"),
        ([SELLER_LIABLE, SELLER_LIABLE, NOBODY], "execution"),
        ([SELLER_LIABLE, SELLER_LIABLE, NOBODY, NOBODY], "adjudication"),
    ],
)
def test_when_the_time_is_over_a_quorum_and_a_majority_decide(
    findings: list[c.AdjudicateArgs], stage: str
) -> None:
    story = complaint()
    story.silence()
    for juror, finding in enumerate(findings, start=1):
        story.act("adjudicate", "juror", finding, juror)
    assert story.silence().stage == stage


def test_a_large_award_is_reviewed_by_somebody_else() -> None:
    story = ruled_by(7)
    assert story.case.stage == "supervisor_review"
    assert story.refused("concur", "supervisor", person=7) == "not_eligible"
    assert story.refused("send_back", "supervisor", c.SendBackArgs(note=" ")) == "reason_required"
    assert story.refused("send_back", "supervisor", c.SendBackArgs()) == "reason_required"
    story.act("send_back", "supervisor", c.SendBackArgs(note="Look at the photos."))
    assert story.case.stage == "adjudication"
    story.act("adjudicate", "arbiter", SELLER_LIABLE, 7)
    story.act("concur", "supervisor", person=8)
    assert (story.case.stage, story.case.paid) == ("execution", ())
    story.silence()
    assert (story.case.ended, story.case.paid_fen("refund")) == ("decided", 10_000)


def test_an_operator_executes_before_the_clock() -> None:
    story = ruled_by(7)
    story.act("concur", "supervisor", person=8)
    story.act("execute", "operator")
    assert (story.case.ended, story.case.paid_fen("refund")) == ("decided", 10_000)


def test_an_appeal_reopens_the_case_for_another_arbiter() -> None:
    story = ruled_by(7)
    story.act("concur", "supervisor", person=8)
    story.silence()
    assert story.refused("appeal", "seller", c.AppealArgs()) == "reason_required"
    story.act("appeal", "seller", c.AppealArgs(grounds="The photos show another lamp."))
    assert (story.case.stage, story.case.ended, story.case.reopened) == ("adjudication", None, True)
    assert story.refused("adjudicate", "arbiter", NOBODY, 7) == "not_eligible"
    story.act("adjudicate", "arbiter", SELLER_LIABLE, 9)
    story.act("concur", "supervisor", person=8)
    story.silence()
    assert story.case.paid_fen("refund") == 10_000
    again = c.AppealArgs(grounds="Still not.")
    assert story.refused("appeal", "seller", again) == "duplicate"
    story.now += timedelta(days=7)
    assert story.refused("appeal", "buyer", again) == "too_late"


def test_proof_asked_for_again_has_its_own_clock_and_waits_for_the_asked_side() -> None:
    story = complaint()
    story.silence()
    story.silence()
    story.now = datetime(2026, 3, 20, 14, 1, tzinfo=ZONE)
    story.act("request_evidence", "arbiter", c.RequestEvidenceArgs(from_="seller"))
    assert (story.case.stage, story.case.waiting_on) == ("evidence", "seller")
    assert story.case.deadline == datetime(2026, 3, 21, 9, 1, tzinfo=ZONE)


def test_the_promise_that_counts_is_the_packs() -> None:
    slow = order(ship_within=timedelta(days=7), promises=("in_stock",))
    case = exchange().case
    told = known(case, Facts(order=slow, funds=RICH), WIDE, TEN)
    assert told["promised_hours"] == 48
    assert ship_due_at(slow, WIDE, told) == PAID + timedelta(hours=48)


THREE = (Line(line=1, title="Cup", price_fen=3334, quantity=3),)


@pytest.mark.parametrize(("units", "refund_fen"), [(1, 3334), (2, 6668), (3, 10_002)])
def test_some_units_of_a_line(units: int, refund_fen: int) -> None:
    args = c.OpenArgs(procedure="complaint", kind="not_as_described", quantities={"1": units})
    story = Story(args, lines=THREE, freight_fen=0)
    assert story.case.asked_fen == refund_fen


def test_units_that_were_not_bought_are_refused() -> None:
    for quantities in ({"1": 4}, {"2": 1}):
        with pytest.raises(Refusal) as refused:
            exchange(quantities=quantities)
        assert refused.value.code == "invalid"


@pytest.mark.parametrize(("units", "refund_fen"), [(1, 3334 - 600), (3, 10_002)])
def test_free_shipping_is_lost_with_its_threshold(units: int, refund_fen: int) -> None:
    free = Discount(kind="free_shipping", threshold_fen=9900, off_fen=600)
    args = c.OpenArgs(procedure="complaint", kind="not_as_described", quantities={"1": units})
    story = Story(args, lines=THREE, freight_fen=0, discounts=(free,))
    assert (
        refund_due(story.case, story.facts, WIDE, known(story.case, story.facts, WIDE, TEN)).fen
        == refund_fen
    )


def test_what_the_carrier_says_is_known() -> None:
    track = (
        TrackEvent(at=TEN - timedelta(hours=50), event="picked_up"),
        TrackEvent(at=TEN + timedelta(hours=1), event="lost"),
    )
    under_way = Facts(order=order(signed_at=None, track=track), funds=RICH)
    told = known(exchange().case, under_way, WIDE, TEN)
    assert (told["picked_up"], told["stalled_hours"], told["pickup_hours"]) == (True, 50, None)
    assert told["tracking_events"] == {"picked_up"}


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("picked_up", "picked_up"),
        ("【杭州市】已揽收", "picked_up"),
        ("快件已被拒收，退回中", "refused"),
        ("Out for delivery", "out_for_delivery"),
        ("查无此单", "no_such_number"),
        ("离开杭州中转站", "in_transit"),
    ],
)
def test_words_of_carriers(said: str, word: str) -> None:
    assert track_word(said) == word
