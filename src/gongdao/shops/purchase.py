"""An order together with what only its parties read: names, address and remarks."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.shops.order import Order
from gongdao.shops.shop import Address

LogEntry = Literal[
    "imported", "placed", "paid", "shipped", "tracked", "signed", "confirmed", "closed", "refunded",
    "line_changed", "address_changed", "payment_changed", "urged",
    "extra_asked", "extra_paid", "extra_dropped",
]  # fmt: skip


class Remarks(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who bought, where it goes, and what the two sides noted. The rules never read this."""

    buyer_name: str = ""
    """The name under which the buyer shops, not the receiver's."""
    receiver: Address = Address()
    buyer_message: str = ""
    seller_note: str = ""
    payer_account: str = ""
    """The account outside that paid, where a refund goes back to; no page shows it."""


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    """The facts that the rules see, the remarks around them, and the version of both."""

    order: Order
    remarks: Remarks = Remarks()
    version: int = 1


class Logged(msgspec.Struct, frozen=True, kw_only=True):
    """One row of an order's log: what happened, when, and who did it (None is the system)."""

    order_id: UUID
    at: datetime
    by_id: UUID | None
    what: LogEntry
    detail: dict[str, str | int] = {}
