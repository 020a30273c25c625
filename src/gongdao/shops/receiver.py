"""Whether the receiver is right: a question to the buyer, and their one answer. Pure."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.shops.shop import Address

ReceiverAnswer = Literal["confirmed", "changed"]


class ReceiverCheck(msgspec.Struct, frozen=True, kw_only=True):
    """One question about name, phone and address, and what came of it."""

    id: UUID
    shop_id: UUID
    order_id: UUID
    asked_by: UUID
    asked_at: datetime
    conversation_id: UUID
    message_id: UUID
    answer: ReceiverAnswer | None = None
    answered_by: UUID | None = None
    answered_at: datetime | None = None
    was: Address | None = None
    receiver: Address | None = None
    """As it was confirmed, or changed to."""
