"""What a pack minds in the texts that a shop sends: which words, why, and whether they go out."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from msgspec import Meta

from gongdao.policy.written import Fen, Text, Written

#: words: `words` and `patterns` as written; the others are found by rules of their own.
Finds = Literal["words", "contact", "promise", "unmeasured", "pronouns"]
Level = Literal["warn", "block"]
PATTERN_MAX = 1_000
#: In a pattern: up to so many characters that end no sentence.
GAP = "…"
GAP_PATTERN = "[^。]{0,12}?"


class Manners(Written, frozen=True, kw_only=True):
    """One thing that is minded; a layer above says it again under the same id, and counts."""

    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
    level: Level
    """warn: said to whoever writes; block: the text does not go out."""
    say: Text
    """The reason, as whoever writes reads it."""
    rule: str
    finds: Finds = "words"
    words: tuple[Annotated[str, Meta(min_length=2, max_length=40)], ...] = ()
    """Found wherever they stand, whatever is put between their letters."""
    patterns: tuple[Annotated[str, Meta(max_length=PATTERN_MAX)], ...] = ()
    """Regular expressions over the plain text: lower case, no blanks, full stops as 。, commas as
    ，; … stands for a gap of up to twelve characters within the sentence."""
    unless: tuple[Annotated[str, Meta(max_length=PATTERN_MAX)], ...] = ()
    """Where one of these lies over what was found, nothing is meant by it."""
    sounds: tuple[Annotated[str, Meta(min_length=2, max_length=20)], ...] = ()
    """Words that are read however their sound is written: in Latin letters, and where they have
    four characters and more in others of the same sound. Those of `words` are read so, too."""
    length: Annotated[int, Meta(ge=1)] | None = None
    """pronouns: texts of so many characters and more."""
    above: Fen | None = None
    """promise: sums above this; none: above the own limit of whoever writes."""


def as_regex(pattern: str) -> re.Pattern[str]:
    """A pattern of a pack as a regular expression. Raises re.error."""
    return re.compile(pattern.replace(GAP, GAP_PATTERN))


def manners_faults(written: tuple[Manners, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What the types cannot say: patterns that are none, and tables that find nothing."""
    seen: set[str] = set()
    for index, one in enumerate(written):
        at = ("manners", index)
        for key in ("patterns", "unless"):
            for number, pattern in enumerate(getattr(one, key)):
                if message := _pattern_fault(pattern):
                    yield (*at, key, number), message
        if (one.finds == "words") != bool(one.words or one.patterns):
            yield (
                (*at, "finds"),
                'words or patterns are named where finds = "words", and only there',
            )
        if (one.finds == "pronouns") != (one.length is not None):
            yield (*at, "length"), 'a length is named where finds = "pronouns", and only there'
        if one.above is not None and one.finds != "promise":
            yield (*at, "above"), 'a sum is named only where finds = "promise"'
        if one.id in seen:
            yield (*at, "id"), f"{one.id!r} is written twice in this file"
        seen.add(one.id)


def _pattern_fault(pattern: str) -> str:
    try:
        found = as_regex(pattern).search("")
    except re.error as error:
        return f"this is no regular expression: {error}"
    return "this pattern matches everywhere, even nothing" if found else ""


def topmost(written: tuple[Manners, ...]) -> tuple[Manners, ...]:
    """Of those with the same id the first, which is that of the uppermost layer."""
    first: dict[str, Any] = {}
    for one in written:
        first.setdefault(one.id, one)
    return tuple(first.values())
