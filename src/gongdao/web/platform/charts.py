"""Small charts as SVG: bars beside each other, in colours that styles give and words name."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from markupsafe import Markup

_WIDTH, _LABEL, _NUMBER, _BAR, _GAP = 720, 170, 130, 14, 14


class Pair(NamedTuple):
    """A name with two numbers: as it was, and as it would be, each with how it is written."""

    name: str
    before: float
    after: float
    before_text: str
    after_text: str


def pair_bars(pairs: Sequence[Pair], *, title: str) -> Markup:
    """Two bars for each name, the first as it was and the second as it would be."""
    most = max((max(p.before, p.after) for p in pairs), default=0) or 1
    room = _WIDTH - _LABEL - _NUMBER
    row = 2 * _BAR + _GAP
    parts: list[str] = []
    for index, pair in enumerate(pairs):
        top = index * row
        middle = top + _BAR + 4
        parts.append(f'<text x="0" y="{middle}" class="gd-chart-name">{escape(pair.name)}</text>')
        for offset, kind, value, text in (
            (0, "was", pair.before, pair.before_text),
            (_BAR, "would", pair.after, pair.after_text),
        ):
            width = max(1.0, room * value / most) if value else 0
            y = top + offset
            parts.append(
                f'<rect x="{_LABEL}" y="{y}" width="{width:.1f}" height="{_BAR - 2}" rx="3"'
                f' class="gd-chart-{kind}"/>'
                f'<text x="{_LABEL + width + 6:.1f}" y="{y + _BAR - 4}"'
                f' class="gd-chart-number">{escape(text)}</text>'
            )
    height = max(1, len(pairs)) * row
    # Every name and number above is escaped.
    return Markup(  # noqa: S704
        f'<svg class="gd-chart" viewBox="0 0 {_WIDTH} {height}" role="img"'
        f' aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )
