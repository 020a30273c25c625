"""The buyer's forms: three steps of applying that travel in fields, and the actions of a case."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar.datastructures import FormMultiDict

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.money import yuan
from gongdao.cases import commands as c
from gongdao.policy.words import EVIDENCE_KINDS, EvidenceKind
from gongdao.shops.order import Order
from gongdao.web.buyer.problems import (
    BY_KEY,
    WITHOUT_SUM,
    Choice,
    Problem,
    Situation,
    situation_of,
)
from gongdao.web.typed import read_fen
from gongdao.web.uploads import ids_of

STEPS = 3
A = TypeVar("A", bound=c.Args)


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer has said so far; it stands in the address, the server keeps nothing."""

    step: int = 1
    received: bool | None = None
    lines: tuple[int, ...] = ()
    """Empty: all of them."""
    problem: str = ""
    want: str = ""
    amounts: dict[str, str] = {}
    """What was typed as the amount of each wish; nothing is what the rules give."""
    files: dict[EvidenceKind, list[UUID]] = {}
    claim: str = ""
    wanted: str = ""
    """Of an exchange: the sku of another variant; empty is the same again."""

    def situation(self, order: Order) -> Situation:
        """How far the goods have come."""
        return situation_of(order, self.received)

    def chosen_problem(self, order: Order) -> Problem | None:
        """The problem, if it is one that can happen at this point."""
        problem = BY_KEY.get(self.problem)
        return problem if problem and self.situation(order) in problem.where else None

    def fields(self) -> list[tuple[str, str]]:
        """Everything as fields of a form, or of an address."""
        pairs = [("received", {True: "yes", False: "no", None: ""}[self.received])]
        pairs += [("line", str(line)) for line in self.lines]
        pairs += [("problem", self.problem), ("want", self.want)]
        pairs += [(f"amount-{want}", text) for want, text in self.amounts.items()]
        pairs += [
            (f"kept-{kind}", str(file_id)) for kind, ids in self.files.items() for file_id in ids
        ]
        return [(name, value) for name, value in pairs if value]

    def address(self, order_id: UUID, step: int) -> str:
        """The address of a step with everything that was said so far."""
        return f"/orders/{order_id}/apply?{urlencode([('step', str(step)), *self.fields()])}"


def read_application(fields: Any, order: Order) -> Application:
    """What the fields of an address or a form say; what cannot be is left out."""
    known = {line.line for line in order.lines}
    lines = sorted({int(text) for text in _texts(fields, "line") if text.isdecimal()} & known)
    step = _text(fields, "step", 10)
    return Application(
        step=int(step) if step in ("1", "2", "3") else 1,
        received={"yes": True, "no": False}.get(_text(fields, "received", 10)),
        lines=tuple(lines) if len(lines) < len(known) else (),
        problem=_text(fields, "problem", 40),
        want=_text(fields, "want", 40),
        amounts=_amounts(fields),
        files={
            kind: ids for kind in EVIDENCE_KINDS if (ids := ids_of(_texts(fields, f"kept-{kind}")))
        },  # pyright: ignore[reportArgumentType]
        claim=_text(fields, "claim", c.TEXT_MAX),
        wanted=_text(fields, "wanted", 60),
    )


def _amounts(fields: Any) -> dict[str, str]:
    """What was typed as an amount; what the page had put there itself is no wish of the buyer's."""
    typed = {
        name.removeprefix("amount-"): _text(fields, name, 20)
        for name in fields
        if name.startswith("amount-") and len(name) < 40
    }
    return {
        want: text
        for want, text in typed.items()
        if text.strip() and text != _text(fields, f"rule-{want}", 20)
    }


def request_of(
    said: Application, problem: Problem, choice: Choice, *, with_files: bool = False
) -> c.OpenArgs:
    """The request that an application makes for one choice."""
    amount = said.amounts.get(choice.key, "").strip() or None
    if choice.key in WITHOUT_SUM:
        amount = None
    return c.OpenArgs(
        procedure=choice.procedure,
        kind=choice.kind,
        lines=list(said.lines) or None,
        reason=problem.reason if choice.procedure == "after_sale" else None,
        claim=said.claim.strip(),
        amount=amount_of(amount),
        received=said.received,
        wanted=said.wanted if choice.kind == "exchange" else "",
        evidence=[
            c.EvidenceItem(kind=kind, files=ids if with_files else [])
            for kind, ids in said.files.items()
            if ids
        ],
    )


def amount_of(text: str | None) -> str | None:
    """An amount as people type it; None when nothing was typed. Raises Refusal invalid."""
    return yuan(read_fen(text)) if text and text.strip() else None


def args_of(action: str, fields: Mapping[str, Any]) -> c.Args:
    """The arguments of an action from the fields of its form. Refuses what does not fit."""
    return as_args(c.ARGS[action], {name: value for name, value in fields.items() if value != ""})


def as_args(kind: type[A], fields: Mapping[str, Any]) -> A:
    """The struct of a command from plain values. Refuses what does not fit."""
    try:
        return msgspec.convert(dict(fields), kind, strict=False)
    except msgspec.ValidationError:
        raise Refusal(
            "invalid", N_("Something in the form is missing or does not fit; please check it.")
        ) from None


def text_of(form: FormMultiDict, name: str, limit: int = c.TEXT_MAX) -> str:
    """One text field of a form. Refuses what is longer than it may be."""
    value = form.get(name)
    text = value.strip() if isinstance(value, str) else ""
    if len(text) > limit:
        raise Refusal("invalid", N_("At most {n} characters, please."), n=limit)
    return text


def version_of(form: FormMultiDict) -> int | None:
    """The version of the case that the person saw."""
    text = text_of(form, "expected_version", 20)
    return int(text) if text.isdecimal() else None


def key_of(form: FormMultiDict) -> str | None:
    """The key under which this form counts once."""
    return text_of(form, "idempotency_key", 100) or None


def _texts(fields: Any, name: str) -> Sequence[str]:
    values = fields.getall(name, [])
    return [value for value in values if isinstance(value, str)][:200]


def _text(fields: Any, name: str, limit: int) -> str:
    value = fields.get(name)
    return value[:limit] if isinstance(value, str) else ""
