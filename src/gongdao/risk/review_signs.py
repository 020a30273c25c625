"""Signs in reviews: more praise in a day than buyers to give it, and one text from many hands.

Pure. Texts are compared by their runs of three letters: near-equal ones share smallest hashes, so
that each is held against few others however many there are.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID
from zlib import crc32

import msgspec

from gongdao.base.groups import groups_of
from gongdao.policy.guard import GuardRule
from gongdao.risk.finding import Sign
from gongdao.risk.looking import Limits, Look, Shown, count, instant, signs_in, who, words

_RUN = 3
#: Smallest hashes, two by two: near-equal texts agree in one of the pairs, half-equal ones seldom.
_SALTS: Final = tuple((crc32(bytes([n])), crc32(bytes([n, n]))) for n in range(8))
#: Texts that agree in one pair are compared each with so many others at most.
_COMPARED_MAX = 8


class DayFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The best marks that a shop got in one day, and what is usual there."""

    day: datetime
    best: int
    """Reviews with five stars on that day."""
    buyers: int
    before: int = 0
    """The same, in the days before."""
    before_days: int = 0
    finished: int = 0
    """Orders that were received on that day and in the week before: who could praise."""


class ReviewText(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer wrote."""

    id: UUID
    shop_id: UUID
    buyer_id: UUID
    text: str


class Twins(msgspec.Struct, frozen=True, kw_only=True):
    """Reviews of one shop whose texts are nearly the same, by different buyers."""

    shop_id: UUID
    reviews: tuple[ReviewText, ...]


def burst_signs(day: DayFacts, rules: Mapping[str, GuardRule]) -> list[Sign]:
    """What is noticed about a day of reviews."""
    return signs_in(day, _BURST, rules)


def twin_signs(twins: Twins, rules: Mapping[str, GuardRule]) -> list[Sign]:
    """What is noticed about reviews that say the same."""
    return signs_in(twins, _TWINS, rules)


def twins_among(texts: Sequence[ReviewText], limits: Limits) -> list[Twins]:
    """Groups of near-equal texts by shop; a set phrase that stands in many shops is none."""
    long = {one.id: one for one in texts if len(_letters(one.text)) >= limits["letters"]}
    runs = {key: _runs(one.text) for key, one in long.items()}
    ties = _near(runs, limits["percent"])
    found: list[Twins] = []
    for group in groups_of(ties):
        together = [long[key] for key in group]
        shops = {one.shop_id for one in together}
        if len(shops) >= limits["phrase_shops"]:
            continue
        for shop_id in sorted(shops):
            here = tuple(sorted((o for o in together if o.shop_id == shop_id), key=lambda o: o.id))
            if len({one.buyer_id for one in here}) > 1:
                found.append(Twins(shop_id=shop_id, reviews=here))
    return found


def _near(runs: Mapping[UUID, frozenset[int]], percent: int) -> Iterator[tuple[UUID, UUID]]:
    """Pairs of texts that share so much of their runs."""
    buckets: defaultdict[tuple[int, int, int], list[UUID]] = defaultdict(list)
    for key in sorted(runs):
        for number, (one, other) in enumerate(_SALTS):
            low, lower = min(map(one.__xor__, runs[key])), min(map(other.__xor__, runs[key]))
            buckets[number, low, lower].append(key)
    seen: set[tuple[UUID, UUID]] = set()
    for keys in buckets.values():
        for at, one in enumerate(keys):
            for other in keys[max(0, at - _COMPARED_MAX) : at]:
                if (other, one) not in seen:
                    seen.add((other, one))
                    if _alike(runs[one], runs[other]) >= percent:
                        yield other, one


def _alike(one: frozenset[int], other: frozenset[int]) -> float:
    return 100 * len(one & other) / len(one | other)


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _runs(text: str) -> frozenset[int]:
    letters = _letters(text)
    return frozenset(
        crc32(letters[at : at + _RUN].encode()) for at in range(max(1, len(letters) - _RUN + 1))
    )


def _burst(day: DayFacts, limits: Limits) -> Shown:
    if day.best < limits["reviews"] or day.best * 100 < day.finished * limits["percent"]:
        return ()
    usual = day.before / day.before_days if day.before_days else 0
    if day.best < usual * limits["times"]:
        return ()
    return (
        count("reviews", day.best),
        instant("day", day.day),
        count("usual", round(usual)),
        count("orders", day.finished),
    )


def _same_text(twins: Twins, limits: Limits) -> Shown:
    buyers = Counter(one.buyer_id for one in twins.reviews)
    if len(buyers) < limits["buyers"]:
        return ()
    shown: Iterable[str] = sorted({one.text for one in twins.reviews})
    return (
        count("reviews", len(twins.reviews)),
        count("buyers", len(buyers)),
        *(words(text) for text in list(shown)[:3]),
        *who("person", "buyer", buyers),
    )


_BURST: Final[dict[str, Look[DayFacts]]] = {
    "review-bursts": _burst,
}
_TWINS: Final[dict[str, Look[Twins]]] = {
    "twin-review-texts": _same_text,
}
