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

#: Not those of the machine: its language is nobody's.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CATALOGUES = Path(__file__).parent / "locale"


def N_(sentence: str) -> str:  # noqa: N802
    """Mark a sentence for the catalogues without translating it now."""
    return sentence


def translate(
    locale: Locale,
    sentence: str,
    params: Mapping[str, Param] | None = None,
    *,
    now: datetime | None = None,
) -> str:
    """The sentence in a language, its fields filled in; instants as say_instant says them."""
    text = sentence if locale == "en" else _chinese().get(sentence, sentence)
    if params is None:
        return text
    return text.format(**{name: _shown(locale, value, now) for name, value in params.items()})


def say_refusal(locale: Locale, refusal: Refusal, *, now: datetime | None = None) -> str:
    """The sentence of a refusal in a language."""
    if locale == "zh" and refusal.chinese is not None:
        return refusal.chinese
    return translate(locale, refusal.sentence, refusal.params, now=now)


def show_instant(instant: datetime) -> str:
    """An instant in local time as papers and tables write it; seconds only where there are any."""
    local = instant.astimezone(ZONE)
    return local.strftime("%Y-%m-%d %H:%M:%S" if local.second else "%Y-%m-%d %H:%M")


def say_instant(instant: datetime, locale: Locale, *, now: datetime | None = None) -> str:
    """An instant in local time as people say it, to the minute; the year unless it is this one."""
    local = instant.astimezone(ZONE)
    date = say_date(local, locale, with_year=now is None or now.astimezone(ZONE).year != local.year)
    return f"{date} {local:%H:%M}"


def say_date(local: datetime, locale: Locale, *, with_year: bool) -> str:
    """The day of a local instant: 11月22日, or 22 Nov; with the year where one asks for it."""
    if locale == "zh":
        return f"{f'{local.year}年' if with_year else ''}{local.month}月{local.day}日"
    return f"{local.day} {_MONTHS[local.month - 1]}{f' {local.year}' if with_year else ''}"


def say_full_instant(instant: datetime, locale: Locale) -> str:
    """An instant to the second, with its year and its zone."""
    local = instant.astimezone(ZONE)
    zone = "北京时间" if locale == "zh" else "Beijing time, UTC+8"
    date = say_date(local, locale, with_year=True)
    return f"{date} {local:%H:%M:%S}{f'（{zone}）' if locale == 'zh' else f' ({zone})'}"


def _shown(locale: Locale, value: Param, now: datetime | None) -> str:
    if isinstance(value, datetime):
        return say_instant(value, locale, now=now)
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
