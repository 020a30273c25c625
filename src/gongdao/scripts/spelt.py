"""A text read as its words are meant: in Latin letters, in others of the same sound, as pictures.

Characters of the same sound count only for words of four and more: little else sounds so.
"""

from collections.abc import Collection, Iterator
from itertools import accumulate

from ahocorasick_rs import AhoCorasick, MatchKind

from gongdao.base.pinyin import sounds_of
from gongdao.base.plain import Plain
from gongdao.base.spelt import Pinyin, Spelt, in_words, without_pictures

#: Characters of the same sound stand for a word of so many.
_SOUND_LEAST = 4
_HAN_FROM, _HAN_TO = "\u3400", "\u9fff"


class Speller:
    """Words made ready to be found by their sound."""

    def __init__(self, words: Collection[str]) -> None:
        """`words` are plain text; those with other signs than Chinese ones have no sound."""
        self._latin = Pinyin(words)
        self._long = [
            word for word in words if len(word) >= _SOUND_LEAST and all(map(_is_han, word))
        ]
        self._sounds = AhoCorasick(
            ["".join(f"{one} " for one in sounds_of(word)) for word in self._long],
            matchkind=MatchKind.LeftmostLongest,
        ) if self._long else None  # fmt: skip

    def read(self, bare: Plain) -> Plain | None:
        """The text with its words as they are meant; None where it says nothing else that way."""
        pictured = without_pictures(bare)
        text = pictured or bare
        found = [*self._latin.find(text), *self._in_han(text.text)]
        return in_words(text, found) if found else pictured

    def _in_han(self, text: str) -> Iterator[Spelt]:
        if self._sounds is None or len(text) < _SOUND_LEAST:
            return
        units = [_sound(letter) for letter in text]
        hits = self._sounds.find_matches_as_indexes("".join(units))
        if not hits:
            return
        begins = {
            place: index for index, place in enumerate(accumulate(map(len, units), initial=0))
        }
        for index, start, end in hits:
            first, last = begins.get(start), begins.get(end)
            if first is not None and last and text[first:last] != self._long[index]:
                yield Spelt(first, last, self._long[index])


def _is_han(letter: str) -> bool:
    return _HAN_FROM <= letter <= _HAN_TO


class _Sounds(dict[str, str]):
    """How each character sounds, found out when it is first met."""

    def __missing__(self, letter: str) -> str:
        sound = sounds_of(letter)[0] if _is_han(letter) else letter
        self[letter] = f"{sound} "
        return self[letter]


_sound = _Sounds().__getitem__
