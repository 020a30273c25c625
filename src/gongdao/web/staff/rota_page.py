"""The week of the rota: who works when, who is away; a lead plans in it."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.flows.staff.access import shop_of
from gongdao.flows.staff.rota import PlanArgs, plan_shifts, see_week, shift_rules, take_off
from gongdao.staff.days import day_of, monday_of
from gongdao.web.shell import page
from gongdao.web.staff.forms import day_in, read_form

MATES = [kind("shop"), may("staff.use")]
LEADS = [kind("shop"), may("staff.use"), may("staff.lead")]
Day = Annotated[str, QueryParameter(max_length=10, pattern="^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]


@get("/shop/team", guards=MATES, include_in_schema=False)
async def show_rota(request: Asked, week: Day = "") -> Response[str]:
    """A week of everybody."""
    who, pool, now = principal_of(request), request.app.state.pool, utc_now()
    shown = await see_week(pool, who, day_in(week))
    rules = await shift_rules(pool, shop_of(who))
    return page(
        request,
        "staff/rota.html",
        week=shown,
        today=day_of(now),
        before=shown.monday - timedelta(days=7),
        after=shown.monday + timedelta(days=7),
        this=monday_of(day_of(now)),
        templates=rules.value.templates,
        new_id=new_id(),
        now=now,
    )


@post("/shop/team/shifts", guards=LEADS, include_in_schema=False)
async def take_shifts(request: Asked) -> Redirect:
    """Plan shifts of one person on the ticked days."""
    args = await read_form(request, PlanArgs)
    await plan_shifts(request.app.state.pool, principal_of(request), args, now=utc_now())
    return Redirect(f"/shop/team?week={monday_of(args.days[0])}", status_code=303)


@post("/shop/team/shifts/{shift_id:uuid}/cancel", guards=LEADS, include_in_schema=False)
async def cancel(request: Asked, shift_id: FromPath[UUID]) -> Redirect:
    """Take a shift off."""
    await take_off(request.app.state.pool, principal_of(request), shift_id, now=utc_now())
    return Redirect("/shop/team", status_code=303)


rota_routes: list[Any] = [show_rota, take_shifts, cancel]
