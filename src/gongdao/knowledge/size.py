"""Finding a size: measurements in, the rows of a size table that fit them out. Pure."""

import re
from collections.abc import Mapping

import msgspec

from gongdao.base.words import fold
from gongdao.knowledge.article import Table

_RANGE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:[-–—~～至到]\s*(\d+(?:\.\d+)?))?")
#: A table that says one number means it with so much on each side, and so near is still near.
_SLACK, _NEAR = 2.0, 4.0
_SAID_MAX = 60


class SizeFound(msgspec.Struct, frozen=True, kw_only=True):
    """The sizes that fit; where none does the nearest, with how far off it is in all."""

    sizes: tuple[str, ...]
    fits: bool
    off: float = 0.0
    used: tuple[str, ...] = ()
    """The measurements that were compared."""


def measures_of(table: Table) -> tuple[str, ...]:
    """The columns of a size table that hold numbers, which can be asked for."""
    return tuple(
        name
        for n, name in enumerate(table.columns)
        if n and any(_RANGE.search(row[n]) for row in table.rows)
    )


def find_size(table: Table, measured: Mapping[str, float]) -> SizeFound | None:
    """The sizes for measurements by column; None where nothing compares, or all is far off."""
    places = {name: table.columns.index(name) for name in measures_of(table)}
    known = {name: value for name, value in measured.items() if name in places}
    if not known:
        return None
    off: dict[str, float] = {}
    for row in table.rows:
        gaps = [_off(row[places[name]], value) for name, value in known.items()]
        if any(gap is not None for gap in gaps):
            total = sum(gap for gap in gaps if gap is not None)
            off[row[0]] = min(total, off.get(row[0], total))
    if not off:
        return None
    least = min(off.values())
    if least > _NEAR * len(known):
        return None
    sizes = tuple(size for size, gap in off.items() if gap == least)
    return SizeFound(sizes=sizes, fits=least == 0, off=round(least, 1), used=tuple(known))


def heard_measures(table: Table, typed: str) -> dict[str, float]:
    """The measurements in what somebody typed: 胸围88 下胸围75, or bust 88."""
    text = fold(typed[: _SAID_MAX * 4])
    found: dict[str, float] = {}
    bare_names = {name: re.sub(r"[（(].*", "", fold(name)).strip() for name in measures_of(table)}
    # The longest name first: 下胸围 is no 胸围.
    for name, bare in sorted(bare_names.items(), key=lambda one: -len(one[1])):
        if not bare:
            continue
        hit = re.search(rf"{re.escape(bare)}\D{{0,3}}?(\d+(?:\.\d+)?)", text)
        if hit:
            found[name] = float(hit[1])
            text = text[: hit.start()] + " " + text[hit.end() :]
    return found


def _off(cell: str, value: float) -> float | None:
    """How far a value is from what a cell says; None where the cell says no number."""
    hit = _RANGE.search(cell)
    if hit is None:
        return None
    low = float(hit[1])
    high = float(hit[2]) if hit[2] else low
    if hit[2] is None:
        low, high = low - _SLACK, high + _SLACK
    return max(low - value, value - high, 0.0)
