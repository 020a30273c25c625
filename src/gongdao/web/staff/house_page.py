"""The house rules: what was noted, contested and decided; nothing while they are off."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.flows.staff import house_rules
from gongdao.flows.staff.access import shop_of, team_of
from gongdao.staff.days import day_of, next_month
from gongdao.web.shell import page
from gongdao.web.staff.commission_page import Month
from gongdao.web.staff.forms import month_in, read_form
from gongdao.web.staff.rota_page import LEADS, MATES

_HERE = "/shop/team/rules"


@get(_HERE, guards=MATES, include_in_schema=False)
async def show_marks(request: Asked, month: Month = "") -> Response[str]:
    """What was noted in a month: of oneself, for a lead of everybody."""
    who, pool, now = principal_of(request), request.app.state.pool, utc_now()
    first = month_in(month)
    last = next_month(first)
    return page(
        request,
        "staff/house.html",
        rules=(await house_rules.house_rules(pool, shop_of(who))).value,
        marks=await house_rules.see_marks(pool, who, first),
        month=first,
        before=(first - timedelta(days=1)).replace(day=1),
        next=last if last <= day_of(now) else None,
        team=await team_of(pool, shop_of(who)),
        me=who.person_id,
        today=day_of(now),
        new_id=new_id(),
    )


@post(_HERE, guards=LEADS, include_in_schema=False)
async def take_mark(request: Asked) -> Redirect:
    """Note something."""
    args = await read_form(request, house_rules.MarkArgs)
    await house_rules.note_mark(request.app.state.pool, principal_of(request), args, now=utc_now())
    return Redirect(f"{_HERE}?month={args.happened_on:%Y-%m}", status_code=303)


@post(f"{_HERE}/{{mark_id:uuid}}/contest", guards=MATES, include_in_schema=False)
async def contest(request: Asked, mark_id: FromPath[UUID]) -> Redirect:
    """Say why it is wrong."""
    args = await read_form(request, house_rules.ContestArgs)
    who, pool = principal_of(request), request.app.state.pool
    mark = await house_rules.contest_mark(pool, who, mark_id, args, now=utc_now())
    return Redirect(f"{_HERE}?month={mark.happened_on:%Y-%m}", status_code=303)


@post(f"{_HERE}/{{mark_id:uuid}}/decision", guards=LEADS, include_in_schema=False)
async def decide(request: Asked, mark_id: FromPath[UUID]) -> Redirect:
    """Let it stay, or remove it."""
    args = await read_form(request, house_rules.DecisionArgs)
    who, pool = principal_of(request), request.app.state.pool
    mark = await house_rules.decide_mark(pool, who, mark_id, args, now=utc_now())
    return Redirect(f"{_HERE}?month={mark.happened_on:%Y-%m}", status_code=303)


house_routes: list[Any] = [show_marks, take_mark, contest, decide]
