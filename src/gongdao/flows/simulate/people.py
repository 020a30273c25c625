"""Who lives in a simulated marketplace, and what they do when it is their turn."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal

import msgspec

from gongdao.base.ids import Chance
from gongdao.base.money import yuan
from gongdao.cases import commands as c
from gongdao.policy.pack import Pack, ProcedureRule
from gongdao.policy.words import EVIDENCE_KINDS, Role
from gongdao.shops.order import Order

Temper = Literal["prompt", "slow", "silent", "abusive"]
TEMPERS: tuple[Temper, ...] = ("prompt", "slow", "silent", "abusive")
_SHARES = (60, 22, 10, 8)
#: How long each takes to answer, in hours: from the shortest to the longest.
_HOURS: dict[Temper, tuple[float, float]] = {
    "prompt": (0.05, 8),
    "slow": (6, 96),
    "silent": (200, 2000),
    "abusive": (0.01, 40),
}
#: What each likes to do, before everything else; what is not named weighs 1.
_LIKES: dict[Temper, dict[str, float]] = {
    "prompt": {"approve": 8, "accept_offer": 6, "confirm": 8, "confirm_receipt": 12, "ship": 12,
               "ship_back": 12, "compensate": 6, "adjudicate": 20, "concur": 6, "withdraw": 0.2,
               "appeal": 0.3, "report_mismatch": 0.4},
    "slow": {"confirm": 4, "adjudicate": 20, "ship_back": 4, "ship": 4, "withdraw": 0.3},
    "silent": {"adjudicate": 20},
    "abusive": {"reject": 10, "escalate": 10, "report_mismatch": 8, "appeal": 6, "approve": 0.3,
                "modify": 4, "adjudicate": 20, "counter_offer": 5, "compensate": 0.3},
}  # fmt: skip
#: Actions that change nothing of a case's course; done now and then.
_RARE = frozenset({"note", "remind", "pause", "extend_deadline", "request_evidence", "send_back"})


def temper(chance: Chance) -> Temper:
    """What somebody is like."""
    return chance.choices(TEMPERS, _SHARES)[0]


def delay(of: Temper, chance: Chance) -> timedelta:
    """How long they take to answer."""
    low, high = _HOURS[of]
    return timedelta(hours=low * (high / low) ** chance.random())


def choose(actions: Sequence[str], of: Temper, chance: Chance) -> str:
    """Which of these they do."""
    likes = _LIKES[of]
    weights = [likes.get(action, 1) * (0.1 if action in _RARE else 1) for action in actions]
    return chance.choices(list(actions), weights)[0]


def claim(order: Order, role: Role, of: Temper, pack: Pack, chance: Chance) -> c.OpenArgs:
    """What they file on an order."""
    procedures = [p for p in pack.procedures.values() if _may_open(p, role)]
    weights = [{"after_sale": 6, "complaint": 3}.get(p.id, 0.6) for p in procedures]
    procedure = chance.choices(procedures, weights)[0]
    kinds = [k for k in procedure.kind if role in (k.opened_by or procedure.opened_by)]
    kind = chance.choice(kinds)
    lines = sorted(
        chance.sample([n.line for n in order.lines], chance.randint(1, len(order.lines)))
    )
    asks = chance.random() < (0.6 if of == "abusive" else 0.2)
    fields: dict[str, Any] = {
        "procedure": procedure.id,
        "kind": kind.id,
        "lines": lines,
        "reason": chance.choice(kind.reasons) if kind.reasons else None,
        "claim": "It is not what I bought.",
        "received": chance.random() < 0.7,
        "amount": yuan(chance.randint(1, max(1, order.paid_fen * 2))) if asks else None,
        "evidence": chance.sample(EVIDENCE_KINDS, chance.randint(0, 2)),
    }
    return msgspec.convert(fields, c.OpenArgs)


def _may_open(procedure: ProcedureRule, role: Role) -> bool:
    return any(role in (kind.opened_by or procedure.opened_by) for kind in procedure.kind)
