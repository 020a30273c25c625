"""How the desk is set up, as a lead types it: hours as times in a line, answers word by word."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.chat.routing.desk import DeskRules
from gongdao.chat.routing.hours import Hours, Period
from gongdao.web.typed import text_of

#: Every day as it is without any word about hours.
_ALL_DAY = "00:00-24:00"
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９：－—–～~至，、", "0123456789:------,,")
_NUMBERS = (
    "capacity", "main_weight", "weight", "affinity_always_hours", "affinity_online_hours",
    "slow_seconds", "idle_minutes",
)  # fmt: skip
WORDINGS = ("greeting", "away", "busy", "slow")
#: Empty lines for new answers beside those that there are.
ANSWERS_MORE = 2


def read_rules(form: Mapping[str, Any], before: DeskRules) -> DeskRules:
    """The rules in a form; what it does not speak of stays as it was. Raises Refusal invalid."""
    fields: dict[str, Any] = msgspec.to_builtins(before)
    fields["hours"] = read_hours(form, before.hours)
    for name in _NUMBERS:
        if text := text_of(form, name).strip():
            fields[name] = int(text) if text.isdecimal() and len(text) < 7 else text
    for name in WORDINGS:
        fields[name] = {each: text_of(form, f"{name}_{each}").strip() for each in ("zh", "en")}
    fields["overflow"] = text_of(form, "overflow") or before.overflow
    fields["answers"] = _answers(form)
    try:
        return msgspec.convert(fields, DeskRules)
    except msgspec.ValidationError:
        raise Refusal(
            "invalid", N_("Something in the form is missing or does not fit; please check it.")
        ) from None


def read_hours(form: Mapping[str, Any], before: Hours) -> dict[str, Any]:
    """The hours: a line of times for each day, holidays, and days of their own."""
    days: dict[tuple[str, ...], list[int]] = {}
    for day in range(1, 8):
        days.setdefault(tuple(read_spans(text_of(form, f"day{day}"))), []).append(day)
    is_always = list(days) == [(_ALL_DAY,)]
    fields: dict[str, Any] = msgspec.to_builtins(before)
    return fields | {
        "week": []
        if is_always
        else [{"days": each, "periods": _periods(spans)} for spans, each in days.items()],
        "on_holidays": text_of(form, "on_holidays") or before.on_holidays,
        "holiday_periods": _periods(read_spans(text_of(form, "holiday_periods"))),
        "own_days": [
            {"day": line.split()[0], "periods": _periods(read_spans(line[len(line.split()[0]) :]))}
            for line in text_of(form, "own_days").splitlines()
            if line.strip()
        ],
    }


def read_spans(text: str) -> list[str]:
    """The times of a day as people write them: 9:00-12:00，13:30-22:00. Raises Refusal invalid."""
    plain = text.translate(_FULL_WIDTH)
    spans = [f"{int(a):02d}:{b}-{int(c):02d}:{d}" for a, b, c, d in _SPAN.findall(plain)]
    if _SPAN.sub("", plain).strip(" ,;/休-"):
        raise Refusal("invalid", N_("Times look like 9:00-12:00, 13:30-22:00."))
    return spans


def spans_of(periods: tuple[Period, ...]) -> str:
    """The same times as a line."""
    return ", ".join(f"{each.opens}-{each.closes}" for each in periods)


def hours_by_day(hours: Hours) -> list[str]:
    """A line for each day, Monday first."""
    if not hours.week:
        return [_ALL_DAY] * 7
    return [
        ", ".join(spans_of(each.periods) for each in hours.week if day in each.days)
        for day in range(1, 8)
    ]


def _periods(spans: tuple[str, ...] | list[str]) -> list[dict[str, str]]:
    return [{"opens": each[:5], "closes": each[6:]} for each in spans]


def _answers(form: Mapping[str, Any]) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = []
    n = 0
    while f"answer{n}_words" in form:
        words = re.split(r"[,，、\s]+", text_of(form, f"answer{n}_words").strip())
        wording = {each: text_of(form, f"answer{n}_{each}").strip() for each in ("zh", "en")}
        if any(words) and any(wording.values()):
            answers.append({"words": [word for word in words if word], "answer": wording})
        n += 1
    return answers
