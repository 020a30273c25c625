"""Lists as files that spreadsheets open as they are: their encoding, and nothing that runs."""

import csv
import io
from collections.abc import Iterable

from litestar import Response

_FORMULA = tuple("=+-@\t\r\n＝＋－＠|")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, whatever a customer wrote into it."""
    return f"'{cell}" if cell.lstrip(" \u3000\ufeff")[:1] in _FORMULA else cell


def csv_file(name: str, rows: Iterable[list[str]]) -> Response[bytes]:
    """Rows as a file to be saved, the head first; cells that people wrote must be harmless."""
    # A spreadsheet takes a file without this mark for another encoding than it is.
    out = io.StringIO("\ufeff", newline="")
    out.seek(0, io.SEEK_END)
    csv.writer(out).writerows(rows)
    return Response(
        out.getvalue().encode(),
        media_type="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )
