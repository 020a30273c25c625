"""Stock as it is shown against stock as it lies on the shelf, and a file of what was counted."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.shops.fault import FAULTS_MAX, Fault, shown
from gongdao.shops.table import Table

StockKind = Literal["real", "shown"]
How = Literal["hand", "import"]
UNITS_MAX, NOTE_MAX = 10_000_000, 200
#: What the columns of such files are called.
SKU_COLUMNS = ("sku", "商家编码", "货号")
UNIT_COLUMNS = ("real_stock", "units", "实际库存", "实存", "库存", "数量")


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a stock, as it is kept."""

    product_id: UUID
    what: StockKind
    was: int | None
    units: int
    how: How
    note: str = ""
    by_id: UUID
    at: datetime


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a file: so many units of what has this sku."""

    line: int
    sku: str
    units: int


def read_units(text: str) -> int:
    """A number of units, as somebody types it. Raises Refusal."""
    units = _units(text)
    if units is None:
        raise Refusal("invalid", N_("A stock is a whole number of units, such as 12."))
    return units


def read_counts(raw: bytes) -> tuple[list[Counted], list[Fault]]:
    """The lines of a CSV file, and one fault for each line that cannot be read."""
    table = Table(raw)
    names = {name.lower(): name for name in table.columns}
    sku_column = next((names[each] for each in SKU_COLUMNS if each in names), None)
    unit_column = next((names[each] for each in UNIT_COLUMNS if each in names), None)
    if sku_column is None or unit_column is None:
        raise Refusal("invalid", N_("The file needs a column sku and a column real_stock."))
    counts: list[Counted] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for line, row in table.rows():
        sku, said = str(row[sku_column]), str(row[unit_column])
        fault = _fault(line, sku, said, seen, columns=(sku_column, unit_column))
        if fault is None:
            seen[sku] = line
            counts.append(Counted(line=line, sku=sku, units=_units(said) or 0))
        elif len(faults) < FAULTS_MAX:
            faults.append(fault)
    faults = sorted([*faults, *table.faults], key=lambda each: each.line)[:FAULTS_MAX]
    if not counts and not faults:
        raise Refusal("invalid", N_("There is nothing in this file."))
    return counts, faults


def _fault(
    line: int, sku: str, said: str, seen: dict[str, int], *, columns: tuple[str, str]
) -> Fault | None:
    if not sku:
        return Fault(line=line, column=columns[0], sentence=N_("The sku is missing."))
    if sku in seen:
        return Fault(
            line=line,
            column=columns[0],
            sentence=N_("{sku} was counted in line {first} already."),
            params={"sku": shown(sku), "first": seen[sku]},
        )
    if _units(said) is None:
        return Fault(
            line=line,
            column=columns[1],
            sentence=N_("“{value}” is not a whole number of units."),
            params={"value": shown(said)},
        )
    return None


def _units(text: str) -> int | None:
    clean = text.strip()
    if not (clean.isascii() and clean.isdecimal() and len(clean) <= 8):
        return None
    units = int(clean)
    return units if units <= UNITS_MAX else None
