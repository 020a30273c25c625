"""A payout as the ledger keeps it: what one decision gave a buyer, on its way out."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

PayoutState = Literal["queued", "sent", "arrived", "failed"]
Purpose = Literal["refund", "compensation"]


class Payout(msgspec.Struct, frozen=True, kw_only=True):
    """Money on its way to a buyer; its id is the reference that the channel knows."""

    id: UUID
    person: UUID
    case_id: UUID | None
    order_id: UUID | None
    purpose: Purpose
    channel: str
    amount_fen: int
    state: PayoutState
    attempts: int
    next_attempt_at: datetime | None
    channel_ref: str | None
    last_error: str | None
    created_at: datetime
    sent_at: datetime | None
    expected_at: datetime | None
    arrived_at: datetime | None
    failed_at: datetime | None
