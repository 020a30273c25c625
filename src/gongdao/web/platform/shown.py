"""A case in the arbiter's eyes: what happened, what each side proved, ready for templates."""

from typing import Any

from gongdao.base.i18n import N_, Locale, translate
from gongdao.cases import events as e
from gongdao.cases.narrate import CONSEQUENCES, note_of, own_words
from gongdao.flows.case_view import CaseView, Told
from gongdao.ledger.balance import MoneyLine
from gongdao.policy.pack import Pack, Rule, Text
from gongdao.policy.sources import say_source
from gongdao.policy.words import EVIDENCE_KINDS
from gongdao.web.uploads import shown_evidence

#: What the values of the switches mean; a value that a new pack brings is shown as it is.
_CHOICES = {
    "after_evidence": N_("after the evidence"),
    "inside_evidence": N_("within the evidence stage"),
    "before_evidence": N_("before the evidence"),
    "by_procedure": N_("by procedure"),
    "never_decides": N_("never decides anything"),
    "confirmed_at_purchase": N_("listed, and confirmed at purchase"),
    "listed_goods": N_("all listed goods"),
    "168h_from_midnight": N_("168 hours from midnight"),
    "return_only_if_free_shipping": N_("only the way back, with free shipping"),
    "promise_then_statute": N_("the higher of promise and law"),
    "none_in_this_pack": N_("none in this rule book"),
    "on_top_of_refund": N_("on top of the refund"),
    "includes_price": N_("the price included"),
    "goods": N_("goods only"),
    "goods_and_freight": N_("goods and freight"),
    "accept_and_warn": N_("accepted, with a warning"),
    "ignore": N_("not minded"),
    "dates": N_("dates count"),
    "recorded_refunds": N_("recorded refunds are taken off"),
    "with_evidence": N_("counts with a receipt"),
    "carriage_only": N_("does not count, carriage only"),
    "one_case": N_("one case"),
    "aggregate": N_("seen together"),
    "off": N_("switched off"),
    "ignored": N_("ignored"),
    "by_kind": N_("by the kind of violation"),
    "law_by_date": N_("the law of that day"),
    "lint": N_("checked in outgoing texts"),
    "configurable": N_("configurable"),
    "marked_unverified": N_("marked as unverified"),
    "taobao_2025": N_("Taobao 2025"),
    "legacy_30_percent": N_("the old 30 %"),
}
_PAYOUTS = frozenset({"sent", "arrived", "failed"})
SIDES = ("buyer", "seller")


def in_words(text: Text | None, locale: Locale) -> str:
    """A sentence of a rule book in a language."""
    return "" if text is None else text.zh if locale == "zh" else text.en


def choice(value: str) -> str:
    """What a value of a switch means, as a sentence to be translated."""
    return _CHOICES.get(value, value)


def rule_item(rule: Rule, locale: Locale, *, pack: str) -> dict[str, Any]:
    """A rule as a citation that leads to its place in the rule book."""
    return {
        "id": rule.id,
        "text": in_words(rule.text, locale),
        "source": say_source(rule.source, locale),
        "verified": rule.verified,
        "href": f"/platform/policy/{pack}#{rule.id}",
    }


def rules_named(pack: Pack, ids: Any, locale: Locale) -> list[dict[str, Any]]:
    """Rules of a pack as citations; what it does not know is left out."""
    return [rule_item(pack.rules[i], locale, pack=pack.name) for i in ids if i in pack.rules]


def timeline_items(view: CaseView, locale: Locale) -> list[dict[str, Any]]:
    """What happened, the newest first; messages stand in their own part of the page."""
    return [
        {
            "id": told.version,
            "at": told.at,
            "role": "system" if isinstance(told.body, CONSEQUENCES) else told.by,
            "who": "" if isinstance(told.body, CONSEQUENCES) else told.name,
            "sentence": _sentence(told, view, locale),
            "note": note_of(told.body),
            "rules": rules_named(view.pack, _cites(told), locale),
        }
        for told in reversed(view.timeline)
        if not isinstance(told.body, e.Noted)
    ]


def money_items(lines: list[MoneyLine]) -> list[dict[str, Any]]:
    """Where each sum is."""
    return [
        {
            "label": line.kind,
            "account": line.source,
            "amount_fen": line.amount_fen,
            "state": line.payout_state if line.payout_state in _PAYOUTS else "decided",
        }
        for line in lines
        if line.state in ("posted", "owed")
    ]


def side_items(view: CaseView, locale: Locale) -> list[dict[str, Any]]:
    """Each side with what it was asked to prove, what of it is there, and its evidence."""
    return [
        {
            "side": side,
            "first": any(a.rule.first for a in view.checklist if a.rule.side == side),
            "asked": [
                {
                    "say": in_words(asked.rule.say, locale),
                    "kinds": [(kind, kind in asked.submitted) for kind in asked.rule.kinds],
                    "met": bool(asked.submitted),
                    "rules": rules_named(view.pack, [asked.rule.rule], locale),
                }
                for asked in view.checklist
                if asked.rule.side == side
            ],
            "evidence": shown_evidence(view.case, view.files, by=side),
            # As the queue counts them: one piece may be several files.
            "pieces": sum(piece.by == side for piece in view.case.evidence),
        }
        for side in SIDES
    ]


def claims_of(view: CaseView) -> list[dict[str, Any]]:
    """What each side says in its own words, from the filing and the answer."""
    return [
        {"role": told.by, "who": told.name, "at": told.at, "text": note_of(told.body)}
        for told in view.timeline
        if isinstance(told.body, e.CaseOpened | e.RequestModified) and note_of(told.body)
    ]


def request_kinds(view: CaseView) -> list[str]:
    """The kinds of evidence that can be asked for; those of the checklist first."""
    asked = [kind for each in view.checklist for kind in each.rule.kinds]
    return list(dict.fromkeys([*asked, *EVIDENCE_KINDS]))


def _cites(told: Told) -> tuple[str, ...]:
    return told.body.ruling.cites if isinstance(told.body, e.Ruled) else ()


def _sentence(told: Told, view: CaseView, locale: Locale) -> str:
    own = own_words(told.body, view.pack, locale)
    return own or translate(locale, told.sentence, told.params, now=view.now)
