"""The case before the arbiter.

Who: an arbiter who comes from the queue; a supervisor or auditor who looks over a shoulder; a party
is never here. Question: who said and proved what, who carried the burden, what do the rules give?
Next: choose liability and remedy, read the sums, confirm, and take the next case.
"""

from datetime import datetime
from typing import Any, get_args
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, principal_of
from gongdao.accounts.principal import Principal
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale, say_refusal
from gongdao.cases import events as e
from gongdao.cases.case import Case
from gongdao.cases.claims import read_claim
from gongdao.cases.commands import Command, RequestEvidenceArgs
from gongdao.cases.decide import decide
from gongdao.flows.act import act_on_case
from gongdao.flows.case_view import CaseView, Told, view_case
from gongdao.flows.conflicts import conflict_in, hears, tie_in
from gongdao.flows.guard.access import may_mark, reads_all
from gongdao.flows.guard.see import Warnings, seen_in_case
from gongdao.policy.words import FreightBearer, Liability, RefusalReason
from gongdao.web.case_items import message_items, offer_items
from gongdao.web.guard.shown import signs_in_order
from gongdao.web.notices.pages import note_seen
from gongdao.web.platform.case_reads import read_past, read_siblings
from gongdao.web.platform.claim_pages import READERS, may_claim
from gongdao.web.platform.course import draw_course
from gongdao.web.platform.forms import read_command, read_ruling, require_leave
from gongdao.web.platform.ruling import Weighed, receipts_of, weigh_ruling
from gongdao.web.platform.shown import (
    choice,
    claims_of,
    in_words,
    money_items,
    request_kinds,
    rule_item,
    side_items,
    timeline_items,
)
from gongdao.web.shell import locale_of, page
from gongdao.web.story import story_values

LIABILITIES: tuple[Liability, ...] = ("seller", "buyer", "both", "none", "carrier", "platform")
BEARERS: tuple[FreightBearer, ...] = ("seller", "buyer", "carrier", "platform")
#: What the desk offers beside the ruling, with the letter that opens each.
_DEEDS = {
    "approve": "a",
    "reject": "r",
    "concur": "y",
    "send_back": "b",
    "execute": "x",
    "request_evidence": "e",
    "propose_settlement": "p",
    "extend_deadline": "t",
    "pause": "z",
    "resume": "z",
}


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """One action as the page offers it; `why` says why it is not possible."""

    action: str
    key: str
    why: str = ""


@get("/platform/cases/{case_id:uuid}", guards=READERS, include_in_schema=False)
async def show_case(
    request: Asked,
    case_id: FromPath[UUID],
    done: FromQuery[str] = "",
    before: FromQuery[int | None] = None,
    since: FromQuery[int | None] = None,
) -> Response[str]:
    """One case, with everything that its ruling rests on."""
    who, pool, locale = principal_of(request), request.app.state.pool, locale_of(request)
    now = utc_now()
    view = await view_case(pool, who, case_id, now=now)
    await note_seen(request, case_id)
    case = view.case
    past, messages = await read_past(pool, case), message_items(view)
    conflict = await conflict_in(pool, who, case_id)
    tie = conflict and await tie_in(pool, who, case_id)
    return page(
        request,
        "platform/case.html",
        seen=view,
        case=case,
        order=view.order,
        siblings=await read_siblings(pool, order_id=case.order_id, case_id=case.id),
        past=past,
        **await _noticed(request, case_id),
        claim=await read_claim(pool, case.id) if case.is_open else None,
        **_turn_of(who, case, conflict, tie),
        claims=claims_of(view),
        sides=side_items(view, locale),
        messages=messages,
        **story_values(
            timeline_items(view, locale),
            messages,
            address=f"/platform/cases/{case.id}",
            before=before,
            since=since,
        ),
        offers=offer_items(view),
        sent_back=_sent_back(view),
        money=money_items(view.money),
        rules=[rule_item(rule, locale, pack=view.pack.name) for rule in view.cites],
        silence=in_words(view.silence, locale),
        deeds=_deeds(who, view, locale, conflict=conflict, tie=tie),
        asked_kinds=request_kinds(view),
        asked_until=_asked_until(view),
        refusals=get_args(RefusalReason),
        causes=[rule.cause for rule in view.pack.body.pause],
        ruled=done == "adjudicate" and case.ruling is not None,
        judging=_judging(who, view, locale, conflict),
        remedies=view.pack.kinds[case.procedure, case.kind].remedies,
        liabilities=LIABILITIES,
        bearers=BEARERS,
        receipts=receipts_of(case, view.pack),
        weighed=None,
        why="",
        choice=choice,
        diagram=draw_course(view.pack, case.procedure, here=case.stage, locale=locale),
        may_read_log=who.may("audit.read"),
        may_read_books=who.may("ledger.read"),
    )


def _turn_of(
    who: Principal, case: Case, conflict: Refusal | None, tie: Refusal | None
) -> dict[str, Any]:
    """Who looks at the page, and whether the case is theirs to take and to decide."""
    return {
        "me": who.person_id,
        "may_claim": may_claim(who) and case.is_open and conflict is None,
        "tied": tie is not None,
        "mine": who.role == case.waiting_on and conflict is None,
        "late": case.missed if case.is_open else 0,
    }


def _sent_back(view: CaseView) -> Told | None:
    """What a review that sent the ruling back has said, until somebody rules anew."""
    for told in reversed(view.timeline):
        if isinstance(told.body, e.Ruled):
            return None
        if isinstance(told.body, e.RulingSentBack):
            return told
    return None


@post(
    "/platform/cases/{case_id:uuid}/preview",
    guards=READERS,
    status_code=200,
    include_in_schema=False,
)
async def show_preview(request: Asked, case_id: FromPath[UUID]) -> Response[str]:
    """What a ruling would bring, with what has been chosen so far; changes nothing."""
    who, locale = principal_of(request), locale_of(request)
    view = await view_case(request.app.state.pool, who, case_id, now=utc_now())
    weighed, why = await _weigh(request, who, view, utc_now(), locale)
    return page(
        request,
        "platform/ruling_preview.html",
        seen=view,
        case=view.case,
        weighed=weighed,
        why=why,
        choice=choice,
        receipts=receipts_of(view.case, view.pack),
        cites=[rule_item(r, locale, pack=view.pack.name) for r in weighed.cites] if weighed else [],
    )


@post("/platform/cases/{case_id:uuid}/{action:str}", guards=READERS, include_in_schema=False)
async def take_action(request: Asked, case_id: FromPath[UUID], action: FromPath[str]) -> Redirect:
    """Act on a case, once, and go back to it."""
    who = principal_of(request)
    require_leave(who, action)
    sent = await read_command(request, action)
    await act_on_case(
        request.app.state.pool,
        who,
        case_id,
        action,
        sent.args,
        now=utc_now(),
        version=sent.version,
        key=sent.key,
    )
    query = "?done=adjudicate" if action == "adjudicate" else ""
    return Redirect(f"/platform/cases/{case_id}{query}", status_code=303)


async def _weigh(
    request: Asked, who: Principal, view: CaseView, now: datetime, locale: Locale
) -> tuple[Weighed | None, str]:
    """The ruling computed, or why it cannot be: half of a form is no mistake yet."""
    try:
        require_leave(who, "adjudicate")
        args = read_ruling(await request.form())
        if args is None:
            return None, ""
        return await weigh_ruling(request.app.state.pool, who, view, args, now=now), ""
    except Refusal as refusal:
        return None, say_refusal(locale, refusal)


async def _noticed(request: Asked, case_id: UUID) -> dict[str, Any]:
    """What the guard noticed; nothing for who reads along without leave, or is tied to a side."""
    who, pool = principal_of(request), request.app.state.pool
    told: Warnings | None = None
    if reads_all(who) and await tie_in(pool, who, case_id) is None:
        told = await seen_in_case(pool, who, case_id)
    signs = signs_in_order(told) if told else []
    return {"told": told, "told_signs": signs, "may_mark": may_mark(who)}


def _deeds(
    who: Principal,
    view: CaseView,
    locale: Locale,
    *,
    conflict: Refusal | None,
    tie: Refusal | None,
) -> list[Deed]:
    """What can be done beside the ruling, and why not; only what this role can ever do here."""
    deeds: list[Deed] = []
    for each in view.available:
        if each.action not in _DEEDS or (each.action == "resume" and not view.case.rest):
            continue
        if each.action == "pause" and view.case.rest:
            continue
        barred = conflict if hears(who, view.case, each.action) else tie
        refusal = each.refusal or barred or _no_leave(who, each.action)
        why = say_refusal(locale, refusal) if refusal else ""
        deeds.append(Deed(action=each.action, key=_DEEDS[each.action], why=why))
    return sorted(deeds, key=lambda deed: list(_DEEDS).index(deed.action))


def _no_leave(who: Principal, action: str) -> Refusal | None:
    try:
        require_leave(who, action)
    except Refusal as refusal:
        return refusal
    return None


def _asked_until(view: CaseView) -> dict[str, datetime | None]:
    """Until when a side that is asked for proof now would have to answer."""
    if not view.may("request_evidence"):
        return {}
    until: dict[str, datetime | None] = {}
    for side in ("buyer", "seller", "both"):
        args = RequestEvidenceArgs(from_=side)
        command = Command(action="request_evidence", by="arbiter", args=args)
        after = decide(view.case, command, facts=view.facts, pack=view.pack, now=view.now).case
        until[side] = after.deadline
    return until


def _judging(who: Principal, view: CaseView, locale: Locale, conflict: Refusal | None) -> Deed:
    """Whether the viewer rules now, and why not: who may, or what has to happen first."""
    if not who.may("case.judge") or view.role != "arbiter":
        why = Refusal("wrong_role", N_("Arbiters rule; your role reads along."))
    else:
        why = view.why_not("adjudicate") or conflict
    return Deed(action="adjudicate", key="d", why=say_refusal(locale, why) if why else "")


case_routes = [show_case, show_preview, take_action]
