"""What the two sides can settle between themselves: granting, refusing, offers, paying at once."""

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.money import parse_yuan, yuan
from gongdao.cases import commands as c
from gongdao.cases import events as e
from gongdao.cases.actions.proof import add_evidence, require_brief, require_proof
from gongdao.cases.amounts import compensation_due, freight_rule, refundable_fen
from gongdao.cases.case import Offer
from gongdao.cases.draft import Draft
from gongdao.cases.eligibility import require_eligible
from gongdao.policy.words import AmountName, FreightBearer, Remedy


def approve(draft: Draft, args: c.ApproveArgs) -> None:
    """Grant what was asked, or more; less is an offer, and the buyer decides on it."""
    if draft.by == "arbiter":
        draft.happen(e.CaseAccepted())
        return
    case = draft.case
    fen = parse_yuan(args.amount) if args.amount else case.asked_fen
    if fen < case.asked_fen:
        raise Refusal(
            "not_eligible",
            N_("{asked} yuan were asked for; to give less, make an offer."),
            asked=yuan(case.asked_fen),
        )
    if draft.kind.pays == "refund":
        _require_within_payment(draft, fen)
    grant(draft, fen, args.freight_by)


def grant(draft: Draft, fen: int, freight_by: FreightBearer | None = None) -> None:
    """Record that the request is granted, by a person or by the rule for silence."""
    rule = freight_rule(draft.pack, draft.known())
    draft.happen(
        e.RequestApproved(
            award_fen={draft.kind.pays: fen},
            freight_by=freight_by or (rule.by if rule else None),
            remedy=_remedy_of(draft, fen),
            by_silence=draft.by == "system",
        )
    )


def _remedy_of(draft: Draft, fen: int) -> Remedy:
    """What a grant amounts to: a return, everything back, or a part of it."""
    kind = draft.kind
    if kind.granted:
        return kind.granted
    if kind.pays != "refund":
        return "compensation"
    everything = refundable_fen(draft.case, draft.facts)
    return "full_refund" if fen >= everything else "partial_refund"


def reject(draft: Draft, args: c.RejectArgs) -> None:
    """Refuse, with a reason and with the proof that the pack wants for that reason."""
    if args.reason is None:
        raise Refusal("reason_required", N_("Say why you refuse."))
    for item in args.evidence:
        add_evidence(draft, item)
    if args.note.strip():
        if draft.by != "arbiter":
            require_brief(draft, args.note)
        draft.happen(e.Noted(text=args.note))
    if draft.by == "arbiter":
        draft.happen(e.CaseTurnedAway(reason=args.reason))
        return
    draft.happen(e.RequestRejected(reason=args.reason))
    require_eligible(draft, "reject")
    require_proof(draft, "reject")


def offer(draft: Draft, args: c.OfferArgs) -> None:
    """Propose to settle; a new offer takes the place of the open one."""
    case = draft.case
    if len(case.offers) >= draft.procedure.offers_max:
        raise Refusal(
            "not_eligible",
            N_("At most {n} offers can be made in a case."),
            n=draft.procedure.offers_max,
        )
    refund_fen = _offered_refund(draft, args)
    _require_within_payment(draft, refund_fen)
    compensation_fen = parse_yuan(args.compensation) if args.compensation else 0
    paid_fen = draft.facts.order.paid_fen
    if compensation_fen > paid_fen:
        raise Refusal(
            "amount_above_limit",
            N_("At most {limit} yuan can be offered on top: what the order cost."),
            limit=yuan(paid_fen),
        )
    draft.happen(
        e.OfferMade(
            offer=Offer(
                number=len(case.offers) + 1,
                by=draft.by,
                at=draft.now,
                remedy=args.remedy,
                refund_fen=refund_fen,
                compensation_fen=compensation_fen,
                freight_by=args.freight_by,
                note=args.note,
            )
        )
    )


def accept_offer(draft: Draft, args: c.NoArgs) -> None:
    """Accept the open offer; a party cannot accept its own, and the arbiter's needs both sides."""
    found = _open_offer(draft)
    if found.by == draft.by or draft.by in found.accepted_by:
        raise Refusal("not_your_turn", N_("The other side has to answer this offer."))
    agreed = {*found.accepted_by, draft.by}
    settled = found.by != "arbiter" or {"buyer", "seller"} <= agreed
    award: dict[AmountName, int] = {"refund": found.refund_fen}
    if found.compensation_fen:
        award["compensation"] = found.compensation_fen
    rule = freight_rule(draft.pack, draft.known())
    draft.happen(
        e.OfferAccepted(
            number=found.number,
            by=draft.by,
            award_fen=award if settled else None,
            freight_by=(found.freight_by or (rule.by if rule else None)) if settled else None,
            remedy=found.remedy if settled else None,
        )
    )


def decline_offer(draft: Draft, args: c.NoArgs) -> None:
    """Say no to the open offer."""
    found = _open_offer(draft)
    if found.by == draft.by:
        raise Refusal("not_your_turn", N_("The other side has to answer this offer."))
    draft.happen(e.OfferDeclined(number=found.number))


def compensate(draft: Draft, args: c.CompensateArgs) -> None:
    """Pay at once, at least what the pack computes; the money must be there."""
    case, facts = draft.case, draft.facts
    due = compensation_due(case, facts, draft.pack, draft.known())
    fen = parse_yuan(args.amount) if args.amount else due.fen
    if fen == 0:
        raise Refusal(
            "invalid", N_("The rules compute no sum for this kind; say how much you pay.")
        )
    if fen < due.fen:
        raise Refusal(
            "not_eligible",
            N_("The rules ask for at least {due} yuan."),
            rules=due.rules,
            due=yuan(due.fen),
        )
    # What an order cost bounds what is paid for it in all its cases together.
    before = sum(other.compensated_fen for other in facts.siblings)
    limit = max(facts.order.paid_fen - before, due.fen)
    if fen > limit:
        raise Refusal(
            "amount_above_limit",
            N_("At most {limit} yuan can be paid here: what the order cost."),
            limit=yuan(limit),
        )
    if fen > facts.funds.balance_fen + facts.funds.deposit_fen:
        raise Refusal(
            "insufficient_funds",
            N_("Your balance and deposit do not cover {sum} yuan; top up first."),
            sum=yuan(fen),
        )
    draft.happen(e.Compensated(amount_fen=fen, rules=due.rules))


def confirm(draft: Draft, args: c.NoArgs) -> None:
    """The buyer is satisfied."""
    draft.happen(e.HandlingConfirmed())


def _offered_refund(draft: Draft, args: c.OfferArgs) -> int:
    if args.refund is not None:
        return parse_yuan(args.refund)
    if args.remedy in ("full_refund", "return_and_refund", "refund_keep_item"):
        return draft.case.asked_fen
    if args.remedy == "partial_refund":
        raise Refusal("invalid", N_("A partial refund says how much."))
    return 0


def _require_within_payment(draft: Draft, fen: int) -> None:
    limit = refundable_fen(draft.case, draft.facts)
    if fen > limit:
        raise Refusal(
            "amount_above_limit",
            N_("At most {limit} yuan can be refunded: what was paid and not yet returned."),
            limit=yuan(limit),
        )


def _open_offer(draft: Draft) -> Offer:
    found = draft.case.open_offer
    if found is None:
        raise Refusal("not_eligible", N_("There is no open offer."))
    return found
