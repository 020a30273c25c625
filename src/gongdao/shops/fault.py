"""What is wrong with a file of orders: one sentence for each wrong cell, in two languages."""

from collections.abc import Mapping

import msgspec

from gongdao.base.errors import Param
from gongdao.base.i18n import N_, Locale, translate

#: So many faults are listed; reading stops there, because the file must be mended anyway.
FAULTS_MAX = 100
#: So much of a wrong value is repeated in the sentence about it.
SHOWN_MAX = 40

_IN_A_LINE = N_("Line {line}, {column}: ")
_IN_A_LINE_AS_A_WHOLE = N_("Line {line}: ")
_IN_AN_ENTRY = N_("Order {line}, {column}: ")
_IN_AN_ENTRY_AS_A_WHOLE = N_("Order {line}: ")


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong: where, and what would be right."""

    line: int
    """The line of a CSV file, or the position of the order in a JSON file; both start at 1."""
    column: str = ""
    sentence: str
    params: Mapping[str, Param] = {}
    in_entry: bool = False
    """True for JSON, where lines mean nothing and orders are counted."""

    def say(self, locale: Locale) -> str:
        """The place and the sentence in a language."""
        where = {"line": str(self.line), "column": self.column}
        return translate(locale, self._place, where) + translate(locale, self.sentence, self.params)

    @property
    def _place(self) -> str:
        if self.in_entry:
            return _IN_AN_ENTRY if self.column else _IN_AN_ENTRY_AS_A_WHOLE
        return _IN_A_LINE if self.column else _IN_A_LINE_AS_A_WHOLE


def shown(value: object) -> str:
    """A wrong value, short enough to be repeated."""
    text = str(value)
    return text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 1] + "…"
