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


def _fill(sentence: str, evidence: Sequence[Evidence], between: str) -> str:
    # The words are anybody's: they are put in once, and never read as fields themselves.
    return _FIELD.sub(lambda field: _said(field[1], evidence, between), sentence)


def _said(name: str, evidence: Sequence[Evidence], between: str) -> str:
    named = [one.said for one in evidence if one.label == name]
    if not named and name == "words":
        named = [one.said for one in evidence if one.shows == "words"]
    return between.join(dict.fromkeys(named[:_NAMED_MAX])) or "…"
