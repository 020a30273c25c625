"""What screens send through the socket, one struct per operation; all of it is checked here."""

from typing import Annotated, Any, TypeAlias
from uuid import UUID

import msgspec

from gongdao.chat.body import SEQ_MAX, Kind

#: Characters of one frame: the longest text, with every character escaped, and what is around it.
FRAME_MAX = 64_000

At: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=SEQ_MAX)]


class _Frame(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="op"):
    """Common to all frames."""


class Open(_Frame, frozen=True, tag="open"):
    """Follow a conversation; what came after `after` is sent first."""

    conversation: UUID
    after: At = 0


class Leave(_Frame, frozen=True, tag="leave"):
    """Follow it no more."""

    conversation: UUID


class Say(_Frame, frozen=True, tag="say"):
    """Say something; `client_id` is made by the screen, `seen` is the newest number it shows."""

    conversation: UUID
    client_id: UUID
    body: dict[str, Any]
    kind: Kind = "text"
    reply_to: At | None = None
    seen: At | None = None


class TakeBack(_Frame, frozen=True, tag="recall"):
    """Take back one's own message; the answer names the client_id, where there is one."""

    conversation: UUID
    seq: At
    client_id: UUID | None = None


class MarkFrame(_Frame, frozen=True, tag="mark"):
    """How far the screen has received and shown it."""

    conversation: UUID
    delivered: At = 0
    read: At = 0


class Typing(_Frame, frozen=True, tag="typing"):
    """Somebody is typing; sent every few seconds while they do."""

    conversation: UUID


class Desk(_Frame, frozen=True, tag="desk"):
    """Hear of every change of the shop's list, and of what is meant for oneself."""


class Ping(_Frame, frozen=True, tag="ping"):
    """Answered by a pong; a proxy on the way sees that the line lives."""


Frame: TypeAlias = Open | Leave | Say | TakeBack | MarkFrame | Typing | Desk | Ping

_decode = msgspec.json.Decoder(Frame).decode


def parse_frame(text: str | bytes) -> Frame:
    """A frame. Raises msgspec.ValidationError or msgspec.DecodeError."""
    try:
        return _decode(text)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError("neither text nor a frame") from error
