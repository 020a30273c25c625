"""Names that stay the same however often the demo is begun: ids, order and parcel numbers."""

from hashlib import sha256
from uuid import UUID, uuid5

_DEMO = UUID("5f0c6a52-6f8e-4e0e-9d6f-8a2b7f1d3c90")


def demo_id(*parts: object) -> UUID:
    """The id of a thing of the demo, from what it is."""
    return uuid5(_DEMO, "/".join(map(str, parts)))


def digits_of(name: str, count: int) -> str:
    """Digits that look arbitrary and are always the same for a name; the first is no zero."""
    number = int.from_bytes(sha256(name.encode()).digest()[:12])
    return str(10 ** (count - 1) + number % (9 * 10 ** (count - 1)))
