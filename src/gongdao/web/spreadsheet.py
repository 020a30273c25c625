"""Lists as files that spreadsheets open as they are: their encoding, and nothing that runs."""

import csv
import io
from collections.abc import AsyncIterable, AsyncIterator, Iterable

from litestar import Response
from litestar.response import Stream

#: A spreadsheet takes a file without this mark for another encoding than it is.
_MARK = "\ufeff".encode()
_FORMULA = tuple("=+-@\t\r\n＝＋－＠|")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, whatever a customer wrote into it."""
    return f"'{cell}" if cell.lstrip(" \u3000\ufeff")[:1] in _FORMULA else cell


def csv_file(name: str, rows: Iterable[list[str]]) -> Response[bytes]:
    """Rows as a file to be saved, the head first; cells that people wrote must be harmless."""
    content = _MARK + _written(rows)
    return Response(content, media_type="text/csv", headers=_headers(name))


def csv_stream(name: str, pages: AsyncIterable[Iterable[list[str]]]) -> Stream:
    """The same of a list that is read page by page, and sent while the rest is still read."""

    async def pieces() -> AsyncIterator[bytes]:
        yield _MARK
        async for rows in pages:
            yield _written(rows)

    return Stream(pieces(), media_type="text/csv", headers=_headers(name))


def _written(rows: Iterable[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def _headers(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
