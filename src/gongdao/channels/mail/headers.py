"""Headers of a mail: who, about what, and in answer to what, however badly they are written."""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from gongdao.channels.channel import ADDRESS_MAX, REFERENCES_MAX, SUBJECT_MAX
from gongdao.channels.mail.words import HEADER_MAX, decode_header, one_line

#: Of a mail's head no more than this is looked at when it arrives.
HEAD_MAX = 256 * 1024
NAME_MAX = 60
_ADDRESS = re.compile(r"[^\s<>()\[\]@,;:\"\\]{1,64}@(?:[\w-]{1,63}\.){0,8}[\w-]{1,63}")
_WITHIN = re.compile(rf"(?<![\w.@+-]){_ADDRESS.pattern}(?![\w@-])")
_REFERENCE = re.compile(r"<[^<>\s]{1,250}>")
_FIELD = re.compile(rb"([!-9;-~]{1,80})[ \t]*:(.*)", re.DOTALL)


class Sender(NamedTuple):
    """Who says that they wrote a mail."""

    address: str
    name: str


class Head(NamedTuple):
    """What a list shows of a mail that nobody has read yet."""

    sender: str
    subject: str
    message_id: bytes


def read_sender(raw: str | bytes) -> Sender:
    """The address, in small letters, and the name beside it; both may be empty."""
    # The part in angle brackets counts; before decoding, because a name may hold brackets too.
    given = raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogateescape")
    given = given[:HEADER_MAX]
    before, bracket, rest = given.rpartition(b"<")
    within = decode_header(rest.partition(b">")[0]) if bracket else ""
    found = _ADDRESS.fullmatch(within.strip())
    if found:
        name = decode_header(before).strip(" \"'").replace('\\"', '"')
    else:
        shown = decode_header(given)
        found = _WITHIN.search(shown)
        name = "" if found is None else (shown[: found.start()] + shown[found.end() :])
        name = re.sub(r"[<>()\"]", " ", name)
    if found is None:
        return Sender("", one_line(decode_header(given))[:NAME_MAX])
    return Sender(fold_address(found[0]), one_line(name)[:NAME_MAX].strip())


def fold_address(address: str) -> str:
    """One spelling of an address; empty where it is too long to be one."""
    folded = unicodedata.normalize("NFC", address.strip()).lower()
    return folded if len(folded) <= ADDRESS_MAX else ""


def is_address(text: str) -> bool:
    """Whether a text is one address and nothing else."""
    return bool(_ADDRESS.fullmatch(text)) and len(text) <= ADDRESS_MAX


def read_subject(raw: str | bytes) -> str:
    """What it is about."""
    return decode_header(raw)[:SUBJECT_MAX].strip()


def plain_subject(subject: str) -> str:
    """Without the marks of answers and forwardings before it."""
    mark = r"(?:re|aw|sv|fwd?|回复|答复|转发|回覆|轉寄)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]\s*"
    return re.sub(rf"^(?:{mark})+", "", subject.strip(), flags=re.IGNORECASE)[:SUBJECT_MAX]


def read_references(values: Iterable[str]) -> tuple[str, ...]:
    """The names of earlier mails, the nearest last."""
    found = [name for value in values for name in _REFERENCE.findall(value[-HEADER_MAX:])]
    latest = dict.fromkeys(reversed(found))
    return tuple(reversed(list(latest)[:REFERENCES_MAX]))


def peek_head(head: bytes) -> Head:
    """What a list shows, from the bytes before the first empty line."""
    found: dict[bytes, bytes] = {}
    unfolded = re.sub(rb"\r?\n[ \t]+", b" ", head[:HEAD_MAX])
    for line in re.split(rb"\r\n|\n|\r", unfolded)[:2_000]:
        match = _FIELD.match(line[:HEADER_MAX])
        if match is not None:
            found.setdefault(match[1].lower(), match[2])
    return Head(
        sender=read_sender(found.get(b"from", b"")).address,
        subject=read_subject(found.get(b"subject", b"")),
        message_id=found.get(b"message-id", b"").strip()[:1_000],
    )
