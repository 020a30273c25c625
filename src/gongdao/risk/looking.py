"""How signs are looked for in records: each code has its look, its numbers are the pack's."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias, TypeVar

from gongdao.base.money import yuan
from gongdao.policy.guard import GuardRule
from gongdao.risk.finding import EVIDENCE_MAX, SHOWN_MAX, Evidence, Shows, Sign

Limits: TypeAlias = Mapping[str, int]
Shown: TypeAlias = tuple[Evidence, ...]
F = TypeVar("F")


#: What shows a sign in facts by the pack's numbers, or nothing.
Look: TypeAlias = Callable[[F, Limits], Shown]


def signs_in(facts: F, looks: Mapping[str, Look[F]], rules: Mapping[str, GuardRule]) -> list[Sign]:
    """Every sign that the facts show; a rule that was loaded has its limits (policy/guard.py)."""
    found: list[Sign] = []
    for code, find in looks.items():
        rule = rules.get(code)
        if rule is not None and (shown := find(facts, rule.limits)):
            found.append(Sign(code=code, by="facts", evidence=shown[:EVIDENCE_MAX]))
    return found


def count(label: str, number: int) -> Evidence:
    """A number as evidence."""
    return Evidence(shows="count", said=str(number), label=label)


def amount(label: str, fen: int) -> Evidence:
    """A sum as evidence, in yuan."""
    return Evidence(shows="amount", said=yuan(fen), label=label)


def instant(label: str, at: datetime) -> Evidence:
    """A time as evidence."""
    return Evidence(shows="time", said=at.strftime("%Y-%m-%dT%H:%M:%SZ"), label=label)


def words(text: str) -> Evidence:
    """What was written, cut to what is shown."""
    return Evidence(shows="words", said=text[:SHOWN_MAX])


def who(shows: Shows, label: str, ids: Iterable[object], most: int = 10) -> Shown:
    """People or orders as evidence, always the same ones in the same order."""
    return tuple(
        Evidence(shows=shows, said=one, label=label) for one in sorted(map(str, ids))[:most]
    )


def days_of(hours: int) -> int:
    """A window of the pack in whole days, as a sentence says it."""
    return max(1, hours // 24)


def window_of(hours: int) -> timedelta:
    """A window of the pack."""
    return timedelta(hours=hours)
