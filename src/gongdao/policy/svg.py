"""A procedure as SVG, laid out like a map of tram lines.

The stages stand below each other, each with the ways out of it as rows. Every stage that can be
reached has one line of its own on the right: rows join it with a dot, and it arrives at its stage
with an arrow. So no two lines ever run over each other, and no label stands on a line.

Colours are attributes, not styles, so that pages with a strict content policy can show the drawing;
text and frames take the colour of their surroundings, on light and dark pages alike.
"""

from html import escape
from typing import NamedTuple

from gongdao.base.i18n import Locale
from gongdao.policy.check import PASSING
from gongdao.policy.graph import (
    Way,
    clock_text,
    nodes_of,
    procedure_of,
    way_text,
    ways_of,
    word,
)
from gongdao.policy.pack import Pack, ProcedureRule

WIDTH = 880
_CARD_LEFT, _CARD_RIGHT = 8, 640
_LANES_LEFT, _LANES_RIGHT = 664, 862
_HEAD, _LINE, _FOOT, _GAP = 40, 21, 10, 18
_TEXT_WIDTH = 415
_FONT = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
#: Middle tones that can be told apart on white and on black.
_COLOURS = (
    "#4299e1", "#f59f00", "#2fb344", "#d6336c", "#ae3ec9", "#0ca678", "#f76707", "#7c8fa5",
    "#d63939", "#4263eb", "#74b816",
)  # fmt: skip


class Row(NamedTuple):
    """One way out of a stage: its words, broken into lines, and where it stands."""

    way: Way
    lines: list[str]
    y: float


class Card(NamedTuple):
    """One stage as a box with its rows."""

    node: str
    top: float
    height: float
    rows: list[Row]

    @property
    def door(self) -> float:
        """Where lines arrive."""
        return self.top + _HEAD / 2


def draw_svg(pack: Pack, procedure: str, here: str | None = None, locale: Locale = "zh") -> str:
    """A procedure as SVG, the present stage marked. Raises LookupError for an unknown procedure."""
    found = procedure_of(pack, procedure)
    cards = _lay_out(pack, found, locale)
    height = cards[-1].top + cards[-1].height + 8
    title = found.title.zh if locale == "zh" else found.title.en
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="gd-procedure" role="img" width="{WIDTH}" '
        f'viewBox="0 0 {WIDTH} {height:g}" font-family="{_FONT}" font-size="13" '
        f'fill="currentColor" aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title>",
    ]
    for node, lane in _lanes(cards).items():
        parts += _lane(node, lane, cards)
    for card in cards:
        parts += _card(card, found, locale, here=here)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _lay_out(pack: Pack, procedure: ProcedureRule, locale: Locale) -> list[Card]:
    ways = ways_of(pack, procedure)
    cards: list[Card] = []
    top = 8.0
    for node in nodes_of(procedure):
        rows: list[Row] = []
        y = top + _HEAD + _LINE / 2
        for way in (way for way in ways if way.source == node):
            lines = break_lines(way_text(way, locale), _TEXT_WIDTH)
            rows.append(Row(way, lines, y))
            y += _LINE * len(lines)
        height = y - top - _LINE / 2 + (_FOOT if rows else 0)
        cards.append(Card(node, top, height, rows))
        top += height + _GAP
    return cards


def _lanes(cards: list[Card]) -> dict[str, float]:
    """Where the line of each reachable stage runs: those further down run further out."""
    reached = {row.way.target for card in cards for row in card.rows}
    nodes = [card.node for card in cards if card.node in reached]
    step = (_LANES_RIGHT - _LANES_LEFT) / max(1, len(nodes) - 1)
    return {node: _LANES_LEFT + index * min(step, 26) for index, node in enumerate(nodes)}


def _colour(node: str, cards: list[Card]) -> str:
    return _COLOURS[[card.node for card in cards].index(node) % len(_COLOURS)]


def _lane(node: str, x: float, cards: list[Card]) -> list[str]:
    """The line of one stage: from the rows that lead there, along, and in."""
    goal = next(card for card in cards if card.node == node)
    joins = [row.y for card in cards for row in card.rows if row.way.target == node]
    top, bottom = min(*joins, goal.door), max(*joins, goal.door)
    colour = _colour(node, cards)
    tip = _CARD_RIGHT + 1
    parts = [
        f'<g class="gd-lane" fill="none" stroke="{colour}" stroke-width="2">',
        f'<path d="M{x:g} {top:g}V{bottom:g}M{x:g} {goal.door:g}H{tip + 8}"/>',
        *(f'<path d="M{_CARD_RIGHT} {y:g}H{x:g}"/>' for y in joins),
        "</g>",
        f'<path fill="{colour}" d="M{tip} {goal.door:g}l10 -5v10z"/>',
    ]
    parts += [f'<circle cx="{x:g}" cy="{y:g}" r="4" fill="{colour}"/>' for y in joins]
    return parts


def _card(card: Card, procedure: ProcedureRule, locale: Locale, *, here: str | None) -> list[str]:
    marked = card.node == here
    frame = 'stroke="#206bc4" stroke-width="3"' if marked else 'stroke="currentColor"'
    shade = 'fill="#206bc4" fill-opacity=".14"' if marked else 'fill-opacity=".04"'
    edge = "" if marked else ' stroke-opacity=".35"'
    y = card.top + _HEAD / 2
    first = procedure.start == card.node
    name = ("▶ " if first else "") + word(card.node, "stage", locale)
    parts = [
        f'<g class="gd-stage{" gd-here" if marked else ""}">',
        f'<rect x="{_CARD_LEFT}" y="{card.top:g}" width="{_CARD_RIGHT - _CARD_LEFT}" '
        f'height="{card.height:g}" rx="8" {shade} {frame}{edge}/>',
        _text(_CARD_LEFT + 14, y, name, more='font-size="15" font-weight="600"'),
        _text(_CARD_RIGHT - 14, y, _turn(card.node, procedure, locale), more=_END),
    ]
    for row in card.rows:
        parts += _row(row, locale)
    return [*parts, "</g>"]


_END = 'text-anchor="end" fill-opacity=".75"'


def _turn(node: str, procedure: ProcedureRule, locale: Locale) -> str:
    """Whose turn it is, and for how long."""
    if node in PASSING:
        return word("system" if node == PASSING[0] else "nobody", "role", locale)
    stage = next(stage for stage in procedure.stage if stage.id == node)
    return f"{word(stage.waiting_on, 'role', locale)} · {clock_text(stage, locale)}"


def _row(row: Row, locale: Locale) -> list[str]:
    target = f"→ {word(row.way.target, 'stage', locale)}"
    lines = [
        _text(_CARD_LEFT + 24, row.y + index * _LINE, line) for index, line in enumerate(row.lines)
    ]
    return [*lines, _text(_CARD_RIGHT - 14, row.y, target, more=_END)]


def _text(x: float, y: float, text: str, *, more: str = "") -> str:
    """A line of text whose middle stands at y."""
    return f'<text x="{x:g}" y="{y + 4.5:g}"{" " if more else ""}{more}>{escape(text)}</text>'


def break_lines(text: str, width: float, size: float = 13) -> list[str]:
    """Break a text into lines of at most a width: after a mark where there is one."""
    lines, line = [""], 0.0
    for piece in _pieces(text):
        length = sum(size if ord(letter) > 0x2E7F else size * 0.56 for letter in piece)
        if line and line + length > width:
            lines.append("")
            line = 0
        lines[-1] += piece if lines[-1] else piece.lstrip()
        line += length
    return [line.rstrip() for line in lines]


def _pieces(text: str) -> list[str]:
    """The parts between which a line may be broken."""
    pieces = [""]
    for letter in text:
        pieces[-1] += letter
        if letter in "、；,;":
            pieces.append("")
    return [piece for piece in pieces if piece]
