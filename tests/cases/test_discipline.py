"""What cases bring upon a shop, and how money is held, advanced and put right."""

from datetime import datetime, timedelta

import pytest

from gongdao.cases.record import BEFORE, Charged, points_at
from gongdao.cases.seen_by import records_seen_by, seen_by

from .play import STRICT, ZONE, Play


def charged(year: int, month: int, ledger: str, points: int, entry: int = 1) -> Charged:
    return Charged(
        entry=entry,
        at=datetime(year, month, 1, tzinfo=ZONE),
        case_id=BEFORE,
        ledger=ledger,  # type: ignore[arg-type]
        points=points,
        rule="P",
    )


def standing(*charges: Charged, at: datetime) -> dict[str, int]:
    clearings = STRICT.body.clearing
    return dict(points_at(charges, clearings, calendar=STRICT.calendar, now=at))  # type: ignore[arg-type]


NEW_YEAR = datetime(2027, 1, 1, tzinfo=ZONE)
INSTANT = timedelta(microseconds=1)


@pytest.mark.fact("S3-15")
def test_points_are_cleared_at_the_end_of_the_year() -> None:
    """Worked case 19."""
    charges = (
        charged(2026, 2, "general", 6),
        charged(2026, 3, "serious", 12),
        charged(2026, 4, "counterfeit", 12),
    )
    assert standing(*charges, at=NEW_YEAR - INSTANT) == {
        "general": 6,
        "serious": 12,
        "counterfeit": 12,
    }
    assert set(standing(*charges, at=NEW_YEAR).values()) == {0}
    later = charged(2027, 2, "serious", 4)
    assert standing(*charges, later, at=NEW_YEAR + timedelta(days=60))["serious"] == 4


@pytest.mark.parametrize(("points", "left"), [(23, 0), (24, 24), (47, 47), (48, 0)])
@pytest.mark.fact("S3-15")
def test_counterfeit_points_from_24_on_stay(points: int, left: int) -> None:
    assert standing(charged(2026, 4, "counterfeit", points), at=NEW_YEAR)["counterfeit"] == left


def test_a_total_of_48_closes_the_shop() -> None:
    """Worked cases 19 and 20: nodes are data."""
    play = Play(points={"counterfeit": 24}, balance="9000.00")
    play.complain()
    play.fake()
    play.wait(hours=25)
    assert play.world.points["counterfeit"] == 48
    assert play.world.record.status(play.world.now) == "closed"
    assert "close_shop" in play.in_force()
    serious = Play(points={"serious": 44})
    serious.complain()
    serious.rule()
    serious.wait(hours=25)
    assert serious.world.points["serious"] == 48
    assert serious.in_force() == ["close_shop", "warning"]


def test_points_are_capped_within_days() -> None:
    play = Play(balance="900.00", price="10.00")
    for number, total in enumerate([4, 6, 6]):
        play.complain(f"c{number}")
        play.rule(f"c{number}", remedy="no_action")
        play.wait(hours=25)
        assert play.world.points["serious"] == total
    play.wait(days=30)
    play.complain("later")
    play.rule("later", remedy="no_action")
    play.wait(hours=25)
    assert play.world.points["serious"] == 10


def test_the_third_finding_brings_a_fine_from_balance_deposit_and_debt() -> None:
    findings = [
        {"kind": "not_as_described", "at": datetime(2026, m, 1, tzinfo=ZONE)} for m in (3, 4)
    ]
    play = Play(balance="300.00", deposit="150.00", findings=findings)
    play.complain()
    play.rule(remedy="no_action")
    case = play.wait(hours=25)
    assert play.in_force() == ["demote"]
    till = play.world.till
    assert (till["shop_deposit"], till["shop_balance"], till.debt_fen) == (0, 0, 5_000)
    assert case.sanctions[0].until == play.world.now + timedelta(days=30) - timedelta(hours=1)
    play.wait(days=31)
    assert play.in_force() == []


def test_a_sanction_of_the_opening_is_lifted_when_nobody_is_at_fault() -> None:
    play = Play()
    play.complain(kind="staff_conduct")
    assert play.in_force() == ["block_listing"]
    assert play.world.record.status(play.world.now) == "restricted"
    play.rule(liability="none", remedy="no_action")
    play.wait(hours=25)
    assert play.in_force() == []
    play.complain(kind="staff_conduct", name="b")
    play.do("withdraw", "buyer", "b")
    assert play.in_force() == []


def test_money_is_frozen_from_the_ruling_until_it_is_paid() -> None:
    """Worked case 8: 400.00 from the balance, 199.00 from the deposit."""
    play = Play(balance="400.00", deposit="1000.00", confirmed=False)
    play.complain()
    case = play.fake()
    assert (case.stage, case.frozen_fen, play.world.till["shop_frozen"]) == (
        "execution",
        59_900,
        59_900,
    )
    assert (play.world.till["shop_balance"], play.world.till["shop_deposit"]) == (0, 80_100)
    assert play.in_force() == ["delist"]
    case = play.wait(hours=25)
    assert play.world.till["shop_frozen"] == 0
    assert case.paid_fen("punitive") == 59_900
    paid = {line.source: line.amount_fen for line in case.paid if line.name == "punitive"}
    assert paid == {"balance": 40_000, "deposit": 19_900}
    assert case.paid_from_fen("escrow") == 5_990


def test_what_the_shop_cannot_pay_the_platform_advances_up_to_a_maximum() -> None:
    play = Play(balance="100.00")
    play.complain()
    play.rule(remedy="punitive_compensation", counterfeit=True)
    case = play.wait(hours=25)
    assert case.paid_from_fen("balance") == 10_000
    assert case.paid_from_fen("advance") == 30_000
    assert case.paid_from_fen("debt") == 65_890 - 40_000
    fine = 10_000
    assert play.world.till.debt_fen == 55_890 + fine
    assert play.world.till["buyer_refund"] == 40_000


def test_the_carrier_pays_through_the_platform_and_the_shop_loses_nothing() -> None:
    play = Play(balance="100.00", confirmed=False)
    play.complain()
    play.do("submit_evidence", "buyer", kind="freight_receipt", amount="8.00")
    assert play.case.signals == ("receipts",)
    play.rule(liability="carrier")
    case = play.wait(hours=25)
    till = play.world.till
    assert (case.paid_fen("refund"), case.paid_fen("freight")) == (5_990, 800)
    assert (till["shop_balance"], till["order_escrow"]) == (10_000 + 5_990, 0)
    claimed = sum(t.amount_fen for t in till.transfers if t.source.kind == "carrier")
    assert claimed == 5_990 + 800


def test_an_award_against_the_buyer_is_written_down_and_not_paid() -> None:
    """Worked case 18: a notice in bad faith costs twice the loss."""
    play = Play(price="9000.00")
    play.complain(kind="staff_conduct", amount="3000.00")
    play.rule(liability="buyer", remedy="compensation")
    case = play.wait(hours=25)
    assert case.against_buyer_fen == {"compensation": 600_000}
    assert case.paid == () and not case.upheld
    assert play.world.till.transfers == []


def test_the_test_fee_is_owed_by_who_is_liable() -> None:
    play = Play(balance="1000.00")
    play.complain()
    play.do("submit_evidence", "buyer", kind="appraisal_report", amount="120.00")
    play.rule()
    case = play.wait(hours=25)
    assert case.paid_fen("test_fee") == 12_000


def overturned() -> Play:
    play = Play(balance="1000.00", deposit="1000.00")
    play.complain()
    play.fake()
    play.wait(hours=25)
    assert play.world.points["counterfeit"] == 24
    assert play.in_force() == ["delist", "shield", "warning"]
    play.do("appeal", "seller", grounds="It is genuine.")
    assert play.case.is_open
    return play


def test_a_ruling_that_is_overturned_is_put_right() -> None:
    play = overturned()
    before = play.world.till["buyer_refund"]
    assert before == 59_900 + 5_990
    play.rule(liability="none", remedy="no_action")
    case = play.wait(hours=25)
    till = play.world.till
    assert till["buyer_refund"] == before, "the buyer keeps what was paid"
    assert till["shop_balance"] + till["shop_deposit"] == 200_000, "the fine as well"
    assert play.world.points["counterfeit"] == 0
    assert play.in_force() == []
    assert not case.upheld and play.world.record.findings == ()
    play.do("appeal", "buyer", grounds="It is fake.")
    play.fake()
    case = play.wait(hours=25)
    assert till["buyer_refund"] == before
    assert till["shop_balance"] + till["shop_deposit"] == 200_000 - before - 10_000
    assert (case.upheld, play.world.points["counterfeit"]) == (True, 24)


def test_a_ruling_that_gives_more_pays_the_rest() -> None:
    play = Play(balance="1000.00")
    play.complain()
    play.rule(remedy="partial_refund", refund="10.00")
    play.wait(hours=25)
    play.do("appeal", "buyer", grounds="All of it.")
    play.rule()
    case = play.wait(hours=25)
    assert case.paid_fen("refund") == 5_990
    assert play.world.till["shop_balance"] == 100_000 - 5_990
    assert case.corrections == ()


def test_an_appeal_keeps_money_frozen() -> None:
    play = Play(balance="1000.00")
    play.complain()
    play.fake()
    play.do("appeal", "seller", grounds="It is genuine.")
    assert play.world.till["shop_frozen"] == 59_900
    play.rule(liability="none", remedy="no_action")
    assert play.world.till["shop_frozen"] == 0
    case = play.wait(hours=25)
    assert case.paid == () and play.in_force() == []


def test_a_signal_is_for_those_who_answer_and_judge() -> None:
    play = Play(balance="100.00")
    play.complain()
    play.do("submit_evidence", "buyer", kind="freight_receipt", amount="8.00")
    records = [line.record for line in play.world.timeline if line.record]
    for role, told in (("buyer", False), ("juror", False), ("seller", True), ("arbiter", True)):
        assert bool(seen_by(play.case, role).signals) == told  # type: ignore[arg-type]
        types = {r.type for r in records_seen_by(records, play.case, role)}  # type: ignore[arg-type]
        assert ("signal_raised" in types) == told
