"""The case page and its actions.

Who: an agent or lead of the shop, coming from the inbox. Question: what does the buyer want, what
do the rules give, what does each answer cost us, and how long have we got? Next: answer with one
key and one look at the preview, and go back to the inbox.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from markupsafe import Markup

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.accounts.principal import Principal
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import say_refusal
from gongdao.flows.act import act_on_case
from gongdao.flows.case_view import CaseView, view_case
from gongdao.policy.draw import draw_svg
from gongdao.shops.store import Scope, load_purchase
from gongdao.web.appeal import appeal_until
from gongdao.web.case_items import message_items
from gongdao.web.filing import kinds_for
from gongdao.web.notices.pages import note_seen
from gongdao.web.shell import locale_of, page
from gongdao.web.shop.case_page import (
    Foreseen,
    foresee,
    list_deeds,
    show_money,
    show_rule,
    show_timeline,
    side_shown,
)
from gongdao.web.shop.case_reads import other_cases
from gongdao.web.shop.forms import read_command
from gongdao.web.story import PIECE_OF_PARTIES, story_values
from gongdao.web.uploads import REQUEST_BYTES_MAX, shown_evidence

_READERS = [kind("shop"), may("case.read")]


@get("/shop/cases/{case_id:uuid}", guards=_READERS, include_in_schema=False)
async def show_case(
    request: Asked,
    case_id: FromPath[UUID],
    before: FromQuery[int | None] = None,
    since: FromQuery[int | None] = None,
) -> Response[str]:
    """One case: the facts, what can be done, and what it would cost."""
    who, pool, now, locale = (
        principal_of(request),
        request.app.state.pool,
        utc_now(),
        locale_of(request),
    )
    seen = await view_case(pool, who, case_id, now=now)
    await note_seen(request, case_id)
    case, messages = seen.case, message_items(seen)
    scope = Scope(shop_id=case.shop_id)
    async with pool.acquire() as connection:
        purchase = await load_purchase(connection, case.order_id, scope=scope)
        others = await other_cases(
            connection,
            buyer_id=case.buyer_id,
            shop_id=case.shop_id,
            case_id=case.id,
            order_id=case.order_id,
        )
    return page(
        request,
        "shop/case.html",
        seen=seen,
        case=case,
        purchase=purchase,
        others=others,
        deeds=await list_deeds(pool, who, seen, locale=locale, now=now),
        messages=messages,
        **story_values(
            show_timeline(seen, locale),
            messages,
            address=f"/shop/cases/{case.id}",
            before=before,
            since=since,
            at_once=PIECE_OF_PARTIES,
        ),
        money=show_money(seen.money),
        ours=shown_evidence(case, seen.files, by="seller"),
        theirs=shown_evidence(case, seen.files, by="buyer"),
        rules=[show_rule(rule, locale) for rule in seen.cites],
        asked=asked_of(seen, locale),
        silence=_text(seen.silence, locale) if seen.silence else "",
        kind_title=_text(seen.pack.kinds[case.procedure, case.kind].title, locale),
        remedies=remedies_of(seen),
        appeal_until=appeal_until(seen),
        may_report=may_report(who, seen),
        diagram=Markup(draw_svg(seen.pack, case.procedure, here=case.stage, locale=locale)),  # noqa: S704 - drawn by us
    )


@post(
    "/shop/cases/{case_id:uuid}/preview/{action:str}",
    guards=_READERS,
    status_code=200,
    include_in_schema=False,
)
async def show_preview(
    request: Asked, case_id: FromPath[UUID], action: FromPath[str]
) -> Response[str]:
    """What a decision would cost with what has been filled in so far; changes nothing."""
    who, pool, now = principal_of(request), request.app.state.pool, utc_now()
    locale = locale_of(request)
    seen = await view_case(pool, who, case_id, now=now)
    try:
        sent = await read_command(request, action)
        foreseen = await foresee(pool, who, seen, action, args=sent.args, locale=locale, now=now)
    except Refusal as refusal:
        # Half of a form is no mistake yet: it is said in the preview, not as an error.
        foreseen = Foreseen(why=say_refusal(locale, refusal))
    return page(request, "shop/preview.html", action=action, foreseen=foreseen, seen=seen)


@post(
    "/shop/cases/{case_id:uuid}/{action:str}",
    guards=_READERS,
    request_max_body_size=REQUEST_BYTES_MAX,
    include_in_schema=False,
)
async def take_action(request: Asked, case_id: FromPath[UUID], action: FromPath[str]) -> Redirect:
    """Act on a case, once, and go back to it."""
    who, pool = principal_of(request), request.app.state.pool
    sent = await read_command(request, action)
    await act_on_case(
        pool,
        who,
        case_id,
        action,
        sent.args,
        now=utc_now(),
        version=sent.version,
        key=sent.key,
    )
    return Redirect(f"/shop/cases/{case_id}", status_code=303)


def may_report(who: Principal, seen: CaseView) -> bool:
    """Whether somebody can file a report about the buyer of this case."""
    reports = kinds_for(seen.pack, "report", "seller")
    return bool(reports) and who.may("case.open") and seen.case.procedure != "report"


def asked_of(seen: CaseView, locale: str) -> list[dict[str, Any]]:
    """What each side is asked to prove, with what is there already."""
    return [
        {
            "side": side_shown(seen, asked.rule.side),
            "say": _text(asked.rule.say, locale),
            "first": asked.rule.first,
            "kinds": [(kind, kind in asked.submitted) for kind in asked.rule.kinds],
        }
        for asked in seen.checklist
    ]


def remedies_of(seen: CaseView) -> list[str]:
    """What a shop can offer in a case of this kind; penalties are for the platform to rule."""
    allowed = seen.pack.kinds[seen.case.procedure, seen.case.kind].remedies
    return [r for r in allowed if r not in ("punitive_compensation", "no_action")]


def _text(text: Any, locale: str) -> str:
    return text.zh if locale == "zh" else text.en


case_routes = [show_case, show_preview, take_action]
