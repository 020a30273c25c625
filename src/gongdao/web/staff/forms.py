"""What people fill in about the team, read into the same arguments that the API takes."""

from datetime import date
from typing import Any, TypeVar

import msgspec
from litestar.datastructures import FormMultiDict

from gongdao.accounts.gate import Asked
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.staff.days import day_of, month_of
from gongdao.web.typed import read_amount, text_of

A = TypeVar("A")
_AMOUNTS = frozenset({"amount"})


async def read_form(request: Asked, wanted: type[A]) -> A:
    """The arguments from the fields of a form; what is left empty is not given."""
    return read_args(await request.form(), wanted)


def read_args(form: FormMultiDict, wanted: type[A], **given: Any) -> A:
    """The same from a form that was read already, with what is known beside it."""
    fields: dict[str, Any] = {}
    for field in msgspec.structs.fields(wanted):  # pyright: ignore[reportArgumentType]
        if field.name in ("days", "notes"):
            fields[field.name] = [text for text in _texts(form, field.name) if text]
        elif text := text_of(form, field.name).strip():
            fields[field.name] = read_amount(text) if field.name in _AMOUNTS else text
    try:
        return msgspec.convert(fields | given, wanted, strict=False)
    except msgspec.ValidationError:
        raise Refusal(
            "invalid", N_("Something in the form is missing or does not fit; please check it.")
        ) from None


def day_in(text: str) -> date:
    """The day of an address, or today. Raises Refusal invalid."""
    if not text:
        return day_of(utc_now())
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal("invalid", N_("A day looks like 2026-11-22.")) from None


def month_in(text: str) -> date:
    """The month of an address, or this one. Raises Refusal invalid."""
    return month_of(day_in(f"{text}-01" if text else ""))


def _texts(form: FormMultiDict, name: str) -> list[str]:
    found: list[Any] = form.getall(name, [])
    return [each.strip() for each in found if isinstance(each, str)]
