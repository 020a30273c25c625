"""Finding a script while one types: by title, text, step, initials (qtwly) or pinyin. Pure."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec

from gongdao.base.pinyin import sounds_of
from gongdao.base.plain import plain
from gongdao.scripts.script import STEPS, Script, Step

QUERY_MAX = 60
#: How well a query fits: the higher, the earlier; own use only decides among equals.
_TITLE_BEGINS, _TITLE_HAS, _TITLE_SOUNDS, _STEP_IS, _TEXT_HAS, _TEXT_SOUNDS = 6, 5, 4, 3, 2, 1


class _Words(msgspec.Struct, frozen=True):
    """A text as it is searched: its letters, its initials, and its syllables in one run."""

    letters: str
    initials: str
    sound: str
    starts: frozenset[int]

    def has(self, query: str) -> bool:
        return query in self.letters

    def sounds(self, query: str) -> bool:
        """Whether initials or syllables are like the query, from the start of a syllable on."""
        if query in self.initials:
            return True
        at = self.sound.find(query)
        while at >= 0:
            if at in self.starts:
                return True
            at = self.sound.find(query, at + 1)
        return False


def rank(
    scripts: Iterable[Script],
    query: str,
    *,
    uses: Mapping[str, int],
    step: Step | None = None,
    limit: int = 20,
) -> list[Script]:
    """The scripts that fit, best first; among equals those that one uses oneself, then the order
    of a talk.
    """
    asked = plain(query[:QUERY_MAX]).text.strip("。，")
    found: list[tuple[tuple[int, int, int], Script]] = []
    for script in scripts:
        if step is not None and script.step != step:
            continue
        if fit := _fit(script, asked):
            used = uses.get(script.ref, 0)
            found.append(((-fit, -used, STEPS.index(script.step)), script))
    found.sort(key=lambda one: one[0])
    return [script for _, script in found[:limit]]


def _fit(script: Script, asked: str) -> int:
    if not asked:
        return _TEXT_SOUNDS
    title, text = _words(script.title), _words(script.text)
    if title.letters.startswith(asked):
        return _TITLE_BEGINS
    if title.has(asked):
        return _TITLE_HAS
    typed = asked.isascii()
    if typed and title.sounds(asked):
        return _TITLE_SOUNDS
    if script.step.replace("_", "") == asked or script.move == asked:
        return _STEP_IS
    if text.has(asked):
        return _TEXT_HAS
    # Two letters are the initials of half of all texts.
    return _TEXT_SOUNDS if typed and len(asked) > 2 and text.sounds(asked) else 0


@lru_cache(maxsize=8_192)
def _words(text: str) -> _Words:
    letters = plain(text).text
    syllables = sounds_of(letters)
    starts: set[int] = set()
    length = 0
    for syllable in syllables:
        starts.add(length)
        length += len(syllable)
    initials = "".join(syllable[:1] for syllable in syllables)
    return _Words(letters, initials, "".join(syllables), frozenset(starts))
