"""Manners: what is wrong with a text before it goes out, where, why, and whether it may. Pure.

The rules are those of the pack, and words of the shop's own. To be wrong seldom counts for more
than to find everything: whoever is warned for nothing stops reading warnings.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Literal

import msgspec
from ahocorasick_rs import AhoCorasick, MatchKind

from gongdao.base.contacts import find_contacts
from gongdao.base.plain import Plain, plain
from gongdao.policy.manners import Level, Manners, as_regex
from gongdao.policy.pack import Pack, Rule
from gongdao.policy.written import Text
from gongdao.scripts.given import find_given, total_fen, worth_fen
from gongdao.scripts.spelt import Speller

#: A text with more remarks than these is not better understood by more.
REMARKS_MAX = 20
#: Under this id the words that a shop minds itself are named.
OWN_WORDS = "own-words"
#: How often one says "I" before it counts as much.
_TOO_MUCH_OF_ME = 3
_ME = re.compile(r"(?<![自本忘])我(?![们国家的])")
_YOU = re.compile(r"您|咱|贵")


class OwnWord(msgspec.Struct, frozen=True, kw_only=True):
    """A word that a shop minds beside those of the rule book."""

    word: str
    level: Level
    reason: str


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes, and to whom: what the rules cannot know of themselves."""

    limit_fen: int | None = None
    """What one decision of whoever writes may cost the shop; none: any sum."""
    order_fen: int | None = None
    """What the order that is talked about costs; none: nobody knows of one."""


ANYBODY = Scene()


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is minded in a text, from `start` to before `end`."""

    id: str
    level: Level
    start: int
    end: int
    say: Text
    rule: str
    source: str


class Etiquette:
    """The rules of a pack and the words of a shop, made ready to be looked for."""

    def __init__(
        self, manners: Sequence[Manners], rules: dict[str, Rule], words: Sequence[OwnWord] = ()
    ) -> None:
        self._sources = {name: rule.source for name, rule in rules.items()}
        self._each = [(one, _finder(one)) for one in manners]
        listed = [(_bare(word), one) for one in manners for word in one.words]
        listed += [(_bare(own.word), _as_manners(own)) for own in words]
        listed = [(word, one) for word, one in listed if word]
        self._listed = [one for _, one in listed]
        self._unless = {one.id: [as_regex(each) for each in one.unless] for one in self._listed}
        self._words = AhoCorasick(
            [word for word, _ in listed], matchkind=MatchKind.LeftmostLongest
        ) if listed else None  # fmt: skip
        self._speller = Speller(
            [word for word, _ in listed] + [_bare(word) for one in manners for word in one.sounds]
        )

    def look(self, text: str, scene: Scene) -> list[Remark]:
        """Everything that is minded, in the order of the text; of one rule once at a place."""
        bare = plain(text)
        spelt = self._speller.read(bare)
        found = [
            self._remark(one, view, *span)
            for view in (bare, spelt)
            if view is not None
            for one, span in self._hits(view, scene)
        ]
        found.sort(key=lambda remark: (remark.start, remark.level, -remark.end))
        return list(_apart(found))[:REMARKS_MAX]

    def _hits(self, bare: Plain, scene: Scene) -> Iterator[tuple[Manners, tuple[int, int]]]:
        if self._words is not None:
            for index, start, end in self._words.find_matches_as_indexes(bare.text):
                one = self._listed[index]
                if not _lies_over(self._unless[one.id], bare.text, start, end):
                    yield one, (start, end)
        for one, find in self._each:
            for span in find(bare, scene):
                yield one, span

    def _remark(self, one: Manners, bare: Plain, start: int, end: int) -> Remark:
        first, last = bare.span(start, end)
        return Remark(
            id=one.id, level=one.level, start=first, end=last, say=one.say, rule=one.rule,
            source=self._sources.get(one.rule, ""),
        )  # fmt: skip


def etiquette_of(pack: Pack, words: Sequence[OwnWord] = ()) -> Etiquette:
    """What is minded under a pack, in a shop with words of its own."""
    return Etiquette(pack.manners, pack.rules, words)


def check_text(text: str, rules: Etiquette, context: Scene = ANYBODY) -> list[Remark]:
    """What is wrong with a text before it goes out; nothing where it is well said."""
    return rules.look(text, context)


def worst(remarks: Collection[Remark]) -> Literal["", "warn", "block"]:
    """What a text comes to: it may go out, with a warning, or not at all."""
    levels = {remark.level for remark in remarks}
    return "block" if "block" in levels else "warn" if levels else ""


Finder = Callable[[Plain, Scene], Iterator[tuple[int, int]]]


def _finder(one: Manners) -> Finder:
    match one.finds:
        case "contact":
            unless = [as_regex(each) for each in one.unless]
            return lambda bare, _: (
                span for span in find_contacts(bare) if not _lies_over(unless, bare.text, *span)
            )
        case "promise":
            return lambda bare, scene: _promised(bare.text, scene, one.above)
        case "unmeasured":
            return lambda bare, scene: _unmeasured(bare.text, scene)
        case "pronouns":
            least = one.length or 1
            return lambda bare, _: _pronouns(bare.text, least)
        case "words":
            pattern = as_regex("|".join(one.patterns)) if one.patterns else None
            unless = [as_regex(each) for each in one.unless]
            return lambda bare, _: _matching(bare.text, pattern, unless)


def _matching(
    text: str, pattern: re.Pattern[str] | None, unless: list[re.Pattern[str]]
) -> Iterator[tuple[int, int]]:
    if pattern is not None:
        for hit in pattern.finditer(text):
            if not _lies_over(unless, text, *hit.span()):
                yield hit.span()


def _promised(text: str, scene: Scene, above_fen: int | None) -> Iterator[tuple[int, int]]:
    """What is above the limit by itself, else all of it where it adds up to more."""
    limit_fen = scene.limit_fen if above_fen is None else above_fen
    if limit_fen is None or not (given := find_given(text)):
        return
    above = [one for one in given if (worth_fen(one, scene.order_fen) or 0) > limit_fen]
    for one in above:
        yield one.start, one.end
    if not above and total_fen(text, given, scene.order_fen) > limit_fen:
        yield given[0].start, given[-1].end


def _unmeasured(text: str, scene: Scene) -> Iterator[tuple[int, int]]:
    """Parts of an order that nobody knows."""
    if scene.limit_fen is not None:
        for one in find_given(text):
            if worth_fen(one, scene.order_fen) is None:
                yield one.start, one.end


def _pronouns(text: str, least: int) -> Iterator[tuple[int, int]]:
    if len(text) >= least:
        mine = list(_ME.finditer(text))
        if len(mine) >= _TOO_MUCH_OF_ME and len(mine) > len(_YOU.findall(text)):
            yield mine[0].span()


def _lies_over(unless: list[re.Pattern[str]], text: str, start: int, end: int) -> bool:
    """Whether something that makes it harmless shares a letter with it."""
    if not unless:
        return False
    around = max(0, start - 24)
    return any(
        hit.start() < end and hit.end() > start
        for each in unless
        for hit in each.finditer(text, around, end + 24)
    )


def _apart(remarks: list[Remark]) -> Iterator[Remark]:
    """Of what one rule found at overlapping places, the first."""
    ends: dict[str, int] = {}
    for remark in remarks:
        if remark.start >= ends.get(remark.id, 0):
            ends[remark.id] = remark.end
            yield remark


def _as_manners(own: OwnWord) -> Manners:
    say = Text(zh=own.reason, en=own.reason)
    return Manners(id=OWN_WORDS, level=own.level, say=say, rule="", words=(own.word,))


def _bare(word: str) -> str:
    return plain(word).text
