"""The hash chain of a case: each event's hash covers the event and the hash before it."""

import hashlib
from collections.abc import Iterable

import msgspec

from gongdao.base.canonical import encode_canonical
from gongdao.cases.case import Case
from gongdao.cases.events import Event

#: What stands before the first event of a case.
ROOT = b"\0" * 32

decode_state = msgspec.json.Decoder(Case).decode
decode_body = msgspec.json.Decoder(Event).decode


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
