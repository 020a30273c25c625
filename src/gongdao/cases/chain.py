"""The hash chain of a case: each event's hash covers the event and the hash before it."""

import hashlib
from collections.abc import Iterable

import msgspec

from gongdao.cases.case import Case
from gongdao.cases.events import Event, Recorded

#: What stands before the first event of a case.
ROOT = b"\0" * 32

# Deterministic: the same event always gives the same bytes, whatever order a dict was built in.
_canonical = msgspec.json.Encoder(order="deterministic").encode
encode_state = msgspec.json.Encoder(order="deterministic").encode
decode_state = msgspec.json.Decoder(Case).decode
encode_body = _canonical
decode_body = msgspec.json.Decoder(Event).decode


def link(head: bytes, record: Recorded) -> bytes:
    """The hash of an event that follows on one whose hash is `head`."""
    return hashlib.sha256(head + _canonical(record)).digest()


def links(head: bytes, records: Iterable[Recorded]) -> list[bytes]:
    """The hashes of events in a row."""
    hashes: list[bytes] = []
    for record in records:
        head = link(head, record)
        hashes.append(head)
    return hashes
