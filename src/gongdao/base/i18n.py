"""Sentences in two languages: English message ids, Chinese catalogues, one catalogue a room."""

import gettext
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from gongdao.base.errors import Param, Refusal

Locale = Literal["zh", "en"]
LOCALES: tuple[Locale, ...] = ("zh", "en")
DEFAULT_LOCALE: Locale = "zh"
#: The zone in which pages and sentences show instants.
ZONE = ZoneInfo("Asia/Shanghai")

_CATALOGUES = Path(__file__).parent / "locale"


def N_(sentence: str) -> str:  # noqa: N802
    """Mark a sentence for the catalogues without translating it now."""
    return sentence


def translate(locale: Locale, sentence: str, params: Mapping[str, Param] | None = None) -> str:
    """The sentence in a language, its fields filled in; instants in local time, to the minute."""
    text = sentence if locale == "en" else _chinese().get(sentence, sentence)
    if params is None:
        return text
    return text.format(**{name: _shown(locale, value) for name, value in params.items()})


def say_refusal(locale: Locale, refusal: Refusal) -> str:
    """The sentence of a refusal in a language."""
    if locale == "zh" and refusal.chinese is not None:
        return refusal.chinese
    return translate(locale, refusal.sentence, refusal.params)


def show_instant(instant: datetime, locale: Locale = DEFAULT_LOCALE) -> str:
    """An instant in local time, to the minute; seconds only where there are any."""
    local = instant.astimezone(ZONE)
    pattern = "%Y-%m-%d %H:%M:%S" if local.second else "%Y-%m-%d %H:%M"
    return local.strftime(pattern)


def _shown(locale: Locale, value: Param) -> str:
    if isinstance(value, datetime):
        return show_instant(value, locale)
    if isinstance(value, tuple):
        return ("、" if locale == "zh" else ", ").join(translate(locale, each) for each in value)
    # A value that is itself a message id (the name of a role or a stage) is translated too.
    return translate(locale, value) if isinstance(value, str) else str(value)


@cache
def _chinese() -> dict[str, str]:
    sentences: dict[str, str] = {}
    for path in sorted(_CATALOGUES.glob("zh/LC_MESSAGES/*.mo")):
        with path.open("rb") as file:
            parsed: Any = gettext.GNUTranslations(file)
        catalogue: dict[str, str] = parsed._catalog  # the whole of it, not one sentence at a time
        sentences |= {key: text for key, text in catalogue.items() if key and text}
    return sentences
