"""A chart of days as SVG: a column for each, with what it stands for in words."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from markupsafe import Markup

_WIDTH, _HEIGHT, _FOOT = 720, 240, 30
_LABELS_MAX = 7


class Day(NamedTuple):
    """A day, its height (None: nothing to count), and how that is written."""

    name: str
    value: float | None
    text: str


def day_columns(days: Sequence[Day], *, title: str, most: float | None = None) -> Markup:
    """A column for each day; where there is nothing to count stands a dot."""
    top = most or max((day.value or 0 for day in days), default=0) or 1
    step = _WIDTH / max(1, len(days))
    every = max(1, -(-len(days) // _LABELS_MAX))
    room = _HEIGHT - _FOOT - 14
    parts: list[str] = []
    for index, day in enumerate(days):
        x, width = index * step, max(2.0, step * 0.7)
        height = room * (day.value or 0) / top
        y = _HEIGHT - _FOOT - height
        told = f"{escape(day.name)}: {escape(day.text)}"
        shape = (
            f'<circle cx="{x + width / 2:.1f}" cy="{_HEIGHT - _FOOT - 2}" r="2"'
            f' class="gd-chart-was"><title>{told}</title></circle>'
            if day.value is None
            else f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{max(height, 1):.1f}"'
            f' rx="2" class="gd-chart-would"><title>{told}</title></rect>'
        )
        parts.append(shape)
        if index % every == 0:
            parts.append(
                f'<text x="{x:.1f}" y="{_HEIGHT - 6}" class="gd-chart-number">'
                f"{escape(day.name[5:])}</text>"
            )
    # Every name and number above is escaped.
    return Markup(  # noqa: S704
        f'<svg class="gd-chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
        f' aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )
