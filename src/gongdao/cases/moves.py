"""How a case moves through its stages, and what happens at the end: money, points, closing."""

from datetime import datetime, timedelta

from gongdao.cases import events as e
from gongdao.cases.case import Case
from gongdao.cases.discipline import is_upheld, on_closing, on_ruling
from gongdao.cases.draft import Draft
from gongdao.cases.payment import hold_frozen, pay_award, put_right, thaw
from gongdao.policy.condition import first_that_holds
from gongdao.policy.pack import Ended, StageRule, Target
from gongdao.policy.words import Party, Stage


def follow(draft: Draft, targets: tuple[Target, ...]) -> None:
    """Go to the first of the targets whose condition holds; with none, the case stays."""
    on_ruling(draft)
    facts = draft.known()
    target = first_that_holds(targets, facts)
    if target is None:
        return
    ahead = draft.stage_ahead(target.stage)
    if _seals_evidence(draft, target, ahead):
        draft.happen(e.EvidenceSealed())
    if draft.case.ended is not None:
        draft.happen(e.CaseReopened())
    if target.stage == "closed":
        close(draft, draft.case.ending or target.ended or "settled")
    elif ahead is None or _passes_at_once(draft, ahead):
        _execute(draft, target.ended or "settled")
    else:
        from_stage = draft.case.stepped_in_at if target.resumes else None
        enter(draft, ahead, ending=target.ended, goes_on_from=from_stage)


def _seals_evidence(draft: Draft, target: Target, ahead: StageRule | None) -> bool:
    """Evidence is sealed when its stage ends, or where a ruling comes without such a stage."""
    stage = draft.stage
    if stage and stage.seals_evidence and target.stage != stage.id:
        return True
    if ahead is None or ahead.id != "adjudication" or draft.case.evidence_sealed_at:
        return False
    return all(move.do != "submit_evidence" for move in ahead.action)


def _passes_at_once(draft: Draft, stage: StageRule) -> bool:
    """Execution is waited for only where the pack has a clock for it, such as one for appeals."""
    return stage.id == "execution" and clock_end(draft, stage, start="entered") is None


def enter(
    draft: Draft,
    stage: StageRule,
    *,
    ending: Ended | None = None,
    goes_on_from: Stage | None = None,
) -> None:
    """Come to a stage and start its clock, or go on with what was left of it or of another."""
    before = goes_on_from or (stage.id if stage.resumes else None)
    left = draft.case.left_over.get(before) if before else None
    draft.happen(
        e.StageEntered(
            stage=stage.id,
            waiting_on=_asked_side(draft.case, stage, draft.now) or stage.waiting_on,
            deadline=draft.now + left if left else clock_end(draft, stage, start="entered"),
            ending=ending,
        )
    )
    hold_frozen(draft)


def clock_end(draft: Draft, stage: StageRule, *, start: str) -> datetime | None:
    """When the clock of the stage runs out: the first that holds; None where none does.

    A signature (`return_signed`) changes nothing where a clock that comes before its own holds.
    """
    parcel, signing = draft.case.parcel, start == "return_signed"
    signed_at = draft.now if signing else parcel.signed_at if parcel else None
    entered_at = draft.case.entered_at if signing else draft.now
    facts = draft.known()
    calendar = draft.pack.calendar
    for clock in stage.clock:
        since = entered_at if clock.after == "entered" else signed_at
        if since is None or not clock.when.holds(facts):
            continue
        if clock.between is not None:
            day = calendar.local(entered_at).date()
            if not clock.between[0] <= day <= clock.between[1]:
                continue
        if signing and clock.after == "entered":
            return None
        hours = facts["promised_hours"] if clock.plus == "promise" else 0
        end = calendar.add(since, clock.span) + timedelta(hours=hours)
        if end > draft.now or clock.span.is_nothing:
            return end
    return None


def _asked_side(case: Case, stage: StageRule, now: datetime) -> Party | None:
    """Who is waited for where the platform has just asked for proof."""
    if stage.waiting_on != "both" or not case.requests:
        return None
    last = case.requests[-1]
    return last.side if last.at == now else None


def close(draft: Draft, ended: Ended) -> None:
    """End the case, with what the pack puts on such an end: points, and sanctions."""
    if draft.case.ruling and ended in ("settled", "defaulted"):
        ended = "decided"
    put_right(draft)
    thaw(draft)
    on_closing(draft, ended)
    upheld = is_upheld(draft.case, ended)
    entry = draft.record.entry + 1 if upheld != draft.case.upheld else 0
    draft.happen(e.CaseClosed(ended=ended, upheld=upheld, entry=entry))


def _execute(draft: Draft, ended: Ended) -> None:
    draft.happen(e.StageEntered(stage="execution", waiting_on="system"))
    pay_award(draft)
    close(draft, ended)
