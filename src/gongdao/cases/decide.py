"""The decision: case, command, facts, pack and instant in; events and money out. Pure.

A preview of any action is the same call, not saved.
"""

from datetime import datetime
from uuid import UUID

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.cases import events as e
from gongdao.cases.actions import ACTIONS
from gongdao.cases.actions.jury import resolve
from gongdao.cases.actions.negotiation import grant
from gongdao.cases.actions.platform import resume
from gongdao.cases.actions.request import open_case
from gongdao.cases.case import Case
from gongdao.cases.commands import Command, NoArgs
from gongdao.cases.discipline import on_opening, raise_signals
from gongdao.cases.draft import Draft, Outcome, refuse_by_rule
from gongdao.cases.facts import Facts
from gongdao.cases.moves import follow
from gongdao.cases.payment import pay_award
from gongdao.policy.pack import Move, Pack
from gongdao.policy.terms import term

#: What a paused case still lets happen.
WHILE_PAUSED = frozenset({"resume", "submit_evidence", "note"})


def decide_opening(
    command: Command, *, case_id: UUID, facts: Facts, pack: Pack, now: datetime
) -> Outcome:
    """File a new case. Raises Refusal."""
    draft = Draft(None, facts=facts, pack=pack, now=now, by=command.by, person_id=command.person_id)
    open_case(draft, command.args, case_id)
    on_opening(draft)
    raise_signals(draft)
    return draft.outcome()


def decide(case: Case, command: Command, *, facts: Facts, pack: Pack, now: datetime) -> Outcome:
    """Act on a case at an instant at which none of its clocks has run out (see `timed_out`).

    Raises Refusal with the first code of docs/vocabulary.md that applies, and changes nothing.
    """
    if command.action == "timeout":
        return decide_timeout(case, facts=facts, pack=pack, now=now)
    assert not timed_out(case, now), "silence is decided before anybody acts"
    # Requests overtake each other, and two servers never agree on the time to the microsecond.
    now = max(now, case.changed_at or now)
    draft = Draft(case, facts=facts, pack=pack, now=now, by=command.by, person_id=command.person_id)
    move = find_move(draft, command.action, version=command.version)
    ACTIONS[command.action](draft, command.args)
    if move.pays:
        pay_award(draft)
    if not draft.stays:
        follow(draft, move.to)
    raise_signals(draft)
    return draft.outcome()


def timed_out(case: Case, now: datetime) -> bool:
    """Whether the clock has run out: its last instant is still in time."""
    return case.deadline is not None and now > case.deadline


def decide_timeout(case: Case, *, facts: Facts, pack: Pack, now: datetime) -> Outcome:
    """Apply the rule for silence. The instant is the deadline itself, however late one looks."""
    assert case.deadline is not None and now >= case.deadline, "the clock has run out"
    draft = Draft(case, facts=facts, pack=pack, now=case.deadline, by="system")
    if case.rest:
        resume(draft, NoArgs())
        return draft.outcome()
    stage = draft.stage
    assert stage and stage.on_timeout, "a stage with a clock says what silence means"
    silence = stage.on_timeout
    draft.happen(e.TimedOut(stage=stage.id, rule=silence.rule))
    if silence.effect == "grant" and not case.award_fen:
        grant(draft, case.asked_fen)
    if silence.effect == "overdue":
        draft.happen(e.DeadlineMissed())
    if silence.effect == "execute":
        pay_award(draft)
    if silence.effect == "resolve":
        resolve(draft)
    follow(draft, silence.to)
    raise_signals(draft)
    return draft.outcome()


def find_move(draft: Draft, action: str, *, version: int | None = None) -> Move:
    """The pack's leave for an action, here and now. Raises Refusal in the order of the codes."""
    case, by = draft.case, draft.by
    if by not in draft.pack.roles_of(case.procedure, action):
        raise Refusal("wrong_role", N_("Your role cannot do this in this kind of case."))
    if version is not None and version != case.version:
        raise Refusal(
            "version_conflict",
            N_("The case has changed since you looked (version {now}); look again."),
            now=case.version,
        )
    stage = draft.stage
    facts = draft.known()
    moves = [m for m in stage.action if m.do == action] if stage else []
    # A move that says nothing of why it is not possible is not there at all.
    moves = [m for m in moves if m.say is not None or m.when.holds(facts)]
    if not moves or (case.rest and action not in WHILE_PAUSED):
        raise _out_of_stage(draft, action)
    if action == "resume" and case.rest is None:
        raise Refusal("not_allowed_in_stage", N_("The case is not paused."))
    mine = [move for move in moves if by in move.by]
    if not mine:
        raise Refusal("not_your_turn", N_("This is for the other side to do now."))
    allowed = next((move for move in mine if move.when.holds(facts)), None)
    if allowed is None:
        say = mine[-1].say
        assert say is not None, "a move that holds nowhere and says nothing was left out"
        raise refuse_by_rule("not_eligible", say, mine[-1].rule)
    return allowed


def _out_of_stage(draft: Draft, action: str) -> Refusal:
    case = draft.case
    if action == "submit_evidence" and case.evidence_sealed_at is not None:
        return Refusal(
            "too_late",
            N_("The evidence was sealed at {at}; nothing can be added any more."),
            at=case.evidence_sealed_at,
        )
    if action == "appeal" and case.ruling and case.closed_at and not case.appeals:
        return Refusal("too_late", N_("The ruling was carried out; the time for appeals is over."))
    if case.rest:
        return Refusal("not_allowed_in_stage", N_("The case is paused."))
    return Refusal(
        "not_allowed_in_stage",
        N_("This cannot be done at the stage of {stage}."),
        stage=term(case.stage, "stage"),
    )
