"""Rule books: what there is, the rules with their sources, and each procedure as a graph."""

from datetime import date
from typing import Any, Literal

import msgspec
from litestar import Response, get
from litestar.params import FromPath, FromQuery

from gongdao.accounts.gate import Asked, signed_in
from gongdao.api.problems import locale_of
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale
from gongdao.flows.settings import current_pack
from gongdao.policy.draw import draw_mermaid, draw_svg
from gongdao.policy.load import UnknownPackError, WrittenError, load_pack, readable_packs
from gongdao.policy.pack import Kind, Move, Pack, ProcedureRule, Rule, StageRule, Switch, Text


class PackBrief(msgspec.Struct, frozen=True, kw_only=True):
    """A rule book; `current` judges the cases that are filed now."""

    name: str
    """id@version, as cases cite it."""
    title: Text
    about: Text
    effective_from: date | None
    effective_to: date | None
    current: bool
    procedures: list[str]


class PackBody(PackBrief, frozen=True, kw_only=True):
    """A rule book with its rules, and the switches that decide where the sources contradict."""

    rules: tuple[Rule, ...]
    switches: tuple[Switch, ...]


class KindBody(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of case: which remedies it can end with, and which reasons it takes."""

    id: str
    title: Text
    remedies: tuple[str, ...]
    reasons: tuple[str, ...]
    rule: str


class ClockBody(msgspec.Struct, frozen=True, kw_only=True):
    """How long a stage waits: 72h, 5d, 4wd (working days) or 6mo."""

    span: str
    after: str
    rule: str


class MoveBody(msgspec.Struct, frozen=True, kw_only=True):
    """An action of a stage: who may do it, and where it may lead (empty: the case stays)."""

    action: str
    by: tuple[str, ...]
    leads_to: list[str]
    rule: str


class SilenceBody(msgspec.Struct, frozen=True, kw_only=True):
    """What happens if nobody acts until the clock runs out."""

    say: Text
    effect: str | None
    leads_to: list[str]
    rule: str


class StageBody(msgspec.Struct, frozen=True, kw_only=True):
    """A stage: whose turn, until when, what can be done, and what silence means."""

    id: str
    waiting_on: str
    clocks: list[ClockBody]
    actions: list[MoveBody]
    on_timeout: SilenceBody | None
    seals_evidence: bool


class ProcedureBody(msgspec.Struct, frozen=True, kw_only=True):
    """A procedure as a graph of stages."""

    id: str
    title: Text
    opened_by: tuple[str, ...]
    start: str
    kinds: list[KindBody]
    stages: list[StageBody]
    rule: str


@get("/packs", guards=[signed_in], summary="Rule books", tags=["packs"])
async def read_packs(request: Asked) -> list[PackBrief]:
    """Every rule book of this installation."""
    current = await current_pack(request.app.state.pool)
    return [PackBrief(**_brief(pack, current)) for pack in readable_packs()]


@get("/packs/{name:str}", guards=[signed_in], summary="One rule book", tags=["packs"])
async def read_pack(request: Asked, name: FromPath[str]) -> PackBody:
    """A rule book by id (its newest version) or id@version, with its rules and switches."""
    current = await current_pack(request.app.state.pool)
    pack = _pack_named(name, current)
    return PackBody(**_brief(pack, current), rules=pack.body.rule, switches=pack.body.switch)


@get(
    "/packs/{name:str}/procedures/{procedure:str}",
    guards=[signed_in],
    summary="One procedure",
    tags=["packs"],
)
async def read_procedure(
    request: Asked,
    name: FromPath[str],
    procedure: FromPath[str],
    format: FromQuery[Literal["json", "mermaid", "svg"]] = "json",  # noqa: A002
) -> Response[Any]:
    """A procedure as data, as a Mermaid diagram or as SVG; drawings in the asked language."""
    pack = _pack_named(name, await current_pack(request.app.state.pool))
    found = next((p for p in pack.body.procedure if p.id == procedure), None)
    if found is None:
        raise Refusal("not_found", N_("There is no such procedure in this rule book."))
    if format == "json":
        # By the look-up of the pack, what can be done anywhere stands in every stage.
        return Response(_show_procedure(pack.procedures[found.id]), media_type="application/json")
    locale: Locale = locale_of(request)
    if format == "svg":
        return Response(draw_svg(pack, found.id, locale=locale), media_type="image/svg+xml")
    return Response(draw_mermaid(pack, found.id, locale=locale), media_type="text/plain")


def _pack_named(name: str, current: Pack) -> Pack:
    """A shipped pack; the one that judges new cases with the switches that are set on it."""
    if name in (current.name, current.id):
        return current
    try:
        return load_pack(name)
    except (UnknownPackError, WrittenError):
        raise Refusal("not_found", N_("There is no such rule book.")) from None


def _brief(pack: Pack, current: Pack) -> dict[str, Any]:
    return {
        "name": pack.name,
        "title": pack.head.title,
        "about": pack.head.about,
        "effective_from": pack.head.effective_from,
        "effective_to": pack.head.effective_to,
        "current": pack.name == current.name,
        "procedures": [procedure.id for procedure in pack.body.procedure],
    }


def _show_procedure(procedure: ProcedureRule) -> ProcedureBody:
    return ProcedureBody(
        id=procedure.id,
        title=procedure.title,
        opened_by=procedure.opened_by,
        start=procedure.start,
        kinds=[_show_kind(kind) for kind in procedure.kind],
        stages=[_show_stage(stage) for stage in procedure.stage],
        rule=procedure.rule,
    )


def _show_kind(kind: Kind) -> KindBody:
    return KindBody(
        id=kind.id, title=kind.title, remedies=kind.remedies, reasons=kind.reasons, rule=kind.rule
    )


def _show_stage(stage: StageRule) -> StageBody:
    silence = stage.on_timeout
    return StageBody(
        id=stage.id,
        waiting_on=stage.waiting_on,
        clocks=[ClockBody(span=str(c.span), after=c.after, rule=c.rule) for c in stage.clock],
        actions=[_show_move(move) for move in stage.action],
        on_timeout=SilenceBody(
            say=silence.say,
            effect=silence.effect,
            leads_to=[target.stage for target in silence.to],
            rule=silence.rule,
        )
        if silence
        else None,
        seals_evidence=stage.seals_evidence,
    )


def _show_move(move: Move) -> MoveBody:
    return MoveBody(
        action=move.do, by=move.by, leads_to=[target.stage for target in move.to], rule=move.rule
    )
