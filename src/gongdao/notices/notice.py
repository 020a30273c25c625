"""Notices: one piece of news for one side of a case or of an order. Pure."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

#: The sides of a case that are told of it.
Side = Literal["buyer", "seller", "arbiter", "supervisor"]
#: The owner of the platform's inboxes.
PLATFORM = UUID(int=0)


class Inbox(msgspec.Struct, frozen=True):
    """Where notices are put: a buyer's own, one for all people of a shop, one for each duty."""

    side: Side
    owner_id: UUID = PLATFORM

    @property
    def channel(self) -> str:
        """The channel on which open pages hear of it."""
        owner = self.side if self.owner_id == PLATFORM else self.owner_id
        return f"notices:{owner}"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Tells an inbox of an event of a case, of the money of that event, or of a line of a log."""

    inbox: Inbox
    at: datetime
    case_id: UUID | None = None
    version: int | None = None
    """Which event of the case."""
    order_id: UUID | None = None
    log_position: int | None = None
    """Which line of the order's log."""
    by_id: UUID | None = None
    """Who did it; they are not told of it."""
    payout_id: UUID | None = None
