"""Read a file of what carriers said: CSV or JSON. Pure; see docs/how-to/import-tracking.md."""

from collections.abc import Iterator
from datetime import datetime
from typing import cast

import msgspec

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.shops.cells import Cells
from gongdao.shops.compare import SKEW
from gongdao.shops.fault import FAULTS_MAX, Fault, shown
from gongdao.shops.progress import CARRIER_MAX, TRACKING_MAX
from gongdao.shops.shipment import Trace
from gongdao.shops.table import FILE_BYTES_MAX, FILE_LINES_MAX, Table
from gongdao.shops.tracking_words import track_word

#: The names of a line: of what was said, its word may be left out, then the words tell it.
COLUMNS = ("carrier", "tracking", "at", "event", "place", "said")
_SAID_MAX, _PLACE_MAX = 200, 60


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the file: about which parcel, and what."""

    line: int
    carrier: str
    tracking: str
    trace: Trace
    in_entry: bool = False


class Reading(msgspec.Struct, frozen=True):
    """What stands in a file, or what is wrong with it. Nothing is kept when anything is."""

    told: tuple[Told, ...]
    faults: tuple[Fault, ...]


def read_tracking(raw: bytes, *, now: datetime) -> Reading:
    """Read a file. Refuses one that is no such file at all; a wrong line becomes a fault."""
    if len(raw) > FILE_BYTES_MAX:
        raise Refusal(
            "too_large", N_("The file is larger than {most} MB."), most=FILE_BYTES_MAX >> 20
        )
    faults: list[Fault] = []
    is_json = raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
    rows = _json_rows(raw, faults) if is_json else _table_rows(raw, faults)
    told: list[Told] = []
    for cells in rows:
        told.append(_told(cells, now, in_entry=is_json))
        if len(faults) >= FAULTS_MAX:
            break
    if not told and not faults:
        raise Refusal("invalid", N_("There are no lines in this file."))
    faults.sort(key=lambda fault: fault.line)
    return Reading(() if faults else tuple(told), tuple(faults[:FAULTS_MAX]))


def _told(cells: Cells, now: datetime, *, in_entry: bool) -> Told:
    at = cells.instant("at")
    if at is None and not cells.has("at"):
        cells.refuse("at", N_("This must not be empty."))
    if at is not None and at > now + SKEW:
        cells.refuse("at", N_("This lies in the future: {at}."), at=at)
    said, event = cells.text("said", most=_SAID_MAX), cells.text("event", most=40)
    if not said and not event:
        cells.refuse("said", N_("This must not be empty."))
    trace = Trace(
        at=at or now, event=track_word(event or said), place=cells.text("place", most=_PLACE_MAX),
        said=said,
    )  # fmt: skip
    return Told(
        line=cells.line,
        carrier=cells.required("carrier", most=CARRIER_MAX),
        tracking=cells.required("tracking", most=TRACKING_MAX),
        trace=trace,
        in_entry=in_entry,
    )


def _json_rows(raw: bytes, faults: list[Fault]) -> Iterator[Cells]:
    try:
        document: object = msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError):
        raise Refusal("invalid", N_("This is not JSON.")) from None
    named = cast(dict[str, object], document) if isinstance(document, dict) else {}
    events = cast(list[object] | None, named.get("tracking"))
    if not isinstance(events, list) or len(named) != 1:
        raise Refusal("invalid", N_('JSON must be an object with the list "tracking".'))
    if len(events) > FILE_LINES_MAX:
        raise Refusal("too_large", N_("The file has more than {most} lines."), most=FILE_LINES_MAX)
    return _entries(events, faults)


def _entries(events: list[object], faults: list[Fault]) -> Iterator[Cells]:
    for position, entry in enumerate(events, 1):
        values = cast(dict[str, object], entry) if isinstance(entry, dict) else {}
        cells = Cells(values, line=position, faults=faults, in_entry=True)
        if not isinstance(entry, dict):
            cells.refuse("", N_("This must be an object, not {value}."), value=shown(entry))
            continue
        cells.refuse_unknown(COLUMNS)
        yield cells


def _table_rows(raw: bytes, faults: list[Fault]) -> Iterator[Cells]:
    table = Table(raw)
    for name in table.columns:
        if name not in COLUMNS:
            raise Refusal(
                "invalid",
                N_("Nobody knows the column {column}. Known are: {known}."),
                column=shown(name),
                known=", ".join(COLUMNS),
            )
    return _lines(table, faults)


def _lines(table: Table, faults: list[Fault]) -> Iterator[Cells]:
    for line, values in table.rows():
        yield Cells(values, line=line, faults=faults)
    faults.extend(table.faults)
