"""The queue.

Who: an arbiter at the desk in the morning, and after every ruling; a supervisor who looks for what
is late. Question: what must be decided first, and how much is there? Next: open the first case.
"""

from collections.abc import Callable
from typing import Any, get_args
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.params import FromQuery
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, principal_of
from gongdao.base.cursor import read_place
from gongdao.base.i18n import N_, Locale, translate
from gongdao.flows.settings import current_pack
from gongdao.policy.pack import Pack
from gongdao.policy.words import Stage
from gongdao.web.platform.claim_pages import READERS, may_claim
from gongdao.web.platform.forms import asked_for
from gongdao.web.platform.reads import (
    STAGES,
    Claimed,
    RowPlace,
    Wanted,
    count_tabs,
    next_waiting,
    read_queue,
)
from gongdao.web.shell import locale_of, page

_FIELDS = ("stage", "procedure", "kind", "reason", "claim", "shop", "buyer", "q")
#: In whose hands the cases of the list are, as one asks for it.
_CLAIMS: dict[Claimed, str] = {"mine": N_("Claimed by me"), "free": N_("Claimed by nobody")}


@get("/platform", guards=READERS, include_in_schema=False)
async def enter(request: Asked) -> Redirect:
    """The desk opens with the queue."""
    return Redirect("/platform/cases", status_code=303)


@get("/platform/cases", guards=READERS, include_in_schema=False)
async def show_queue(request: Asked, after: FromQuery[str] = "") -> Response[str]:
    """Cases by stage and clock."""
    pool, locale, who = request.app.state.pool, locale_of(request), principal_of(request)
    wanted = _wanted(dict(request.query_params), who.person_id)
    place = read_place(after, RowPlace) if after else None
    queue = await read_queue(pool, wanted, after=place)
    return page(
        request,
        "platform/queue.html",
        queue=queue,
        wanted=wanted,
        counts=await count_tabs(pool),
        choices=_choices(await current_pack(pool), wanted, locale),
        address=_addresses(wanted),
        more=_more(wanted, queue.following),
        narrowed=any(_fields_of(wanted)[name] for name in _FIELDS),
        me=who.person_id,
        may_claim=may_claim(who),
        here=_address(wanted, {}),
    )


@get("/platform/cases/next", guards=READERS, include_in_schema=False)
async def go_to_next(request: Asked, not_this: FromQuery[UUID | None] = None) -> Redirect:
    """The most urgent case that waits for a ruling; the queue when there is none."""
    me = principal_of(request).person_id
    found = await next_waiting(request.app.state.pool, me=me, not_this=not_this)
    return Redirect(f"/platform/cases/{found}" if found else "/platform/cases", status_code=303)


def _wanted(asked: dict[str, Any], me: UUID) -> Wanted:
    """What the address asks for; a word that means nothing narrows nothing."""
    text = {name: asked_for(str(asked.get(name, ""))) for name in (*_FIELDS, "tab")}
    stage = text["stage"] if text["stage"] in get_args(Stage) and text["stage"] != "closed" else ""
    tab = text["tab"] if text["tab"] in STAGES else "waiting"
    if stage and tab != "closed":
        tab = next(t for t, stages in STAGES.items() if stage in stages)
    return Wanted(
        tab=tab,
        stage=stage if tab != "closed" else "",
        procedure=text["procedure"],
        kind=text["kind"],
        reason=text["reason"],
        claim=_claim_asked(text["claim"]),
        me=me,
        shop=_id_or_none(text["shop"]),
        buyer=_id_or_none(text["buyer"]),
        text=text["q"],
    )


def _claim_asked(text: str) -> Claimed:
    for claim in _CLAIMS:
        if claim == text:
            return claim
    return ""


def _id_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _fields_of(wanted: Wanted) -> dict[str, str]:
    return {
        "tab": wanted.tab,
        "stage": wanted.stage,
        "procedure": wanted.procedure,
        "kind": wanted.kind,
        "reason": wanted.reason,
        "claim": wanted.claim,
        "shop": str(wanted.shop or ""),
        "buyer": str(wanted.buyer or ""),
        "q": wanted.text,
    }


def _addresses(wanted: Wanted) -> Callable[..., str]:
    """For the template: the address of this queue with some fields changed."""

    def address(**changes: str) -> str:
        return _address(wanted, changes)

    return address


def _address(wanted: Wanted, changes: dict[str, str]) -> str:
    """The queue as it is, with some fields changed."""
    fields = {name: text for name, text in (_fields_of(wanted) | changes).items() if text}
    return f"/platform/cases?{urlencode(fields)}"


def _more(wanted: Wanted, following: RowPlace | None) -> str:
    return _address(wanted, {"after": following.text()}) if following else ""


def _choices(pack: Pack, wanted: Wanted, locale: Locale) -> list[dict[str, Any]]:
    """The filters: words of the pack that is in force, each with what is chosen."""
    kinds = {kind.id: kind.title for p in pack.procedures.values() for kind in p.kind}
    stages = STAGES[wanted.tab]
    known = {stage for _procedure, stage in pack.stages}
    reasons = {r for p in pack.procedures.values() for kind in p.kind for r in kind.reasons}
    return [
        {"name": "stage", "value": wanted.stage, "of": "stage",
         "options": [(s, "") for s in stages if s in known]},
        {"name": "procedure", "value": wanted.procedure, "of": "procedure",
         "options": [(p, "") for p in pack.procedures]},
        {"name": "kind", "value": wanted.kind, "of": "kind",
         "options": [(k, t.zh if locale == "zh" else t.en) for k, t in kinds.items()]},
        {"name": "reason", "value": wanted.reason, "of": "reason",
         "options": [(r, "") for r in sorted(reasons)]},
        {"name": "claim", "value": wanted.claim, "of": "",
         "options": [(c, translate(locale, label)) for c, label in _CLAIMS.items()]},
    ]  # fmt: skip


queue_routes = [enter, show_queue, go_to_next]
