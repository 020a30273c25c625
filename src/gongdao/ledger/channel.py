"""The payment channel: whoever takes money in and carries it back, as far as we know them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol
from uuid import UUID

import msgspec

ReceiptState = Literal["accepted", "arrived", "refused"]

#: A refund that the channel cannot take is tried this often, then a person is asked.
ATTEMPTS_MAX = 10
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=6)


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What the channel says of a refund, under our reference."""

    ref: UUID
    state: ReceiptState
    channel_ref: str = ""
    """The channel's own number."""
    expected_at: datetime | None = None
    arrived_at: datetime | None = None
    reason: str = ""
    """Why it was refused for good, in the channel's words."""


class ChannelUnavailable(Exception):
    """The channel does not answer or asks to come again; nothing is known of the refund."""


class PaymentChannel(Protocol):
    """Takes money in, and sends it back the way it came. Every call may be repeated."""

    async def refund(self, ref: UUID, channel: str, amount_fen: int, *, now: datetime) -> Receipt:
        """Ask for a refund; the same reference again gives the same receipt, not a second refund.

        Raises ChannelUnavailable.
        """
        ...

    async def collect(self, ref: UUID, channel: str, amount_fen: int, *, now: datetime) -> Receipt:
        """Take money in under a reference, once; asked again, it says how that stands.

        Raises ChannelUnavailable.
        """
        ...

    async def status(self, refs: Sequence[UUID], *, now: datetime) -> list[Receipt]:
        """How these refunds stand; unknown references are left out. Raises ChannelUnavailable."""
        ...


def wait_before(attempt: int, *, day: timedelta = timedelta(days=1)) -> timedelta:
    """How long to wait before this attempt (the first is 1): a minute, doubled, up to six hours.

    A channel whose days are shortened for a demonstration shortens the waits alike.
    """
    assert attempt >= 1, "attempts are counted from one"
    wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(attempt - 1, 16))
    return max(timedelta(seconds=1), wait * (day / timedelta(days=1)))
