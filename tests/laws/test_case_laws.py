"""Laws of the pure core: whatever anybody tries, at whatever instant, these stay true."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongdao.base.errors import Refusal
from gongdao.cases.available import available_actions
from gongdao.cases.case import Case
from gongdao.cases.commands import ARGS, AdjudicateArgs, Command, NoArgs, NoteArgs
from gongdao.cases.decide import decide, decide_timeout
from gongdao.cases.events import Recorded
from gongdao.cases.fold import fold
from gongdao.flows.replay import World
from gongdao.flows.run_story import run_story
from gongdao.flows.scenario import check_story
from gongdao.policy.load import load_pack, pack_names
from gongdao.policy.pack import ProcedureRule
from gongdao.policy.toml_lines import Source

from .money import assert_money, whole_fen
from .tales import ROLES, Tale


def law(examples: int) -> settings:
    """So many examples, however long one of them takes."""
    return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))


def records_of(world: World, name: str) -> list[Recorded]:
    return [e.record for e in world.timeline if e.case == name and e.record]


class Watch:
    """What was true before, to compare with what is true now."""

    def __init__(self, world: World) -> None:
        self.whole_fen = whole_fen(world)
        self.sealed: dict[str, tuple[Any, ...]] = {}
        self.closed: dict[str, Case] = {}

    def look(self, world: World) -> None:
        assert_money(world, self.whole_fen)
        for name, case in world.cases.items():
            records = records_of(world, name)
            assert fold(records) == case
            assert [r.version for r in records] == list(range(1, len(records) + 1))
            self.time(records)
            self.proof(name, case)
            if case.is_open:
                assert case.deadline or (case.rest and case.rest.remaining), "somebody's clock runs"
            if name in self.closed:
                assert case == self.closed[name], "closed is final"
            elif not case.is_open:
                assert (case.stage, case.waiting_on, case.deadline) == ("closed", "nobody", None)
                self.closed[name] = case

    def time(self, records: list[Recorded]) -> None:
        for earlier, later in pairwise(records):
            assert earlier.at <= later.at, "no clock runs backwards"
        for record in records:
            deadline = getattr(record.body, "deadline", None)
            assert deadline is None or deadline >= record.at, "a deadline lies ahead"

    def proof(self, name: str, case: Case) -> None:
        before = self.sealed.get(name, ())
        assert case.evidence[: len(before)] == before, "sealed evidence never changes"
        self.sealed[name] = tuple(p for p in case.evidence if p.sealed_at)


@law(250)
@given(st.data())
def test_whatever_anybody_tries(data: Any) -> None:
    tale = Tale(data.draw)
    watch = Watch(tale.world)
    for _ in range(data.draw(st.integers(8, 30))):
        tale.go_on()
        watch.look(tale.world)


@law(100)
@given(st.data())
def test_every_open_case_can_still_end(data: Any) -> None:
    tale = Tale(data.draw)
    for _ in range(data.draw(st.integers(6, 20))):
        tale.go_on()
    watch = Watch(tale.world)
    for name in tale.world.cases:
        drive_to_end(tale.world, name)
        watch.look(tale.world)
    assert not any(case.is_open for case in tale.world.cases.values())


def drive_to_end(world: World, name: str) -> None:
    """Nobody does anything but the arbiter, who rules when it is their turn."""
    for _ in range(30):
        case = world.cases[name]
        if not case.is_open:
            return
        facts, pack = world.facts_for(name), world.packs[name]
        if case.rest and case.deadline is None:
            command = Command(action="resume", by="arbiter", args=NoArgs())
            world._take(name, decide(case, command, facts=facts, pack=pack, now=world.now))
        elif case.stage == "adjudication" and not case.rest:
            ruling = AdjudicateArgs(liability="none", remedy="no_action")
            command = Command(action="adjudicate", by="arbiter", args=ruling)
            world._take(name, decide(case, command, facts=facts, pack=pack, now=world.now))
        else:
            assert case.deadline
            world.advance(case.deadline, including=True)
    raise AssertionError(f"{world.cases[name].stage} has no way out")


@law(100)
@given(st.data())
def test_what_is_said_to_be_possible_is_possible(data: Any) -> None:
    tale = Tale(data.draw)
    for _ in range(data.draw(st.integers(6, 20))):
        tale.go_on()
    world = tale.world
    for name, case in world.cases.items():
        facts, pack = world.facts_for(name), world.packs[name]
        for role in ROLES:
            told = available_actions(case, role, facts=facts, pack=pack, now=world.now)  # pyright: ignore
            for one in told:
                if ARGS[one.action] is not NoArgs:
                    continue
                command = Command(action=one.action, by=role, args=NoArgs())  # pyright: ignore
                try:
                    decide(case, command, facts=facts, pack=pack, now=world.now)
                    code = None
                except Refusal as refusal:
                    code = refusal.code
                said = one.refusal.code if one.refusal else None
                assert (one.action, said) == (one.action, code)


@law(60)
@given(st.data(), st.integers(1, 100_000_000))
def test_a_clock_that_is_behind_does_not_turn_time_back(data: Any, behind_us: int) -> None:
    """Two servers, or two requests that overtake each other, do not agree on what time it is."""
    tale = Tale(data.draw)
    for _ in range(data.draw(st.integers(4, 12))):
        tale.go_on()
    world = tale.world
    for name, case in world.cases.items():
        earlier = world.now - timedelta(microseconds=behind_us)
        facts, pack = world.facts_for(name), world.packs[name]
        if not case.is_open:
            continue
        for role in ("buyer", "seller", "arbiter"):
            for action in ("note", "remind", "withdraw", "escalate"):
                args = NoteArgs(note="x") if action == "note" else NoArgs()
                command = Command(action=action, by=role, args=args)  # pyright: ignore
                try:
                    outcome = decide(case, command, facts=facts, pack=pack, now=earlier)
                except Refusal:
                    continue
                last = records_of(world, name)[-1].at
                assert all(r.at >= last for r in outcome.records)


@pytest.mark.parametrize("name", [n for n in pack_names() if load_pack(n).procedures])
def test_every_stage_of_every_pack_leads_to_an_end(name: str) -> None:
    for procedure in load_pack(name).procedures.values():
        ends = ends_of(procedure)
        reached, todo = set[str](), [procedure.start]
        while todo:
            stage = todo.pop()
            if stage in reached:
                continue
            reached.add(stage)
            todo += [s for s in ends.get(stage, ()) if s in ends]
        assert reached == set(ends), f"{procedure.id}: stages that nothing leads to"
        can_end = {"execution", "closed"}
        while grown := {s for s in ends if s not in can_end and not can_end.isdisjoint(ends[s])}:
            can_end |= grown
        assert reached <= can_end, f"{procedure.id}: stages without a way out"


def ends_of(procedure: ProcedureRule) -> dict[str, set[str]]:
    """Where each stage can lead, by an action or by silence."""
    return {
        stage.id: {
            target.stage
            for targets in (
                *(move.to for move in stage.action),
                stage.on_timeout.to if stage.on_timeout else (),
            )
            for target in targets
        }
        for stage in procedure.stage
    }


@law(40)
@given(st.data(), st.integers(0, 10_000_000_000))
def test_silence_is_decided_at_its_own_instant_however_late_one_looks(
    data: Any, late_us: int
) -> None:
    tale = Tale(data.draw)
    for _ in range(data.draw(st.integers(4, 12))):
        tale.go_on()
    world = tale.world
    for name, case in world.cases.items():
        if case.deadline is None:
            continue
        facts, pack = world.facts_for(name), world.packs[name]
        due: datetime = case.deadline
        once = decide_timeout(case, facts=facts, pack=pack, now=due)
        late = decide_timeout(
            case, facts=facts, pack=pack, now=due + timedelta(microseconds=late_us)
        )
        assert once == late
        assert {r.at for r in once.records} == {due}


def test_two_cases_about_the_same_goods_never_give_back_more_than_was_paid() -> None:
    """Both were granted while there was enough for each; the second payment finds what is left."""
    story = check_story(Source("two cases", TWO_CASES))
    replayed = run_story(story)
    assert replayed.held, replayed.failures
    refunds = [case.paid_fen("refund") for case in replayed.world.cases.values()]
    assert refunds == [0, 10_500]
    assert replayed.world.order.refunded_fen == 10_500


TWO_CASES = """
title = "A return is on its way when a complaint about the same goods is granted"
pack = "taobao-classic"
[shop]
balance = "1000.00"
[order]
paid_at = 2026-03-02T10:00:00+08:00
shipped_at = 2026-03-02T12:00:00+08:00
signed_at = 2026-03-04T12:00:00+08:00
signed_by = "self"
freight = "5.00"
lines = [{ price = "100.00" }]
[[steps]]
at = 2026-03-05T10:00:00+08:00
by = "buyer"
do = "open"
case = "return"
with = { procedure = "after_sale", kind = "return_refund", reason = "quality" }
[[steps]]
at = 2026-03-05T11:00:00+08:00
by = "seller"
do = "approve"
case = "return"
[[steps]]
at = 2026-03-05T12:00:00+08:00
by = "buyer"
do = "open"
case = "complaint"
with = { procedure = "complaint", kind = "not_as_described" }
[[steps]]
at = 2026-03-05T13:00:00+08:00
by = "seller"
do = "approve"
case = "complaint"
[[steps]]
at = 2026-03-05T14:00:00+08:00
by = "buyer"
do = "ship_back"
case = "return"
with = { tracking = "T1" }
[[steps]]
at = 2026-03-06T14:00:00+08:00
by = "seller"
do = "confirm_receipt"
case = "return"
expect = { stage = "closed", ended = "settled" }
"""
