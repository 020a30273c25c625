"""The rule books.

Who: an arbiter who wants to know where a rule comes from; an auditor who asks why the product does
what it does; the operator who decides a contradiction of the sources. Question: what counts, since
when, on whose word? Next: back to the case, or set a switch with a reason.
"""

from collections.abc import Awaitable
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.accounts.people_store import names_of_people
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale
from gongdao.flows.settings import (
    choose_pack,
    current_choice,
    pack_with,
    past_choices,
    set_switch,
)
from gongdao.policy.draw import head_lines, stage_lines
from gongdao.policy.load import UnknownPackError, WrittenError, load_pack, readable_packs
from gongdao.policy.pack import Pack, ProcedureRule
from gongdao.web.platform.course import draw_course
from gongdao.web.platform.forms import text_of, version_of
from gongdao.web.platform.shown import choice, in_words, rule_item
from gongdao.web.shell import locale_of, page

_READERS = [kind("platform"), may("case.read")]
_HISTORY_PAGE = 20


@get("/platform/policy", guards=_READERS, include_in_schema=False)
async def show_packs(request: Asked, before: FromQuery[int | None] = None) -> Response[str]:
    """The rule books there are, which of them judges new cases, and who decided that."""
    pool, locale = request.app.state.pool, locale_of(request)
    chosen = await current_choice(pool)
    history = await past_choices(pool, before=before, limit=_HISTORY_PAGE)
    now = pack_with(chosen.value.pack, chosen.value.switches)
    return page(
        request,
        "platform/packs.html",
        packs=[_pack_item(pack, locale) for pack in readable_packs()],
        chosen=chosen,
        in_force=now.name,
        set_switches=[s for s in now.body.switch if s.id in now.changed_switches],
        history=history,
        more=f"/platform/policy?before={history[-1].version}"
        if len(history) == _HISTORY_PAGE
        else "",
        names=await names_of_people(pool, [each.by_id for each in history]),
        choice=choice,
        may_edit=principal_of(request).may("policy.edit"),
    )


@get("/platform/policy/{name:str}", guards=_READERS, include_in_schema=False)
async def show_pack(request: Asked, name: FromPath[str]) -> Response[str]:
    """One rule book: procedures, switches and rules."""
    locale = locale_of(request)
    pack = _find(name)
    chosen = await current_choice(request.app.state.pool)
    in_force = load_pack(chosen.value.pack).name == pack.name
    shown = pack_with(pack.name, chosen.value.switches) if in_force else pack
    return page(
        request,
        "platform/pack.html",
        pack=shown,
        title=in_words(pack.head.title, locale),
        about=in_words(pack.head.about, locale),
        head_lines=head_lines(shown, locale),
        unread=[rule.id for rule in pack.body.rule if rule.verified == "U"],
        in_force=in_force,
        chosen=chosen,
        procedures=[_procedure_item(p, shown, locale) for p in shown.procedures.values()],
        rules=[rule_item(rule, locale, pack=pack.name) for rule in pack.body.rule],
        written={switch.id: switch.value for switch in pack.body.switch},
        choice=choice,
        may_edit=principal_of(request).may("policy.edit"),
    )


@post("/platform/policy/{name:str}/choose", guards=_READERS, include_in_schema=False)
async def take_pack(request: Asked, name: FromPath[str]) -> Redirect:
    """Let a rule book judge the cases that are opened from now on."""
    form = await request.form()
    return await _done(
        choose_pack(
            request.app.state.pool,
            principal_of(request),
            _find(name).name,
            seen=_seen(version_of(form)),
            reason=text_of(form, "reason"),
            now=utc_now(),
        ),
        "/platform/policy",
    )


@post("/platform/policy/{name:str}/switch", guards=_READERS, include_in_schema=False)
async def take_switch(request: Asked, name: FromPath[str]) -> Redirect:
    """Decide a contradiction of the sources in another way, for cases opened from now on."""
    form, pool = await request.form(), request.app.state.pool
    pack, chosen = _find(name), await current_choice(pool)
    if load_pack(chosen.value.pack).name != pack.name:
        raise Refusal("not_eligible", N_("Only the switches of the rule book in force can be set."))
    return await _done(
        set_switch(
            pool,
            principal_of(request),
            text_of(form, "switch"),
            text_of(form, "value"),
            seen=_seen(version_of(form)),
            reason=text_of(form, "reason"),
            now=utc_now(),
        ),
        f"/platform/policy/{pack.name}",
    )


async def _done(change: Awaitable[Any], home: str) -> Redirect:
    await change
    return Redirect(home, status_code=303)


def _seen(version: int | None) -> int:
    if version is None:
        raise Refusal("invalid", N_("This page is out of date. Reload it and try again."))
    return version


def _find(name: str) -> Pack:
    try:
        return load_pack(name)
    except (UnknownPackError, WrittenError):
        raise Refusal("not_found", N_("There is no such rule book.")) from None


def _pack_item(pack: Pack, locale: Locale) -> dict[str, Any]:
    return {
        "name": pack.name,
        "title": in_words(pack.head.title, locale),
        "about": in_words(pack.head.about, locale),
        "extends": pack.head.extends,
        "procedures": len(pack.procedures),
        "rules": len(pack.body.rule),
        "switches": len(pack.body.switch),
        "unverified": sum(rule.verified == "U" for rule in pack.body.rule),
    }


def _procedure_item(procedure: ProcedureRule, pack: Pack, locale: Locale) -> dict[str, Any]:
    return {
        "id": procedure.id,
        "title": in_words(procedure.title, locale),
        "kinds": [in_words(each.title, locale) for each in procedure.kind],
        "diagram": draw_course(pack, procedure.id, locale=locale),
        "lines": stage_lines(pack, procedure.id, locale),
    }


policy_routes = [show_packs, show_pack, take_pack, take_switch]
