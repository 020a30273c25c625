"""Parcels: out to the buyer or back to the shop, and what the carrier told about them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.policy.words import TrackWord
from gongdao.shops.order import SignedBy

Direction = Literal["out", "back"]


class Trace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a parcel's history: what it means, and what the carrier said."""

    at: datetime
    event: TrackWord
    place: str = ""
    said: str = ""


class Shipment(msgspec.Struct, frozen=True, kw_only=True):
    """One parcel of an order."""

    id: UUID
    order_id: UUID
    direction: Direction
    carrier: str
    tracking: str
    shipped_at: datetime
    signed_at: datetime | None = None
    signed_by: SignedBy | None = None
    events: tuple[Trace, ...] = ()
