"""Reviews that are not good, week by week: columns of causes one upon the other, as SVG."""

from collections.abc import Callable
from datetime import date, timedelta
from html import escape

from markupsafe import Markup

from gongdao.base.days import day_of
from gongdao.flows.reviews.see import WEEKS, Trends
from gongdao.reviews.review import CAUSE_LABELS, CAUSES, Cause

_WIDTH, _HEIGHT, _FOOT, _HEAD = 720, 240, 30, 22
_STEP = _WIDTH / WEEKS


def cause_key(cause: Cause) -> str:
    """The class of the colour of a cause."""
    return f"rv-cause-{cause}"


def week_columns(trends: Trends, say: Callable[[str], str]) -> Markup:
    """Twelve columns of causes, each with its number above it."""
    counts: dict[tuple[date, Cause], int] = {}
    for week in trends.weeks:
        if week.cause is not None:
            counts[week.monday, week.cause] = week.reviews
    mondays = [day_of(trends.since) + timedelta(days=7 * n) for n in range(WEEKS)]
    sums = [sum(counts.get((monday, cause), 0) for cause in CAUSES) for monday in mondays]
    top = max(sums) or 1
    parts = [
        _column(index, monday, counts, total, top, say)
        for index, (monday, total) in enumerate(zip(mondays, sums, strict=True))
    ]
    title = escape(say("Neutral and negative reviews by week and cause"))
    # Every name and number is escaped.
    return Markup(  # noqa: S704
        f'<svg class="gd-chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
        f' aria-label="{title}">{"".join(parts)}</svg>'
    )


def _column(
    index: int,
    monday: date,
    counts: dict[tuple[date, Cause], int],
    total: int,
    top: int,
    say: Callable[[str], str],
) -> str:
    x, width = index * _STEP + _STEP * 0.15, _STEP * 0.7
    room, y = _HEIGHT - _FOOT - _HEAD, float(_HEIGHT - _FOOT)
    parts: list[str] = []
    for cause in CAUSES:
        count = counts.get((monday, cause), 0)
        if count:
            height = room * count / top
            y -= height
            told = f"{monday:%m-%d} {escape(say(CAUSE_LABELS[cause]))}: {count}"
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
                f' class="{cause_key(cause)}"><title>{told}</title></rect>'
            )
    middle = x + width / 2
    if total:
        parts.append(
            f'<text x="{middle:.1f}" y="{y - 5:.1f}" text-anchor="middle"'
            f' class="gd-chart-number">{total}</text>'
        )
    parts.append(
        f'<text x="{middle:.1f}" y="{_HEIGHT - 8}" text-anchor="middle"'
        f' class="gd-chart-number">{monday:%m-%d}</text>'
    )
    return "".join(parts)
