"""A ruling: what an arbiter finds, what the rules make of it, and where a reason is wanted."""

from decimal import Decimal, InvalidOperation

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.money import parse_yuan, scale, yuan
from gongdao.cases import commands as c
from gongdao.cases import events as e
from gongdao.cases.amounts import refundable_fen
from gongdao.cases.case import Ruling
from gongdao.cases.draft import Draft
from gongdao.cases.verdict import compute_verdict
from gongdao.policy.terms import term
from gongdao.policy.words import Remedy


def rule(draft: Draft, args: c.AdjudicateArgs, *, by_jury: bool = False) -> None:
    """Rule. Whoever departs from what the rules compute says why."""
    case = draft.case
    require_remedy_of_kind(draft, args.remedy)
    seller_share = _seller_share(args)
    verdict = compute_verdict(
        draft,
        liability=args.liability,
        remedy=args.remedy,
        freight_by=args.freight_by,
        seller_share=seller_share,
        counterfeit=args.counterfeit,
        serious=args.serious,
        count=args.count,
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
                by_rules=args.refund is None and "refund" in amounts,
                person_id=None if by_jury else draft.person_id,
            )
        )
    )


def require_remedy_of_kind(draft: Draft, remedy: Remedy) -> None:
    """Refuse a remedy that the rules do not give in this kind of case."""
    kind = draft.pack.kinds[draft.case.procedure, draft.case.kind]
    if remedy not in kind.remedies:
        raise Refusal(
            "not_eligible",
            N_("The rules give this kind of case one of: {allowed}."),
            allowed=tuple(term(each, "remedy") for each in kind.remedies),
        )


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
