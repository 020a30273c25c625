"""Shops and what they sell."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

ShopStatus = Literal["open", "banned", "closed"]


class Address(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a parcel goes, and whom the carrier asks for."""

    name: str = ""
    phone: str = ""
    address: str = ""


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """A shop, under the name that buyers know it by."""

    id: UUID
    name: str
    opened_at: datetime
    region: str = ""
    status: ShopStatus = "open"
    return_address: Address = Address()
    """Where returns are sent, unless a case says otherwise."""


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a shop sells."""

    id: UUID
    shop_id: UUID
    title: str
    sku: str = ""
    price_fen: int
    category: str = ""
    tags: tuple[str, ...] = ()
    image_file_id: UUID | None = None
    family: str = ""
    """Products of one family are the same thing in another variant; without one, it has none."""
    variant: str = ""
    """What tells it from the others: white, size L."""
    stock: int | None = None
    """How many may still be promised; None where nobody counts."""
