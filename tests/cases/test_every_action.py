"""Every action of every role in every stage: allowed by the graph, or refused with a code."""

from typing import Any, get_args

import pytest

from gongdao.base.errors import CODES, Refusal
from gongdao.cases import commands as c
from gongdao.cases.actions import ACTIONS
from gongdao.cases.available import available_actions
from gongdao.cases.decide import decide_timeout
from gongdao.cases.fold import fold
from gongdao.policy.check import PASSING
from gongdao.policy.words import Role

from .world import NOW, PACK, act, case_at, facts, offer

KINDS = {
    "after_sale": "refund_only",
    "complaint": "not_as_described",
    "counterfeit_claim": "counterfeit",
    "report": "malicious_order",
}
STAGES = [
    (procedure.id, stage)
    for procedure in PACK.procedures.values()
    for stage in [*(stage.id for stage in procedure.stage), "closed"]
]
#: Arguments with which an action means something.
MEANT: dict[str, Any] = {
    "modify": c.ModifyArgs(),
    "approve": c.ApproveArgs(),
    "reject": c.RejectArgs(reason="not_liable"),
    "offer": c.OfferArgs(remedy="partial_refund", refund="10.00"),
    "counter_offer": c.OfferArgs(remedy="partial_refund", refund="10.00"),
    "propose_settlement": c.OfferArgs(remedy="partial_refund", refund="10.00"),
    "compensate": c.CompensateArgs(amount="5.00"),
    "ship_back": c.ShipBackArgs(carrier="SF", tracking="1"),
    "refill_tracking": c.TrackingArgs(tracking="2"),
    "ship": c.SignArgs(carrier="SF", tracking="3"),
    "sign": c.SignArgs(),
    "confirm_receipt": c.ConfirmReceiptArgs(),
    "report_mismatch": c.MismatchArgs(problem="empty"),
    "request_evidence": c.RequestEvidenceArgs(from_="both"),
    "submit_evidence": c.SubmitEvidenceArgs(kind="photo_of_item"),
    "adjudicate": c.AdjudicateArgs(liability="none", remedy="no_action"),
    "extend_deadline": c.ExtendArgs(by="24h", note="A reason."),
    "pause": c.PauseArgs(cause="court"),
    "note": c.NoteArgs(note="Hello."),
}


@pytest.mark.parametrize(("procedure", "stage"), STAGES)
def test_allowed_by_the_graph_or_refused_with_a_code(procedure: str, stage: str) -> None:
    case = case_at(procedure, KINDS[procedure], stage, offers=(offer(),), refused=True)
    if stage == "seller_inspection":
        case = act(
            case_at(procedure, KINDS[procedure], "buyer_return"),
            "ship_back",
            "buyer",
            MEANT["ship_back"],
        ).case
    rule = PACK.stages.get((procedure, stage))
    moves = {(move.do, party) for move in rule.action for party in move.by} if rule else set()
    for action in sorted(set(ACTIONS) | {"appeal", "concur", "execute"}):
        for role in get_args(Role):
            try:
                outcome = act(case, action, role, MEANT.get(action))
            except Refusal as refusal:
                assert refusal.code in CODES
                never = role not in PACK.roles_of(procedure, action)
                assert (refusal.code == "wrong_role") == never
            else:
                assert (action, role) in moves
                assert fold(outcome.records, case) == outcome.case
                assert outcome.case.version > case.version


@pytest.mark.parametrize(("procedure", "stage"), STAGES)
def test_what_is_said_to_be_available_is(procedure: str, stage: str) -> None:
    case = case_at(procedure, KINDS[procedure], stage, refused=True)
    for role in get_args(Role):
        found = available_actions(case, role, facts=facts(), pack=PACK, now=NOW)
        assert stage in PACK.stages or all(a.refusal or a.allowed for a in found)
        if stage == "closed":
            assert not any(a.allowed for a in found)


@pytest.mark.parametrize(("procedure", "stage"), [s for s in STAGES if s[1] not in PASSING])
def test_silence_leads_on_or_tells_a_person(procedure: str, stage: str) -> None:
    case = case_at(procedure, KINDS[procedure], stage, deadline=NOW)
    outcome = decide_timeout(case, facts=facts(), pack=PACK, now=NOW)
    types = [record.type for record in outcome.records]
    assert types[0] == "timed_out"
    assert outcome.case.stage != stage or "deadline_missed" in types


def test_every_action_of_the_packs_can_be_decided() -> None:
    given = {move.do for stage in PACK.stages.values() for move in stage.action}
    assert given <= set(ACTIONS)
    assert set(ACTIONS) <= set(c.ARGS)
