"""What a shop's people fill in, read into the same arguments that the API takes."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from gongdao.accounts.gate import Asked
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.cases.commands import ARGS, Args
from gongdao.web.typed import read_amount, text_of
from gongdao.web.uploads import take_files

#: What a shop's people do on a case page; everything else of the vocabulary is not theirs.
ACTIONS = (
    "approve", "confirm_receipt", "ship", "compensate", "accept_offer", "decline_offer", "reject",
    "report_mismatch", "offer", "counter_offer", "sign", "refill_tracking", "submit_evidence",
    "appeal", "escalate", "execute", "withdraw", "remind", "note",
)  # fmt: skip
_AMOUNTS = frozenset({"amount", "refund", "compensation"})
_WITH_PROOF = frozenset({"reject", "report_mismatch", "appeal"})
_VERSION = re.compile(r"\d{1,9}")


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A command as a form sends it: the arguments, the key, and the version that was seen."""

    args: Args
    key: str | None
    version: int | None


async def read_command(request: Asked, action: str) -> Sent:
    """The command in a form, its files taken in first."""
    form = await request.form()
    files = await take_files(request, form, f"{action}-files")
    version = text_of(form, "expected_version")
    return Sent(
        args=read_args(action, form, files),
        key=text_of(form, "idempotency_key") or None,
        version=int(version) if _VERSION.fullmatch(version) else None,
    )


def read_args(action: str, form: Mapping[str, Any], files: list[UUID] | None = None) -> Args:
    """The arguments of an action from the fields of its form; what is left empty is not given."""
    if action not in ACTIONS:
        raise Refusal("not_found", N_("There is no such action."))
    wanted = ARGS[action]
    fields: dict[str, Any] = {}
    for name in wanted.__struct_fields__:
        text = text_of(form, name).strip()
        if text:
            fields[name] = read_amount(text) if name in _AMOUNTS else text
    if "private" in fields:
        fields["private"] = fields["private"] == "yes"
    if action in _WITH_PROOF:
        fields.pop("evidence", None)
        fields |= _proof(form, files or [])
    elif files and "files" in wanted.__struct_fields__:
        fields["files"] = files
    try:
        return msgspec.convert(fields, wanted)
    except msgspec.ValidationError:
        raise Refusal(
            "invalid", N_("Something in the form is missing or does not fit; please check it.")
        ) from None


def _proof(form: Mapping[str, Any], files: list[UUID]) -> dict[str, Any]:
    """The piece of evidence that comes with a refusal, if there is one."""
    kind = text_of(form, "evidence_kind")
    if files and not kind:
        raise Refusal("invalid", N_("Say what the files prove."))
    if not kind:
        return {}
    note = text_of(form, "evidence_note").strip()
    return {"evidence": [{"kind": kind, "note": note, "files": files}]}
