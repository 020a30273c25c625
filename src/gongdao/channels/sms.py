"""Text messages to a telephone, as far as we send any.

A provider takes a message under a key. The same key again is the same message: whoever asks twice,
because a worker died in between, sends it once.
"""

from typing import Protocol
from uuid import UUID

import msgspec


class TextMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent to one number."""

    key: UUID
    phone: str
    text: str


class SmsUnavailable(Exception):
    """The provider does not answer, or asks to come again; the message may have been sent."""


class SmsRefused(Exception):
    """The provider will never send this: the number is none, or it does not want the text."""


class Sms(Protocol):
    """Sends text messages."""

    async def send(self, message: TextMessage) -> None:
        """Send it, once for its key. Raises SmsUnavailable, SmsRefused."""
        ...
