"""Figures of a shop: the same numbers as on the page, each with what it is made of."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get
from litestar.params import FromQuery, QueryParameter

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.api.problems import locale_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale, translate
from gongdao.base.money import yuan
from gongdao.figures.line import Line
from gongdao.figures.measures import By, Measure, count_of, is_small, measures_by, sample_of
from gongdao.figures.shop import days_between, range_before, shop_figures

_Date = Annotated[
    str, QueryParameter(max_length=10, description="A day in Beijing time, as 2026-11-22.")
]


class FigureShown(msgspec.Struct, frozen=True, kw_only=True):
    """A figure: its value (a share from 0 to 1, yuan as text, seconds), and what it rests on."""

    value: float | str | None
    part: int | str
    whole: int | str
    sample: int
    is_small: bool
    """Fewer than 30 were counted: it says little."""


class LineShown(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of an agent, a product, an hour, a day, or all of the shop (empty key)."""

    key: str
    name: str
    orders: int
    buyers: int
    paid: str
    figures: dict[str, FigureShown]


class DefinitionShown(msgspec.Struct, frozen=True, kw_only=True):
    """What a figure is."""

    label: str
    unit: str
    counts: str
    leaves_out: str
    source: str


class FiguresBody(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a range of days, those of the range before, and their definitions."""

    since: datetime
    until: datetime
    zone: str
    by: By
    lines: list[LineShown]
    before: list[LineShown]
    """The whole shop in the range of the same length before; only by `all`."""
    definitions: dict[str, DefinitionShown]


@get("/figures", guards=[kind("shop"), may("figures.read")], summary="Figures", tags=["figures"])
async def read_figures(
    request: Asked, first: _Date, last: _Date, by: FromQuery[By] = "all"
) -> FiguresBody:
    """What your shop sold, answered and settled from a day to another, both included."""
    pool, now, locale = request.app.state.pool, utc_now(), locale_of(request)
    since, until = days_between(first, last)
    shop_id = principal_of(request).shop_id
    if shop_id is None:
        raise Refusal("wrong_role", N_("Only the people of a shop see its figures."))
    lines = await shop_figures(pool, shop_id, since, until, by=by, now=now)
    before: list[Line] = []
    if by == "all":
        before = await shop_figures(pool, shop_id, *range_before(since, until), now=now)
    measures = measures_by(by)
    return FiguresBody(
        since=since,
        until=until,
        zone="Asia/Shanghai",
        by=by,
        lines=[_line(line, measures) for line in lines],
        before=[_line(line, measures) for line in before],
        definitions={each.code: _definition(each, locale) for each in measures},
    )


def _line(line: Line, measures: tuple[Measure, ...]) -> LineShown:
    return LineShown(
        key=line.key,
        name=line.name,
        orders=line.orders,
        buyers=line.buyers,
        paid=yuan(line.paid_fen),
        figures={each.code: _figure(line, each) for each in measures},
    )


def _figure(line: Line, measure: Measure) -> FigureShown:
    value: float | None = getattr(line, measure.code)
    return FigureShown(
        value=value if value is None or measure.unit != "money" else yuan(round(value)),
        part=_count(line, measure.part),
        whole=_count(line, measure.whole),
        sample=sample_of(line, measure),
        is_small=is_small(line, measure),
    )


def _count(line: Line, name: str) -> int | str:
    count = count_of(line, name)
    return yuan(count) if name.endswith("_fen") else count


def _definition(measure: Measure, locale: Locale) -> DefinitionShown:
    return DefinitionShown(
        label=translate(locale, measure.label),
        unit=measure.unit,
        counts=translate(locale, measure.says),
        leaves_out=translate(locale, measure.leaves_out),
        source=translate(locale, measure.source) if measure.source else "",
    )


routes = [read_figures]
