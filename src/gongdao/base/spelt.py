"""Words that are written in Latin letters or as pictures, read as the words: hao ping, 🔙, 🐧.

Latin letters count only where all of them, from blank to blank, are words of a list and the little
words between them: what is English or a name stays what it is.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from gongdao.base.pinyin import sounds_of
from gongdao.base.plain import Plain, plain

_HAN = re.compile("[\u3400-\u9fff]+")
_LATIN = re.compile(r"[a-z]{4,}")
#: One word of a run has so many Latin letters: nima and tama are names.
_LATIN_LEAST = 5
#: More Latin letters in a row than these are no hidden word, ...
_RUN_MAX = 60
#: ... and after so many rows nobody hides one any more.
_RUNS_MAX = 400
#: What may stand between the words, as it sounds.
_BETWEEN = {
    "ni": "你", "nin": "您", "wo": "我", "gei": "给", "jia": "加", "de": "的", "la": "啦",
    "ba": "吧", "le": "了", "song": "送", "fan": "返", "tui": "退", "zhuan": "转", "jiu": "就",
    "yuan": "元", "kuai": "块", "qian": "钱", "ling": "领", "ge": "个", "hao": "号", "shi": "是",
    "you": "有",
}  # fmt: skip
_PICTURES = {
    "🔙": "返", "💰": "钱", "💵": "钱", "💴": "钱", "🧧": "红包", "⭐": "星", "🌟": "星",
    "🐧": "企鹅号", "👍": "好", "🎁": "礼品", "🐎": "码", "🐴": "码",
}  # fmt: skip
_PICTURE = re.compile("|".join(_PICTURES))


class Spelt(NamedTuple):
    """A word, and the letters of a plain text that stand for it."""

    start: int
    end: int
    word: str


class Pinyin:
    """Words made ready to be found in Latin letters."""

    def __init__(self, words: Iterable[str]) -> None:
        """`words` are plain text; those with other signs than Chinese ones have no sound."""
        self._words = dict(_BETWEEN)
        for word in words:
            if len(word) > 1 and _HAN.fullmatch(word):
                self._words.setdefault("".join(sounds_of(word)), word)
        self._longest = max(map(len, self._words))

    def find(self, bare: Plain) -> Iterator[Spelt]:
        """What in the text is nothing but words of the list, from a blank to another."""
        for count, run in enumerate(_LATIN.finditer(bare.text)):
            start, end = run.span()
            if count == _RUNS_MAX:
                return
            if end - start <= _RUN_MAX:
                inner = (
                    place
                    for place in range(start + 1, end)
                    if bare.at[place] - bare.at[place - 1] > 1
                )
                yield from self._in_run(bare.text, [start, *inner, end])

    def _in_run(self, text: str, places: list[int]) -> Iterator[Spelt]:
        first = 0
        while first < len(places) - 1:
            for last in range(len(places) - 1, first, -1):
                start, end = places[first], places[last]
                sounds = self._cut(text[start:end])
                if any(len(one) >= _LATIN_LEAST for one in sounds):
                    yield Spelt(start, end, "".join(self._words[one] for one in sounds))
                    first = last - 1
                    break
            first += 1

    def _cut(self, letters: str) -> list[str]:
        """The letters as sounds of words, the longest first; nothing where some are left over."""
        ways: dict[int, list[str]] = {len(letters): []}
        for start in range(len(letters) - 1, -1, -1):
            for end in range(min(len(letters), start + self._longest), start, -1):
                if end in ways and letters[start:end] in self._words:
                    ways[start] = [letters[start:end], *ways[end]]
                    break
        return ways.get(0, [])


def in_words(bare: Plain, spelt: Collection[Spelt]) -> Plain:
    """The text with the words in the places of the letters that stand for them."""
    letters, at, last = list[str](), list[int](), 0
    for start, end, word in sorted(spelt):
        if start >= last:
            letters += [bare.text[last:start], word]
            at += bare.at[last:start]
            at += _spread(bare.at[start:end], len(word))
            last = end
    text = "".join([*letters, bare.text[last:]])
    return Plain(bare.written, text, (*at, *bare.at[last:]))


def without_pictures(bare: Plain) -> Plain | None:
    """The plain text with its pictures as words; None where there are none."""
    if not _PICTURE.search(bare.written):
        return None
    letters, at = list[str](), list[int]()
    for index, letter in enumerate(bare.written):
        shown = _PICTURES.get(letter, letter)
        letters.append(shown)
        at += [index] * len(shown)
    found = plain("".join(letters))
    return Plain(bare.written, found.text, tuple(at[place] for place in found.at))


def _spread(at: tuple[int, ...], count: int) -> list[int]:
    """Places for so many letters between the first of these and the last."""
    return [at[index * (len(at) - 1) // max(count - 1, 1)] for index in range(count)]
