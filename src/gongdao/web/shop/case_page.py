"""What the case page of a shop says: the facts, what can be done, and what it would cost."""

from datetime import datetime
from typing import Any

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import Locale, say_refusal, translate
from gongdao.base.money import parse_yuan
from gongdao.cases import events as e
from gongdao.cases.available import available_actions
from gongdao.cases.commands import ARGS, Args
from gongdao.cases.narrate import CONSEQUENCES, own_words
from gongdao.flows.act import preview
from gongdao.flows.case_view import CaseView, Told
from gongdao.flows.leave import missing_leave
from gongdao.ledger.balance import MoneyLine
from gongdao.policy.pack import Rule
from gongdao.policy.sources import say_source
from gongdao.web.shop.case_reads import Colleague, who_may
from gongdao.web.shop.cost import Cost, cost_of
from gongdao.web.shop.forms import ACTIONS
from gongdao.web.uploads import evidence_items

#: Decisions that can be seen through before anything is filled in.
FORESEEN = frozenset({"approve", "accept_offer", "compensate", "confirm_receipt"})
#: What moves or promises money, and so needs more than the leave to answer.
SPENDING = frozenset({"approve", "accept_offer", "compensate", "offer", "counter_offer"})
#: The letter that opens each action; the rest of the alphabet belongs to the frame.
KEYS = {
    "approve": "a", "confirm_receipt": "a", "compensate": "c", "reject": "r",
    "report_mismatch": "m", "offer": "o", "counter_offer": "o", "accept_offer": "y",
    "decline_offer": "n", "submit_evidence": "e", "sign": "s", "remind": "h", "ship": "s",
    "refill_tracking": "t", "appeal": "p", "escalate": "g", "execute": "x", "withdraw": "k",
}  # fmt: skip
_PAYOUTS = frozenset({"sent", "arrived", "failed"})
_FIRST_TONE = frozenset({"approve", "confirm_receipt", "ship", "compensate", "accept_offer"})
_DANGER = frozenset({"reject", "report_mismatch", "withdraw"})


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """What an action would bring, or why it is not possible and who could do it."""

    cost: Cost | None = None
    why: str = ""
    who: tuple[Colleague, ...] = ()


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """One action as the page offers it."""

    action: str
    key: str
    tone: str
    foreseen: Foreseen
    rule: dict[str, Any] | None = None

    @property
    def allowed(self) -> bool:
        """Whether it can be done by this person now."""
        return not self.foreseen.why


async def list_deeds(
    pool: Pool, who: Principal, seen: CaseView, *, locale: Locale, now: datetime
) -> list[Deed]:
    """Everything that the seller's side can ever do here, in the order of ACTIONS."""
    deeds: list[Deed] = []
    # By the case alone: what only leave stands in the way of is said with whom one can ask.
    judged = (
        # What is shown of an anonymous case is not all that its decisions rest on.
        seen.available
        if seen.masked
        else available_actions(seen.case, seen.role, facts=seen.facts, pack=seen.pack, now=now)
    )
    asked = {each.action: each for each in judged}
    passed_over = _passed_over(seen)
    for action in ACTIONS:
        if action not in asked or action in passed_over:
            continue
        refusal = asked[action].refusal
        if refusal is not None:
            foreseen = Foreseen(why=say_refusal(locale, refusal))
        else:
            foreseen = await foresee(pool, who, seen, action, locale=locale, now=now)
        deeds.append(
            Deed(
                action=action,
                key=KEYS.get(action, ""),
                tone=_tone(action),
                foreseen=foreseen,
                rule=_rule_of(seen, action, locale),
            )
        )
    return deeds


def _passed_over(seen: CaseView) -> set[str]:
    """What makes no sense to offer: two names for one thing, or a reminder on one's own turn."""
    offer = seen.case.open_offer
    names = {"offer", "counter_offer"}
    over: set[str] = set()
    if names <= {each.action for each in seen.available}:
        possible = names & {each.action for each in seen.available if each.allowed}
        answered = offer is not None and offer.by != "seller"
        fitting = "counter_offer" if answered else "offer"
        over = names - (possible if len(possible) == 1 else {fitting})
    if seen.role != seen.case.opened_by:
        # Only whoever filed a case takes it back.
        over |= {"withdraw"}
    return over | {"remind"} if seen.case.waiting_on in ("seller", "nobody") else over


async def foresee(
    pool: Pool,
    who: Principal,
    seen: CaseView,
    action: str,
    *,
    locale: Locale,
    now: datetime,
    args: Args | None = None,
) -> Foreseen:
    """The same decision, not saved; where it is refused, the reason and who could take it."""
    if missing := missing_leave(who, action):
        found = await who_may(pool, shop_id=seen.case.shop_id, permissions=_needed(action))
        return Foreseen(why=say_refusal(locale, missing), who=tuple(found))
    if args is None and action not in FORESEEN:
        return Foreseen()
    try:
        outcome = await preview(
            pool, who, seen.case.id, action, ARGS[action]() if args is None else args, now=now
        )
    except Refusal as refusal:
        if args is None and refusal.code == "invalid":
            # The rules compute no sum, so the person has to say one first.
            return Foreseen()
        return Foreseen(
            why=say_refusal(locale, refusal), who=await _who_else(pool, seen, action, refusal)
        )
    cost = cost_of(seen.case, outcome, facts=seen.facts, pack=seen.pack, now=now)
    return Foreseen(cost=cost)


async def _who_else(
    pool: Pool, seen: CaseView, action: str, refusal: Refusal
) -> tuple[Colleague, ...]:
    """Who may decide about so much, where the limit of a sub-account stands in the way."""
    cost = refusal.params.get("cost")
    if refusal.code != "amount_above_limit" or not isinstance(cost, str):
        return ()
    found = await who_may(
        pool, shop_id=seen.case.shop_id, permissions=_needed(action), cost_fen=parse_yuan(cost)
    )
    return tuple(found)


def _needed(action: str) -> list[str]:
    return ["case.answer", "case.money"] if action in SPENDING else ["case.answer"]


def _tone(action: str) -> str:
    if action in _FIRST_TONE:
        return "primary"
    return "danger" if action in _DANGER else "secondary"


def _rule_of(seen: CaseView, action: str, locale: Locale) -> dict[str, Any] | None:
    """The rule that the pack names for this action in this stage."""
    moves = seen.stage.action if seen.stage else ()
    name = next((move.rule for move in moves if move.do == action), "")
    return show_rule(seen.pack.rules[name], locale) if name in seen.pack.rules else None


def show_rule(rule: Rule, locale: Locale) -> dict[str, Any]:
    """A rule as the parts of pages show it."""
    text = rule.text.zh if locale == "zh" else rule.text.en
    return {
        "id": rule.id,
        "text": text,
        "source": say_source(rule.source, locale),
        "verified": rule.verified,
    }


def show_timeline(seen: CaseView, locale: Locale) -> list[dict[str, Any]]:
    """What happened, newest first; what people said to each other stands among the messages."""
    return [
        _entry(told, seen, locale)
        for told in reversed(seen.timeline)
        if not isinstance(told.body, e.Noted)
    ]


def side_shown(seen: CaseView, side: str) -> str:
    """What a shop's page calls a side: whoever reported a shop is no buyer in the matter."""
    case = seen.case
    reports = case.procedure == "report" and case.opened_by == "buyer" == side
    return "reporter" if reports else side


def _entry(told: Told, seen: CaseView, locale: Locale) -> dict[str, Any]:
    body = told.body
    note, attachments = "", []
    if isinstance(body, e.EvidenceSubmitted):
        note = body.evidence.note
        items = evidence_items(body.evidence, seen.files)
        attachments = [item for item in items if item["url"]]
    elif isinstance(body, e.OfferMade):
        note = body.offer.note
    elif isinstance(body, e.CaseOpened | e.RequestModified):
        note = body.claim
    elif isinstance(body, e.Ruled):
        note = body.ruling.note
    elif isinstance(body, e.RulingAppealed):
        note = body.appeal.grounds
    elif isinstance(body, e.Voted):
        note = body.vote.note
    cites = body.ruling.cites if isinstance(body, e.Ruled) else ()
    follows = isinstance(body, CONSEQUENCES)
    return {
        "id": told.version,
        "at": told.at,
        "role": "system" if follows else side_shown(seen, told.by),
        "who": "" if follows else told.name,
        "sentence": own_words(body, seen.pack, locale)
        or translate(locale, told.sentence, told.params, now=seen.now),
        "note": note,
        "attachments": attachments,
        "rules": [show_rule(seen.pack.rules[c], locale) for c in cites if c in seen.pack.rules],
    }


def show_money(lines: list[MoneyLine]) -> list[dict[str, Any]]:
    """Where each sum is, as the parts of pages show it."""
    return [
        {
            "label": line.kind,
            "account": line.source,
            "amount_fen": line.amount_fen,
            "state": line.payout_state if line.payout_state in _PAYOUTS else "decided",
            "owed": line.state == "owed",
            "expected_at": line.expected_at,
            "arrived_at": line.arrived_at,
        }
        for line in lines
        if line.state in ("posted", "owed")
    ]
