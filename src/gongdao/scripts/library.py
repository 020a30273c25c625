"""The library that every shop begins with: files of scripts, and what to suggest to which words."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from gongdao.base.i18n import Locale
from gongdao.policy.toml_lines import Source, convert, read_source
from gongdao.policy.written import Text
from gongdao.scripts.bargain import Move
from gongdao.scripts.script import Script, Step, strange_fields

_FOLDER = Path(__file__).parent / "library"
_FILES = ("sale", "bargain", "after_sale", "reviews")


class _Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    zh: str
    en: str = ""


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    key: str
    step: Step
    title: _Said
    text: _Said
    move: Move | Literal[""] = ""


class _Shelf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    script: tuple[_Entry, ...]


class Intent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a buyer may want, the words by which it is known, and the scripts that answer it."""

    id: str
    say: Text
    """Why the scripts are suggested."""
    words: tuple[str, ...]
    scripts: tuple[str, ...]
    unless: tuple[str, ...] = ()
    """Words beside which it is something else that is meant."""
    needs: tuple[Literal["order", "unpaid", "unshipped", "shipped", "signed"], ...] = ()
    """Where the conversation is about an order, one of these must be true of it."""


class _Intents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    intent: tuple[Intent, ...]


@cache
def load_library(locale: Locale) -> tuple[Script, ...]:
    """Every script of the library that there is in a language, in the order of the files.

    Raises WrittenError with file and line where a file is wrong.
    """
    return tuple(script for name in _FILES for script in _read(name, locale))


@cache
def library_by_key(locale: Locale) -> dict[str, Script]:
    """The same, by key."""
    return {script.ref: script for script in load_library(locale)}


@cache
def load_intents() -> tuple[Intent, ...]:
    """What buyers may want. Raises WrittenError where one names a script that there is not."""
    source = read_source(_FOLDER / "intents.toml")
    intents = convert(source, _Intents).intent
    known = library_by_key("zh")
    for index, intent in enumerate(intents):
        for key in intent.scripts:
            if key not in known:
                raise source.error(("intent", index, "scripts"), f"there is no script {key!r}")
    return intents


def _read(name: str, locale: Locale) -> Iterator[Script]:
    source = read_source(_FOLDER / f"{name}.toml")
    for index, entry in enumerate(convert(source, _Shelf).script):
        _require_sound(source, index, entry)
        title = entry.title.zh if locale == "zh" else entry.title.en
        text = entry.text.zh if locale == "zh" else entry.text.en
        if text:
            yield Script(
                ref=entry.key, step=entry.step, move=entry.move, locale=locale, title=title,
                text=text,
            )  # fmt: skip


def _require_sound(source: Source, index: int, entry: _Entry) -> None:
    for language in ("zh", "en"):
        if strange := strange_fields(getattr(entry.text, language)):
            where = ("script", index, "text", language)
            raise source.error(where, f"there is no variable {strange[0]!r}")
