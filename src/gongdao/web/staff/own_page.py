"""My week: the shifts of one person, their requests, their private memos."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.flows.staff import memos
from gongdao.flows.staff.access import shop_of, team_of
from gongdao.flows.staff.requests import see_requests
from gongdao.flows.staff.rota import see_week
from gongdao.flows.staff.today import my_shift
from gongdao.staff.days import day_of
from gongdao.staff.shift_store import shifts_between
from gongdao.web.shell import page
from gongdao.web.staff.forms import day_in, read_form
from gongdao.web.staff.rota_page import MATES, Day

#: How far ahead shifts are offered for a swap.
SWAPS_AHEAD = timedelta(days=28)
_ME = "/shop/team/me"


@get(_ME, guards=MATES, include_in_schema=False)
async def show_own(request: Asked, week: Day = "") -> Response[str]:
    """One's own week."""
    who, pool, now = principal_of(request), request.app.state.pool, utc_now()
    shown = await see_week(pool, who, day_in(week))
    ahead = await shifts_between(pool, shop_of(who), now, now + SWAPS_AHEAD)
    return page(
        request,
        "staff/own.html",
        week=shown,
        before=shown.monday - timedelta(days=7),
        after=shown.monday + timedelta(days=7),
        today=day_of(now),
        shift=await my_shift(pool, who.person_id, now=now),
        requests=await see_requests(pool, who),
        memos=await memos.see_memos(pool, who),
        mine=[each for each in ahead if each.person_id == who.person_id],
        others=[each for each in ahead if each.person_id != who.person_id],
        team=await team_of(pool, shop_of(who)),
        me=who.person_id,
        ids=[new_id() for _ in range(3)],
        now=now,
    )


@post(f"{_ME}/memos", guards=MATES, include_in_schema=False)
async def take_memo(request: Asked) -> Redirect:
    """Write a memo."""
    args = await read_form(request, memos.MemoArgs)
    await memos.write_memo(request.app.state.pool, principal_of(request), args, now=utc_now())
    return Redirect(f"{_ME}#memos", status_code=303)


@post(f"{_ME}/memos/{{memo_id:uuid}}/done", guards=MATES, include_in_schema=False)
async def finish(request: Asked, memo_id: FromPath[UUID]) -> Redirect:
    """It is done."""
    await memos.finish_memo(request.app.state.pool, principal_of(request), memo_id, now=utc_now())
    return Redirect(f"{_ME}#memos", status_code=303)


@post(f"{_ME}/memos/{{memo_id:uuid}}/open", guards=MATES, include_in_schema=False)
async def reopen(request: Asked, memo_id: FromPath[UUID]) -> Redirect:
    """It is not done after all."""
    await memos.reopen_memo(request.app.state.pool, principal_of(request), memo_id)
    return Redirect(f"{_ME}#memos", status_code=303)


@post(f"{_ME}/memos/{{memo_id:uuid}}/drop", guards=MATES, include_in_schema=False)
async def drop(request: Asked, memo_id: FromPath[UUID]) -> Redirect:
    """Throw it away."""
    await memos.drop_memo(request.app.state.pool, principal_of(request), memo_id)
    return Redirect(f"{_ME}#memos", status_code=303)


own_routes: list[Any] = [show_own, take_memo, finish, reopen, drop]
