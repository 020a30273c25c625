"""Figures of the shop.

Who: the owner or lead, in the morning and on Mondays. Question: do those who ask also buy, what
does a customer spend, what goes back, what ends up with the platform, and is it better than before?
Next: open the agent, product or hour that stands out; take the table to a meeting.
"""

from datetime import timedelta
from functools import partial
from typing import Annotated, Any, NamedTuple

from litestar import Response, get
from litestar.params import FromQuery, QueryParameter
from markupsafe import Markup

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.days import day_of
from gongdao.base.i18n import N_, Locale, translate
from gongdao.figures.line import Line
from gongdao.figures.measures import (
    MEASURES,
    By,
    Measure,
    count_of,
    is_small,
    measures_by,
    sample_of,
)
from gongdao.figures.shop import (
    days_between,
    figures_by,
    filled_days,
    range_before,
    shop_figures,
)
from gongdao.figures.written import change_of, plain_cell, written
from gongdao.web.desk.day_chart import Day, day_columns
from gongdao.web.markup import show_yuan
from gongdao.web.shell import locale_of, page
from gongdao.web.spreadsheet import csv_file, harmless

#: How the figures are divided, and what the first column of the table is.
DIVISIONS: dict[By, str] = {
    "agent": N_("Agent"),
    "product": N_("Product"),
    "hour": N_("Hour"),
    "day": N_("Day"),
}
_READERS = [kind("shop"), may("figures.read")]
_SPANS = (1, 7, 28, 90)
_FIRST = 7
_CHARTS = ("conversion", "refund_rate", "completion_s")
#: Counts that stand beside the rates in tables and files.
COUNTS: tuple[tuple[str, str], ...] = (
    ("askers", N_("Buyers who asked")),
    ("orders", N_("Paid orders")),
    ("buyers", N_("Buyers who paid")),
    ("paid_fen", N_("Paid amount")),
    ("ended", N_("Cases ended")),
)
_Date = Annotated[str, QueryParameter(max_length=10)]


class Range(NamedTuple):
    """The first and the last day that are shown."""

    first: str
    last: str


@get("/shop/figures", guards=_READERS, include_in_schema=False)
async def show_figures(
    request: Asked,
    first: _Date = "",
    last: _Date = "",
    by: FromQuery[By] = "agent",
) -> Response[str]:
    """The figures of some days beside those of the days before, and divided."""
    pool, now, locale = request.app.state.pool, utc_now(), locale_of(request)
    shown = _range(first, last)
    since, until = days_between(*shown)
    shop_id = principal_of(request).shop_id
    assert shop_id
    by = by if by in DIVISIONS else "agent"
    divisions: tuple[By, ...] = ("all", "day", by)
    found = await figures_by(pool, shop_id, since, until, divisions=divisions, now=now)
    whole, days = found["all"][0], filled_days(found["day"], since, until)
    before = (await shop_figures(pool, shop_id, *range_before(since, until), now=now))[0]
    lines = days if by == "day" else found[by]
    return page(
        request,
        "shop/figures.html",
        shown=shown,
        spans={n: _last_days(n) for n in _SPANS},
        by=by,
        divisions=DIVISIONS,
        cards=[(each, *_compared(each, whole, before, locale)) for each in MEASURES],
        whole=whole,
        counts=COUNTS,
        line_counts=counts_by(by),
        measures=measures_by(by),
        lines=lines,
        written=partial(written, locale=locale),
        counted=counted,
        is_small=is_small,
        sample_of=sample_of,
        count_of=count_of,
        charts=_charts(days, locale) if len(days) > 1 else [],
    )


@get("/shop/figures.csv", guards=_READERS, include_in_schema=False)
async def send_figures(
    request: Asked,
    first: _Date = "",
    last: _Date = "",
    by: FromQuery[By] = "day",
) -> Response[bytes]:
    """The same figures with their counts as a file; rates as shares, money in yuan, seconds."""
    pool, now, locale = request.app.state.pool, utc_now(), locale_of(request)
    shown = _range(first, last)
    since, until = days_between(*shown)
    shop_id = principal_of(request).shop_id
    assert shop_id
    lines = await shop_figures(pool, shop_id, since, until, by=by, now=now)
    if by == "day":
        lines = filled_days(lines, since, until)
    measures, shown_counts = measures_by(by), counts_by(by)
    head = [label for _, label in shown_counts] + [each.label for each in measures]
    rows = [[translate(locale, label) for label in (DIVISIONS.get(by, N_("Shop")), *head)]]
    for line in lines:
        counts = [plain_cell(line, name) for name, _ in shown_counts]
        rates = [plain_cell(line, each.code) for each in measures]
        rows.append([harmless(name_of(line, by, locale)), *counts, *rates])
    return csv_file(f"figures-{by}-{shown.first}-{shown.last}.csv", rows)


def name_of(line: Line, by: By, locale: Locale) -> str:
    """What a line is called."""
    if by == "hour":
        return f"{line.key}:00"
    nameless = N_("Nobody of the shop") if by == "agent" else N_("All")
    return line.name or line.key or translate(locale, nameless)


def counts_by(by: By) -> tuple[tuple[str, str], ...]:
    """The counts that exist for a way of dividing: nobody says of which product they ask."""
    return COUNTS[1:] if by == "product" else COUNTS


def counted(line: Line, name: str) -> str:
    """A count as people read it."""
    value = count_of(line, name)
    return show_yuan(value) if name.endswith("_fen") else f"{value:,}"


def _range(first: str, last: str) -> Range:
    return Range(first, last) if first or last else _last_days(_FIRST)


def _last_days(days: int) -> Range:
    today = day_of(utc_now())
    return Range((today - timedelta(days=days - 1)).isoformat(), today.isoformat())


def _compared(measure: Measure, whole: Line, before: Line, locale: Locale) -> tuple[str, str, str]:
    """How a figure is written, how it has changed, and whether that is good."""
    change = change_of(measure, whole, before)
    if change is None:
        return written(whole, measure, locale), translate(locale, N_("nothing to compare with")), ""
    better = change.amount != 0 and (change.amount > 0) == (measure.good == "more")
    tone = "" if not change.amount or not measure.good else "better" if better else "worse"
    sentence = N_("{change} points") if measure.unit == "share" else N_("{change} %")
    return (
        written(whole, measure, locale),
        translate(locale, sentence, {"change": change.text}),
        tone,
    )


def _charts(days: list[Line], locale: Locale) -> list[tuple[str, Markup]]:
    sold = [Day(each.key, each.paid_fen, counted(each, "paid_fen")) for each in days]
    title = translate(locale, N_("Paid amount"))
    found = [(title, day_columns(sold, title=title))]
    for measure in MEASURES:
        if measure.code in _CHARTS:
            title = translate(locale, measure.label)
            columns = [
                Day(each.key, getattr(each, measure.code), written(each, measure, locale))
                for each in days
            ]
            found.append((title, day_columns(columns, title=title)))
    return found


figure_routes: list[Any] = [show_figures, send_figures]
