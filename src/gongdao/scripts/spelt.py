"""Words that are written by their sound or as pictures, read as the words: hao ping fan xian, 🔙.

A text is read a second time where something of the kind stands in it. Latin letters count only
where all of them, from blank to blank, are words of the list and the little words between them;
Chinese characters of the same sound only for words of four and more: little else sounds so.
"""

import re
from collections.abc import Collection, Iterator
from itertools import accumulate

from ahocorasick_rs import AhoCorasick, MatchKind

from gongdao.base.pinyin import sounds_of
from gongdao.base.plain import Plain, plain

_HAN = re.compile("[\u3400-\u9fff]+")
_LATIN = re.compile(r"[a-z]{4,}")
#: A word by itself is known by its Latin letters from so many on: nima and tama are names.
_LATIN_LEAST = 5
#: Characters of the same sound stand for a word of so many.
_SOUND_LEAST = 4
#: More Latin letters in a row than these are no hidden word.
_RUN_MAX = 60
#: What may stand between the words, as it sounds.
_BETWEEN = {
    "ni": "你", "nin": "您", "wo": "我", "gei": "给", "jia": "加", "de": "的", "la": "啦",
    "ba": "吧", "le": "了", "song": "送", "fan": "返", "tui": "退", "zhuan": "转", "jiu": "就",
    "yuan": "元", "kuai": "块", "qian": "钱", "ling": "领", "ge": "个", "hao": "号", "shi": "是",
    "you": "有",
}  # fmt: skip
_PICTURES = {
    "🔙": "返", "💰": "钱", "💵": "钱", "💴": "钱", "🧧": "红包", "⭐": "星", "🌟": "星",
    "🐧": "企鹅号", "👍": "好", "🎁": "礼品",
}  # fmt: skip
_PICTURE = re.compile("|".join(_PICTURES))


class Speller:
    """Words made ready to be found by their sound."""

    def __init__(self, words: Collection[str]) -> None:
        """`words` are plain text; those with other signs than Chinese ones sound like nothing."""
        sounds = {word: sounds_of(word) for word in words if _HAN.fullmatch(word)}
        self._latin = dict(_BETWEEN)
        for word, said in sounds.items():
            if len(word) > 1:
                self._latin.setdefault("".join(said), word)
        longest = sorted(self._latin, key=lambda sound: -len(sound))
        self._run = re.compile(f"(?:{'|'.join(longest)})+")
        self._one = re.compile("|".join(longest))
        self._long = [word for word in sounds if len(word) >= _SOUND_LEAST]
        self._sounds = AhoCorasick(
            ["".join(f"{one} " for one in sounds[word]) for word in self._long],
            matchkind=MatchKind.LeftmostLongest,
        ) if self._long else None  # fmt: skip
        self._sound_of: dict[str, str] = {}

    def read(self, bare: Plain) -> Plain | None:
        """The text with its words as they are meant; None where it says nothing else that way."""
        pictured = _without_pictures(bare.written)
        text = pictured or bare
        found = [*self._in_latin(text), *self._in_han(text.text)]
        if not found:
            return pictured
        letters, at, last = list[str](), list[int](), 0
        for start, end, word in sorted(found):
            if start < last:
                continue
            letters += [text.text[last:start], word]
            at += text.at[last:start]
            at += _spread(text.at[start:end], len(word))
            last = end
        return Plain(bare.written, "".join([*letters, text.text[last:]]), (*at, *text.at[last:]))

    def _in_latin(self, bare: Plain) -> Iterator[tuple[int, int, str]]:
        for run in _LATIN.finditer(bare.text):
            start, end = run.span()
            if end - start > _RUN_MAX:
                continue
            parts = [
                place for place in range(start + 1, end) if bare.at[place] - bare.at[place - 1] > 1
            ]
            yield from self._in_run(bare.text, [start, *parts, end])

    def _in_run(self, text: str, places: list[int]) -> Iterator[tuple[int, int, str]]:
        """What stands from one of these places to another and is nothing but words of ours."""
        first = 0
        while first < len(places) - 1:
            for last in range(len(places) - 1, first, -1):
                start, end = places[first], places[last]
                if self._run.fullmatch(text, start, end):
                    words = [hit[0] for hit in self._one.finditer(text, start, end)]
                    if any(len(one) >= _LATIN_LEAST and one not in _BETWEEN for one in words):
                        yield start, end, "".join(self._latin[one] for one in words)
                    first = last - 1
                    break
            first += 1

    def _in_han(self, text: str) -> Iterator[tuple[int, int, str]]:
        if self._sounds is None or len(text) < _SOUND_LEAST:
            return
        units = [f"{self._sound(letter)} " for letter in text]
        hits = self._sounds.find_matches_as_indexes("".join(units))
        if not hits:
            return
        begins = {
            place: index for index, place in enumerate(accumulate(map(len, units), initial=0))
        }
        for index, start, end in hits:
            first, last = begins.get(start), begins.get(end)
            if first is not None and last and text[first:last] != self._long[index]:
                yield first, last, self._long[index]

    def _sound(self, letter: str) -> str:
        sound = self._sound_of.get(letter)
        if sound is None:
            sound = sounds_of(letter)[0] if _HAN.fullmatch(letter) else letter
            if len(self._sound_of) < 50_000:
                self._sound_of[letter] = sound
        return sound


def _without_pictures(written: str) -> Plain | None:
    """The plain text with its pictures as words; None where there are none."""
    if not _PICTURE.search(written):
        return None
    letters, at = list[str](), list[int]()
    for index, letter in enumerate(written):
        shown = _PICTURES.get(letter, letter)
        letters.append(shown)
        at += [index] * len(shown)
    bare = plain("".join(letters))
    return Plain(written, bare.text, tuple(at[place] for place in bare.at))


def _spread(at: tuple[int, ...], count: int) -> list[int]:
    """Places for so many letters between the first of these and the last."""
    return [at[index * (len(at) - 1) // max(count - 1, 1)] for index in range(count)]
