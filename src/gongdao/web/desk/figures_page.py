"""Figures and the wall of a desk.

Who opens them: a lead. In the morning the figures: how fast were we, who needs help, at which hour
do we lack people? All day the wall, on a screen beside: who waits now, and who is there? What they
do next: change shifts or groups, open the conversations that were not served, talk with an agent.
"""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

from litestar import Response, get
from litestar.params import FromQuery, QueryParameter

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.i18n import N_, Locale, translate
from gongdao.chat.figures import By, Figures, Period, days_until, filled_days
from gongdao.figures.written import length_of
from gongdao.flows.talk.desk_figures import figures_of_desk, total_of_desk, wall_of_desk
from gongdao.web.desk.day_chart import Day, day_columns
from gongdao.web.shell import page, view_of
from gongdao.web.spreadsheet import csv_file, harmless

#: A table of the page, and what its first column is.
TABLES: dict[By, str] = {"agent": N_("Agent"), "group": N_("Group"), "hour": N_("Hour")}
Span = Literal[1, 7, 30, 90]
Days = Annotated[Span, QueryParameter()]
_COLUMNS: tuple[tuple[str, str], ...] = (
    ("talks", N_("Talks begun")),
    ("rounds", N_("Rounds")),
    ("three_minutes", N_("3-minute replies")),
    ("thirty_seconds", N_("30-second replies")),
    ("first_average_s", N_("First reply")),
    ("average_s", N_("Average reply")),
    ("not_served", N_("Not served")),
    ("grade", N_("Grade")),
    ("content_share", N_("Content")),
)
_SECONDS, _GRADES = {"first_average_s", "average_s", "median_s"}, {"grade"}
_SHARES = {"three_minutes", "thirty_seconds", "not_served", "content_share"}


@get("/desk/figures", guards=[kind("shop"), may("chat.manage")], include_in_schema=False)
async def show_figures(request: Asked, days: Days = 7) -> Response[Any]:
    """The figures of some days: cards, a chart by day, tables by agent, group and hour."""
    pool, who, now = request.app.state.pool, principal_of(request), utc_now()
    period = days_until(now, days=days)
    locale = view_of(request).locale
    by_day = [each.figures for each in await figures_of_desk(pool, who, period, by="day", now=now)]
    tables = {by: await figures_of_desk(pool, who, period, by=by, now=now) for by in TABLES}
    return page(
        request,
        "desk/figures.html",
        days=days,
        spans=(1, 7, 30, 90),
        total=await total_of_desk(pool, who, period, now=now),
        tables=tables,
        table_names=TABLES,
        columns=_COLUMNS,
        written=partial(written, locale=locale),
        charts=_charts(by_day, period, locale),
    )


def _charts(lines: list[Figures], period: Period, locale: Any) -> list[tuple[str, Any]]:
    whole = filled_days(lines, period)
    wanted = (("three_minutes", 1.0), ("talks", None), ("average_s", None))
    labels = dict(_COLUMNS)
    found: list[tuple[str, Any]] = []
    for name, most in wanted:
        title = translate(locale, labels[name])
        days = [
            Day(line.key, getattr(line, name), written(line, name, locale=locale)) for line in whole
        ]
        found.append((title, day_columns(days, title=title, most=most)))
    return found


@get("/desk/figures.csv", guards=[kind("shop"), may("chat.manage")], include_in_schema=False)
async def send_figures(
    request: Asked, days: Days = 7, by: FromQuery[By] = "day"
) -> Response[bytes]:
    """The same as a file, for a spreadsheet."""
    pool, who, now = request.app.state.pool, principal_of(request), utc_now()
    lines = await figures_of_desk(pool, who, days_until(now, days=days), by=by, now=now)
    locale = view_of(request).locale
    nobody = N_("Whole shop") if by == "all" else N_("Not assigned")
    rows = [[by, *(translate(locale, label) for _, label in _COLUMNS)]]
    for line in lines:
        name = harmless(line.name or translate(locale, nobody))
        rows.append([name, *(_cell(line.figures, column) for column, _ in _COLUMNS)])
    return csv_file(f"desk-{by}.csv", rows)


@get("/desk/wall", guards=[kind("shop"), may("chat.manage")], include_in_schema=False)
async def show_wall(request: Asked) -> Response[Any]:
    """The desk at this instant; changes by itself."""
    now, locale = utc_now(), view_of(request).locale
    wall = await wall_of_desk(request.app.state.pool, principal_of(request), now=now)
    return page(
        request,
        "desk/wall.html",
        wall=wall,
        written=partial(written, locale=locale),
        shop_id=principal_of(request).shop_id,
        waited=partial(waited, now=now, locale=locale),
    )


def written(figures: Figures, name: str, *, locale: Locale) -> str:
    """A figure as people read it; a dash where there is nothing to count."""
    value = getattr(figures, name)
    if value is None:
        return "—"
    if name in _SHARES:
        return f"{value * 100:.1f}%"
    if name in _GRADES:
        return f"{value:.2f}"
    return length_of(value, locale) if name in _SECONDS else str(value)


def waited(since: datetime | None, *, now: datetime, locale: Locale) -> str:
    """How long somebody has waited."""
    return length_of(max(0.0, (now - since).total_seconds()), locale) if since else "—"


def _cell(figures: Figures, name: str) -> str:
    value = getattr(figures, name)
    return "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")


figure_routes: list[Any] = [show_figures, send_figures, show_wall]
