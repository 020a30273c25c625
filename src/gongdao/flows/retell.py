"""A replayed story as one document: the timeline, the money and the reasons, in a language.

It is what `gongdao replay --json` prints; docs/scenarios.md describes it.
"""

from datetime import datetime

import msgspec

from gongdao.base.i18n import N_, Locale, say_refusal, translate
from gongdao.base.money import yuan
from gongdao.cases import events as e
from gongdao.cases.case import Case
from gongdao.cases.narrate import say_event
from gongdao.flows.expectations import amounts, paid_from
from gongdao.flows.replay import Entry
from gongdao.flows.run_story import Failure, Replayed
from gongdao.policy.pack import Pack
from gongdao.policy.terms import term
from gongdao.policy.words import PointsLedger


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What all parts have in common."""


class Moment(Document, frozen=True, kw_only=True):
    """One line of the timeline."""

    at: datetime
    by: str
    type: str
    sentence: str
    case: str = ""


class Reason(Document, frozen=True, kw_only=True):
    """A rule that something rested on; verified: V read, Vx an excerpt, U unverified."""

    id: str
    text: str
    source: str
    verified: str


class Refused(Document, frozen=True, kw_only=True):
    """An action that was refused; `wanted` says whether the story said so."""

    step: int
    line: int
    do: str
    by: str
    code: str
    sentence: str
    rules: tuple[str, ...] = ()
    wanted: bool = False


class CaseTold(Document, frozen=True, kw_only=True):
    """How a case stands at the end."""

    name: str
    procedure: str
    kind: str
    pack: str
    stage: str
    waiting_on: str
    version: int
    deadline: datetime | None = None
    ended: str | None = None
    liability: str | None = None
    remedy: str | None = None
    freight_by: str | None = None
    amounts: dict[str, str]
    paid_from: dict[str, str]
    warnings: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()


class Purses(Document, frozen=True, kw_only=True):
    """What is where at the end."""

    escrow: str
    balance: str
    deposit: str
    debt: str
    points: dict[PointsLedger, int]


class Retold(Document, frozen=True, kw_only=True):
    """The whole document."""

    file: str
    title: str
    pack: str
    source: str
    held: bool
    timeline: tuple[Moment, ...]
    cases: tuple[CaseTold, ...]
    money: Purses
    reasons: tuple[Reason, ...]
    refusals: tuple[Refused, ...]
    failures: tuple[Failure, ...]


def retell(replayed: Replayed, *, locale: Locale) -> Retold:
    """Tell a replayed story in a language; instants are in the story's own zone."""
    world = replayed.world
    story = world.story
    return Retold(
        file=story.source.name,
        title=story.scenario.title,
        pack=world.pack.name,
        source=story.scenario.source,
        held=replayed.held,
        timeline=tuple(
            _moment(entry, world.packs.get(entry.case, world.pack), locale, replayed)
            for entry in world.timeline
        ),
        cases=tuple(_case(name, case) for name, case in world.cases.items()),
        money=Purses(
            escrow=yuan(world.till["order_escrow"]),
            balance=yuan(world.till["shop_balance"]),
            deposit=yuan(world.till["shop_deposit"]),
            debt=yuan(world.till.debt_fen),
            points=world.points,
        ),
        reasons=_reasons(replayed, locale),
        refusals=_refusals(replayed, locale),
        failures=replayed.failures,
    )


_ON_ORDER = {
    "order_paid": N_("The order was paid."),
    "order_ship": N_("The order was shipped."),
    "order_shipped": N_("The order was shipped."),
    "order_sign": N_("The parcel was signed for."),
    "order_signed": N_("The parcel was signed for."),
    "order_tracking": N_("News of the parcel: {event}"),
    "order_confirm_order": N_("Receipt of the order was confirmed; the shop has the money."),
    "order_confirmed": N_("Receipt of the order was confirmed; the shop has the money."),
    "order_closed": N_("The order was closed."),
    "set_policy": N_("Policy was changed: {changes}"),
}


def _moment(entry: Entry, pack: Pack, locale: Locale, replayed: Replayed) -> Moment:
    if entry.record:
        sentence = say_event(entry.record, pack, locale)
    else:
        changes = ", ".join(f"{name} = {value}" for name, value in entry.details.items())
        fields = {"event": entry.details.get("event", "-"), "changes": changes}
        sentence = translate(locale, _ON_ORDER[entry.type], fields)
    return Moment(
        at=entry.at.astimezone(replayed.world.story.zone),
        by=entry.by,
        type=entry.type,
        sentence=sentence,
        case=entry.case,
    )


def _case(name: str, case: Case) -> CaseTold:
    ruling = case.ruling
    return CaseTold(
        name=name,
        procedure=case.procedure,
        kind=case.kind,
        pack=case.pack,
        stage=case.stage,
        waiting_on=case.waiting_on,
        version=case.version,
        deadline=case.deadline,
        ended=case.ended,
        liability=ruling.liability if ruling else None,
        remedy=case.remedy,
        freight_by=case.freight_by,
        amounts={name: yuan(fen) for name, fen in amounts(case).items() if fen or name == "total"},
        paid_from={name: yuan(fen) for name, fen in paid_from(case).items() if fen},
        warnings=case.warnings,
        cites=ruling.cites if ruling else (),
    )


def _reasons(replayed: Replayed, locale: Locale) -> tuple[Reason, ...]:
    """Every rule that something in the story rested on, once, in the order in which they came."""
    rules: dict[str, Reason] = {}
    for rule_id, pack in _rules_used(replayed):
        if rule := pack.rules.get(rule_id):
            rules[rule_id] = Reason(
                id=rule.id,
                text=rule.text.zh if locale == "zh" else rule.text.en,
                source=rule.source,
                verified=rule.verified,
            )
    return tuple(rules.values())


def _rules_used(replayed: Replayed) -> list[tuple[str, Pack]]:
    world = replayed.world
    used: list[tuple[str, Pack]] = []
    for entry in world.timeline:
        if entry.record:
            pack = world.packs[entry.case]
            used += [(rule, pack) for rule in _rules_of(entry.record.body, pack)]
    used += [(rule, world.pack) for _, refusal in replayed.refusals for rule in refusal.rules]
    return used


def _rules_of(body: e.Event, pack: Pack) -> tuple[str, ...]:
    match body:
        case e.CaseOpened():
            return (
                pack.procedures[body.procedure].rule,
                pack.kinds[body.procedure, body.kind].rule,
            )
        case e.Compensated():
            return body.rules
        case e.TimedOut():
            return (body.rule,)
        case e.Ruled():
            return body.ruling.cites
        case e.PointsCharged():
            return (body.charge.rule,)
        case e.WarningRaised():
            return tuple(warning.rule for warning in pack.body.warning if warning.code == body.code)
        case _:
            return ()


def _refusals(replayed: Replayed, locale: Locale) -> tuple[Refused, ...]:
    story = replayed.world.story
    told: list[Refused] = []
    for number, refusal in replayed.refusals:
        step = story.scenario.steps[number - 1]
        told.append(
            Refused(
                step=number,
                line=story.source.line_of(("steps", number - 1)),
                do=step.do or "",
                by=step.by or "",
                code=refusal.code,
                sentence=say_refusal(locale, refusal),
                rules=refusal.rules,
                wanted=step.refused == refusal.code,
            )
        )
    return tuple(told)


def name_of(word: str, kind: str, locale: Locale) -> str:
    """A word of the vocabulary in a language."""
    return translate(locale, term(word, kind))
