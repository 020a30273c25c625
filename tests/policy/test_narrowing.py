"""What a pack can say of a kind of case is the same, whether all of its rules are asked or few."""

import random
from collections.abc import Iterator
from typing import Any, cast

import msgspec
import pytest

from gongdao.policy.condition import FACTS, SETS
from gongdao.policy.load import load_pack, pack_names
from gongdao.policy.pack import Body, Pack

PACKS = sorted(pack_names())


def tables_of(body: Body) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for field in msgspec.structs.fields(Body):
        table: Any = getattr(body, field.name)
        if isinstance(table, tuple) and table and hasattr(cast("Any", table[0]), "when"):
            yield field.name, cast("tuple[Any, ...]", table)


def words_in(written: Any) -> Iterator[tuple[str, Any]]:
    """The facts that a condition speaks of, each with a value that makes a difference."""
    for table in _listed(written):
        for name, wanted in table.items():
            if name == "not":
                yield from words_in(wanted)
            elif name == "switch":
                continue
            elif isinstance(wanted, dict):
                bounds = cast("dict[str, float]", wanted).values()
                yield from ((name, bound + more) for bound in bounds for more in (-1, 0, 1))
            else:
                yield from ((name, each) for each in _listed(wanted))


def _listed(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def vocabulary(pack: Pack) -> dict[str, list[Any]]:
    words: dict[str, list[Any]] = {name: [] for name in FACTS}
    for _, table in tables_of(pack.body):
        for rule in table:
            for name, value in words_in(rule.when.written):
                words[name].append(value)
    return words


def some_facts(words: dict[str, list[Any]], dice: random.Random) -> dict[str, Any]:
    return {
        name: frozenset(dice.sample(values, k=min(len(values), 2)))
        if name in SETS
        else dice.choice([*values, None])
        for name, values in words.items()
    }


@pytest.mark.parametrize("name", PACKS)
def test_the_same_rules_hold(name: str) -> None:
    pack = load_pack(name)
    words, dice = vocabulary(pack), random.Random(7)
    for procedure, kind in pack.kinds:
        rules = pack.about(procedure, kind).rules
        for _ in range(20):
            facts = some_facts(words, dice)
            facts |= {"procedure": procedure, "kind": kind, "switch": pack.switches}
            for table, whole in tables_of(pack.body):
                held = [r for r in whole if r.when.holds(facts)]
                narrow = [r for r in getattr(rules, table) if r.when.holds(facts)]
                assert [_told(r) for r in held] == [_told(r) for r in narrow]


def test_switches_set_otherwise_are_a_pack_of_their_own() -> None:
    pack = load_pack("cn-standard")
    other = pack.with_switches({"appeal": "after_close"})
    assert other is pack.with_switches({"appeal": "after_close"})
    assert other.switches != pack.switches


def _told(rule: Any) -> dict[str, Any]:
    kind = cast("type[msgspec.Struct]", type(rule))
    return {
        field.name: getattr(rule, field.name)
        for field in msgspec.structs.fields(kind)
        if field.name != "when"
    }
