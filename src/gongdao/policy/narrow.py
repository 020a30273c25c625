"""What of a pack can hold in cases of one kind: judged once, instead of in every decision.

Procedure, kind and switches are settled before a case begins to move. A rule that they rule out is
left away, and of the others only the rest of the condition is asked.
"""

from typing import Any, TypeVar, cast

import msgspec

from gongdao.policy.condition import Facts
from gongdao.policy.procedure import Move, StageRule, Timeout
from gongdao.policy.written import Written

W = TypeVar("W", bound=Written)


def narrowed_tables(body: W, settled: Facts) -> W:
    """The tables of rules that have conditions, each in its order."""
    tables: dict[str, Any] = {}
    for field in msgspec.structs.fields(type(body)):
        table = getattr(body, field.name)
        if isinstance(table, tuple) and table and hasattr(cast("Any", table[0]), "when"):
            tables[field.name] = _possible(cast("Any", table), settled)
    return msgspec.structs.replace(body, **tables)


def narrowed_stage(stage: StageRule, settled: Facts) -> StageRule:
    """A stage with the clocks and ways that are possible.

    A move that is not possible stays, as it may say why.
    """
    return msgspec.structs.replace(
        stage,
        clock=_possible(stage.clock, settled),
        action=tuple(_narrowed_move(move, settled) for move in stage.action),
        on_timeout=stage.on_timeout and _narrowed_timeout(stage.on_timeout, settled),
    )


def _narrowed_move(move: Move, settled: Facts) -> Move:
    when = move.when.rest(settled) if move.when.can_hold(settled) else move.when
    return msgspec.structs.replace(move, when=when, to=_possible(move.to, settled))


def _narrowed_timeout(silence: Timeout, settled: Facts) -> Timeout:
    return msgspec.structs.replace(silence, to=_possible(silence.to, settled))


def _possible(rules: tuple[Any, ...], settled: Facts) -> tuple[Any, ...]:
    return tuple(
        msgspec.structs.replace(rule, when=rule.when.rest(settled))
        for rule in rules
        if rule.when.can_hold(settled)
    )
