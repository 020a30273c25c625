"""What kinds of signs are called where somebody chooses among them."""

import re

from gongdao.base.i18n import Locale
from gongdao.policy.guard import GuardBook, Subject, Told
from gongdao.policy.written import Text

NAME_MAX = 90
_LAST = re.compile(r"(?:\s*[:：,，、(（“「]?\s*\{\w+\}[)）”」]?)+$")
_FIELD = re.compile(r"\{\w+\}")


def sign_names(book: GuardBook, on: Subject, told: Told, locale: Locale) -> list[tuple[str, str]]:
    """The signs that somebody is told of there: code, and the sentence without its evidence."""
    return [
        (code, sign_name(rule.say, locale))
        for code, rule in book.active(on).items()
        if told in rule.told
    ]


def sign_name(say: Text, locale: Locale) -> str:
    """The sentence of a sign as a name: without what shows it, and cut."""
    name = _FIELD.sub("…", _LAST.sub("", say.zh if locale == "zh" else say.en)).strip()
    return name if len(name) <= NAME_MAX else f"{name[: NAME_MAX - 1]}…"
