"""How Chinese sounds. The dictionary takes a third of a second: whoever needs it loads it.

Of the dictionary's 47,000 phrases nine tenths are read as their characters are read alone. Only the
others are kept: all of them would take 45 MB in every process that reads one message.
"""

import io
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

from ahocorasick_rs import AhoCorasick

#: What stands between two entries of the dictionary.
_BETWEEN = re.compile(r"[\s{,:]*")


def sounds_of(text: str) -> list[str]:
    """The sounds of a text without tones, a syllable for each character; other signs stay."""
    found: Sequence[str] = _reader()(text)
    return list(found)


@cache
def _reader() -> Callable[[str], list[str]]:
    # Read when the library is first imported: the phrases are handed over below.
    os.environ["PYPINYIN_NO_PHRASES"] = os.environ["PYPINYIN_NO_DICT_COPY"] = "true"
    import pypinyin

    folder = Path(pypinyin.__file__).parent
    pypinyin.load_phrases_dict(
        {word: [[one] for one in said] for word, *said in _kept(folder / "phrases_dict.json")}
    )
    return pypinyin.lazy_pinyin


def _kept(dictionary: Path) -> list[list[str]]:
    """Phrases, each with its syllables, that are read otherwise than character by character.

    With them those that hold such a one within: else that one would be found in them.
    """
    written, otherwise = io.StringIO(), list[str]()
    for word, said in _entries(dictionary.read_text("utf-8")):
        written.write(f"{word} {' '.join(said)}\n")
        if [_plain(one) for one in said] != [_alone(one) for one in word]:
            otherwise.append(word)
    holds = AhoCorasick(otherwise)
    return [
        line.split(" ")
        for line in written.getvalue().splitlines()
        if holds.find_matches_as_indexes(line)
    ]


def _entries(text: str) -> Iterator[tuple[str, list[str]]]:
    """One after the other, so that the whole is never there as objects."""
    read, at = json.JSONDecoder().raw_decode, 0
    while True:
        begin = _BETWEEN.match(text, at)
        assert begin is not None, "it matches nothing, too"
        if text.startswith("}", begin.end()):
            return
        word, at = read(text, begin.end())
        begin = _BETWEEN.match(text, at)
        assert begin is not None, "it matches nothing, too"
        said, at = read(text, begin.end())
        yield word, [one[0] for one in said]


@cache
def _plain(syllable: str) -> str:
    from pypinyin.contrib.tone_convert import to_normal

    return to_normal(syllable)


@cache
def _alone(character: str) -> str:
    from pypinyin import lazy_pinyin

    return lazy_pinyin(character)[0]
