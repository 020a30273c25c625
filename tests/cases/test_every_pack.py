"""Bad faith under every shipped pack: each action of each role in each stage, whatever it says.

Either the graph of stages allows it, or it is refused with a code; and nobody gets more money out
than came in, by any order of calls (the simulation tries orders; here it is each single call).
"""

from itertools import product
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from gongdao.base.errors import CODES, Refusal
from gongdao.cases import commands as c
from gongdao.cases.actions import ACTIONS
from gongdao.cases.case import Case, ReturnParcel
from gongdao.cases.decide import decide, decide_timeout
from gongdao.cases.fold import fold
from gongdao.policy.load import load_pack, pack_names
from gongdao.policy.pack import Pack, ProcedureRule
from gongdao.policy.words import Role

from .test_every_action import MEANT
from .world import NOW, RICH, case_at, facts, offer

PACKS = [pack for pack in map(load_pack, pack_names()) if pack.procedures]
SAID: dict[str, Any] = MEANT | {
    "adjudicate": c.AdjudicateArgs(liability="seller", remedy="no_action", counterfeit=True),
    "appeal": c.AppealArgs(grounds="Not so."),
    "send_back": c.SendBackArgs(note="Look again."),
    "ship": c.SignArgs(carrier="SF", tracking="3"),
}


def cases_of(pack: Pack, procedure: ProcedureRule) -> list[Case]:
    """A case of the procedure in each of its stages, and at its end."""
    kind = procedure.kind[0]
    opener = (kind.opened_by or procedure.opened_by)[0]
    parcel = ReturnParcel(tracking="1", shipped_at=NOW)
    stages = [stage.id for stage in procedure.stage if stage.id != "closed"]
    return [
        replace(
            case_at(procedure.id, kind.id, stage),
            pack=pack.name,
            opened_by=opener,
            waiting_on=pack.stages[procedure.id, stage].waiting_on
            if stage != "closed"
            else "nobody",
            deadline=NOW if stage != "closed" else None,
            ended="settled" if stage == "closed" else None,
            closed_at=NOW if stage == "closed" else None,
            offers=(offer(),),
            refused=True,
            parcel=parcel,
            sent=parcel,
        )
        for stage in [*stages, "closed"]
    ]


EVERYWHERE = [
    pytest.param(pack, case, id=f"{pack.id} {case.procedure} {case.stage}")
    for pack in PACKS
    for procedure in pack.procedures.values()
    for case in cases_of(pack, procedure)
]


@pytest.mark.parametrize(("pack", "case"), EVERYWHERE)
def test_allowed_by_the_graph_or_refused_with_a_code(pack: Pack, case: Case) -> None:
    rule = pack.stages.get((case.procedure, case.stage))
    moves = {(move.do, role) for move in rule.action for role in move.by} if rule else set()
    for action, role in product(sorted(ACTIONS), get_args(Role)):
        command = c.Command(action=action, by=role, args=SAID.get(action, c.NoArgs()))
        try:
            outcome = decide(case, command, facts=facts(), pack=pack, now=NOW)
        except Refusal as refusal:
            assert refusal.code in CODES
            assert (refusal.code == "wrong_role") == (
                role not in pack.roles_of(case.procedure, action)
            )
        else:
            assert (action, role) in moves
            assert fold(outcome.records, case) == outcome.case
            out_fen = sum(t.amount_fen for t in outcome.transfers if not t.pending)
            assert out_fen <= RICH.escrow_fen + RICH.balance_fen + RICH.deposit_fen
            assert outcome.refund_fen <= facts().order.paid_fen


@pytest.mark.parametrize(
    ("pack", "case"), [p for p in EVERYWHERE if not str(p.id).endswith(" closed")]
)
def test_silence_leads_on_or_tells_a_person(pack: Pack, case: Case) -> None:
    stage = pack.stages[case.procedure, case.stage]
    if stage.on_timeout is None:
        assert stage.waiting_on in ("arbiter", "supervisor", "jurors", "operator", "agent")
        return
    outcome = decide_timeout(case, facts=facts(), pack=pack, now=NOW)
    types = [record.type for record in outcome.records]
    assert types[0] == "timed_out"
    assert outcome.case.stage != case.stage or "deadline_missed" in types
