"""Where the accounts of a graph stand when it is drawn: columns of steps from where it was asked.

Pure, and the same every time: who is asked for stands on the left, what was seen with them beside
it, then who was seen with the same, and so on. Names never cover each other, because each has a row
of its own; what joins accounts twice is drawn as a line across.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gongdao.flows.guard.links import Edge, Graph, Node

#: So many are drawn; the rest stands in the table below the drawing.
DRAWN_MAX = 60
BOX_WIDTH, BOX_HEIGHT = 156, 30
_COLUMN, _ROW, _MARGIN = 204, 40, 8
#: So wide may a name be, in widths of a Chinese character.
_NAME_WIDTH = 9.0
_LEVELS = {"danger": 0, "caution": 1, "calm": 2}


class Spot(NamedTuple):
    """Somebody or something, and the upper left corner of its box."""

    node: Node
    x: float
    y: float
    name: str


class Line(NamedTuple):
    """What joins two of them, as the path of a curve."""

    edge: Edge
    path: str


class Drawing(NamedTuple):
    """All that is drawn, how large that is, and how many had no room."""

    spots: tuple[Spot, ...]
    lines: tuple[Line, ...]
    width: float
    height: float
    left_out: int


def draw(graph: Graph, start: str) -> Drawing:
    """The graph as seen from one of its nodes."""
    near = _neighbours(graph)
    depth, children = _spread(near, start)
    rows: dict[str, float] = {}
    _settle(start, children, rows)
    nodes = {node.id: node for node in graph.nodes}
    spots = {
        one: Spot(
            node=nodes[one],
            x=_MARGIN + depth[one] * _COLUMN,
            y=_MARGIN + rows[one] * _ROW,
            name=shorten(nodes[one].shown),
        )
        for one in depth
    }
    lines = tuple(
        Line(edge=edge, path=_curve(spots[edge.source], spots[edge.target]))
        for edge in graph.edges
        if edge.source in spots and edge.target in spots
    )
    return Drawing(
        spots=tuple(spots.values()),
        lines=lines,
        width=2 * _MARGIN + max(depth.values()) * _COLUMN + BOX_WIDTH,
        height=2 * _MARGIN + max(rows.values()) * _ROW + BOX_HEIGHT,
        left_out=len(graph.nodes) - len(spots),
    )


def shorten(name: str, most: float = _NAME_WIDTH) -> str:
    """A name that fits its box; a Chinese character is as wide as two letters."""
    width = 0.0
    for index, letter in enumerate(name):
        width += 1.0 if ord(letter) > 0x2E7F else 0.56
        if width > most:
            return name[:index].rstrip() + "…"
    return name


def _neighbours(graph: Graph) -> dict[str, list[str]]:
    """Who is joined with whom; what joins most, and who is worst, first."""
    near: dict[str, list[str]] = {node.id: [] for node in graph.nodes}
    for edge in graph.edges:
        if edge.source in near and edge.target in near:
            near[edge.source].append(edge.target)
            near[edge.target].append(edge.source)
    rank = {
        node.id: (_LEVELS[node.level], -len(near[node.id]), node.kind, node.shown, node.id)
        for node in graph.nodes
    }
    return {one: sorted(set(others), key=rank.__getitem__) for one, others in near.items()}


def _spread(
    near: Mapping[str, Sequence[str]], start: str
) -> tuple[dict[str, int], dict[str, list[str]]]:
    """The steps from the start to each, nearest first, and from whom each was reached."""
    depth, children = {start: 0}, {start: list[str]()}
    waiting = deque([start])
    while waiting and len(depth) < DRAWN_MAX:
        one = waiting.popleft()
        for other in near.get(one, ()):
            if other not in depth and len(depth) < DRAWN_MAX:
                depth[other] = depth[one] + 1
                children[one].append(other)
                children[other] = []
                waiting.append(other)
    return depth, children


def _settle(start: str, children: Mapping[str, Sequence[str]], rows: dict[str, float]) -> None:
    """Give each a row: leaves one below the other, the others in the middle of theirs."""
    order: list[str] = []
    stack = [start]
    while stack:
        one = stack.pop()
        order.append(one)
        stack.extend(reversed(children[one]))
    free = 0
    for one in order:
        if not children[one]:
            rows[one] = free
            free += 1
    for one in reversed(order):
        if below := children[one]:
            rows[one] = (rows[below[0]] + rows[below[-1]]) / 2


def _curve(one: Spot, other: Spot) -> str:
    """From the right of the nearer one to the left of the farther; within a column around it."""
    left, right = sorted((one, other), key=lambda spot: (spot.x, spot.y))
    y1, y2 = left.y + BOX_HEIGHT / 2, right.y + BOX_HEIGHT / 2
    x1 = left.x + BOX_WIDTH
    if left.x == right.x:
        bend = x1 + (_COLUMN - BOX_WIDTH) / 2
        return f"M{x1:.1f} {y1:.1f}C{bend:.1f} {y1:.1f} {bend:.1f} {y2:.1f} {x1:.1f} {y2:.1f}"
    middle = (x1 + right.x) / 2
    return f"M{x1:.1f} {y1:.1f}C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {right.x:.1f} {y2:.1f}"
