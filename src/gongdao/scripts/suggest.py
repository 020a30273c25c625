"""What to say to the last words of a buyer: intents known by their words, and why. Pure."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from typing import Literal

import msgspec
from ahocorasick_rs import AhoCorasick, MatchKind

from gongdao.base.plain import plain
from gongdao.policy.written import Text
from gongdao.scripts.library import Intent, load_intents
from gongdao.scripts.script import Script

#: So much of what a buyer wrote is looked at, from its end.
_HEARD_MAX = 1_000
OrderState = Literal["", "unpaid", "unshipped", "shipped", "signed"]


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A script that may answer, and why."""

    script: Script
    intent: str
    why: Text
    heard: tuple[str, ...]
    """The buyer's own words by which the intent was known."""


def suggest_scripts(
    heard: str,
    find: Callable[[str], Script | None],
    *,
    order: OrderState = "",
    uses: Mapping[str, int],
    limit: int = 5,
) -> list[Suggestion]:
    """The scripts that answer what was heard, the likeliest intent first.

    `find` tells the script that stands under a key in this shop, if any does; `order` is how the
    order stands that is spoken of.
    """
    suggested: list[Suggestion] = []
    taken: set[str] = set()
    for intent, words in intents_in(heard, order):
        keys = sorted(intent.scripts, key=lambda key: -uses.get(key, 0))
        for key in keys:
            script = find(key)
            if script is not None and key not in taken:
                taken.add(key)
                suggested.append(
                    Suggestion(script=script, intent=intent.id, why=intent.say, heard=words)
                )
    return suggested[:limit]


def intents_in(heard: str, order: OrderState = "") -> list[tuple[Intent, tuple[str, ...]]]:
    """What a buyer may want, the likeliest first: longer words count for more, later for more."""
    text = plain(heard[-_HEARD_MAX:]).text
    words, intents, automaton = _table()
    weights: dict[int, float] = defaultdict(float)
    told: dict[int, dict[str, None]] = defaultdict(dict)
    for index, _, end in automaton.find_matches_as_indexes(text, overlapping=True):
        for number in intents[index]:
            weights[number] += len(words[index]) + end / (len(text) or 1)
            told[number][words[index]] = None
    found = [
        (weight, load_intents()[number], tuple(told[number]))
        for number, weight in weights.items()
        if _fits(load_intents()[number], text, order)
    ]
    found.sort(key=lambda one: -one[0])
    return [(intent, heard_words) for _, intent, heard_words in found]


def _fits(intent: Intent, text: str, order: OrderState) -> bool:
    if any(word in text for word in intent.unless):
        return False
    return not order or not intent.needs or order in intent.needs or "order" in intent.needs


@cache
def _table() -> tuple[list[str], list[list[int]], AhoCorasick]:
    """The words, for each the intents that it speaks of, and what finds them all in one go."""
    table: dict[str, list[int]] = defaultdict(list)
    for number, intent in enumerate(load_intents()):
        for word in intent.words:
            table[plain(word).text].append(number)
    words = list(table)
    # Overlapping matches are only to be had from the standard kind.
    return words, list(table.values()), AhoCorasick(words, matchkind=MatchKind.Standard)
