"""Bills: money that a shop or a buyer is asked for, until the payment channel says it came in."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

#: What a bill is for: a shop's balance or deposit, a dearer variant, something that the shop asks
#: for on top, or the difference of an exchange.
BillPurpose = Literal["top_up", "deposit", "line_change", "extra", "exchange"]
#: open: asked for; sent: the payer has told the channel to pay; paid; void: nobody pays it now.
BillState = Literal["open", "sent", "paid", "void"]

#: How long a buyer has for paying what is held for them meanwhile, and what is not.
PAY_WITHIN = timedelta(minutes=30)
ASKED_FOR = timedelta(days=7)
NOTE_MAX, REFERENCE_MAX = 60, 60


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """One sum that somebody is asked for."""

    id: UUID
    """The reference under which the channel knows it."""
    purpose: BillPurpose
    payer: UUID
    """The buyer, or the shop."""
    shop_id: UUID
    order_id: UUID | None = None
    case_id: UUID | None = None
    amount_fen: int
    channel: str
    state: BillState = "open"
    key: str
    note: str = ""
    detail: dict[str, str | int] = {}
    """What happens once it is paid."""
    made_by: UUID | None = None
    created_at: datetime
    expires_at: datetime | None = None
    sent_at: datetime | None = None
    attempts: int = 0
    ended_at: datetime | None = None
    reference: str = ""
    """The channel's number, or the operator's."""
    returned: bool = False
    """It came too late, and went straight back."""
    settled_at: datetime | None = None
    """Of an exchange: when its money went to whom it belongs, to the shop or back."""

    @property
    def is_held(self) -> bool:
        """Whether it was paid for an exchange that has not ended yet."""
        paid = self.purpose == "exchange" and self.state == "paid"
        return paid and not self.returned and self.settled_at is None

    @property
    def is_waiting(self) -> bool:
        """Whether it may still be paid."""
        return self.state in ("open", "sent")

    @property
    def memo(self) -> str:
        """What the transfer says that brings its money in; `gongdao verify` reads it back."""
        return " · ".join(filter(None, (f"bill {self.id}", self.note, self.reference)))
