"""A message: who said what, under which number; and the chain that proves that it was so."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid5

import msgspec

from gongdao.base.canonical import encode_canonical
from gongdao.chat.body import Body, Kind, Note, SystemLine
from gongdao.chat.quality.promise import Promise

Side = Literal["buyer", "shop", "platform"]
Author = Literal["buyer", "shop", "platform", "system"]

#: What stands before the first message of a conversation.
ROOT = b"\0" * 32
#: How long its sender may take a message back.
RECALL_WITHIN = timedelta(minutes=2)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Saying(msgspec.Struct, frozen=True, kw_only=True):
    """A message on its way: not yet numbered."""

    conversation_id: UUID
    client_id: UUID
    author: Author
    author_id: UUID | None
    kind: Kind
    body: Body
    reply_to: int | None = None
    seen: int | None = None
    """The newest number on the sender's screen; asked of the people of a shop."""
    at: datetime
    promises: tuple[Promise, ...] = ()
    """What it promises, if it is said by the shop; kept with the message, and no part of it."""
    warnings: tuple[str, ...] = ()
    """The ids of the remarks against which it is sent; kept in the same way."""

    @property
    def id(self) -> UUID:
        """The same thing sent again is the same message to the last bit."""
        return uuid5(self.conversation_id, self.client_id.hex)


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message that stands in its conversation."""

    conversation_id: UUID
    seq: int
    id: UUID
    client_id: UUID
    author: Author
    author_id: UUID | None
    kind: Kind
    body: Body
    reply_to: int | None
    at: datetime
    digest: bytes
    hash: bytes


def own_line(
    conversation_id: UUID,
    event: str,
    *,
    once: str,
    at: datetime,
    for_shop: bool = False,
    fields: Mapping[str, str | int] | None = None,
) -> Saying:
    """A line of the product's own. `once` names the occasion: it stands there once for it."""
    return Saying(
        conversation_id=conversation_id,
        client_id=uuid5(conversation_id, f"{event}:{once}"),
        author="system",
        author_id=None,
        kind="system",
        body=SystemLine(
            event=event,
            for_shop=for_shop,
            # Empty texts say nothing.
            fields={name: value for name, value in (fields or {}).items() if value != ""},
        ),
        at=at,
    )


def digest_of(said: Saying | Message) -> bytes:
    """The hash of what was said and by whom; number and time come with the link."""
    return hashlib.sha256(
        encode_canonical(
            {
                "conversation_id": said.conversation_id,
                "id": said.id,
                "client_id": said.client_id,
                "author": said.author,
                "author_id": said.author_id,
                "kind": said.kind,
                "body": said.body,
                "reply_to": said.reply_to,
            }
        )
    ).digest()


def link(head: bytes, seq: int, at: datetime, digest: bytes) -> bytes:
    """The hash of a message that follows on one whose hash is `head`; as `chat_say` makes it."""
    micros = (at - _EPOCH) // timedelta(microseconds=1)
    return hashlib.sha256(
        head + seq.to_bytes(4, "big") + micros.to_bytes(8, "big", signed=True) + digest
    ).digest()


def sees(side: Side, kind: Kind, body: Any) -> bool:
    """Whether this side ever gets to see such a message: notes stay in the shop."""
    if side == "shop":
        return True
    return not isinstance(body, Note) and not (isinstance(body, SystemLine) and body.for_shop)


def may_recall(message: Message, *, by: UUID, now: datetime) -> bool:
    """Whether this person may still take it back."""
    is_own = message.author_id == by and message.kind not in ("recall", "system")
    return is_own and now - message.at <= RECALL_WITHIN
