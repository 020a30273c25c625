"""Small charts as SVG: bars beside each other, in colours that styles give and words name."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from markupsafe import Markup

# About as wide as it is shown, so that words keep their size; a name stands above its bars.
_WIDTH, _NUMBER, _NAME, _BAR, _GAP = 420, 96, 18, 14, 10


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
    room = _WIDTH - _NUMBER
    row = _NAME + 2 * _BAR + _GAP
    parts: list[str] = []
    for index, pair in enumerate(pairs):
        top = index * row
        parts.append(f'<text x="0" y="{top + 13}" class="gd-chart-name">{escape(pair.name)}</text>')
        for offset, kind, value, text in (
            (0, "was", pair.before, pair.before_text),
            (_BAR, "would", pair.after, pair.after_text),
        ):
            width = max(1.0, room * value / most) if value else 0
            y = top + _NAME + offset
            parts.append(
                f'<rect x="0" y="{y}" width="{width:.1f}" height="{_BAR - 2}" rx="3"'
                f' class="gd-chart-{kind}"/>'
                f'<text x="{width + 6:.1f}" y="{y + _BAR - 3}"'
                f' class="gd-chart-number">{escape(text)}</text>'
            )
    height = max(1, len(pairs)) * row
    # Every name and number above is escaped.
    return Markup(  # noqa: S704
        f'<svg class="gd-chart" viewBox="0 0 {_WIDTH} {height}" role="img"'
        f' aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )
