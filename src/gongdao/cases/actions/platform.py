"""The platform's part: stepping in, asking for proof, giving time, and ruling."""

from datetime import UTC, timedelta
from decimal import Decimal, InvalidOperation

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.money import parse_yuan, scale, yuan
from gongdao.cases import commands as c
from gongdao.cases import events as e
from gongdao.cases.amounts import refundable_fen
from gongdao.cases.case import EvidenceRequest, Ruling
from gongdao.cases.draft import Draft
from gongdao.cases.verdict import compute_verdict
from gongdao.policy.calendar import parse_span

#: A person may extend a clock by at most this much at a time.
EXTENSION_MAX = timedelta(days=30)


def escalate(draft: Draft, args: c.NoArgs) -> None:
    """Ask the platform to step in."""
    draft.happen(e.Escalated())


def request_evidence(draft: Draft, args: c.RequestEvidenceArgs) -> None:
    """Ask a side, or both, for proof; the evidence is open again for it."""
    side = args.from_
    assert side in ("buyer", "seller", "both"), "the pattern of the argument says so"
    request = EvidenceRequest(side=side, at=draft.now, kind=args.kind)
    draft.happen(e.EvidenceRequested(request=request))


def adjudicate(draft: Draft, args: c.AdjudicateArgs) -> None:
    """Rule. Whoever departs from what the rules compute says why."""
    case = draft.case
    kind = draft.pack.kinds[case.procedure, case.kind]
    if args.remedy not in kind.remedies:
        allowed = ", ".join(kind.remedies)
        raise Refusal(
            "not_eligible",
            N_("The rules give this kind of case one of: {allowed}."),
            allowed=allowed,
        )
    seller_share = _seller_share(args)
    verdict = compute_verdict(
        draft,
        liability=args.liability,
        remedy=args.remedy,
        freight_by=args.freight_by,
        seller_share=seller_share,
        counterfeit=args.counterfeit,
        serious=args.serious,
    )
    amounts = dict(verdict.amounts_fen)
    if args.refund is not None:
        amounts["refund"] = parse_yuan(args.refund)
    elif args.remedy == "partial_refund" and not args.shares:
        raise Refusal("invalid", N_("A partial refund says how much, or in which shares."))
    _require_reason_to_depart(args, verdict.amounts_fen.get("refund", 0), amounts.get("refund", 0))
    limit = refundable_fen(case, draft.facts)
    if amounts.get("refund", 0) > limit:
        raise Refusal(
            "amount_above_limit",
            N_("At most {limit} yuan can be refunded: what was paid and not yet returned."),
            limit=yuan(limit),
        )
    draft.happen(
        e.Ruled(
            ruling=Ruling(
                at=draft.now,
                liability=args.liability,
                remedy=args.remedy,
                freight_by=verdict.freight_by,
                amounts_fen=amounts,
                cites=verdict.cites,
                seller_share=seller_share,
                counterfeit=args.counterfeit,
                serious=args.serious,
                note=args.note,
                unverified=verdict.unverified,
            )
        )
    )


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
    rule = next((p for p in draft.pack.body.pause if p.cause == args.cause), None)
    if rule is None:
        raise Refusal("not_eligible", N_("This rule book knows no pause for that cause."))
    calendar = draft.pack.calendar
    start = calendar.midnight(draft.now) if rule.from_midnight else draft.now
    until = calendar.add(start, rule.span).astimezone(UTC) if rule.span else None
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


def _seller_share(args: c.AdjudicateArgs) -> int:
    """The seller's part in percent; half where both are liable and nothing is said."""
    if args.liability != "both":
        if args.shares:
            raise Refusal("invalid", N_("Shares are given only where both sides are liable."))
        return 100
    if not args.shares:
        return 50
    wrong = Refusal("invalid", N_("Shares are numbers, such as seller 60 and buyer 40."))
    try:
        parts = {role: Decimal(str(share).rstrip("% ")) for role, share in args.shares.items()}
    except InvalidOperation:
        raise wrong from None
    # "NaN" is a Decimal too, but nothing can be compared with it.
    within = all(part.is_finite() and 0 <= part <= 100 for part in parts.values())
    if set(parts) != {"seller", "buyer"} or not within:
        raise wrong
    total = sum(parts.values())
    if total not in (1, 100):
        raise wrong
    return scale(100, parts["seller"] / total)


def _require_reason_to_depart(args: c.AdjudicateArgs, computed: int, given: int) -> None:
    departs = computed != given and args.remedy != "partial_refund"
    if departs and not args.note.strip():
        raise Refusal(
            "reason_required",
            N_("The rules compute {computed} yuan; say why you depart from it."),
            computed=yuan(computed),
        )
