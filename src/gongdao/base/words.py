"""What a text is found by: terms of its words, its numbers, and how its titles sound.

Chinese is searched by pairs of neighbouring characters with their places, so that any run of
characters is found wherever it stands and no dictionary decides what a word is. Traditional and
simplified characters are one, as are wide and narrow ones and letters with and without accents.
Beginnings of words are terms of their own: a search asks for whole terms only, which is what an
index answers fast (docs/decisions/0019).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any, cast

from opencc import OpenCC

from gongdao.base.pinyin import sounds_of

#: Before the terms of sounds: what a title sounds like is no word that somebody wrote.
SOUND = "~"
#: The longest term, which is also the longest beginning of a word; how often and how far PostgreSQL
#: keeps places; and how much of a name is read aloud.
TERM_MAX, PLACES_MAX, NAME_MAX = 24, 255, 40
#: A number is also found by its last digits, as people remember it.
LAST_DIGITS = 4
_BEGINNING = 2
_SYLLABLES_MAX = 6
_FOLDED_MAX = 65_536

#: Scripts without spaces; then words and numbers of any other script; then pictures.
PIECES = re.compile(
    r"(?P<run>[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\U00020000-\U000323af]+)"
    r"|(?P<word>[^\W_]+)"
    r"|(?P<sign>[\u2190-\u2bff\U0001f000-\U0001faff])"
)
_PARTS = re.compile(r"\d+|\D+")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]+")


class Terms(dict[str, list[int]]):
    """Terms, those of pairs with their places in the text."""

    def add(self, term: str, place: int | None = None) -> None:
        """One more term, or one more place of it."""
        places = self.setdefault(term[:TERM_MAX], [])
        if place is not None and len(places) < PLACES_MAX:
            places.append(place)

    def literal(self) -> str:
        """As PostgreSQL reads a tsvector; terms have no quotes and no backslashes in them."""
        return " ".join(
            f"'{term}':{','.join(map(str, places))}" if places else f"'{term}'"
            for term, places in self.items()
        )


class _Folding(dict[int, str]):
    """What each character is compared as, found out once; kept for so many characters."""

    def __missing__(self, code: int) -> str:
        folded = _fold_one(chr(code))
        if len(self) < _FOLDED_MAX:
            self[code] = folded
        return folded


_folding = _Folding()


def fold(text: str) -> str:
    """The text as it is compared: simplified, narrow, small, without accents.

    Each character by itself: beside its neighbours one could become another than alone in a query.
    """
    return text.translate(_folding)


def _fold_one(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character).casefold()
    if len(plain) == 1 and plain < "\u0500":
        plain = unicodedata.normalize("NFD", plain)
    plain = "".join(one for one in plain if unicodedata.category(one) not in ("Mn", "Cf"))
    if plain <= "\u2e7f":
        return plain
    return str(_simplified().convert(plain))


def spellings_of(name: str) -> list[str]:
    """What a name begins with when somebody looks for it: as it is written, and as it sounds."""
    found: dict[str, None] = {}
    for piece in PIECES.finditer(fold(name[:NAME_MAX])):
        text, is_run = piece.group(), piece.lastgroup == "run"
        for n in range(len(text) if is_run else 1):
            found[text[n:]] = None
    for syllables in _syllables(name):
        for n in range(len(syllables)):
            found["".join(syllables[n:])] = None
            found["".join(one[0] for one in syllables[n:])] = None
    return list(_with_u(found))


@lru_cache(maxsize=8_192)
def sounds_within(title: str) -> tuple[str, ...]:
    """How parts of a title are typed by who hears them: whole syllables, and first letters."""
    found: dict[str, None] = {}
    for syllables in _syllables(title):
        for n in range(len(syllables)):
            said = syllables[n : n + _SYLLABLES_MAX]
            for end in range(1, len(said) + 1):
                found["".join(said[:end])] = None
                if end > 1:
                    found["".join(one[0] for one in said[:end])] = None
    return tuple(_with_u(found))


def _syllables(name: str) -> list[list[str]]:
    return [sounds_of(han) for han in _HAN.findall(fold(name[:NAME_MAX]))]


def _with_u(spellings: Iterable[str]) -> Iterator[str]:
    """Who cannot type ü types v, or u."""
    for spelling in spellings:
        yield spelling
        if "v" in spelling and spelling.isascii():
            yield spelling.replace("v", "u")


def parts_of(word: str) -> list[str]:
    """The letters and the digits of a word such as `iphone15`; nothing where it is all one."""
    parts = _PARTS.findall(word)
    return parts if len(parts) > 1 else []


def add_text(terms: Terms, text: str, place: int = 1) -> int:
    """The terms of one text, whose first character has this place; the place after it."""
    plain = fold(text)
    for piece in PIECES.finditer(plain):
        found, start = piece.group(), place + piece.start()
        if piece.lastgroup == "run":
            for n in range(len(found) - 1):
                terms.add(found[n : n + 2], start + n)
            for one in found:
                terms.add(one)
        else:
            for one in (found, *parts_of(found)):
                _add_word(terms, one)
    return place + len(plain) + 2


def _add_word(terms: Terms, word: str) -> None:
    terms.add(word)
    for end in range(_BEGINNING, min(len(word), TERM_MAX)):
        terms.add(word[:end])
    if word.isdigit() and len(word) > LAST_DIGITS:
        terms.add(word[-LAST_DIGITS:])


@cache
def _simplified() -> Any:
    return cast("Any", OpenCC)("t2s")
