"""Reading the named values of one order: each is checked, and each fault is kept."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeVar, cast

from gongdao.base.errors import Param
from gongdao.base.i18n import N_, ZONE
from gongdao.base.money import parse_yuan
from gongdao.base.texts import NOT_TEXT
from gongdao.shops.fault import Fault, shown

TEXT_MAX = 2000
WORD_MAX = 60
#: The years that are believed; anything else is a slip of the pen.
YEARS = range(2000, 2100)

_Choice = TypeVar("_Choice", bound=str)
_LOCAL = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.0)?")
#: How far the clocks of Shanghai are from UTC in all of YEARS.
_OFFSET = "+08:00"
_WHOLE = re.compile(r"\d{1,9}")


class Cells:
    """The values of one order, of one of its lines, or of anything nested, by name.

    A value that cannot be read gives a fault and something neutral, so that reading goes on and
    one pass tells everything that is wrong.
    """

    __slots__ = ("_faults", "_in_entry", "_line", "_prefix", "_values")

    def __init__(
        self,
        values: Mapping[str, object],
        *,
        line: int,
        faults: list[Fault],
        in_entry: bool = False,
        prefix: str = "",
    ) -> None:
        self._values = values
        self._line = line
        self._faults = faults
        self._in_entry = in_entry
        self._prefix = prefix

    @property
    def line(self) -> int:
        """Where these values stand in the file."""
        return self._line

    @property
    def sound(self) -> bool:
        """Whether nothing was wrong here so far; else sums that do not add up say nothing new."""
        return not self._faults or self._faults[-1].line != self._line

    def refuse(self, column: str, sentence: str, /, **params: Param) -> None:
        """Keep a fault of a column, or of the whole when the column is empty."""
        self._faults.append(
            Fault(
                line=self._line,
                column=self._prefix + column if column else self._prefix.rstrip("."),
                sentence=sentence,
                params=params,
                in_entry=self._in_entry,
            )
        )

    def raw(self, name: str) -> object:
        """The value as it came."""
        return self._values.get(name)

    def has(self, *names: str) -> bool:
        """Whether any of the names has a value."""
        return any(self._values.get(name) not in (None, "") for name in names)

    def refuse_unknown(self, known: Iterable[str]) -> None:
        """Keep a fault for every name that is not known."""
        known = list(known)
        for name in self._values:
            if name not in known:
                self.refuse(
                    shown(name),
                    N_("Nobody knows this name. Known are: {known}."),
                    known=", ".join(known),
                )

    def text(self, *names: str, most: int = TEXT_MAX) -> str:
        """The first of the names that has a value, as text; empty without one."""
        name, value = self._first(names)
        if value is None:
            return ""
        if type(value) is str and value.isalnum() and len(value) <= most:
            return value
        if not isinstance(value, str):
            self.refuse(name, N_("This must be text, not {value}."), value=shown(value))
            return ""
        text = value.strip()
        if len(text) > most:
            self.refuse(name, N_("This is longer than {most} characters."), most=most)
        if not text.isprintable() and NOT_TEXT.search(text):
            self.refuse(name, N_("This has characters in it that are not text."))
        return text

    def required(self, *names: str, most: int = TEXT_MAX) -> str:
        """Like `text`, but something must stand there."""
        found = len(self._faults)
        text = self.text(*names, most=most)
        if not text and len(self._faults) == found:
            self.refuse(names[0], N_("This must not be empty."))
        return text

    def fen(self, *names: str) -> int:
        """An amount in yuan, as fen; 0 without a value."""
        name, value = self._first(names)
        if value is None:
            return 0
        try:
            return parse_yuan(cast(str, value).strip().removesuffix("元").lstrip("¥￥"))
        except (ValueError, AttributeError):
            self.refuse(
                name,
                N_(
                    "{value} is not an amount: write yuan as text, without a sign, such as 2680.00."
                ),
                value=shown(value),
            )
            return 0

    def whole(self, *names: str, default: int = 0) -> int:
        """A whole number from 0 to 999999999."""
        name, value = self._first(names)
        if value is None:
            return default
        if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
            return int(value)
        if type(value) is int and 0 <= value <= 999_999_999:
            return value
        self.refuse(name, N_("{value} is not a whole number."), value=shown(value))
        return default

    def flag(self, name: str) -> bool:
        """Yes or no; no without a value."""
        value = self._values.get(name)
        if value is None or value is False or value in ("", "false"):
            return False
        if value is True or value == "true":
            return True
        self.refuse(name, N_("{value} is neither true nor false."), value=shown(value))
        return False

    def choice(self, name: str, allowed: tuple[_Choice, ...], default: _Choice) -> _Choice:
        """One of the allowed words."""
        text = self.text(name)
        if not text:
            return default
        for word in allowed:
            if word == text:
                return word
        self.refuse(
            name,
            N_("{value} is not known here. Allowed are: {allowed}."),
            value=shown(text),
            allowed=", ".join(allowed),
        )
        return default

    def words(self, name: str, *, most: int = 20) -> tuple[str, ...]:
        """A list of words; in a table, words with blanks or semicolons between them."""
        value = self._values.get(name)
        found: list[object]
        if value is None:
            return ()
        if isinstance(value, str):
            found = list(re.split(r"[;\s]+", value.strip())) if value.strip() else []
        else:
            found = self._list(name, most=most)
        if len(found) > most or not all(isinstance(w, str) and _is_word(w) for w in found):
            self.refuse(name, N_("This must be a list of at most {most} words."), most=most)
            return ()
        return tuple(cast(list[str], found))

    def instant(self, name: str) -> datetime | None:
        """An instant that carries its zone, such as 2014-03-03T10:00:00+08:00."""
        text = self.text(name)
        if not text:
            return None
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            instant = None
        if instant is None or instant.utcoffset() is None or instant.year not in YEARS:
            self.refuse(
                name,
                N_("{value} is not a time with its zone, such as 2014-03-03T10:00:00+08:00."),
                value=shown(text),
            )
            return None
        return instant.astimezone(UTC)

    def local_instant(self, *names: str) -> datetime | None:
        """A time without a zone, as Taobao writes it: it is meant in the zone of Shanghai."""
        text = self.text(*names)
        if not text:
            return None
        instant = _local(text)
        if instant is None or instant.year not in YEARS:
            name, _ = self._first(names)
            self.refuse(
                name,
                N_("{value} is not a time such as 2014-03-03 10:00:00."),
                value=shown(text),
            )
            return None
        return instant.astimezone(UTC)

    def below(self, name: str) -> "Cells | None":
        """The nested values of a name."""
        value = self._values.get(name)
        if value is None:
            return None
        return self._nested(value, f"{self._prefix}{name}.")

    def each(self, name: str, *, most: int) -> list["Cells"]:
        """The nested values of each element of a list."""
        items = self._list(name, most=most)
        if len(items) > most:
            self.refuse(name, N_("There are more than {most} of them."), most=most)
            return []
        nested = [
            self._nested(item, f"{self._prefix}{name}[{i}].") for i, item in enumerate(items, 1)
        ]
        return [cells for cells in nested if cells is not None]

    def _list(self, name: str, *, most: int) -> list[object]:
        value = self._values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.refuse(name, N_("This must be a list of at most {most}."), most=most)
            return []
        return cast(list[object], value)

    def _nested(self, value: object, prefix: str) -> "Cells | None":
        nested = Cells(
            cast(Mapping[str, object], value) if isinstance(value, dict) else {},
            line=self._line,
            faults=self._faults,
            in_entry=self._in_entry,
            prefix=prefix,
        )
        if isinstance(value, dict):
            return nested
        nested.refuse("", N_("This must be an object, not {value}."), value=shown(value))
        return None

    def _first(self, names: tuple[str, ...]) -> tuple[str, object]:
        for name in names:
            value = self._values.get(name)
            if value not in (None, ""):
                return name, value
        return names[0], None


def _local(text: str) -> datetime | None:
    """A time of Shanghai, or None where the text is none."""
    if len(text) == 19 and text[4:8:3] == "--" and text[13:17:3] == "::" and text[10] in " T":
        # As nearly every program writes it; five hundred thousand of them stand in a large file.
        try:
            return datetime.fromisoformat(text + _OFFSET)
        except ValueError:
            pass
    found = _LOCAL.fullmatch(text)
    try:
        parts = [int(part or 0) for part in found.groups()] if found else []
        return datetime(*parts, tzinfo=ZONE)  # pyright: ignore[reportArgumentType]
    except (TypeError, ValueError):
        return None


def _is_word(text: str) -> bool:
    return 0 < len(text) <= WORD_MAX and not NOT_TEXT.search(text)
