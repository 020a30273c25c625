"""Where a page of a list ended, as a word that travels in an address and comes back.

A list goes on behind its last row, not after so many rows: what was added or left out meanwhile
moves nothing. Only words that a list gave out are read again.
"""

import base64
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from uuid import UUID

import msgspec

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_

#: An instant of a place: never one without its zone.
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
#: A count of a place, no larger than the database compares.
Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]

_ENCODER = msgspec.msgpack.Encoder(uuid_format="bytes")


class Place(msgspec.Struct, frozen=True, array_like=True):
    """What the last row of a page was ordered by; each order of rows is a kind of its own."""

    def text(self) -> str:
        """The place as a word that travels in an address."""
        return base64.urlsafe_b64encode(_ENCODER.encode(self)).decode().rstrip("=")


class Cursor(Place, frozen=True):
    """A place in a list by time: an instant, and an id where two rows have the same."""

    at: Instant
    id: UUID


_P = TypeVar("_P", bound=Place)

#: Before the newest row of every list by time.
NEWEST = Cursor(datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))


def read_place(text: str, kind: type[_P]) -> _P:
    """Read a place that a list gave out. Raises Refusal invalid for anything else."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        place = msgspec.msgpack.decode(raw, type=kind)
        # One place has one word: what reads alike but is written otherwise is not ours.
        if place.text() == text:
            return place
    except (ValueError, OverflowError, msgspec.MsgspecError):
        pass
    raise Refusal("invalid", N_("This list does not go on from there."))


def read_cursor(text: str) -> Cursor:
    """Read a place in a list by time. Raises Refusal invalid for anything else."""
    return read_place(text, Cursor)
