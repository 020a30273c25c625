"""One way to write a value as bytes, for everything that is hashed."""

from typing import Any

import msgspec

_encode = msgspec.json.Encoder(order="deterministic").encode


def encode_canonical(value: Any) -> bytes:
    """The same value always gives the same bytes, whatever order a dict was built in."""
    try:
        return _encode(value)
    except TypeError:
        # Keys that are no text, such as line numbers, cannot be ordered; as text they can.
        return _encode(msgspec.to_builtins(value, str_keys=True))
