"""A CSV file as lines of named values, whatever program wrote it: encoding, commas or tabs."""

import codecs
import csv
import io
from collections.abc import Iterator

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.shops.fault import Fault

FILE_BYTES_MAX = 50 * 1024 * 1024
FILE_LINES_MAX = 200_000
COLUMNS_MAX = 200

_CHUNK = 1 << 20
#: How exports write that there is nothing.
_NOTHING = frozenset({"null", "'null", "NULL", "--"})


class Table:
    """The heading of a CSV file, and its lines one after the other."""

    def __init__(self, raw: bytes) -> None:
        if len(raw) > FILE_BYTES_MAX:
            raise Refusal(
                "too_large", N_("The file is larger than {most} MB."), most=FILE_BYTES_MAX >> 20
            )
        text = io.TextIOWrapper(io.BytesIO(raw), encoding=_encoding_of(raw), newline="")
        first = text.readline()
        text.seek(0)
        delimiter = max(",", "\t", ";", key=first.count)
        self._reader = csv.reader(text, delimiter=delimiter, strict=True)
        self.columns = self._heading()
        #: What is wrong with lines as such; their values are not given out.
        self.faults: list[Fault] = []

    def _heading(self) -> list[str]:
        try:
            columns = [_unwrap(cell) for cell in next(self._reader, list[str]())]
        except csv.Error:
            raise Refusal("invalid", N_("The first line is not the heading of a table.")) from None
        while columns and not columns[-1]:
            columns.pop()
        if not 1 < len(columns) <= COLUMNS_MAX:
            raise Refusal("invalid", N_("The first line is not the heading of a table."))
        named = [name for name in columns if name]
        for name in named:
            if named.count(name) > 1:
                raise Refusal(
                    "invalid", N_("The column {column} stands there twice."), column=name[:40]
                )
        return columns

    def rows(self) -> Iterator[tuple[int, dict[str, object]]]:
        """Each line with its number in the file; lines without any value are left out."""
        count = 0
        while True:
            line = self._reader.line_num + 1
            try:
                row = next(self._reader, None)
            except csv.Error:
                self.faults.append(
                    Fault(line=line, sentence=N_("The quotes of this line do not match."))
                )
                return
            if row is None:
                return
            # Nothing stands around what begins and ends with a letter or a digit: nearly all cells.
            cells = [
                cell
                if cell[:1].isalnum() and cell[-1:].isalnum() and cell not in _NOTHING
                else _unwrap(cell)
                for cell in row
            ]
            if not any(cells):
                continue
            count += 1
            if count > FILE_LINES_MAX:
                raise Refusal(
                    "too_large", N_("The file has more than {most} lines."), most=FILE_LINES_MAX
                )
            if len(cells) == len(self.columns) or self._fits(line, cells):
                yield line, dict(zip(self.columns, cells, strict=False))

    def _fits(self, line: int, cells: list[str]) -> bool:
        expected = len(self.columns)
        if len(cells) >= expected and not any(cells[expected:]):
            return True
        self.faults.append(
            Fault(
                line=line,
                sentence=N_("This line has {found} columns, the heading has {expected}."),
                params={"found": len(cells), "expected": expected},
            )
        )
        return False


def _encoding_of(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    else:
        # GB18030 holds GBK and GB2312; nearly no GBK text is valid UTF-8 by accident.
        candidates = ["utf-8-sig", "gb18030"]
    for encoding in candidates:
        if _decodes(raw, encoding):
            return encoding
    raise Refusal("invalid", N_("The file is neither UTF-8 nor GBK text."))


def _decodes(raw: bytes, encoding: str) -> bool:
    """Whether all of it is text in an encoding, without keeping the text."""
    decoder = codecs.getincrementaldecoder(encoding)()
    view = memoryview(raw)
    try:
        for start in range(0, len(raw), _CHUNK):
            decoder.decode(bytes(view[start : start + _CHUNK]))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _unwrap(cell: str) -> str:
    """The value without what spreadsheets put around it to keep it text."""
    cell = cell.strip().lstrip("\ufeff")
    if cell.startswith('="') and cell.endswith('"') and len(cell) >= 3:
        cell = cell[2:-1].strip()
    if cell.startswith("'") and cell[1:].isdecimal():
        cell = cell[1:]
    return "" if cell in _NOTHING else cell
