"""A case in the buyer's eyes: what to do next, offers, money and messages, ready for templates."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from gongdao.base.i18n import N_, Locale, say_refusal, translate
from gongdao.cases import events as e
from gongdao.cases.narrate import CONSEQUENCES, note_of, own_words
from gongdao.flows.case_view import CaseView, Told
from gongdao.ledger.balance import MoneyLine
from gongdao.policy.pack import Rule, Text
from gongdao.policy.sources import say_source
from gongdao.policy.words import EVIDENCE_KINDS
from gongdao.web.buyer.problems import GOOD_PROOF
from gongdao.web.case_items import message_items, offer_items
from gongdao.web.uploads import shown_evidence

Task = Literal[
    "closed",
    "paused",
    "offer",
    "receive",
    "confirm",
    "return",
    "refused",
    "prove",
    "decide",
    "wait",
]

#: The platform has the case in these stages.
_WITH_PLATFORM = (
    "triage", "evidence", "seller_preprocessing", "mediation", "jury", "adjudication",
    "supervisor_review", "execution",
)  # fmt: skip

_HEADLINES: dict[Task, str] = {
    "paused": N_("The case is paused, no clock runs"),
    "offer": N_("There is an offer for you: please answer it"),
    "receive": N_("The goods are on their way to you: please say when you have them"),
    "confirm": N_("The seller has handled it: are you satisfied?"),
    "return": N_("Please send the goods back"),
    "refused": N_("The seller has refused: how do you want to go on?"),
    "prove": N_("The platform has stepped in: please add your proof"),
    "decide": N_("Your answer is awaited"),
}

_WAITING: dict[str, str] = {
    "seller_review": N_("Waiting for the seller's answer"),
    "seller_response": N_("Waiting for the seller's response"),
    "seller_inspection": N_("Waiting for the seller to check the return"),
    "seller_preprocessing": N_("The seller has a last chance to settle"),
    "adjudication": N_("The platform is deciding"),
    "triage": N_("The platform looks whether it takes the report up"),
    "negotiation": N_("The seller has time to prove that the goods are genuine"),
    "fulfilment": N_("The seller is sending or repairing the goods"),
    "mediation": N_("The platform is mediating"),
    "jury": N_("A jury is deciding"),
    "supervisor_review": N_("The decision is being reviewed"),
    "execution": N_("The decision is being carried out"),
}

_ENDINGS: dict[str, str] = {
    "settled": N_("Settled between you and the seller"),
    "decided": N_("The platform has decided"),
    "withdrawn": N_("You have withdrawn it"),
    "defaulted": N_("The seller stayed silent, your request was granted"),
    "expired": N_("Closed, because the time for your answer ran out"),
    "out_of_scope": N_("The platform could not take it up"),
}


#: A report is between whoever made it and the platform: nobody grants it, nobody settles it.
_OF_REPORT: dict[str, str] = {
    "prove": N_("Please add your proof: the platform decides by it"),
    "seller_response": N_("Waiting for the answer of the side that is reported"),
    "settled": N_("The report is closed"),
    "defaulted": N_("The report is closed"),
    "expired": N_("The report is closed"),
}


class Escalation(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the platform can be asked to step in; if not, why not and when."""

    allowed: bool = False
    why: str = ""


def task_of(view: CaseView) -> Task:
    """The one thing that the buyer has to do now."""
    case = view.case
    if not case.is_open:
        return "closed"
    if case.rest:
        return "paused"
    if answerable(view):
        return "offer"
    for action, task in (
        ("confirm_receipt", "receive"),
        ("confirm", "confirm"),
        ("ship_back", "return"),
    ):
        if view.may(action):
            return task  # pyright: ignore[reportReturnType]
    if case.stage == "buyer_decision":
        return "refused" if case.refused else "decide"
    return "prove" if case.stage == "evidence" else "wait"


def answerable(view: CaseView) -> bool:
    """Whether there is an offer of somebody else that the buyer has not answered."""
    offer = view.case.open_offer
    if offer is None or offer.by == view.role or view.role in offer.accepted_by:
        return False
    return view.may("accept_offer")


def headline(view: CaseView, locale: Locale) -> str:
    """What stands on top of the page, in words."""
    task = task_of(view)
    if view.case.procedure == "report":
        now = view.case.ended if task == "closed" else view.case.stage if task == "wait" else task
        if said := _OF_REPORT.get(now or ""):
            return translate(locale, said)
    if task == "closed" and _granted(view):
        return translate(locale, N_("The seller has agreed to your request"))
    if task == "closed":
        return translate(locale, _ENDINGS.get(view.case.ended or "", N_("This case is closed")))
    if view.case.stage == "execution" and view.may("appeal"):
        return translate(locale, N_("The platform has ruled; until then you can appeal"))
    if task == "wait":
        return translate(locale, _WAITING.get(view.case.stage, N_("Waiting for the other side")))
    return translate(locale, _HEADLINES[task])


def _granted(view: CaseView) -> bool:
    """Whether it ended by the seller's plain yes, not by an offer."""
    agreed = any(isinstance(told.body, e.RequestApproved) for told in view.timeline)
    return view.case.ended == "settled" and agreed and view.case.ruling is None


def escalation(view: CaseView, locale: Locale) -> Escalation | None:
    """The state of the button that asks the platform in; None where there is none to speak of."""
    case = view.case
    if case.is_open and view.may("escalate"):
        return Escalation(allowed=True)
    if not case.is_open or case.stage in _WITH_PLATFORM or case.procedure == "report":
        return None
    if case.stage in ("seller_review", "seller_response") and case.deadline:
        said = N_("You can ask the platform in once the seller has refused. They have until {at}.")
        if case.stage == "seller_response":
            said = N_(
                "The platform steps in by itself if the seller refuses or is silent till {at}."
            )
        return Escalation(why=translate(locale, said, {"at": case.deadline}, now=view.now))
    refusal = view.why_not("escalate")
    if refusal is None or case.stage != "buyer_decision":
        return None
    return Escalation(why=say_refusal(locale, refusal, now=view.now))


def offers_of(view: CaseView) -> list[dict[str, Any]]:
    """The offers, the newest first; those of others with the time for an answer."""
    return [
        {**offer, "expires_at": None if offer["mine"] else view.case.deadline}
        for offer in offer_items(view)
    ]


def messages_of(view: CaseView) -> list[dict[str, Any]]:
    """What the two sides said to each other, the oldest first; one's own name is not said."""
    return [{**each, "who": "" if each["mine"] else each["who"]} for each in message_items(view)]


def timeline_items(view: CaseView, locale: Locale) -> list[dict[str, Any]]:
    """What happened, the newest first; messages stand in their own part of the page."""
    return [
        {
            "id": told.version,
            "at": told.at,
            "role": "system" if isinstance(told.body, CONSEQUENCES) else told.by,
            "who": told.name
            if told.by != view.role and not isinstance(told.body, CONSEQUENCES)
            else "",
            "sentence": _sentence(told, view, locale),
            "note": note_of(told.body),
        }
        for told in reversed(view.timeline)
        if not isinstance(told.body, e.Noted)
    ]


def money_items(view: CaseView, locale: Locale) -> list[dict[str, Any]]:
    """Where each sum is that goes to the buyer."""
    lines = [line for line in view.money if line.target == "buyer_refund"]
    return [
        {
            "label": line.kind,
            "amount_fen": line.amount_fen,
            "account": line.source,
            "state": _money_state(line),
            "note": _money_note(line, locale, view.now),
        }
        for line in lines
        if line.state in ("posted", "owed")
    ]


def proof_kinds(view: CaseView) -> list[str]:
    """The kinds of evidence that a buyer may add, those that are asked for first."""
    asked = [
        kind for each in view.checklist if each.rule.side == "buyer" for kind in each.rule.kinds
    ]
    asked += [each.kind for each in view.case.requests if each.kind and each.side != "seller"]
    return list(dict.fromkeys([*asked, *(kind for kind in EVIDENCE_KINDS if kind in GOOD_PROOF)]))


def evidence_of(view: CaseView, side: str) -> list[dict[str, Any]]:
    """What one side has submitted."""
    return shown_evidence(view.case, view.files, by=side)


def rule_items(rules: Any, locale: Locale, *, pack: str = "") -> list[dict[str, Any]]:
    """Rules as citations."""
    return [
        {
            "id": rule.id,
            "text": in_words(rule.text, locale),
            "source": say_source(rule.source, locale),
            "verified": rule.verified,
            "pack": pack,
        }
        for rule in rules
        if isinstance(rule, Rule)
    ]


def in_words(text: Text | None, locale: Locale) -> str:
    """A sentence of a rule book in a language."""
    return "" if text is None else text.zh if locale == "zh" else text.en


def _sentence(told: Told, view: CaseView, locale: Locale) -> str:
    own = own_words(told.body, view.pack, locale)
    return own or translate(locale, told.sentence, told.params, now=view.now)


def _money_state(line: MoneyLine) -> str:
    return {"sent": "sent", "arrived": "arrived", "failed": "failed"}.get(
        line.payout_state or "", "decided"
    )


def _money_note(line: MoneyLine, locale: Locale, now: datetime) -> str:
    if line.state == "owed":
        said = N_("The shop's account does not cover it yet; it is paid as soon as money comes in.")
        return translate(locale, said)
    if line.held_until:
        said = N_("It is being checked, and goes out at the latest at {at}. You need do nothing.")
        return translate(locale, said, {"at": line.held_until}, now=now)
    if line.payout_state == "arrived" and line.arrived_at:
        return translate(locale, N_("Arrived on {at}."), {"at": line.arrived_at}, now=now)
    if line.payout_state == "failed":
        said = N_("It could not be paid out to you. The platform pays it another way; just wait.")
        return translate(locale, said)
    if line.expected_at:
        said = N_("Expected by {at}, back to where you paid from.")
        return translate(locale, said, {"at": line.expected_at}, now=now)
    return translate(locale, N_("It goes back to where you paid from; working days count."))
