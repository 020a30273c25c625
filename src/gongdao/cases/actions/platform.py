"""The platform's part: taking a case on, asking for proof, giving time, and ruling."""

from datetime import UTC, timedelta

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.cases import commands as c
from gongdao.cases import events as e
from gongdao.cases.actions.jury import vote
from gongdao.cases.actions.review import require_other_person
from gongdao.cases.actions.ruling import rule
from gongdao.cases.case import EvidenceRequest
from gongdao.cases.draft import Draft
from gongdao.cases.eligibility import require_eligible
from gongdao.policy.calendar import parse_span

#: A person may extend a clock by at most this much at a time.
EXTENSION_MAX = timedelta(days=30)


def escalate(draft: Draft, args: c.NoArgs) -> None:
    """Ask the platform to step in, from when on the rules let a side do so."""
    require_eligible(draft, "escalate")
    draft.happen(e.Escalated())


def request_evidence(draft: Draft, args: c.RequestEvidenceArgs) -> None:
    """Ask a side, or both, for proof; the evidence is open again for it."""
    side = args.from_
    assert side in ("buyer", "seller", "both"), "the pattern of the argument says so"
    request = EvidenceRequest(side=side, at=draft.now, kind=args.kind)
    draft.happen(e.EvidenceRequested(request=request))


def adjudicate(draft: Draft, args: c.AdjudicateArgs) -> None:
    """Rule, or, as a juror, give a finding."""
    if draft.by == "juror":
        vote(draft, args)
        return
    earlier, appeals = draft.case.ruling, draft.case.appeals
    # A ruling on an appeal that a supervisor sends back is thought over by whoever made it.
    if earlier and appeals and earlier.at < appeals[-1].at:
        require_other_person(draft, earlier.person_id)
    rule(draft, args)


def extend_deadline(draft: Draft, args: c.ExtendArgs) -> None:
    """Give more time, with a reason."""
    try:
        span = parse_span(args.by)
    except ValueError:
        raise Refusal("invalid", N_("Write the extension as 24h, 3d or 2wd.")) from None
    if not args.note.strip():
        raise Refusal("reason_required", N_("Say why more time is needed."))
    assert draft.case.deadline, "a move exists only where a clock runs"
    try:
        deadline = draft.pack.calendar.add(draft.case.deadline, span)
    except (ValueError, OverflowError):
        # Beyond the last day that a calendar has.
        raise _too_long() from None
    if deadline - draft.case.deadline > EXTENSION_MAX:
        raise _too_long()
    draft.happen(e.DeadlineExtended(deadline=deadline, note=args.note))


def _too_long() -> Refusal:
    return Refusal(
        "not_eligible",
        N_("A clock can be extended by at most {days} days at a time."),
        days=EXTENSION_MAX.days,
    )


def pause(draft: Draft, args: c.PauseArgs) -> None:
    """Stop the clock; what is left of it is kept."""
    found = next((p for p in draft.pack.body.pause if p.cause == args.cause), None)
    if found is None:
        raise Refusal("not_eligible", N_("This rule book knows no pause for that cause."))
    calendar = draft.pack.calendar
    start = calendar.midnight(draft.now) if found.from_midnight else draft.now
    until = calendar.add(start, found.span).astimezone(UTC) if found.span else None
    remaining = draft.case.deadline - draft.now if draft.case.deadline else None
    draft.happen(e.CasePaused(cause=args.cause, remaining=remaining, deadline=until))
    if args.note.strip():
        draft.happen(e.Noted(text=args.note))


def resume(draft: Draft, args: c.NoArgs) -> None:
    """Let the clock run again, with what was left of it."""
    rest = draft.case.rest
    assert rest, "only a paused case has this move"
    until = draft.now + rest.remaining if rest.remaining is not None else None
    draft.happen(e.CaseResumed(deadline=until))
