"""The sentence of a sign with its evidence in it; pure."""

import re
from collections.abc import Sequence

from gongdao.policy.written import Text
from gongdao.risk.finding import Evidence

_FIELD = re.compile(r"\{([a-z_]+)\}")
#: So many words are named in a sentence; the others stand in the evidence.
_NAMED_MAX = 5


def worded(sentence: Text, evidence: Sequence[Evidence]) -> Text:
    """The pack's sentence with {words} and the labels of figures filled in, in both languages."""
    return Text(zh=_fill(sentence.zh, evidence, "、"), en=_fill(sentence.en, evidence, ", "))


def words_in(evidence: Sequence[Evidence]) -> list[str]:
    """The words that show it, in the order of the text; those that overlap there are one."""
    said: list[str] = []
    ends = 0
    for one in sorted((one for one in evidence if one.shows == "words"), key=_place):
        start = one.start or 0
        is_whole = one.end is not None and one.end - start == len(one.said)
        if is_whole and said and start < ends:
            said[-1] += one.said[ends - start :]
            ends = max(ends, start + len(one.said))
            continue
        said.append(one.said)
        ends = start + len(one.said) if is_whole else 0
    return list(dict.fromkeys(said))


def _place(one: Evidence) -> tuple[int, int]:
    return (-1 if one.start is None else one.start, -(one.end or 0))


def _fill(sentence: str, evidence: Sequence[Evidence], between: str) -> str:
    # The words are anybody's: they are put in once, and never read as fields themselves.
    return _FIELD.sub(lambda field: _said(field[1], evidence, between), sentence)


def _said(name: str, evidence: Sequence[Evidence], between: str) -> str:
    named = [one.said for one in evidence if one.label == name]
    if not named and name == "words":
        named = words_in(evidence)
    return between.join(dict.fromkeys(named[:_NAMED_MAX])) or "…"
