"""What the platform's people fill in, read into the same arguments that the API takes."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from gongdao.accounts.gate import Asked
from gongdao.accounts.principal import Principal
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.cases.commands import ARGS, AdjudicateArgs, Args
from gongdao.web.typed import read_amount

#: What is done on a case page, and what leave it takes beside being who the pack says.
ACTIONS: dict[str, str] = {
    "approve": "case.judge",
    "reject": "case.judge",
    "adjudicate": "case.judge",
    "concur": "case.review",
    "send_back": "case.review",
    "execute": "policy.edit",
    "request_evidence": "case.judge",
    "propose_settlement": "case.judge",
    "extend_deadline": "case.read",
    "pause": "case.read",
    "resume": "case.read",
    "note": "case.read",
}
_AMOUNTS = frozenset({"refund", "compensation"})
_FLAGS = frozenset({"private", "counterfeit", "serious"})
_VERSION = re.compile(r"\d{1,9}")
_SPAN = re.compile(r"\d{1,3}")
_UNITS = ("h", "d", "wd")


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A command as a form sends it: the arguments, the key, and the version that was seen."""

    args: Args
    key: str | None
    version: int | None


async def read_command(request: Asked, action: str) -> Sent:
    """The command in a form."""
    form = await request.form()
    return Sent(
        args=read_args(action, form),
        key=text_of(form, "idempotency_key") or None,
        version=version_of(form),
    )


def version_of(form: Mapping[str, Any]) -> int | None:
    """The version that the person saw, if the form says one."""
    text = text_of(form, "expected_version")
    return int(text) if _VERSION.fullmatch(text) else None


def require_leave(who: Principal, action: str) -> None:
    """Refuse what is no action of this page, and whoever may not take it."""
    if action not in ACTIONS:
        raise Refusal("not_found", N_("There is no such action."))
    if ACTIONS[action] not in who.permissions:
        raise Refusal("wrong_role", N_("Your role does not permit this."))


def read_args(action: str, form: Mapping[str, Any]) -> Args:
    """The arguments of an action from the fields of its form; what is left empty is not given."""
    wanted = ARGS[action]
    fields: dict[str, Any] = {}
    for field in msgspec.structs.fields(wanted):
        text = text_of(form, field.encode_name).strip()
        if field.name in _FLAGS:
            fields[field.name] = text == "yes"
        elif text:
            fields[field.encode_name] = read_amount(text) if field.name in _AMOUNTS else text
    if action == "extend_deadline":
        fields["by"] = _span(form)
    if action == "adjudicate":
        fields |= _shares(form)
    return convert(fields, wanted)


def read_ruling(form: Mapping[str, Any]) -> AdjudicateArgs | None:
    """A ruling in the making; None until both liability and remedy are chosen."""
    if not text_of(form, "liability") or not text_of(form, "remedy"):
        return None
    args = read_args("adjudicate", form)
    assert isinstance(args, AdjudicateArgs), "the arguments of that action"
    return args


def convert(fields: Mapping[str, Any], wanted: type[Args]) -> Args:
    """Fields as a struct of arguments, or a refusal that names what is wrong."""
    try:
        return msgspec.convert(fields, wanted)
    except msgspec.ValidationError:
        raise Refusal(
            "invalid", N_("Something in the form is missing or does not fit; please check it.")
        ) from None


def text_of(form: Mapping[str, Any], name: str) -> str:
    """A field as it was typed, without what no database keeps; a file or nothing is empty."""
    value: object = form.get(name)
    return value.replace("\0", "") if isinstance(value, str) else ""


def asked_for(text: str, *, most: int = 100) -> str:
    """What an address asks for, without what nobody can type, and not longer than that."""
    return "".join(letter for letter in text[:most] if letter.isprintable()).strip()


def _span(form: Mapping[str, Any]) -> str:
    """How much longer: a number and a unit."""
    number, unit = text_of(form, "number").strip(), text_of(form, "unit")
    if not _SPAN.fullmatch(number) or unit not in _UNITS:
        raise Refusal("invalid", N_("Say how much more time: a whole number of hours or days."))
    return f"{int(number)}{unit}"


def _shares(form: Mapping[str, Any]) -> dict[str, Any]:
    """The seller's part in percent, where both are liable; the rest is the buyer's."""
    text = text_of(form, "seller_share").strip().rstrip("%％")
    if text_of(form, "liability") != "both" or not text:
        return {}
    if not text.isdecimal() or int(text) > 100:
        raise Refusal("invalid", N_("The seller's share is a whole number from 0 to 100."))
    return {"shares": {"seller": int(text), "buyer": 100 - int(text)}}
