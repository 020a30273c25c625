"""Figures as they are written: for people, for spreadsheets, and beside those of before. Pure."""

from typing import NamedTuple

from gongdao.base.i18n import N_, Locale, translate
from gongdao.base.money import yuan
from gongdao.figures.line import Line
from gongdao.figures.measures import Measure


class Change(NamedTuple):
    """How much a figure has changed: points of a share, else percent of what it was."""

    amount: float
    text: str


def written(line: Line, measure: Measure, locale: Locale) -> str:
    """A figure as people read it; a dash where there is nothing to count."""
    value: float | None = getattr(line, measure.code)
    if value is None:
        return "—"
    match measure.unit:
        case "share":
            return f"{value * 100:.1f}%"
        case "money":
            whole, _, cents = yuan(round(value)).partition(".")
            return f"¥{int(whole):,}.{cents}"
        case "time":
            return length_of(value, locale)
        case "number":
            return f"{round(value):,}"


def plain_cell(line: Line, name: str) -> str:
    """A figure or a count as a spreadsheet reads it: yuan, seconds, shares from 0 to 1."""
    value: float | None = getattr(line, name)
    if value is None:
        return ""
    if name.endswith("_fen"):
        return yuan(round(value))
    return f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def change_of(measure: Measure, now: Line, before: Line) -> Change | None:
    """How a figure has changed; None where there is nothing on one of the sides."""
    value: float | None = getattr(now, measure.code)
    was: float | None = getattr(before, measure.code)
    if value is None or was is None or (measure.unit != "share" and not was):
        return None
    amount = (value - was) * 100 if measure.unit == "share" else (value - was) / was * 100
    amount = round(amount, 1) + 0.0
    return Change(amount, f"{amount:+.1f}" if amount else "±0")


def length_of(seconds: float, locale: Locale) -> str:
    """Days and hours, hours and minutes, or minutes and seconds."""
    seconds = round(seconds)
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return translate(locale, N_("{days} d {hours} h"), {"days": days, "hours": hours})
    if hours:
        fields = {"hours": hours, "minutes": minutes}
        return translate(locale, N_("{hours} h {minutes} min"), fields)
    return f"{minutes}:{seconds % 60:02}"
