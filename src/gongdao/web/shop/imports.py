"""Import of orders.

Who: the owner, with a file from another system. Question: will this go in, and what will
it change? Next: mend the lines that are named, or confirm.
"""

import hashlib
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import LOCALES, N_, Locale
from gongdao.flows.import_orders import (
    Imported,
    OrderFile,
    Teller,
    import_orders,
    preview_import,
)
from gongdao.shops.table import FILE_BYTES_MAX
from gongdao.web.shell import page
from gongdao.web.typed import text_of

#: Two files and the form around them.
_BYTES_MAX = 2 * FILE_BYTES_MAX + 1_000_000
_IMPORTERS = [kind("shop"), may("order.import")]


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was looked through, and what it would do."""

    report: Imported
    faults: list[dict[Locale, str]]
    digest: str


@get("/shop/orders/import", guards=_IMPORTERS, include_in_schema=False)
async def show_import(request: Asked) -> Response[str]:
    """Choose a file."""
    return page(request, "shop/import.html", checked=None)


@post(
    "/shop/orders/import/check",
    guards=_IMPORTERS,
    status_code=200,
    request_max_body_size=_BYTES_MAX,
    include_in_schema=False,
)
async def show_check(request: Asked) -> Response[str]:
    """Do everything that the import does, report it, and undo it."""
    file, digest = await _read_file(request)
    report = await preview_import(request.app.state.pool, file, by=_teller(request), now=utc_now())
    # Said in both languages: the file may go back to somebody else to be mended.
    faults: list[dict[Locale, str]] = [
        {locale: fault.say(locale) for locale in LOCALES} for fault in report.faults
    ]
    checked = Checked(report=report, faults=faults, digest=digest)
    return page(request, "shop/import.html", checked=checked)


@post(
    "/shop/orders/import",
    guards=_IMPORTERS,
    request_max_body_size=_BYTES_MAX,
    include_in_schema=False,
)
async def take_import(request: Asked) -> Redirect:
    """Keep what the file says, all or nothing; the same file again changes nothing."""
    file, digest = await _read_file(request)
    if text_of(await request.form(), "digest") != digest:
        raise Refusal("invalid", N_("This is another file than the one that was checked."))
    report = await import_orders(request.app.state.pool, file, by=_teller(request), now=utc_now())
    if report.faults:
        raise Refusal("invalid", N_("The file does not fit any more; check it again."))
    return Redirect("/shop/orders", status_code=303)


def _teller(request: Asked) -> Teller:
    return Teller(person_id=principal_of(request).person_id)


async def _read_file(request: Asked) -> tuple[OrderFile, str]:
    form = await request.form()
    raw = await _bytes_of(form, "file")
    if not raw:
        raise Refusal("invalid", N_("Choose a file first."))
    items = await _bytes_of(form, "items") or None
    shop_id = principal_of(request).shop_id
    assert shop_id, "people of a shop have a shop"
    digest = hashlib.sha256(raw + b"\0" + (items or b"")).hexdigest()
    return OrderFile(shop_id=shop_id, raw=raw, items=items), digest


async def _bytes_of(form: FormMultiDict, name: str) -> bytes:
    upload = form.get(name)
    if not isinstance(upload, UploadFile) or not upload.filename:
        return b""
    raw = await upload.read(FILE_BYTES_MAX + 1)
    if len(raw) > FILE_BYTES_MAX:
        raise Refusal(
            "too_large",
            N_("The file is larger than {most} MB."),
            most=FILE_BYTES_MAX >> 20,
        )
    return raw


import_routes: list[Any] = [show_import, show_check, take_import]
