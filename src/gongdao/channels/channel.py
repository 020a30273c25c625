"""What a channel is: it brings messages in from somewhere else, and takes answers out there.

docs/how-to/channels.md says how to write another one.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol
from uuid import UUID

import msgspec

from gongdao.channels.reason import Failure

#: What became of an attempt to send: it is there, not now, or never.
Outcome = Literal["sent", "later", "refused"]
#: Why a message is not put before a person as if somebody had written it to them.
Automatic = Literal["bounce", "auto_reply", "mailing_list", "loop"]

#: Of one message: characters of text that are shown, attachments, and references that are followed.
TEXT_MAX, ATTACHMENTS_MAX, REFERENCES_MAX = 20_000, 20, 20
ADDRESS_MAX, SUBJECT_MAX = 254, 200


class Unavailable(Failure):
    """The other side does not answer, or not as agreed; in words for those who run the account."""


class Unreadable(Failure):
    """A message that cannot be taken apart; it is kept as it came."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A shop's account at a channel: for mail, a mailbox."""

    id: UUID
    shop_id: UUID
    channel: str
    address: str
    settings: Any
    secret: str = msgspec.field(default="")
    """Opened only where it is used."""
    position: Any = msgspec.field(default_factory=dict)
    """Up to where messages are stored here; the channel's own words."""
    checked_at: datetime | None = None

    def __repr__(self) -> str:
        return f"Account({self.channel}, {self.address})"


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it came, before anybody has read it."""

    raw: Path | None
    """None: too large to be taken; it stays where it is, and is listed."""
    size_bytes: int
    sha256: bytes
    fingerprint: bytes
    """Equal for the same message that comes twice, even another way."""
    position: Any
    """The account's position once this message is stored."""
    sender: str = ""
    subject: str = ""


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """The position has changed without a message: the account is new, or a message has gone."""

    position: Any


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file that came with a message, on disk while the message is read."""

    name: str
    path: str
    inline: bool = False


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was read: what the conversation needs of it."""

    address: str
    """Who says that they wrote it; nothing is permitted because of it."""
    name: str
    subject: str
    text: str
    """What is new: without quotations and signature."""
    quoted_lines: int = 0
    is_cut: bool = False
    """Whether there was more text than is shown."""
    attachments: tuple[Attachment, ...] = ()
    left_out: int = 0
    """Parts beyond the limits."""
    reference: str = ""
    """The name under which answers refer to it."""
    refers_to: tuple[str, ...] = ()
    """The names of earlier messages that it answers, the nearest last."""
    automatic: Automatic | None = None
    is_vouched: bool = False
    """Whether the account's own server, as the shop has named it, says that the address is true."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What is to go out: to whom, what, with which files, in answer to what."""

    to: str
    subject: str
    text: str
    file_id: UUID | None = None
    reply_to: str = ""
    refers_to: tuple[str, ...] = ()
    is_automatic: bool = False


class Enclosure(msgspec.Struct, frozen=True, kw_only=True):
    """A file that goes out with a letter."""

    name: str
    media_type: str
    content: bytes


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A letter with everything that the other end is to see of it."""

    letter: Letter
    reference: str
    """Its name: the same however often it is tried."""
    at: datetime
    enclosures: tuple[Enclosure, ...] = ()


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an attempt to send."""

    outcome: Outcome
    reason: str = ""


class Channel(Protocol):
    """A way in and out; one object serves all accounts of its kind while a worker lives."""

    name: str

    def fetch(
        self, account: Account, folder: Path, *, now: datetime
    ) -> AsyncIterator[Arrival | Moved]:
        """What is new, the oldest first, each written below `folder`.

        The next one is asked for only after this one, and its position, are stored. Raises
        Unavailable.
        """
        ...

    async def read(self, account: Account, raw: Path, folder: Path) -> Incoming:
        """Take a message apart, whatever is in it, in bounded time. Raises Unreadable."""
        ...

    def name_letter(self, account: Account, outbox_id: UUID) -> str:
        """The reference under which a letter goes out; only this installation can make it."""
        ...

    def answers(self, account: Account, incoming: Incoming) -> tuple[UUID, ...]:
        """The letters of ours (ids of the outbox) that a message provably answers."""
        ...

    async def send(self, account: Account, outgoing: Outgoing) -> Delivery:
        """Try once to send. Never raises for what the other side does."""
        ...

    async def check(self, account: Account) -> None:
        """Sign in both ways and out again. Raises Unavailable that says what does not work."""
        ...

    async def close(self) -> None:
        """Let go of open connections."""
        ...
