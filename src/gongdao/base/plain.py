"""A text as a suspicious reader sees it: one shape for each letter, nothing put between letters.

Full-width, circled, Cyrillic and traditional letters become the usual ones, blanks and ornaments
fall away; what ends a sentence becomes 。, what parts one ，. Each letter knows where it stood.
"""

import re
import unicodedata
from functools import cache
from typing import Any, cast

import msgspec
from opencc import OpenCC

_STOPS = frozenset("。！？!?；;\n\r…")
_COMMAS = frozenset("，,、")
_BREAKS = "。，"
#: Letters that each stand between breaks are a word that is spelt out: 共，享，屏，幕.
_SPELT = re.compile(r"(?:^|[。，])[\u3400-\u9fff](?:[。，][\u3400-\u9fff])+(?:[。，]|$)")
_POINTS = ".．"
#: Letters of other alphabets that look like ours.
_LOOKALIKES = str.maketrans(
    "асеорхукмтвнзіјѕԛԝαβεικνορτυχ", "aceopxykmtbh3ijsqwabeikvoptux"
)  # fmt: skip
#: What letters and digits of a text may be; everything else is an ornament.
_KEPT = ("L", "N")
_MARKS = {
    "￥": "¥",
    "¥": "¥",
    "%": "%",
    "％": "%",
    "+": "+",
    "＋": "+",
    "➕": "+",
    "∨": "v",
    "：": ":",
    ":": ":",
}


class Plain(msgspec.Struct, frozen=True):
    """What was written, its plain text, and for each letter of this where it stands in that."""

    written: str
    text: str
    at: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where letters of the plain text stand in the written one."""
        return self.at[start], self.at[end - 1] + 1


def plain(written: str) -> Plain:
    """The plain text of what was written."""
    letters: list[str] = []
    at: list[int] = []
    last = "。"
    for index, letter in enumerate(written):
        shape = _SHAPES[letter] or (_point(written, index) if letter in _POINTS else "")
        if not shape or (shape == last and shape in _BREAKS):
            continue
        letters.append(shape)
        if len(shape) == 1:
            at.append(index)
        else:
            at += [index] * len(shape)
        last = shape
    return Plain(written, *_together("".join(letters), at))


def _together(text: str, at: list[int]) -> tuple[str, tuple[int, ...]]:
    """The text with what is spelt out written as words."""
    apart = {
        index
        for spelt in _SPELT.finditer(text)
        for index in range(*spelt.span())
        if text[index] in _BREAKS
    }
    if not apart:
        return text, tuple(at)
    kept = [index for index in range(len(text)) if index not in apart]
    return "".join(text[index] for index in kept), tuple(at[index] for index in kept)


class _Shapes(dict[str, str]):
    """The one shape of each letter, found out when it is first met."""

    def __missing__(self, letter: str) -> str:
        shape = self[letter] = _shape_of(letter)
        return shape


_SHAPES = _Shapes()


def _shape_of(letter: str) -> str:
    if letter in _STOPS:
        return "。"
    if letter in _COMMAS:
        return "，"
    if letter in _MARKS:
        return _MARKS[letter]
    folded = unicodedata.normalize("NFKC", letter).lower().translate(_LOOKALIKES)
    kept = "".join(each for each in folded if unicodedata.category(each)[0] in _KEPT)
    return kept if kept.isascii() else _simplified(kept)


def _point(written: str, index: int) -> str:
    """A point stays in a number and ends a sentence before a blank; elsewhere it hides a word."""
    before = written[index - 1 : index] if index else ""
    after = written[index + 1 : index + 2]
    if before.isdecimal() and after.isdecimal():
        return "."
    return "。" if not after or after.isspace() else ""


def _simplified(kept: str) -> str:
    simple: str = _simplifier().convert(kept)
    return simple


@cache
def _simplifier() -> Any:
    return cast("Any", OpenCC)("t2s")
