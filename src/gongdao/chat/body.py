"""What a message says, by its kind; unknown keys and wrong types are refused at the edge."""

import unicodedata
from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

import msgspec

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.texts import NO_NUL

#: What people send. `recall` takes an earlier message back; `system` lines are the product's own.
Kind = Literal[
    "text", "image", "file", "order", "product", "case", "system", "note", "recall", "receiver",
]  # fmt: skip
#: Characters of one text, lines of a note's mentions, and the numbers that a client may name.
TEXT_MAX, MENTIONS_MAX, SEQ_MAX = 4_000, 20, 2**31 - 1
#: Spaces, marks on nothing, controls and turns; and what is a letter or a sign, but an empty one.
_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Mn", "Me", "Cc", "Cf", "Cs", "Cn"})
_EMPTY = frozenset("\u115f\u1160\u2800\u3164\uffa0")

Fen: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
Name: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=NO_NUL)]
Words: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_MAX, pattern=NO_NUL)]
Seq: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=SEQ_MAX)]


class _Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Common to all bodies."""


class Text(_Body, frozen=True):
    """Plain text; line breaks count, markup does not."""

    text: Words


class FileBody(_Body, frozen=True):
    """A picture or a document that was uploaded before; what it is, the files room says."""

    file_id: UUID
    name: Name
    type: Name = "application/octet-stream"
    size: Annotated[int, msgspec.Meta(ge=0)] = 0
    width: Annotated[int, msgspec.Meta(ge=0)] | None = None
    height: Annotated[int, msgspec.Meta(ge=0)] | None = None


class OrderCard(_Body, frozen=True):
    """An order of this buyer in this shop, as it was when it was shown."""

    order_id: UUID
    number: Name = "-"
    title: str = ""
    total_fen: Fen = 0


class ProductCard(_Body, frozen=True):
    """A product of this shop."""

    product_id: UUID
    title: str = ""
    price_fen: Fen = 0


class CaseCard(_Body, frozen=True):
    """A case between these two."""

    case_id: UUID
    number: int = 0
    title: str = ""


class ReceiverCard(_Body, frozen=True):
    """Asks whether name, phone and address of an order are right.

    Where they are and what was answered is not said here: a message stands for ever, and an answer
    comes later. Whoever may see the question asks for it (flows/orders/check_receiver.py).
    """

    check_id: UUID
    order_id: UUID
    number: Name = "-"


class Note(_Body, frozen=True):
    """Among the people of the shop; `mentions` are told."""

    text: Words
    mentions: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=MENTIONS_MAX)] = ()


class Recall(_Body, frozen=True):
    """Takes back the message of this number."""

    seq: Seq


class SystemLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened; pages word it from the event and its fields."""

    event: Name
    for_shop: bool = False
    """Whether only the people of the shop see it."""
    fields: dict[str, str | int] = {}


Body: TypeAlias = (
    Text | FileBody | OrderCard | ProductCard | CaseCard | ReceiverCard | Note | Recall | SystemLine
)

_BODIES: dict[Kind, Any] = {
    "text": Text,
    "image": FileBody,
    "file": FileBody,
    "order": OrderCard,
    "product": ProductCard,
    "case": CaseCard,
    "note": Note,
    "recall": Recall,
    "system": SystemLine,
    "receiver": ReceiverCard,
}


def parse_body(kind: Kind, raw: Any) -> Body:
    """The body that somebody sent. Raises Refusal invalid, saying what is wrong with it."""
    try:
        body: Body = msgspec.convert(raw, _BODIES[kind])
    except msgspec.ValidationError as error:
        raise Refusal(
            "invalid", N_("This message cannot be sent: {why}"), why=str(error)
        ) from error
    if isinstance(body, Text | Note) and not _shows(body.text):
        raise Refusal("invalid", N_("There is nothing in this message."))
    return body


def _shows(text: str) -> bool:
    """Whether there is anything to see: no clock of an agent runs for what is invisible."""
    return any(
        character not in _EMPTY and unicodedata.category(character) not in _UNSEEN
        for character in text
    )


def read_body(kind: Kind, stored: bytes) -> Body:
    """The body of a row."""
    body: Body = msgspec.json.decode(stored, type=_BODIES[kind])
    return body
