"""The carrier: whoever brings parcels from shops to buyers, as far as we ask about them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel that somebody asks about, under the number that the carrier knows."""

    carrier: str
    tracking: str
    handed_at: datetime
    """When the shop says that it gave the parcel away."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One line of what a carrier says of a parcel, in its own words."""

    carrier: str
    tracking: str
    at: datetime
    said: str
    place: str = ""


class CarrierUnavailable(Exception):
    """The carrier does not answer, or asks to come again; nothing new is known."""


class Carrier(Protocol):
    """Tells the history of parcels, all of it each time; whoever asks keeps what is new."""

    async def track(self, parcels: Sequence[Asked], *, now: datetime) -> list[Report]:
        """Everything that is known of these parcels by now. Raises CarrierUnavailable."""
        ...
