"""Procedures drawn: as Mermaid, as SVG, and as a table."""

from gongdao.base.i18n import N_, Locale, translate
from gongdao.policy.graph import (
    nodes_of,
    procedure_of,
    stage_lines,
    way_text,
    ways_of,
    word,
)
from gongdao.policy.pack import Pack
from gongdao.policy.svg import draw_svg

_HEADINGS = (
    N_("Stage"),
    N_("Whose turn"),
    N_("Clock"),
    N_("If nobody acts"),
    N_("What can be done"),
    N_("Rules"),
)


def draw_mermaid(pack: Pack, procedure: str, *, locale: Locale = "zh") -> str:
    """A procedure as a Mermaid state diagram. Raises LookupError for an unknown procedure."""
    found = procedure_of(pack, procedure)
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{word(node, "stage", locale)}" as {node}' for node in nodes_of(found)]
    lines.append(f"    [*] --> {found.start}")
    for way in ways_of(pack, found):
        # A colon would end the label of a transition.
        label = way_text(way, locale).replace(":", " -")
        lines.append(f"    {way.source} --> {way.target}: {label}")
    lines.append(f"    {nodes_of(found)[-1]} --> [*]")
    return "\n".join(lines) + "\n"


def draw_table(pack: Pack, procedure: str, *, locale: Locale = "zh") -> str:
    """A procedure as a table in Markdown. Raises LookupError for an unknown procedure."""
    comma = "、" if locale == "zh" else ", "
    rows = [[translate(locale, heading) for heading in _HEADINGS], ["---"] * len(_HEADINGS)]
    for line in stage_lines(pack, procedure, locale):
        rows.append(
            [
                line.stage,
                line.waiting_on,
                line.clock,
                line.on_silence,
                comma.join(line.actions),
                comma.join(line.rules),
            ]
        )
    return "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


__all__ = ["draw_mermaid", "draw_svg", "draw_table", "stage_lines"]
