"""Leave and swaps: asked and answered in one's own week, decided by a lead."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, principal_of
from gongdao.base.clock import utc_now
from gongdao.flows.staff import requests
from gongdao.flows.staff.access import shop_of, team_of
from gongdao.web.shell import page
from gongdao.web.staff.forms import read_form
from gongdao.web.staff.rota_page import LEADS, MATES

_ALL, _ME = "/shop/team/requests", "/shop/team/me"


@get(_ALL, guards=LEADS, include_in_schema=False)
async def show_requests(request: Asked) -> Response[str]:
    """What waits for a decision."""
    who, pool = principal_of(request), request.app.state.pool
    return page(
        request,
        "staff/requests.html",
        requests=await requests.see_requests(pool, who),
        team=await team_of(pool, shop_of(who)),
        me=who.person_id,
    )


@post("/shop/team/leaves", guards=MATES, include_in_schema=False)
async def take_leave(request: Asked) -> Redirect:
    """Ask for days off."""
    args = await read_form(request, requests.LeaveArgs)
    await requests.ask_leave(request.app.state.pool, principal_of(request), args, now=utc_now())
    return Redirect(f"{_ME}#asked", status_code=303)


@post("/shop/team/leaves/{leave_id:uuid}/decision", guards=LEADS, include_in_schema=False)
async def decide_leave(request: Asked, leave_id: FromPath[UUID]) -> Redirect:
    """Grant or refuse."""
    args = await read_form(request, requests.AnswerArgs)
    who, pool = principal_of(request), request.app.state.pool
    await requests.decide_leave(pool, who, leave_id, args, now=utc_now())
    return Redirect(_ALL, status_code=303)


@post("/shop/team/leaves/{leave_id:uuid}/withdrawal", guards=MATES, include_in_schema=False)
async def withdraw_leave(request: Asked, leave_id: FromPath[UUID]) -> Redirect:
    """Take one's own request back."""
    who, pool = principal_of(request), request.app.state.pool
    await requests.withdraw_leave(pool, who, leave_id, now=utc_now())
    return Redirect(f"{_ME}#asked", status_code=303)


@post("/shop/team/swaps", guards=MATES, include_in_schema=False)
async def take_swap(request: Asked) -> Redirect:
    """Propose a swap."""
    args = await read_form(request, requests.SwapArgs)
    await requests.propose_swap(request.app.state.pool, principal_of(request), args, now=utc_now())
    return Redirect(f"{_ME}#asked", status_code=303)


@post("/shop/team/swaps/{swap_id:uuid}/answer", guards=MATES, include_in_schema=False)
async def answer_swap(request: Asked, swap_id: FromPath[UUID]) -> Redirect:
    """The colleague says yes or no."""
    args = await read_form(request, requests.AnswerArgs)
    who, pool = principal_of(request), request.app.state.pool
    await requests.answer_swap(pool, who, swap_id, args, now=utc_now())
    return Redirect(f"{_ME}#asked", status_code=303)


@post("/shop/team/swaps/{swap_id:uuid}/decision", guards=LEADS, include_in_schema=False)
async def decide_swap(request: Asked, swap_id: FromPath[UUID]) -> Redirect:
    """A lead approves or says why not."""
    args = await read_form(request, requests.AnswerArgs)
    who, pool = principal_of(request), request.app.state.pool
    await requests.decide_swap(pool, who, swap_id, args, now=utc_now())
    return Redirect(_ALL, status_code=303)


@post("/shop/team/swaps/{swap_id:uuid}/withdrawal", guards=MATES, include_in_schema=False)
async def withdraw_swap(request: Asked, swap_id: FromPath[UUID]) -> Redirect:
    """Take one's own proposal back."""
    who, pool = principal_of(request), request.app.state.pool
    await requests.withdraw_swap(pool, who, swap_id, now=utc_now())
    return Redirect(f"{_ME}#asked", status_code=303)


request_routes: list[Any] = [
    show_requests, take_leave, decide_leave, withdraw_leave, take_swap, answer_swap, decide_swap,
    withdraw_swap,
]  # fmt: skip
