"""Reads a TOML file into structs, and says file, line and key of whatever is wrong in it.

Rule packs and scenario files are both written by hand, so both are read here.
"""

import re
import tomllib
import types
import typing
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from gongdao.base.money import FEN_MAX, YUAN_PATTERN, yuan

T = TypeVar("T")
Where = tuple[str | int, ...]

# One way to match a line each, or a line of spaces in a text would keep the reader busy for hours.
_HEADER = re.compile(r"^\s*(\[\[?)([^\]]+)\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-\"']+(?:\s*\.\s*[A-Za-z0-9_\-\"']+)*)\s*=")
#: A key has at most so many names: Python's reader of TOML takes time by their square.
_NAMES_MAX = 64
_NAME = r"(?:(?<![\w-])[\w-]++|\"[^\"\n]*+\"|'[^'\n]*+')"
_TOO_DOTTED = re.compile(rf"(?:{_NAME}[ \t]*+\.[ \t]*+){{{_NAMES_MAX}}}")
_PATH_PART = re.compile(r"\.([A-Za-z0-9_\-]+)|\[(\d+|\.\.\.)\]")
_AT = re.compile(r" - at `(?:(?P<key>key)` in `)?\$?(?P<path>[^`]*)`$")
_UNKNOWN = re.compile(r"unknown field `([^`]+)`")
_ENUM = re.compile(r"enum value '?([^']*)'?")
#: What a program would say, and what a person understands.
_PLAINER = (
    (
        re.compile(r"Expected `str` matching regex " + re.escape(repr(YUAN_PATTERN))),
        'write yuan as text with at most two decimals and no sign, such as "5.00",'
        f" up to {yuan(FEN_MAX)}",
    ),
    (
        re.compile(r"Expected `datetime` with a timezone component"),
        "write the zone of the instant, such as 2014-03-03T10:00:00+08:00",
    ),
    (
        re.compile(r"Expected `datetime( \| null)?`, got `(date|time)`"),
        "write a whole instant, such as 2014-03-03T10:00:00+08:00",
    ),
    (re.compile(r"Expected `(\w+) \| null`"), r"Expected `\1`"),
    (re.compile(r"Object missing required field `(\w+)`"), r"`\1` is missing"),
)


class WrittenError(ValueError):
    """A hand-written file is wrong: which file, which line, which key, and what is allowed."""

    def __init__(self, file: str, line: int, key: str, message: str) -> None:
        super().__init__(f"{file}:{line}: {key}: {message}" if key else f"{file}:{line}: {message}")
        self.file, self.line, self.key, self.message = file, line, key, message


class Source:
    """A TOML text with the line on which each of its keys is written."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        if dots := _TOO_DOTTED.search(text):
            line = text.count("\n", 0, dots.start()) + 1
            raise WrittenError(name, line, "", f"a key of more than {_NAMES_MAX} names")
        try:
            self.tables: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise WrittenError(name, _line_in(str(error)), "", str(error)) from None
        except RecursionError:
            raise WrittenError(name, 1, "", "tables or lists in one another too often") from None
        except ValueError:
            raise WrittenError(name, 1, "", "a number of too many digits") from None
        self._lines = _index_lines(text)

    def line_of(self, where: Where) -> int:
        """The line of a key, or of the nearest table around it."""
        while where not in self._lines and where:
            where = where[:-1]
        return self._lines.get(where, 1)

    def error(self, where: Where, message: str) -> WrittenError:
        """An error at a place in this file."""
        return WrittenError(self.name, self.line_of(where), dotted(where), message)


def read_source(path: Path, *, name: str | None = None) -> Source:
    """Read a file of at most a megabyte. Raises WrittenError where it is no TOML."""
    raw = path.read_bytes()
    if len(raw) > 1_000_000:
        raise WrittenError(name or path.name, 1, "", "a file of more than 1,000,000 bytes")
    try:
        return Source(name or path.name, raw.decode())
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise WrittenError(name or path.name, line, "", "the text is not UTF-8") from None


def convert(
    source: Source, kind: type[T], *, dec_hook: Callable[[type, Any], Any] | None = None
) -> T:
    """Turn the tables into a struct. Raises WrittenError that says what is allowed."""
    try:
        return msgspec.convert(source.tables, kind, dec_hook=dec_hook, strict=True)
    except msgspec.ValidationError as error:
        raise explain(source, error, kind) from None


def explain(source: Source, error: msgspec.ValidationError, kind: Any) -> WrittenError:
    """The same error with file, line, key and what is allowed there."""
    text = str(error)
    at = _AT.search(text)
    where = _parse_path(at["path"]) if at else ()
    message = _AT.sub("", text)
    unknown = _UNKNOWN.search(message)
    here = _type_at(kind, where)
    if unknown:
        where = (*where, unknown[1])
        message = "unknown key"
        fields = _fields(here)
        if fields:
            message += f"; allowed are: {', '.join(fields)}"
    elif found := _ENUM.search(message):
        if at and at["key"]:
            here, where = _plain(typing.get_args(here)[0]), (*where, found[1])
        message = f"unknown word {found[1]!r}"
        if words := _words(here):
            message += f"; allowed are: {', '.join(words)}"
    for technical, plain in _PLAINER:
        message = technical.sub(plain, message)
    return source.error(where, message)


def dotted(where: Where) -> str:
    """A path as a person writes it: stage[2].action[0].by"""
    text = ""
    for part in where:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def aware(value: Any) -> bool:
    """Whether a value is an instant that knows its zone."""
    return isinstance(value, datetime) and value.tzinfo is not None


def _index_lines(text: str) -> dict[Where, int]:
    lines: dict[Where, int] = {}
    counts: dict[Where, int] = {}
    table: Where = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _resolve(_names(header[2]), counts, array=header[1] == "[[")
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault((*table, *_names(key[1])), number)
    return lines


def _resolve(names: list[str], counts: dict[Where, int], *, array: bool) -> Where:
    """Where a header stands, every array of tables on the way at its newest element."""
    where: Where = ()
    for name in names[:-1]:
        where = (*where, name)
        if where in counts:
            where = (*where, counts[where])
    where = (*where, names[-1])
    if array:
        counts[where] = counts.get(where, -1) + 1
        where = (*where, counts[where])
    return where


def _names(dotted_key: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted_key.split(".")]


def _parse_path(path: str) -> Where:
    # msgspec writes [...] where it cannot say which element of a table is meant.
    found: list[tuple[str, str]] = [f for f in _PATH_PART.findall(path) if f[1] != "..."]
    return tuple(name or int(index) for name, index in found)


def _line_in(message: str) -> int:
    found = re.search(r"line (\d+)", message)
    return int(found[1]) if found else 1


def _type_at(kind: Any, where: Where) -> Any:
    for part in where:
        kind = _plain(kind)
        arguments = typing.get_args(kind)
        if isinstance(part, str) and isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            by_name = {f.encode_name: f.type for f in msgspec.structs.fields(kind)}
            kind = by_name.get(part)
        elif arguments:
            kind = arguments[-1] if arguments[-1] is not Ellipsis else arguments[0]
        else:
            return None
    return _plain(kind)


def _plain(kind: Any) -> Any:
    """The type without `| None` and without the bounds of its values."""
    if typing.get_origin(kind) is typing.Annotated:
        return _plain(typing.get_args(kind)[0])
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        rest = [a for a in typing.get_args(kind) if a is not type(None)]
        return _plain(rest[0]) if len(rest) == 1 else kind
    return kind


def _fields(kind: Any) -> list[str]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return [field.encode_name for field in msgspec.structs.fields(kind)]
    return []


def _words(kind: Any) -> list[str]:
    """The words of a closed list, also where a table may stand in a word's place."""
    arguments = typing.get_args(kind)
    if typing.get_origin(kind) is typing.Literal:
        return [str(word) for word in arguments]
    return [word for argument in arguments for word in _words(_plain(argument))]
