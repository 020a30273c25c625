"""Who may know what of the guard's findings, and who may do something about them."""

from gongdao.accounts.principal import Principal
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.policy.guard import GuardRule, Told
from gongdao.risk.finding import Place
from gongdao.risk.hold_store import Hold

#: A condition on `risk_findings f` and the person $1: neither side of it is one that they are tied
#: to; whoever is decides nothing about it, and reads nothing of it.
UNTIED = """
NOT EXISTS (SELECT FROM ties t
             WHERE t.person_id = $1 AND t.tied_to IN (f.shop_id, f.buyer_id, f.subject_id))
"""


#: Which sides of a talk hear that the guard has something to say, as a number to tell.
HEARD_BY: dict[Told, int] = {"buyer": 1, "shop": 2, "platform": 4}


def reads_all(who: Principal) -> bool:
    """Whether somebody of the platform reads every finding: who judges, reviews, runs or audits."""
    return who.kind == "platform" and (
        who.may("case.judge")
        or who.may("case.review")
        or who.may("policy.edit")
        or who.may("audit.read")
    )


def keeps_watch(who: Principal) -> bool:
    """Whether somebody watches accounts and lets payouts go: operators and supervisors."""
    return who.kind == "platform" and (who.may("case.review") or who.may("policy.edit"))


def may_mark(who: Principal) -> bool:
    """Whether somebody says what is right and wrong of the findings that they are told of."""
    if who.kind == "platform":
        return who.may("case.judge") or keeps_watch(who)
    return who.kind == "shop" and (who.may("chat.serve") or who.may("case.answer"))


def require_reader(who: Principal) -> None:
    """Refuse whoever does not read all findings."""
    if not reads_all(who):
        raise Refusal("wrong_role", N_("Only the platform's people read what the guard found."))


def require_watcher(who: Principal) -> None:
    """Refuse whoever does not keep watch."""
    if not keeps_watch(who):
        raise Refusal("wrong_role", N_("Only operators and supervisors may do this."))


def audience(who: Principal) -> Told | None:
    """As whom somebody is told; None: of nothing."""
    match who.kind:
        case "buyer":
            return "buyer"
        case "shop":
            return "shop" if who.may("chat.serve") or who.may("case.read") else None
        case "platform":
            return "platform" if reads_all(who) else None


def may_know(who: Principal, place: Place, rule: GuardRule | None) -> bool:
    """Whether somebody is told of a finding there.

    A side is told of the other side's doings as far as the rule says so, and never of what is
    suspected of itself; no other shop and no other buyer is told anything.
    """
    told = audience(who)
    if told == "platform":
        return True
    if told is None or rule is None or told not in rule.told or place.about == told:
        return False
    if told == "shop":
        return place.shop_id is not None and place.shop_id == who.shop_id
    # What is known of a whole shop is told to whoever has an order or a talk there.
    return place.buyer_id == who.person_id or (place.buyer_id is None and place.subject == "shop")


def channels_of(place: Place, rule: GuardRule | None) -> list[str]:
    """What to tell when something changed there; whoever is suspected does not hear even that."""
    sides: set[Told] = {"platform", *(rule.told if rule else ())}
    told = ["guard"]
    if place.conversation_id:
        heard = sum(HEARD_BY[one] for one in sides if one != place.about)
        told.append(f"guard:{place.conversation_id}#{heard}")
    return told


def channels_of_hold(hold: Hold) -> list[str]:
    """What to tell when a payout begins or ends to wait."""
    return ["guard", *([f"case:{hold.case_id}"] if hold.case_id else ())]
