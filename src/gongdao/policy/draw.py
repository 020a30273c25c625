"""Rule books drawn: procedures as Mermaid, as SVG and as tables; a whole book as text."""

from gongdao.base.i18n import N_, Locale, translate
from gongdao.policy.graph import (
    ClockLine,
    nodes_of,
    procedure_of,
    stage_lines,
    way_text,
    ways_of,
    word,
)
from gongdao.policy.pack import Clock, Pack
from gongdao.policy.sources import say_source
from gongdao.policy.svg import draw_svg

_HEADINGS = (
    N_("Stage"),
    N_("Whose turn"),
    N_("Clock"),
    N_("If nobody acts"),
    N_("What can be done"),
    N_("Rules"),
)
_SWITCHES = (N_("Switch"), N_("What it decides"), N_("In force"), N_("Allowed"))
_RULES = (N_("Rule"), N_("What it says"), N_("Source"), N_("Verified"))
#: How well a fact is known.
VERIFIED: dict[str, str] = {
    "V": N_("read in the source"),
    "Vx": N_("read in an excerpt"),
    "U": N_("not verified"),
}


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
    comma, stop = ("、", "；") if locale == "zh" else (", ", "; ")
    rows = [
        [
            line.stage,
            line.waiting_on,
            stop.join(_clock(clock) for clock in line.clocks) or "–",
            line.on_silence,
            comma.join(line.actions),
            comma.join(line.rules),
        ]
        for line in stage_lines(pack, procedure, locale)
    ]
    return _table(_HEADINGS, rows, locale)


def draw_book(pack: Pack, *, locale: Locale = "zh") -> str:
    """A whole rule book in Markdown: what it is, its procedures, its switches and its rules."""
    zh, head = locale == "zh", pack.head
    said = [
        f"# {head.title.zh if zh else head.title.en} ({pack.name})",
        head.about.zh if zh else head.about.en,
        "\n".join(f"- {line}" for line in head_lines(pack, locale)),
    ]
    for procedure in pack.procedures.values():
        title = procedure.title.zh if zh else procedure.title.en
        said += [f"## {title}", draw_table(pack, procedure.id, locale=locale).rstrip()]
    if pack.body.switch:
        switches = [
            [s.id, s.title.zh if zh else s.title.en, s.value, " / ".join(s.allowed)]
            for s in pack.body.switch
        ]
        heading = f"## {translate(locale, N_('Switches'))}"
        said += [heading, _table(_SWITCHES, switches, locale).rstrip()]
    colon = "：" if zh else ": "
    rules = [
        [
            rule.id,
            rule.text.zh if zh else rule.text.en,
            say_source(rule.source, locale),
            f"{rule.verified}{colon}{translate(locale, VERIFIED[rule.verified])}",
        ]
        for rule in pack.body.rule
    ]
    said += [f"## {translate(locale, N_('Rules'))}", _table(_RULES, rules, locale).rstrip()]
    return "\n\n".join(said) + "\n"


def head_lines(pack: Pack, locale: Locale) -> list[str]:
    """What a rule book says of itself: since when, over which other, which hours it counts."""
    head, said = pack.head, list[str]()
    if head.effective_from:
        said.append(
            translate(locale, N_("In effect from {day}."), {"day": str(head.effective_from)})
        )
    if head.effective_to:
        said.append(
            translate(locale, N_("In effect until {day}."), {"day": str(head.effective_to)})
        )
    if head.extends:
        said.append(
            translate(locale, N_("What it does not say, {under} says."), {"under": head.extends})
        )
    if any(clock.span.working_hours for clock in _clocks(pack)):
        hours = {"open": head.calendar.open, "close": head.calendar.close}
        said.append(
            translate(locale, N_("Working hours are counted from {open} to {close}."), hours)
        )
    unread = sum(rule.verified == "U" for rule in pack.body.rule)
    if unread:
        said.append(
            translate(
                locale,
                N_("{n} of its {all} rules are not verified; a layer of one's own overrides them."),
                {"n": unread, "all": len(pack.body.rule)},
            )
        )
    return said


def _clocks(pack: Pack) -> list[Clock]:
    return [clock for stage in pack.stages.values() for clock in stage.clock]


def _clock(clock: ClockLine) -> str:
    return f"{clock.span} ({', '.join(part for part in (clock.rule, clock.days) if part)})"


def _table(headings: tuple[str, ...], rows: list[list[str]], locale: Locale) -> str:
    head = [[translate(locale, heading) for heading in headings], ["---"] * len(headings)]
    # A bar within a text would begin another cell.
    cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in (*head, *cells))


__all__ = [
    "VERIFIED",
    "draw_book",
    "draw_mermaid",
    "draw_svg",
    "draw_table",
    "head_lines",
    "stage_lines",
]
