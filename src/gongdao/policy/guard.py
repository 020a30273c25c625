"""What a pack is on its guard against: how much each sign weighs, who is told, what it may do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from gongdao.policy.calendar import Span
from gongdao.policy.written import Text, Written

#: What a sign is found in, or on whom.
Subject = Literal["message", "order", "review", "buyer", "shop", "case"]
#: Who is told: the buyer it may cost money, the shop it may cost money, the platform's people.
Told = Literal["buyer", "shop", "platform"]
#: warn: say so; confirm: ask once more before it goes on; hold: a payout waits for a person.
#: None of them decides anything.
Deed = Literal["warn", "confirm", "hold"]
Level = Literal["calm", "caution", "danger"]
_CODE = r"^[a-z][a-z0-9]*(-[a-z0-9]+){0,5}$"


#: The numbers that each sign is counted by; a rule that is not switched off names all of them.
LIMITS: Final[Mapping[str, frozenset[str]]] = {
    code: frozenset(names.split())
    for code, names in {
        "same-lines": "units least_fen",
        "near-limit": "percent least_fen",
        "same-lines-order": "units least_fen",
        "near-credit-limit": "percent",
        "paid-and-received-in-a-blink": "hours least_fen",
        "few-goods-many-sales": "goods orders hours",
        "many-victims": "buyers per_mille hours",
        "closes-cases-outside": "buyers hours",
        "asks-to-change-reason": "buyers hours",
        "paid-reviews": "buyers hours",
        "blocked-after": "buyers hours",
        "ring-orders": "buyers crowd together_hours meetings orders hollow_percent confirm_hours"
        " hours shops_orders",
        "review-bursts": "reviews percent times hours",
        "twin-review-texts": "buyers letters percent phrase_shops hours",
        "repeated-refunds": "refunds percent times only_percent hours",
        "swapped-goods": "cases hours",
        "review-threats": "times hours",
        "professional-claims": "claims shops percent hours",
        "orders-and-never-pays": "orders paid_percent hours",
    }.items()
}


class GuardRule(Written, frozen=True, kw_only=True):
    """One sign; a layer above says it again under the same code, and counts."""

    code: Annotated[str, Meta(pattern=_CODE, max_length=40)]
    on: Subject
    weight: Annotated[int, Meta(ge=0, le=100)]
    """Out of a hundred; 0 is switched off. Weights of several signs add up."""
    told: tuple[Told, ...]
    does: tuple[Deed, ...] = ("warn",)
    hold: Span | None = None
    """hold: at most so long; then the money goes out by itself."""
    say: Text
    """What it is, calmly, in one sentence; {words} and the like are filled from the evidence."""
    advice: Text | None = None
    """What to do now."""
    limits: dict[str, int] = msgspec.field(default_factory=dict)
    """The numbers that the sign's function asks for; amounts in fen, times in hours."""
    rule: str


class GuardLevel(Written, frozen=True, kw_only=True):
    """From which sum of weights on something is to be cautious, or in danger."""

    level: Literal["caution", "danger"]
    least: Annotated[int, Meta(ge=1, le=1000)]


class GuardBook:
    """The signs of a pack by their code, the uppermost layer counting."""

    def __init__(self, rules: Iterable[GuardRule], levels: Iterable[GuardLevel]) -> None:
        self.rules: dict[str, GuardRule] = {}
        for rule in rules:
            self.rules.setdefault(rule.code, rule)
        self._least: dict[str, int] = {}
        for one in levels:
            self._least.setdefault(one.level, one.least)

    def active(self, on: Subject) -> dict[str, GuardRule]:
        """The signs that are looked for there."""
        return {c: rule for c, rule in self.rules.items() if rule.on == on and rule.weight}

    def least(self, level: str) -> int | None:
        """From which sum of weights on it is that level; None: that level is not known."""
        return self._least.get(level)

    def level(self, weights: Sequence[int]) -> Level:
        """What signs of these weights, each counted once, come to together."""
        total = sum(weights)
        for level in ("danger", "caution"):
            if level in self._least and total >= self._least[level]:
                return level
        return "calm"

    def level_of(self, signs: Iterable[tuple[str, int]]) -> Level:
        """What codes with their weights come to: each code once, with the largest weight it has."""
        largest: dict[str, int] = {}
        for code, weight in signs:
            largest[code] = max(weight, largest.get(code, 0))
        return self.level(tuple(largest.values()))


def guard_faults(
    rules: Sequence[GuardRule], levels: Sequence[GuardLevel]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What the types cannot say: a hold without its end, a sign without one of its limits."""
    seen: set[Any] = set()
    for index, one in enumerate(rules):
        at = ("guard", index)
        if ("hold" in one.does) != (one.hold is not None):
            yield (*at, "hold"), 'a span is named where does has "hold", and only there'
        if not one.told:
            yield (*at, "told"), "somebody is told: buyer, shop or platform"
        if one.weight and (missing := LIMITS.get(one.code, frozenset()) - one.limits.keys()):
            yield (*at, "limits"), f"{one.code!r} is counted by: {', '.join(sorted(missing))}"
        if one.code in seen:
            yield (*at, "code"), f"{one.code!r} is written twice in this file"
        seen.add(one.code)
    least = {one.level: one.least for one in levels}
    if {"caution", "danger"} <= least.keys() and least["caution"] >= least["danger"]:
        yield ("guard_level", 0, "least"), "caution begins below danger"
