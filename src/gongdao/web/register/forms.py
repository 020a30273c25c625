"""What people fill in, read into the same arguments that the API takes."""

from typing import Any
from uuid import UUID

import msgspec
from litestar.datastructures import FormMultiDict

from gongdao.accounts.gate import Asked
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.cases.commands import Args
from gongdao.register.commands import ARGS
from gongdao.web.typed import read_amount, text_of
from gongdao.web.uploads import take_files

_AMOUNTS = frozenset({"money", "goods_value", "gift_value"})


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A command as a form sends it: the arguments, the key, and the version that was seen."""

    args: Any
    key: str | None
    version: int | None


async def read_command(request: Asked, action: str) -> Sent:
    """The command in a form, its files taken in first."""
    if action not in ARGS:
        raise Refusal("not_found", N_("There is no such action."))
    form = await request.form()
    files = await take_files(request, form, f"{action}-files")
    version = text_of(form, "expected_version")
    return Sent(
        args=read_args(ARGS[action], form, files),
        key=text_of(form, "idempotency_key") or None,
        version=int(version) if version.isdecimal() and len(version) < 9 else None,
    )


def read_args(wanted: type[Args], form: FormMultiDict, files: list[UUID] | None = None) -> Any:
    """The arguments from the fields of a form; what is left empty is not given."""
    fields: dict[str, Any] = {}
    for name in wanted.__struct_fields__:
        text = text_of(form, name).strip()
        if text:
            fields[name] = read_amount(text) if name in _AMOUNTS else text
    if "files" in wanted.__struct_fields__:
        fields["files"] = files or []
    if "file" in wanted.__struct_fields__:
        if not files:
            raise Refusal("evidence_required", N_("Take a photo of the signed paper first."))
        fields["file"] = files[0]
    try:
        return msgspec.convert(fields, wanted, strict=False)
    except msgspec.ValidationError as error:
        raise Refusal(
            "invalid", N_("Something in the form is missing or does not fit; please check it.")
        ) from error
