"""The guard's word lists as one automaton: what of them stands in a text, however it is written.

A list is a TOML file in words/. A phrase is a word that is enough by itself (`words`), or words
that stand near each other in one sentence (`together`: one of each group). `unless` takes a phrase
back where it stands just before it, within it or just after it: "do not share your screen". Words
are looked for in the plain text (base/plain.py), and once more in how the text sounds, so that
pinyin and characters of the same sound are found as well.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import msgspec
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from gongdao.base.pinyin import sounds_of
from gongdao.base.plain import Plain, plain
from gongdao.base.spelt import Pinyin, in_words, without_pictures
from gongdao.policy.toml_lines import convert, read_source
from gongdao.policy.written import Written
from gongdao.risk.fillers import is_hidden, without_fillers
from gongdao.risk.negation import governs, is_negation

_FOLDER = Path(__file__).parent / "words"
#: Of one word so many places are looked at, and of all words together so many.
_PLACES_MAX, _HITS_MAX = 100, 4_000
#: Words of so many characters are also known by their sound; shorter ones sound like much else.
_SOUND_LEAST = 3
#: So many Latin letters are a word wherever they are found; fewer only between other signs.
_LATIN_SURE = 8
#: So far before a phrase, or after it, that which takes it back may stand.
_BEFORE, _AFTER = 10, 4
#: And so far before it a negation with a list behind it.
_LIST_BEFORE = 24
_HAN_FROM, _HAN_TO = "\u3400", "\u9fff"

Side = Literal["buyer", "shop"]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class Phrase(Written, frozen=True, kw_only=True):
    """Words that show a sign: any of these, or one of each of those groups near each other."""

    words: tuple[Word, ...] = ()
    together: tuple[tuple[Word, ...], ...] = ()
    within: Annotated[int, msgspec.Meta(ge=1, le=60)] = 16
    """together: at most so many letters from the first to the last of them."""
    unless: tuple[Word, ...] = ()
    by: Side | None = None
    """Only where this side says it; none: whoever says it."""


class WordList(Written, frozen=True, kw_only=True):
    """What shows one sign."""

    code: str
    alone: bool = True
    """False: it counts only beside another sign in the same message."""
    unless: tuple[Word, ...] = ()
    """Takes back each of the phrases."""
    phrase: tuple[Phrase, ...]


class _Written(Written, frozen=True, kw_only=True):
    sign: tuple[WordList, ...]


class Found(NamedTuple):
    """A phrase of a sign, and where its letters stand in what was written."""

    code: str
    start: int
    end: int
    by: Side | None


class _Use(NamedTuple):
    """What a word is for: a group of a phrase (0 for words), or taking the phrase back.

    That is -1, or -2 where it does so by denying it.
    """

    phrase: int
    group: int


class _Hit(NamedTuple):
    start: int
    end: int


class WordBook:
    """Word lists made ready to be looked for."""

    def __init__(self, lists: Sequence[WordList]) -> None:
        self.alone = {one.code: one.alone for one in lists}
        self._phrases = [(one.code, phrase) for one in lists for phrase in one.phrase]
        uses: dict[str, list[_Use]] = {}
        sounds: dict[str, list[_Use]] = {}
        at = 0
        for one in lists:
            for phrase in one.phrase:
                _enter(uses, sounds, phrase, at, (*phrase.unless, *one.unless))
                at += 1
        self.size = len(uses) + len(sounds)
        self._words, self._uses = _automaton(uses), list(uses.values())
        self._sounds, self._sound_uses = _automaton(sounds), list(sounds.values())
        self._pinyin = Pinyin(uses)

    def find(self, bare: Plain) -> list[Found]:
        """Every phrase that stands in the text, in the order of the text."""
        found = set(self._find(bare))
        pictured = without_pictures(bare)
        spelt = list(self._pinyin.find(pictured or bare))
        if pictured or spelt:
            found |= set(self._find(in_words(pictured or bare, spelt)))
        return sorted(found, key=lambda one: (one.start, one.end, one.code))

    def _find(self, bare: Plain) -> list[Found]:
        places: dict[_Use, set[_Hit]] = {}
        for use, hit in self._hits(bare):
            known = places.setdefault(use, set())
            if len(known) < _PLACES_MAX:
                known.add(hit)
        return [
            Found(code, *bare.span(hit.start, hit.end), phrase.by)
            for index, (code, phrase) in enumerate(self._phrases)
            if _Use(index, 0) in places
            for hit in _standing(bare, phrase, index, places)
        ]

    def _hits(self, bare: Plain) -> Iterator[tuple[_Use, _Hit]]:
        text = bare.text
        seen = 0
        for word, start, end in self._words.find_matches_as_indexes(text, overlapping=True):
            if _stands_alone(bare, start, end):
                seen += 1
                for use in self._uses[word]:
                    yield use, _Hit(start, end)
            if seen > _HITS_MAX:
                break
        yield from self._hidden(bare)
        yield from self._sounding(bare)

    def _hidden(self, bare: Plain) -> Iterator[tuple[_Use, _Hit]]:
        bared = without_fillers(bare.text)
        if bared is None:
            return
        text, kept = bared
        hits = self._words.find_matches_as_indexes(text, overlapping=True)
        for word, start, end in hits[:_HITS_MAX]:
            if is_hidden(bare.text, kept[start:end]):
                for use in self._uses[word]:
                    yield use, _Hit(kept[start], kept[end - 1] + 1)

    def _sounding(self, bare: Plain) -> Iterator[tuple[_Use, _Hit]]:
        units = [_sound(letter) for letter in bare.text]
        hits = self._sounds.find_matches_as_indexes("".join(units), overlapping=True)
        if not hits:
            return
        begins = {
            place: index for index, place in enumerate(accumulate(map(len, units), initial=0))
        }
        for word, start, end in hits[:_HITS_MAX]:
            # A sound counts from the beginning of a syllable to the end of one.
            first, last = begins.get(start), begins.get(end)
            if first is not None and last and _stands_alone(bare, first, last):
                for use in self._sound_uses[word]:
                    yield use, _Hit(first, last)


def read_words(folder: Path = _FOLDER) -> list[WordList]:
    """The lists of a folder. Raises WrittenError where one is wrongly written."""
    return [
        one
        for path in sorted(folder.glob("*.toml"))
        for one in convert(read_source(path), _Written).sign
    ]


@cache
def word_book() -> WordBook:
    """The lists that are shipped, read once."""
    return WordBook(read_words())


def _enter(
    uses: dict[str, list[_Use]],
    sounds: dict[str, list[_Use]],
    phrase: Phrase,
    at: int,
    unless: Iterable[str],
) -> None:
    groups = enumerate(phrase.together) if phrase.together else ()
    named = [(word, _Use(at, 0)) for word in phrase.words]
    named += [(word, _Use(at, group)) for group, words in groups for word in words]
    named += [(word, _Use(at, -2 if is_negation(word) else -1)) for word in unless]
    for word, use in named:
        letters = plain(word).text
        uses.setdefault(letters, []).append(use)
        if len(letters) >= _SOUND_LEAST and all(map(_is_han, letters)) and use.group >= 0:
            for sound in {"".join(map(_sound, letters)), "".join(sounds_of(letters))}:
                sounds.setdefault(sound, []).append(use)


def _automaton(words: Iterable[str]) -> AhoCorasick:
    return AhoCorasick(
        list(words) or ["\0"],
        matchkind=MatchKind.Standard,
        implementation=Implementation.ContiguousNFA,
    )


def _standing(
    bare: Plain, phrase: Phrase, index: int, places: dict[_Use, set[_Hit]]
) -> Iterator[_Hit]:
    """Where the phrase stands and nothing takes it back."""
    back = places.get(_Use(index, -1), set())
    denying = places.get(_Use(index, -2), set())
    groups = [
        sorted(places.get(_Use(index, group), ())) for group in range(len(phrase.together) or 1)
    ]
    for hit in _near(bare.text, groups, phrase.within):
        if any(_beside(bare.text, one, hit, _BEFORE) for one in back):
            continue
        if not any(
            _beside(bare.text, one, hit, _LIST_BEFORE) and governs(bare, one, hit, near=_BEFORE)
            for one in denying
        ):
            yield hit


def _beside(text: str, one: _Hit, hit: _Hit, before: int) -> bool:
    first, last = hit.start - before, hit.end + _AFTER
    return first <= one.start and one.end <= last and _one_sentence(text, one, hit)


def _near(text: str, groups: list[list[_Hit]], within: int) -> Iterator[_Hit]:
    """One of each group within so many letters of a sentence, the others about the first's."""
    first, *others = groups
    for hit in first:
        whole = hit
        for group in others:
            fitting = [
                _Hit(min(whole.start, one.start), max(whole.end, one.end))
                for one in group
                if (one.start >= hit.end or one.end <= hit.start)
                and abs(max(one.start, hit.start) - min(one.end, hit.end)) <= within
                and _one_sentence(text, one, hit)
            ]
            if not fitting:
                break
            whole = min(fitting, key=lambda one: (one.end - one.start, one.start))
        else:
            yield whole


def _one_sentence(text: str, one: _Hit, other: _Hit) -> bool:
    (_, end), (start, _) = sorted((one, other))
    return "。" not in text[end:start]


def _stands_alone(bare: Plain, start: int, end: int) -> bool:
    """Whether Latin letters are a word of their own, not the middle of another one."""
    text = bare.text
    if end - start >= _LATIN_SURE:
        return True
    before = start and _goes_on(bare, start - 1, start)
    return not before and not (end < len(text) and _goes_on(bare, end - 1, end))


def _goes_on(bare: Plain, one: int, other: int) -> bool:
    """Whether two Latin letters stand side by side in what was written."""
    return (
        _is_latin(bare.text[one])
        and _is_latin(bare.text[other])
        and bare.at[other] - bare.at[one] <= 1
    )


def _is_latin(letter: str) -> bool:
    return "a" <= letter <= "z"


def _is_han(letter: str) -> bool:
    return _HAN_FROM <= letter <= _HAN_TO


class _Sounds(dict[str, str]):
    """How each character sounds, found out when it is first met."""

    def __missing__(self, letter: str) -> str:
        sound = self[letter] = sounds_of(letter)[0] if _is_han(letter) else letter
        return sound


_sound = _Sounds().__getitem__
