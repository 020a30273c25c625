"""What kinds of signs are called where somebody chooses among them."""

import re

from gongdao.base.i18n import Locale
from gongdao.policy.guard import GuardBook, Subject, Told

NAME_MAX = 40
_SHOWN = re.compile(r"\s*[:：(（“]?\s*\{\w+\}[)）”]?")


def sign_names(book: GuardBook, on: Subject, told: Told, locale: Locale) -> list[tuple[str, str]]:
    """The signs that somebody is told of there: code, and the sentence without its evidence."""
    return [
        (code, _name(rule.say.zh if locale == "zh" else rule.say.en))
        for code, rule in book.active(on).items()
        if told in rule.told
    ]


def _name(said: str) -> str:
    name = _SHOWN.sub("", said).strip()
    return name if len(name) <= NAME_MAX else f"{name[: NAME_MAX - 1]}…"
