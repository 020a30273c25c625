"""The hash chain of a case: each event's hash covers the event and the hash before it."""

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

from gongdao.cases.case import Case
from gongdao.cases.events import Event

#: What stands before the first event of a case.
ROOT = b"\0" * 32

_encode = msgspec.json.Encoder(order="deterministic").encode
decode_state = msgspec.json.Decoder(Case).decode
decode_body = msgspec.json.Decoder(Event).decode


def encode_canonical(value: Any) -> bytes:
    """The same value always gives the same bytes, whatever order a dict was built in."""
    try:
        return _encode(value)
    except TypeError:
        # Keys that are no text, such as line numbers, cannot be ordered; as text they can.
        return _encode(msgspec.to_builtins(value, str_keys=True))


encode_state = encode_canonical
encode_body = encode_canonical


def link(head: bytes, record: msgspec.Struct) -> bytes:
    """The hash of an event that follows on one whose hash is `head`."""
    return hashlib.sha256(head + encode_canonical(record)).digest()


def links(head: bytes, records: Iterable[msgspec.Struct]) -> list[bytes]:
    """The hashes of events in a row."""
    hashes: list[bytes] = []
    for record in records:
        head = link(head, record)
        hashes.append(head)
    return hashes
