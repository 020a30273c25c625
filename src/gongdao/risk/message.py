"""Signs of a scam in what somebody says, from the words themselves. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from gongdao.policy.guard import GuardBook
from gongdao.risk.finding import Evidence, Sign

Side = Literal["buyer", "shop"]
_REMOTE = re.compile("远程控制|远程协助|屏幕共享|共享屏幕|向日葵|AnyDesk|TeamViewer|ToDesk", re.I)
#: So much of a text is looked at.
_LOOKED_AT = 100_000


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was said before."""

    side: Side
    text: str
    at: datetime


class MessageFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What was said, by which side, after what, and what the orders of these two come to."""

    side: Side
    text: str
    earlier: Sequence[Line] = ()
    order_fen: tuple[int, ...] = ()


def message_signs(facts: MessageFacts, book: GuardBook) -> list[Sign]:
    """The signs in what was said."""
    if facts.side != "shop" or "remote-control" not in book.active("message"):
        return []
    found = [
        Evidence(shows="words", said=one[0], start=one.start(), end=one.end())
        for one in _REMOTE.finditer(facts.text, 0, _LOOKED_AT)
    ]
    return [Sign(code="remote-control", by="words", evidence=tuple(found[:5]))] if found else []
