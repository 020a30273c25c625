"""A month of commission: every line, why an order is nobody's, and the sums to the fen."""

from datetime import timedelta
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.i18n import N_, translate
from gongdao.base.money import yuan
from gongdao.flows.staff import commission
from gongdao.flows.staff.access import shop_of, team_of
from gongdao.staff.days import day_of, next_month, start_of
from gongdao.web.shell import locale_of, page
from gongdao.web.spreadsheet import csv_file, harmless
from gongdao.web.staff.forms import month_in
from gongdao.web.staff.rota_page import LEADS, MATES
from gongdao.web.staff.words import MONTH_KINDS, WHY_NOBODY, WORDS
from gongdao.web.typed import text_of

_HERE = "/shop/team/commission"
Month = Annotated[str, QueryParameter(max_length=7, pattern="^([0-9]{4}-(0[1-9]|1[0-2]))?$")]
After = Annotated[int, QueryParameter(ge=0, le=1_000_000)]
_COLUMNS = (
    N_("Month"), N_("Kind of line"), N_("Person"), N_("Order"), N_("Paid, yuan"),
    N_("Refunded, yuan"), N_("Commission, yuan"), N_("Why it is nobody's"),
)  # fmt: skip


@get(_HERE, guards=MATES, include_in_schema=False)
async def show_commission(request: Asked, month: Month = "", after: After = 0) -> Response[str]:
    """A month, this one unless another is asked for."""
    who, pool, now = principal_of(request), request.app.state.pool, utc_now()
    first = month_in(month)
    shown = await commission.see_month(pool, who, first, after=after, now=now)
    last = next_month(first)
    return page(
        request,
        "staff/commission.html",
        shown=shown,
        before=(first - timedelta(days=1)).replace(day=1),
        next=last if last <= day_of(now) else None,
        is_over=now >= start_of(last),
        following=f"{_HERE}?month={first:%Y-%m}&after={shown.following}" if shown.following else "",
        after=after,
        team=await team_of(pool, shop_of(who)),
        words=WORDS,
    )


@get(f"{_HERE}/month.csv", guards=MATES, include_in_schema=False)
async def export_commission(request: Asked, month: Month = "") -> Response[bytes]:
    """Every line of a month as a file, its total last."""
    who, pool, locale = principal_of(request), request.app.state.pool, locale_of(request)
    first = month_in(month)
    lines = await commission.all_lines(pool, who, first, now=utc_now())
    team = await team_of(pool, shop_of(who))
    rows = [[translate(locale, column) for column in _COLUMNS]]
    for line in lines:
        mate = team.get(line.person_id) if line.person_id else None
        rows.append(
            [
                f"{first:%Y-%m}",
                translate(locale, MONTH_KINDS[line.kind]),
                harmless(mate.name if mate else ""),
                harmless(line.number),
                yuan(line.paid_fen),
                yuan(line.refunded_fen),
                yuan(line.amount_fen),
                translate(locale, WHY_NOBODY[line.why]) if line.why else "",
            ]
        )
    total = sum(line.amount_fen for line in lines)
    rows.append([f"{first:%Y-%m}", translate(locale, N_("Total")), "", "", "", "", yuan(total), ""])
    return csv_file(f"commission-{first:%Y%m}.csv", rows)


@post(f"{_HERE}/closing", guards=LEADS, include_in_schema=False)
async def close(request: Asked) -> Redirect:
    """Freeze a month."""
    first = month_in(text_of(await request.form(), "month")[:7])
    await commission.close_month(
        request.app.state.pool, principal_of(request), first, now=utc_now()
    )
    return Redirect(f"{_HERE}?month={first:%Y-%m}", status_code=303)


commission_routes: list[Any] = [show_commission, export_commission, close]
