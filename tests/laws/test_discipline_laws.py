"""Laws of money and discipline: whatever anybody tries, where packs freeze, advance and punish."""

import contextlib
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cases.play import Play

from gongdao.base.errors import Refusal
from gongdao.base.money import yuan
from gongdao.cases.record import BEFORE, Charged, ShopRecord, entry_of, write_down
from gongdao.flows.replay import World

from .money import assert_money, whole_fen
from .tales import START, Tale

PACKS = ("cn-standard", "pdd-2020", "jd-2025", "tmall-2026")


def look(world: World, whole: int, before: ShopRecord) -> None:
    assert_money(world, whole)
    discipline(world, before)


def discipline(world: World, before: ShopRecord) -> None:
    assert min(world.points.values()) >= 0
    told = before
    for line in world.timeline:
        entry = entry_of(world.cases[line.case], line.record) if line.record else None
        if entry:
            assert entry.body.entry == told.entry + 1, "every line of a record has its own number"
            told = write_down(told, entry)
    assert told == world.record
    upheld = {case.id for case in world.cases.values() if case.upheld}
    found = {one.case_id for one in world.record.findings} - {BEFORE}
    assert upheld == found
    for case in world.cases.values():
        mine = [one.sanction for one in world.record.sanctions if one.case_id == case.id]
        assert tuple(mine) == case.sanctions


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_anybody_tries(data: Any) -> None:
    tale = Tale(data.draw, data.draw(st.sampled_from(PACKS)))
    points = data.draw(st.sampled_from([0, 11, 24, 36, 47]))
    charge = Charged(
        entry=0, at=START, case_id=BEFORE, ledger="counterfeit", points=points, rule=""
    )
    before = ShopRecord(charges=(charge,) if points else ())
    tale.world.record = before
    whole = whole_fen(tale.world)
    for _ in range(data.draw(st.integers(8, 40))):
        tale.go_on()
        look(tale.world, whole, before)


LIABILITIES = ["seller", "seller", "both", "buyer", "none", "platform", "carrier"]
REMEDIES = ["full_refund", "partial_refund", "compensation", "punitive_compensation", "no_action"]
PROOF = ["appraisal_report", "freight_receipt"]


def do_something(play: Play, draw: Any) -> None:
    """Somebody files, proves, rules, appeals or waits; what is refused changes nothing."""
    name = draw(st.sampled_from("aaabc"))
    finding = {
        "liability": draw(st.sampled_from(LIABILITIES)),
        "remedy": draw(st.sampled_from(REMEDIES)),
        "counterfeit": draw(st.booleans()),
    }
    if finding["remedy"] == "partial_refund":
        finding["refund"] = yuan(draw(st.integers(1, 6_000)))
    side = draw(st.sampled_from(["buyer", "seller"]))
    proof = {"kind": draw(st.sampled_from(PROOF)), "amount": yuan(draw(st.integers(0, 9_000)))}
    reason = draw(st.sampled_from(["quality", "other"]))
    kind = draw(st.sampled_from(["not_as_described", "staff_conduct"]))
    step = draw(st.integers(0, 9))
    with contextlib.suppress(Refusal):
        if step == 0 or not play.world.cases:
            play.complain(name, reason=reason, kind=kind)
        elif step < 4:
            play.rule(name, **finding)
        elif step < 6:
            play.do("appeal", side, name, grounds="no")
        elif step == 6 and draw(st.integers(0, 5)):
            play.do("submit_evidence", "buyer", name, **proof)
        elif step == 6:
            play.do("withdraw", "buyer", name)
        else:
            play.wait(hours=draw(st.sampled_from([1, 25, 25, 25, 24 * 40, 24 * 366])))


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_is_ruled_and_appealed(data: Any) -> None:
    fens = st.integers(0, 100_000)
    play = Play(
        balance=yuan(data.draw(fens)),
        deposit=yuan(data.draw(fens)),
        points={"counterfeit": data.draw(st.sampled_from([0, 24]))},
        confirmed=data.draw(st.booleans()),
        price=yuan(data.draw(st.integers(1, 20_000))),
    )
    before, whole = play.world.record, whole_fen(play.world)
    for _ in range(data.draw(st.integers(10, 40))):
        do_something(play, data.draw)
        look(play.world, whole, before)
        shop_bears_what_is_ruled(play)


def shop_bears_what_is_ruled(play: Play) -> None:
    """After a case has ended, the shop has paid what the last ruling lays on it, and no more."""
    for case in play.world.cases.values():
        ruling = case.ruling
        if ruling is None or case.ended != "decided":
            continue
        for name in ("refund", "compensation", "punitive", "test_fee"):
            borne_fen = case.borne_fen(name, "shop")
            if ruling.liability in ("platform", "carrier"):
                assert borne_fen == 0
            if ruling.liability == "buyer" and name != "refund":
                assert borne_fen == 0
            assert 0 <= borne_fen <= case.award_fen.get(name, 0)
