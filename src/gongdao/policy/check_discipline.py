"""What the types cannot say about the tables of discipline: bounds that are none, empty lists."""

from collections.abc import Iterator

from gongdao.policy.pack import Body
from gongdao.policy.toml_lines import Where


def discipline_faults(part: Body) -> Iterator[tuple[Where, str]]:
    """Every fault in the tables of discipline of one file."""
    for index, clearing in enumerate(part.clearing):
        start, below = clearing.keep_from, clearing.keep_below
        if below is not None and (start is None or below <= start):
            where: Where = ("clearing", index, "keep_below")
            yield where, "keep_below lies above keep_from, which says from where on a total stays"
    for index, node in enumerate(part.node):
        if not node.impose:
            yield ("node", index, "impose"), "a node imposes at least one sanction"
    for index, lifting in enumerate(part.lifting):
        if not lifting.lift:
            yield ("lifting", index, "lift"), "name at least one sanction that is lifted"
    for index, freeze in enumerate(part.freeze):
        if not freeze.names:
            yield ("freeze", index, "names"), "name at least one sum that is held"
    for index, goodwill in enumerate(part.goodwill):
        if goodwill.maximum is None and goodwill.percent is None:
            yield ("goodwill", index), "goodwill has a maximum, a percent, or both"
