"""What a decision rests on beside its case: the order, the money, the shop's record, neighbours."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.cases.record import ShopRecord
from gongdao.ledger.funding import Funds
from gongdao.policy.pack import Ended
from gongdao.policy.words import Procedure
from gongdao.shops.order import Order


class Sibling(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Another case on the same order."""

    procedure: Procedure
    kind: str
    lines: tuple[int, ...]
    ended: Ended | None = None
    refunded_fen: int = 0
    freight_fen: int = 0
    """The carriage that was paid in it."""
    compensated_fen: int = 0
    """What was paid in it for a breach."""


class Elsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """A case between the same two on another order, paid about the same time."""

    kind: str
    paid_at: datetime
    compensated_fen: int = 0


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """Another variant of something in the order, and how many of it may be promised."""

    product_id: UUID
    sku: str
    title: str
    price_fen: int
    of_line: int
    stock: int | None = None
    """None where nobody counts."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything outside the case that its decisions rest on, handed in."""

    order: Order
    funds: Funds
    record: ShopRecord = ShopRecord()
    """What the cases against the shop have left."""
    siblings: tuple[Sibling, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    """What was paid between the same buyer and shop on other orders of about the same day."""
    sha256_of: dict[UUID, str] = {}
    """The hashes of the files that the acting person may attach."""
    variants: tuple[Variant, ...] = ()
    """What an exchange may ask for."""
    difference_paid_fen: int = 0
    """What the buyer has paid on top in this case, and what is held for its exchange."""
