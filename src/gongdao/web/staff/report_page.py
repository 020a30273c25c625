"""The report of last week, for the meeting on Monday at 8:00."""

from datetime import timedelta
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, principal_of
from gongdao.base.clock import utc_now
from gongdao.figures.written import length_of
from gongdao.flows.staff import week_report
from gongdao.staff.days import day_of, monday_of
from gongdao.web.shell import page
from gongdao.web.staff.forms import day_in, read_args
from gongdao.web.staff.rota_page import LEADS, MATES, Day
from gongdao.web.typed import text_of

_REPORT = "/shop/team/report"


@get(_REPORT, guards=MATES, include_in_schema=False)
async def show_report(request: Asked, week: Day = "") -> Response[str]:
    """The report of a week: of the last one that has one, unless another is asked for."""
    who, pool = principal_of(request), request.app.state.pool
    weeks = await week_report.weeks_reported(pool, who)
    last = monday_of(day_of(utc_now())) - timedelta(days=7)
    chosen = monday_of(day_in(week)) if week else (weeks[0] if weeks else None)
    report = await week_report.see_report(pool, who, chosen) if chosen and chosen in weeks else None
    return page(
        request,
        "staff/report.html",
        report=report,
        weeks=weeks,
        last=last,
        is_missing=last not in weeks,
        sunday=report.monday + timedelta(days=6) if report else None,
        me=who.person_id,
        length_of=length_of,
    )


@post(_REPORT, guards=LEADS, include_in_schema=False)
async def make_report(request: Asked) -> Redirect:
    """Make the report of a week by hand."""
    form = await request.form()
    monday = monday_of(day_in(text_of(form, "week")[:10]))
    pool, who = request.app.state.pool, principal_of(request)
    await week_report.make_report(pool, who, monday, now=utc_now())
    return Redirect(f"{_REPORT}?week={monday}", status_code=303)


@post(f"{_REPORT}/words", guards=MATES, include_in_schema=False)
async def take_words(request: Asked) -> Redirect:
    """Say what one did better."""
    form = await request.form()
    monday = monday_of(day_in(text_of(form, "week")[:10]))
    args = read_args(form, week_report.WordsArgs)
    pool, who = request.app.state.pool, principal_of(request)
    await week_report.say_of_week(pool, who, monday, args, now=utc_now())
    return Redirect(f"{_REPORT}?week={monday}", status_code=303)


report_routes: list[Any] = [show_report, make_report, take_words]
