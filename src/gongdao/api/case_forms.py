"""What the API shows of a case; amounts are text in yuan, instants are in UTC."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gongdao.api.case_parts import (
    EvidenceBody,
    MoneyBody,
    OfferBody,
    RulingBody,
    show_evidence,
    show_money,
    show_offer,
    show_ruling,
)
from gongdao.base.i18n import Locale, say_refusal, translate
from gongdao.base.money import yuan
from gongdao.cases.available import Available
from gongdao.cases.case import Case
from gongdao.cases.draft import Outcome
from gongdao.cases.events import Event
from gongdao.cases.seen_by import seen_by
from gongdao.flows.act import Acted
from gongdao.flows.case_view import CaseView, Told
from gongdao.policy.pack import Rule
from gongdao.policy.words import Role

#: Under which address each action of a case is found: a transition is a resource.
RESOURCES: dict[str, str] = {
    "modify": "modifications",
    "withdraw": "withdrawal",
    "approve": "approval",
    "reject": "refusal",
    "offer": "offers",
    "counter_offer": "counter-offers",
    "propose_settlement": "settlement-proposals",
    "accept_offer": "offer-acceptance",
    "decline_offer": "offer-refusal",
    "compensate": "compensation",
    "confirm": "confirmation",
    "ship_back": "return-shipment",
    "refill_tracking": "return-tracking",
    "sign": "return-signature",
    "ship": "goods-shipment",
    "confirm_receipt": "return-receipt",
    "report_mismatch": "return-mismatch",
    "escalate": "escalation",
    "request_evidence": "evidence-requests",
    "submit_evidence": "evidence",
    "adjudicate": "ruling",
    "concur": "ruling-approval",
    "send_back": "ruling-return",
    "appeal": "appeals",
    "execute": "execution",
    "extend_deadline": "extensions",
    "pause": "pause",
    "resume": "resumption",
    "remind": "reminders",
    "note": "notes",
}


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A body of an answer."""


class CaseBrief(Form, frozen=True, kw_only=True):
    """A case in a list, and the answer to every command."""

    id: UUID
    number: int
    version: int
    procedure: str
    kind: str
    reason: str | None
    order_id: UUID
    shop_id: UUID
    buyer_id: UUID
    stage: str
    waiting_on: str
    deadline: datetime | None
    terminal: bool
    ended: str | None
    asked: str
    amounts: dict[str, str]
    """What has been paid or put down as a debt, by name."""
    opened_at: datetime
    closed_at: datetime | None
    repeated: bool = False
    """This command was carried out before; nothing has changed now."""


class ActionBody(Form, frozen=True, kw_only=True):
    """An action of the caller: where to post it, or why it is not possible."""

    action: str
    resource: str
    allowed: bool
    code: str | None = None
    why_not: str | None = None


class RuleBody(Form, frozen=True, kw_only=True):
    """A rule with its source and how well it is verified (V read, Vx excerpt, U unverified)."""

    id: str
    text: str
    source: str
    verified: str


class CaseBody(CaseBrief, frozen=True, kw_only=True):
    """A case with its own future: whose turn, until when, what on silence, what can be done."""

    claim: str
    lines: tuple[int, ...]
    received: bool | None
    pack: str
    on_timeout: str | None
    on_timeout_rule: str
    available_actions: list[ActionBody]
    offers: list[OfferBody]
    evidence: list[EvidenceBody]
    ruling: RulingBody | None
    rules: list[RuleBody]
    paid_from: dict[str, str]
    money: list[MoneyBody]
    warnings: tuple[str, ...]


class CasePage(Form, frozen=True, kw_only=True):
    """A page of cases; `after` is where the next one begins."""

    cases: list[CaseBrief]
    after: str | None


class EventBody(Form, frozen=True, kw_only=True):
    """An event of the log, with a sentence in the language of the request."""

    version: int
    at: datetime
    by: str
    type: str
    sentence: str
    body: Event
    """The event as it stands in the log: sums are integers of fen here."""


class PreviewBody(Form, frozen=True, kw_only=True):
    """What an action would bring about; nothing has been changed."""

    stage: str
    ended: str | None
    deadline: datetime | None
    amounts: dict[str, str]
    """What would be paid in this step, by name."""
    paid_from: dict[str, str]
    """The accounts that it would come from."""
    cites: tuple[str, ...]


class FilingPreviewBody(PreviewBody, frozen=True, kw_only=True):
    """What filing would bring about, and the sum that the rules give."""

    asked: str


def show_brief(case: Case, number: int, *, again: bool = False) -> CaseBrief:
    """A case in short."""
    return CaseBrief(**_brief(case, number), repeated=again)


def show_acted(acted: Acted, role: Role) -> CaseBrief:
    """The answer to a command, for whoever gave it."""
    return show_brief(seen_by(acted.case, role), acted.number, again=acted.again)


def show_case(view: CaseView, locale: Locale) -> CaseBody:
    """A case in full, for its viewer."""
    case = view.case
    return CaseBody(
        **_brief(case, view.number),
        claim=case.claim,
        lines=case.lines,
        received=case.received,
        pack=case.pack,
        on_timeout=getattr(view.silence, locale) if view.silence else None,
        on_timeout_rule=view.silence_rule,
        available_actions=[_show_action(a, locale) for a in view.available],
        offers=[show_offer(offer) for offer in case.offers],
        evidence=[show_evidence(piece) for piece in case.evidence],
        ruling=show_ruling(case.ruling) if case.ruling else None,
        rules=[show_rule(rule, locale) for rule in view.cites],
        paid_from=_by_source(case),
        money=[show_money(line) for line in view.money],
        warnings=case.warnings,
    )


def show_event(told: Told, locale: Locale) -> EventBody:
    """One event of the timeline."""
    return EventBody(
        version=told.version,
        at=told.at,
        by=told.by,
        type=told.type,
        sentence=translate(locale, told.sentence, told.params),
        body=told.body,
    )


def show_preview(before: Case | None, outcome: Outcome) -> PreviewBody:
    """What an outcome would change."""
    return PreviewBody(**_preview(before, outcome))


def show_filing(outcome: Outcome) -> FilingPreviewBody:
    """What filing would bring."""
    return FilingPreviewBody(**_preview(None, outcome), asked=yuan(outcome.case.asked_fen))


def _preview(before: Case | None, outcome: Outcome) -> dict[str, Any]:
    case = outcome.case
    paid = case.paid[len(before.paid) if before else 0 :]
    amounts: dict[str, int] = {}
    sources: dict[str, int] = {}
    for line in paid:
        amounts[line.name] = amounts.get(line.name, 0) + line.amount_fen
        sources[line.source] = sources.get(line.source, 0) + line.amount_fen
    return {
        "stage": case.stage,
        "ended": case.ended,
        "deadline": case.deadline,
        "amounts": {name: yuan(fen) for name, fen in amounts.items()},
        "paid_from": {name: yuan(fen) for name, fen in sources.items()},
        "cites": case.ruling.cites if case.ruling else (),
    }


def _brief(case: Case, number: int) -> dict[str, Any]:
    amounts: dict[str, int] = {}
    for line in case.paid:
        amounts[line.name] = amounts.get(line.name, 0) + line.amount_fen
    return {
        "id": case.id,
        "number": number,
        "version": case.version,
        "procedure": case.procedure,
        "kind": case.kind,
        "reason": case.reason,
        "order_id": case.order_id,
        "shop_id": case.shop_id,
        "buyer_id": case.buyer_id,
        "stage": case.stage,
        "waiting_on": case.waiting_on,
        "deadline": case.deadline,
        "terminal": not case.is_open,
        "ended": case.ended,
        "asked": yuan(case.asked_fen),
        "amounts": {name: yuan(fen) for name, fen in amounts.items()},
        "opened_at": case.opened_at,
        "closed_at": case.closed_at,
    }


def _by_source(case: Case) -> dict[str, str]:
    sources = {line.source for line in case.paid}
    return {source: yuan(case.paid_from_fen(source)) for source in sorted(sources)}


def _show_action(available: Available, locale: Locale) -> ActionBody:
    refusal = available.refusal
    return ActionBody(
        action=available.action,
        resource=RESOURCES[available.action],
        allowed=available.allowed,
        code=refusal.code if refusal else None,
        why_not=say_refusal(locale, refusal) if refusal else None,
    )


def show_rule(rule: Rule, locale: Locale) -> RuleBody:
    """A rule in the reader's language."""
    text = getattr(rule.text, locale)
    return RuleBody(id=rule.id, text=text, source=rule.source, verified=rule.verified)
