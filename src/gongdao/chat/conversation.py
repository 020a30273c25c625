"""A conversation: between whom, who serves it, and how it stands."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.chat.message import Side

State = Literal["waiting", "open", "closed"]
Topic = Literal["general", "presale", "aftersale", "complaint"]
Channel = Literal["chat", "mail"]
ClosedBy = Literal["agent", "buyer", "idle"]


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """One talk between a buyer and a shop, or the three-sided one of a case."""

    id: UUID
    number: int
    shop_id: UUID
    buyer_id: UUID
    case_id: UUID | None
    channel: Channel
    subject: str
    topic: Topic
    order_id: UUID | None
    locale: Literal["zh", "en"]
    state: State
    group_id: UUID | None
    agent_id: UUID | None
    opened_at: datetime
    queued_at: datetime | None
    closed_at: datetime | None
    closed_by: ClosedBy | None
    last_seq: int
    last_at: datetime
    asked_seq: int | None
    asked_at: datetime | None
    """Since when the buyer waits for an answer of a person."""
    answered_seq: int
    answered_by: UUID | None
    invited_at: datetime | None
    grade: int | None
    graded_at: datetime | None


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """How far a side has received and read; the furthest of its people."""

    delivered: int = 0
    read: int = 0


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """What one person's screen says that it has received and shown."""

    conversation_id: UUID
    person_id: UUID
    side: Side
    delivered: int
    read: int
