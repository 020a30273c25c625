"""What the types cannot say about a pack: cited rules exist, stages lead somewhere, values fit."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

import msgspec

from gongdao.policy.check_discipline import discipline_faults
from gongdao.policy.guard import guard_faults
from gongdao.policy.manners import manners_faults
from gongdao.policy.pack import Body, Change, Kind, ProcedureRule, Rule, Target, Written
from gongdao.policy.reviews import review_faults
from gongdao.policy.toml_lines import Where

Fault = tuple[Where, str]

#: Remedies that move no money and no goods.
UNPAID = frozenset({"no_action", "apology"})
#: Stages that every procedure has, written by the pack or not: money moves and the case ends.
PASSING = ("execution", "closed")


def faults(part: Body, whole: Body) -> Iterator[Fault]:
    """Every fault of one file, judged with the whole pack in view."""
    rules = {rule.id for rule in whole.rule}
    yield from _uncited(part, rules)
    yield from _doubled(part, whole)
    yield from discipline_faults(part)
    yield from manners_faults(part.manners)
    yield from review_faults(part.review)
    yield from guard_faults(part.guard, part.guard_level)
    for index, switch in enumerate(part.switch):
        if switch.value not in switch.allowed:
            allowed = ", ".join(switch.allowed)
            yield ("switch", index, "value"), f"{switch.value!r} is none of: {allowed}"
    for index, procedure in enumerate(part.procedure):
        for where, message in _procedure_faults(procedure):
            yield ("procedure", index, *where), message
    for index, ceiling in enumerate(part.ceiling):
        if ceiling.maximum is None and ceiling.percent is None:
            yield ("ceiling", index), "a ceiling says how high it is: maximum, percent, or both"
    yield from _strays(part, whole)
    yield from _betrayals(part)
    known = {procedure.id: {kind.id for kind in procedure.kind} for procedure in whole.procedure}
    for index, kind in enumerate(part.kind):
        if kind.procedure not in known:
            yield ("kind", index, "procedure"), f"there is no procedure {kind.procedure!r}"
        elif kind.id in known[kind.procedure]:
            yield ("kind", index, "id"), f"{kind.procedure} has a kind {kind.id!r} already"


def _betrayals(part: Body) -> Iterator[Fault]:
    """What is paid to an anonymous reporter shows on the order, and so who it was."""
    kinds: list[tuple[Where, Kind]] = [(("kind", i), kind) for i, kind in enumerate(part.kind)]
    for index, procedure in enumerate(part.procedure):
        kinds += [(("procedure", index, "kind", i), kind) for i, kind in enumerate(procedure.kind)]
    for where, kind in kinds:
        paying = [remedy for remedy in kind.remedies if remedy not in UNPAID]
        if kind.anonymous and paying:
            named = ", ".join(paying)
            yield (
                (*where, "remedies"),
                f"{named}: money on the order would say who reported; an anonymous kind pays none",
            )


def _strays(part: Body, whole: Body) -> Iterator[Fault]:
    """Clocks and changes of stages that there are not, and ways to such stages."""
    stages = {(p.id, stage.id) for p in whole.procedure for stage in p.stage}
    for table, written in (("clock", part.clock), ("change", part.change)):
        for index, item in enumerate(written):
            if (item.procedure, item.stage) not in stages:
                where: Where = (table, index, "stage")
                yield where, f"{item.procedure} has no stage {item.stage!r} of its own"
    for index, change in enumerate(part.change):
        known = {stage for procedure, stage in stages if procedure == change.procedure}
        targets = [(("action", i, "to"), t) for i, m in enumerate(change.action) for t in m.to]
        targets += [(("on_timeout", "to"), t) for t in _timeout_targets(change)]
        for at, target in targets:
            yield from _target_faults(target, ("change", index, *at), known | set(PASSING))


def _timeout_targets(change: Change) -> tuple[Target, ...]:
    return change.on_timeout.to if change.on_timeout else ()


def _uncited(part: Written, rules: set[str]) -> Iterator[Fault]:
    for where, value in _walk(part, ()):
        cites = bool(where) and where[-1] == "rule" and isinstance(value, str)
        if cites and value and value not in rules:
            yield where, f"there is no rule {value!r} in this pack"


def _walk(value: Any, where: Where) -> Iterator[tuple[Where, Any]]:
    if isinstance(value, Written):
        for field in msgspec.structs.fields(type(value)):
            yield from _walk(getattr(value, field.name), (*where, field.name))
    elif isinstance(value, tuple):
        for index, item in enumerate(cast("tuple[Any, ...]", value)):
            yield from _walk(item, (*where, index))
    else:
        yield where, value


def _doubled(part: Body, whole: Body) -> Iterator[Fault]:
    everywhere = Counter([*_ids(whole.rule), *_ids(whole.procedure)])
    for name, written in (("rule", _ids(part.rule)), ("procedure", _ids(part.procedure))):
        for index, item_id in enumerate(written):
            if everywhere[item_id] > 1:
                yield (name, index, "id"), f"{item_id!r} is written twice"


def _ids(items: tuple[Rule, ...] | tuple[ProcedureRule, ...]) -> list[str]:
    return [item.id for item in items]


def _procedure_faults(procedure: ProcedureRule) -> Iterator[Fault]:
    stages = {stage.id for stage in procedure.stage} | set(PASSING)
    if procedure.start not in stages:
        yield ("start",), f"{procedure.start!r} is no stage of this procedure"
    for index, move in enumerate(procedure.anywhere):
        for target in move.to:
            yield from _target_faults(target, ("anywhere", index, "to"), stages)
    for index, stage in enumerate(procedure.stage):
        at: Where = ("stage", index)
        targets = [(("action", i, "to"), t) for i, m in enumerate(stage.action) for t in m.to]
        if stage.on_timeout:
            targets += [(("on_timeout", "to"), t) for t in stage.on_timeout.to]
        for where, target in targets:
            yield from _target_faults(target, (*at, *where), stages)
        if bool(stage.clock) != (stage.on_timeout is not None):
            yield at, "a stage has a clock and an on_timeout, or neither"
        if stage.id != "execution" and any(clock.span.is_nothing for clock in stage.clock):
            yield (*at, "clock"), "only the execution happens at once (0s)"
        if stage.id == "closed" and stage.clock:
            yield (*at, "clock"), "a case that has ended waits for nobody"
        if not targets and stage.id != "closed":
            yield at, f"nothing leads out of {stage.id!r}"
        if (stage.id == "jury") != (stage.jury is not None):
            yield at, "the stage jury, and only it, says how many jurors decide (jury = {...})"
    for name in sorted(stages - _reachable(procedure) - set(PASSING)):
        index = next(i for i, stage in enumerate(procedure.stage) if stage.id == name)
        yield ("stage", index), f"nothing leads to {name!r}"


def _target_faults(target: Target, where: Where, stages: set[str]) -> Iterator[Fault]:
    if target.stage not in stages:
        known = ", ".join(sorted(stages))
        yield where, f"{target.stage!r} is no stage of this procedure: {known}"
    if target.stage in PASSING and target.ended is None:
        yield where, f"a way to {target.stage} says how the case ends"


def _reachable(procedure: ProcedureRule) -> set[str]:
    edges: dict[str, set[str]] = {}
    for stage in procedure.stage:
        moves = (*stage.action, *(m for m in procedure.anywhere if stage.id not in m.not_in))
        targets = [target for move in moves for target in move.to]
        targets += stage.on_timeout.to if stage.on_timeout else ()
        edges[stage.id] = {target.stage for target in targets}
    edges.setdefault("execution", {"closed"})
    seen: set[str] = set()
    ahead: set[str] = {procedure.start}
    while ahead:
        seen |= ahead
        ahead = {to for stage in ahead for to in edges.get(stage, ())} - seen
    return seen
