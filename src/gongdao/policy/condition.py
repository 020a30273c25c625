"""Conditions of rules: `when = { reason = ["quality"], shipped = true, hours = { max = 48 } }`.

A condition is a table of facts. A fact that is one word matches when it equals the value or is one
of the values; a fact that is a set of words matches when it holds any of them; a number matches
`{ min, max }`; `not = { ... }` matches when the inner condition does not, and `not = [...]` when
none of several does. All must match.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar, cast

Facts = Mapping[str, Any]
Test = Callable[[Facts], bool]

#: The facts that a condition may speak of: what they are is said in docs/how-to/write-a-pack.md.
FACTS: frozenset[str] = frozenset(
    {
        "procedure", "kind", "reason", "received", "stage", "by",
        "paid", "shipped", "signed", "confirmed", "closed", "closed_by", "payment",
        "free_shipping", "whole_order", "promises", "tags", "categories", "promised_hours",
        "excluded", "exclusion_confirmed", "gift_kept", "ship_overdue", "fully_refunded",
        "evidence_buyer", "evidence_seller", "refused", "refusal", "returned", "offer",
        "collect", "liability", "remedy", "counterfeit", "serious", "ended", "settled_before",
        "confirmed_after_days", "confirmed_by", "switch",
        "earlier", "earlier_30d", "points_general", "points_serious", "points_counterfeit",
        "shop_status",
        "late_hours", "paid_hours", "shipped_hours", "signed_days", "price", "asked", "award",
        "share", "concerned", "quantity", "signed_by", "picked_up", "pickup_hours",
        "stalled_hours", "tracking_events", "requested", "heard", "appealed", "reopened",
        "modified", "mismatch", "resent", "votes", "paid_first",
    }
)  # fmt: skip


#: Those of them that are sets of words.
SETS: frozenset[str] = frozenset(
    {"promises", "tags", "categories", "tracking_events", "evidence_buyer", "evidence_seller"}
)


class Condition:
    """A compiled `when`; the empty one always holds."""

    __slots__ = ("_tests", "written")

    def __init__(self, written: Mapping[str, Any]) -> None:
        """Compile. Raises ValueError that names the fact and what is allowed."""
        self.written = written
        self._tests = tuple(_compile(name, value) for name, value in written.items())

    def holds(self, facts: Facts) -> bool:
        """Whether every part of the condition is true of the facts."""
        # A plain loop: this is the innermost question of every decision.
        for test in self._tests:  # noqa: SIM110
            if not test(facts):
                return False
        return True

    def can_hold(self, settled: Facts) -> bool:
        """Whether the facts that are settled leave it a chance: the parts that speak of them hold.

        A plain look, which does not enter `not`.
        """
        parts = ((name, wanted) for name, wanted in self.written.items() if name in settled)
        return all(_compile(name, wanted)(settled) for name, wanted in parts)

    def rest(self, settled: Facts) -> "Condition":
        """What is left to ask once the parts that speak of settled facts are known to hold."""
        left = {name: wanted for name, wanted in self.written.items() if name not in settled}
        return self if len(left) == len(self.written) else Condition(left)

    def __bool__(self) -> bool:
        return bool(self._tests)

    def __repr__(self) -> str:
        return f"Condition({self.written!r})"


class _Ruled(Protocol):
    @property
    def when(self) -> Condition: ...


R = TypeVar("R", bound=_Ruled)


def first_that_holds(rules: Iterable[R], facts: Facts) -> R | None:
    """The first of the rules whose condition is true of the facts."""
    for rule in rules:
        if rule.when.holds(facts):
            return rule
    return None


def _compile(name: str, wanted: Any) -> Test:
    if name == "not":
        tables = cast("list[Any]", wanted) if isinstance(wanted, list) else [wanted]
        inner = tuple(Condition(_table(name, table)) for table in tables)
        return lambda facts: not any(each.holds(facts) for each in inner)
    if name == "switch":
        return _compile_switches(_table(name, wanted))
    if name not in FACTS:
        raise ValueError(f"unknown fact {name!r}; known are: {', '.join(sorted(FACTS))}")
    if isinstance(wanted, dict):
        return _compile_range(name, cast("dict[str, Any]", wanted))
    allowed = _words(wanted)
    if name in SETS:
        return lambda facts: not allowed.isdisjoint(facts[name])
    return lambda facts: facts[name] in allowed


def _compile_switches(wanted: Mapping[str, Any]) -> Test:
    values = {name: _words(value) for name, value in wanted.items()}
    return lambda facts: all(facts["switch"].get(n) in allowed for n, allowed in values.items())


def _compile_range(name: str, wanted: dict[str, Any]) -> Test:
    if not wanted or set(wanted) - {"min", "max"}:
        raise ValueError(f"a range of {name!r} takes min and max, not {sorted(wanted)}")
    least, most = wanted.get("min", float("-inf")), wanted.get("max", float("inf"))

    def in_range(facts: Facts) -> bool:
        value = facts[name]
        return value is not None and least <= value <= most

    return in_range


def _words(value: Any) -> frozenset[Any]:
    """One value, or a list of them."""
    return frozenset(cast("list[Any]", value)) if isinstance(value, list) else frozenset({value})


def _table(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{name!r} takes a table, not {value!r}")
    return cast("dict[str, Any]", value)
