"""What a person's permissions leave them of the actions that their side of a case has."""

import msgspec

from gongdao.accounts.principal import Permit, Principal
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.money import yuan
from gongdao.cases.available import Available
from gongdao.cases.draft import Outcome

_FILING = frozenset({"open", "modify", "withdraw"})
_OFFERS = frozenset({"offer", "counter_offer"})
#: What a shop's sub-account needs more than `case.answer` for: it costs the shop money.
_COSTS = _OFFERS | {"approve", "accept_offer", "compensate"}
#: Which permission the duty of a person of the platform rests on.
_OF_DUTY: dict[str, Permit] = {
    "arbiter": "case.judge",
    "supervisor": "case.review",
    "juror": "case.vote",
    "operator": "policy.edit",
}


def missing_leave(who: Principal, action: str) -> Refusal | None:
    """Why this person may not do it at all, whatever the case; None where they may."""
    if who.kind == "platform":
        needed = _OF_DUTY.get(who.role)
        if needed is None or who.may(needed):
            return None
        return Refusal("wrong_role", N_("Your account may not decide cases."))
    if action in _FILING and not who.may("case.open"):
        return Refusal("wrong_role", N_("Your account may not file or change cases."))
    if action not in _FILING and not who.may("case.answer"):
        return Refusal("wrong_role", N_("Your account may not answer cases."))
    if who.kind == "shop" and action in _COSTS and not who.may("case.money"):
        return _not_about_money()
    return None


def require_leave(who: Principal, action: str) -> None:
    """Raise what `missing_leave` says."""
    if refusal := missing_leave(who, action):
        raise refusal


def require_within_limit(who: Principal, action: str, outcome: Outcome) -> None:
    """A sub-account decides only what costs its shop no more than its limit."""
    cost_fen = _cost_fen(action, outcome)
    if who.kind != "shop" or who.may_spend(cost_fen):
        return
    if who.money_limit_fen is None or not who.may("case.money"):
        raise _not_about_money()
    raise Refusal(
        "amount_above_limit",
        N_("Your account may decide about up to {limit} yuan; this is {cost}."),
        limit=yuan(who.money_limit_fen),
        cost=yuan(cost_fen),
    )


def within_leave(who: Principal, available: list[Available]) -> list[Available]:
    """The actions of a side, those refused for which this person lacks the permission."""
    return [
        msgspec.structs.replace(one, refusal=missing_leave(who, one.action) or one.refusal)
        for one in available
    ]


def _not_about_money() -> Refusal:
    return Refusal("wrong_role", N_("Your account may not decide about money; ask your lead."))


def _cost_fen(action: str, outcome: Outcome) -> int:
    case = outcome.case
    granted_fen = sum(case.award_fen.values())
    # Carriage that the shop bears comes on top of what is granted, and is paid with it.
    paying = [t for t in outcome.transfers if t.target.kind == "buyer_refund"]
    extra_fen = max(0, sum(t.amount_fen for t in paying) - granted_fen)
    if action in _OFFERS:
        return case.offers[-1].refund_fen + case.offers[-1].compensation_fen
    if action == "accept_offer":
        # A proposal of the platform is accepted by both sides; whoever comes first spends too.
        offer = max((o for o in case.offers if o.accepted_by), key=lambda offer: offer.number)
        return offer.refund_fen + offer.compensation_fen + extra_fen
    # What was granted before somebody confirms a return is not decided again.
    return extra_fen + (granted_fen if action in _COSTS else 0)
