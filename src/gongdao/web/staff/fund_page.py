"""The department's fund: every line and the balance, for everybody of the shop."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.flows.staff import fund
from gongdao.flows.staff.access import shop_of, team_of
from gongdao.web.shell import page
from gongdao.web.staff.forms import read_form
from gongdao.web.staff.rota_page import LEADS, MATES

_HERE = "/shop/team/fund"
_PAGE = 50


@get(_HERE, guards=MATES, include_in_schema=False)
async def show_fund(
    request: Asked, before: Annotated[int, QueryParameter(ge=0, le=2**31 - 1)] = 0
) -> Response[str]:
    """The book, the last line first."""
    who, pool = principal_of(request), request.app.state.pool
    entries = await fund.see_fund(pool, who, before=before or None, limit=_PAGE)
    newest = entries if not before else await fund.see_fund(pool, who, limit=1)
    return page(
        request,
        "staff/fund.html",
        entries=entries,
        balance_fen=newest[0].balance_fen if newest else 0,
        corrected={entry.corrects for entry in entries if entry.corrects},
        following=f"{_HERE}?before={entries[-1].position}" if len(entries) == _PAGE else "",
        team=await team_of(pool, shop_of(who)),
        new_id=new_id(),
        make_id=new_id,
    )


@post(_HERE, guards=LEADS, include_in_schema=False)
async def take_entry(request: Asked) -> Redirect:
    """Note what came in or went out."""
    args = await read_form(request, fund.EntryArgs)
    await fund.write_entry(request.app.state.pool, principal_of(request), args, now=utc_now())
    return Redirect(_HERE, status_code=303)


@post(f"{_HERE}/corrections", guards=LEADS, include_in_schema=False)
async def take_correction(request: Asked) -> Redirect:
    """Take a line back by another one."""
    args = await read_form(request, fund.CorrectionArgs)
    await fund.correct_entry(request.app.state.pool, principal_of(request), args, now=utc_now())
    return Redirect(_HERE, status_code=303)


fund_routes: list[Any] = [show_fund, take_entry, take_correction]
