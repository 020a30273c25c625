"""A procedure as a graph of stages and ways between them, in words; what drawings are made from."""

from typing import NamedTuple

import msgspec

from gongdao.base.i18n import N_, Locale, translate
from gongdao.policy.calendar import Span
from gongdao.policy.check import PASSING
from gongdao.policy.condition import Condition
from gongdao.policy.pack import Clock, Pack, ProcedureRule, StageRule, Target
from gongdao.policy.terms import term

SILENCE = "timeout"


class Way(NamedTuple):
    """From one stage to another: what leads there, each with who does it."""

    source: str
    target: str
    steps: tuple[tuple[str, tuple[str, ...]], ...]
    """Pairs of a party and its actions; silence is the system's `timeout`."""


class ClockLine(msgspec.Struct, frozen=True, kw_only=True):
    """One clock of a stage in words; of several the first whose rule holds counts."""

    span: str
    rule: str
    days: str
    """Where it holds only for cases that come into the stage on certain days: which."""


class StageLine(msgspec.Struct, frozen=True, kw_only=True):
    """One stage of a procedure in words."""

    id: str
    stage: str
    waiting_on: str
    clocks: tuple[ClockLine, ...]
    on_silence: str
    actions: tuple[str, ...]
    rules: tuple[str, ...]


def nodes_of(procedure: ProcedureRule) -> tuple[str, ...]:
    """The stages in the order in which the pack writes them, then those that every case passes."""
    written = tuple(stage.id for stage in procedure.stage if stage.id not in PASSING)
    return (*written, *PASSING)


def ways_of(pack: Pack, procedure: ProcedureRule) -> list[Way]:
    """Every way from a stage to another one that the pack's switches leave open, in order."""
    order = nodes_of(procedure)
    found = [
        Way(stage.id, target, tuple((party, tuple(actions)) for party, actions in steps.items()))
        for stage in procedure.stage
        for target, steps in _out_of(stage, pack.switches).items()
    ]
    if "execution" not in {stage.id for stage in procedure.stage}:
        found.append(Way(PASSING[0], PASSING[1], (("system", ("execute",)),)))
    return sorted(found, key=lambda way: (order.index(way.source), order.index(way.target)))


def _out_of(stage: StageRule, switches: dict[str, str]) -> dict[str, dict[str, list[str]]]:
    """Target, then party, then actions; what leads back to the same stage is left out."""
    out: dict[str, dict[str, list[str]]] = {}
    for move in stage.action:
        for target in _open_targets(move.to, switches, stage.id):
            for party in move.by:
                actions = out.setdefault(target, {}).setdefault(party, [])
                if move.do not in actions:
                    actions.append(move.do)
    silence = stage.on_timeout.to if stage.on_timeout else ()
    for target in _open_targets(silence, switches, stage.id):
        out.setdefault(target, {})["system"] = [SILENCE]
    return out


def _open_targets(targets: tuple[Target, ...], switches: dict[str, str], here: str) -> list[str]:
    """Where a move may lead elsewhere; behind a target that always matches none is reached."""
    found: list[str] = []
    for target in targets:
        written = target.when.written
        if not Condition({k: v for k, v in written.items() if k == "switch"}).holds(
            {"switch": switches}
        ):
            continue
        if target.stage != here and target.stage not in found:
            found.append(target.stage)
        if not written.keys() - {"switch"}:
            break
    return found


def stage_lines(pack: Pack, procedure: str, locale: Locale) -> list[StageLine]:
    """The stages of a procedure as rows of a table."""
    return [_stage_line(stage, locale) for stage in procedure_of(pack, procedure).stage]


def procedure_of(pack: Pack, name: str) -> ProcedureRule:
    """A procedure of a pack. Raises LookupError with the names that there are."""
    for procedure in pack.procedures.values():
        if procedure.id == name:
            return procedure
    known = ", ".join(pack.procedures) or "none"
    raise LookupError(f"{pack.name} has no procedure {name!r}; there are: {known}")


def way_text(way: Way, locale: Locale) -> str:
    """What leads along a way: who does what, or silence."""
    comma = "、" if locale == "zh" else ", "
    said: list[str] = []
    for party, actions in way.steps:
        if actions == (SILENCE,):
            said.append(translate(locale, N_("on silence")))
        elif party == "system":
            said.append(word(party, "role", locale))
        else:
            names = comma.join(word(action, "action", locale) for action in actions)
            said.append(f"{word(party, 'role', locale)}{'：' if locale == 'zh' else ': '}{names}")
    return ("；" if locale == "zh" else "; ").join(said)


def word(identifier: str, kind: str, locale: Locale) -> str:
    """A word of the vocabulary in a language."""
    return translate(locale, term(identifier, kind))


_SPANS = {
    "h": N_("{n} hours"),
    "d": N_("{n} days"),
    "m": N_("{n} minutes"),
    "s": N_("{n} seconds"),
    "wd": N_("{n} working days"),
    "wh": N_("{n} working hours"),
    "mo": N_("{n} months"),
}


def span_text(span: Span, locale: Locale) -> str:
    """A span in words: 72 hours, 5 days, 4 working days."""
    in_days = span.seconds > 3 * 86400 and span.seconds % 86400 == 0
    written = f"{span.seconds // 86400}d" if in_days else str(span)
    number = written.rstrip("hdmsow")
    return translate(locale, _SPANS[written.removeprefix(number)], {"n": int(number)})


def clock_text(stage: StageRule, locale: Locale) -> str:
    """How long the stage waits, each length once; a dash where it does not."""
    return " / ".join(dict.fromkeys(span_text(c.span, locale) for c in stage.clock)) or "–"


def _clock_line(clock: Clock, locale: Locale) -> ClockLine:
    between = clock.between
    return ClockLine(
        span=span_text(clock.span, locale),
        rule=clock.rule,
        days=f"{between[0]} – {between[1]}" if between else "",
    )


def _stage_line(stage: StageRule, locale: Locale) -> StageLine:
    silence = stage.on_timeout
    rules = [*(clock.rule for clock in stage.clock), *(move.rule for move in stage.action)]
    if silence:
        rules.append(silence.rule)
    return StageLine(
        id=stage.id,
        stage=word(stage.id, "stage", locale),
        waiting_on=word(stage.waiting_on, "role", locale),
        clocks=tuple(dict.fromkeys(_clock_line(clock, locale) for clock in stage.clock)),
        on_silence=(silence.say.zh if locale == "zh" else silence.say.en) if silence else "–",
        actions=tuple(
            f"{word(move.do, 'action', locale)} "
            f"({', '.join(word(party, 'role', locale) for party in move.by)})"
            for move in stage.action
        ),
        rules=tuple(dict.fromkeys(rule for rule in rules if rule)),
    )
