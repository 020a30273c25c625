"""What people of a simulation say with an action: arguments as chance has them."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from gongdao.base.ids import Chance
from gongdao.base.money import yuan
from gongdao.cases import commands as c
from gongdao.cases.case import Case
from gongdao.policy.pack import Kind
from gongdao.policy.words import EVIDENCE_KINDS
from gongdao.shops.order import Order

Fields = dict[str, Any]
_REFUSALS = ("not_liable", "no_evidence", "not_intact", "buyer_fault")
_PROBLEMS = ("empty", "different", "damaged", "missing")
_LIABLE = ("seller", "buyer", "both", "none", "carrier", "platform")
_LIABLE_WEIGHTS = (10, 4, 2, 3, 1, 1)


class Matter(NamedTuple):
    """What somebody speaks about."""

    case: Case
    kind: Kind
    order: Order
    chance: Chance


def arguments(action: str, matter: Matter) -> Any:
    """What they say with an action."""
    fields = _FIELDS.get(action)
    return msgspec.convert(fields(matter) if fields else {}, c.ARGS[action])


def _offer(of: Matter) -> Fields:
    fen = of.chance.randint(1, max(1, of.case.asked_fen or of.order.paid_fen))
    return {"remedy": "partial_refund", "refund": yuan(fen), "note": "Would this do?"}


def _ruling(of: Matter) -> Fields:
    remedy = of.chance.choice(of.kind.remedies)
    liability = of.chance.choices(_LIABLE, _LIABLE_WEIGHTS)[0]
    fields: Fields = {"liability": liability, "remedy": remedy, "note": "As the proof shows."}
    if remedy == "partial_refund" and liability != "both":
        fields["refund"] = yuan(of.chance.randint(0, max(1, of.order.paid_fen // 2)))
    if liability == "both":
        fields["shares"] = {"seller": 60, "buyer": 40}
    if of.case.procedure == "counterfeit_claim":
        fields["counterfeit"] = of.chance.random() < 0.5
    return fields


def _parcel(of: Matter) -> Fields:
    return {"carrier": "SF", "tracking": f"SF{of.chance.randint(10**9, 10**10)}"}


def _return(of: Matter) -> Fields:
    freight = yuan(of.chance.randint(500, 3000)) if of.chance.random() < 0.5 else None
    return _parcel(of) | {"freight": freight}


def _proof(of: Matter) -> Fields:
    amount = yuan(of.chance.randint(100, 9000)) if of.chance.random() < 0.3 else None
    return {"kind": of.chance.choice(EVIDENCE_KINDS), "note": "See here.", "amount": amount}


def _refusal(of: Matter) -> Fields:
    return {
        "reason": of.chance.choice(_REFUSALS),
        "evidence": of.chance.sample(EVIDENCE_KINDS, 2),
    }


def _problem(of: Matter) -> Fields:
    proof = ["photo_of_item", "unboxing_video"]
    return {"problem": of.chance.choice(_PROBLEMS), "evidence": proof}


def _request(of: Matter) -> Fields:
    return {"from": of.chance.choice(("buyer", "seller", "both"))}


def _pause(of: Matter) -> Fields:
    return {"cause": of.chance.choice(("joint_request", "court", "police"))}


def _change(of: Matter) -> Fields:
    return {"amount": yuan(of.chance.randint(1, max(1, of.order.paid_fen)))}


def _always(**fields: str) -> Callable[[Matter], Fields]:
    return lambda of: dict(fields)


_FIELDS: dict[str, Callable[[Matter], Fields]] = {
    "offer": _offer,
    "counter_offer": _offer,
    "propose_settlement": _offer,
    "adjudicate": _ruling,
    "ship": _parcel,
    "ship_back": _return,
    "submit_evidence": _proof,
    "refill_tracking": _always(tracking="SF1"),
    "reject": _refusal,
    "report_mismatch": _problem,
    "request_evidence": _request,
    "extend_deadline": _always(by="24h", note="A holiday."),
    "pause": _pause,
    "note": _always(note="Hello?"),
    "send_back": _always(note="Look again."),
    "appeal": _always(grounds="That is not how it was."),
    "modify": _change,
}
