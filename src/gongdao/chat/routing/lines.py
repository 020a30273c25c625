"""What routing says in a conversation: lines of the product's own, each said once an occasion."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Connection
from gongdao.base.live import changed
from gongdao.chat.message import own_line
from gongdao.chat.store import Said, say_all


class RoutingLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line for one conversation; `once` names the occasion: it never stands there twice."""

    conversation_id: UUID
    event: str
    once: str
    fields: dict[str, str | int] = {}
    for_shop: bool = False


async def say_lines(
    connection: Connection, lines: Iterable[RoutingLine], *, now: datetime
) -> list[Said]:
    """Say them in the caller's transaction; the screens hear of it with everything it changed."""
    sayings = [
        own_line(
            line.conversation_id,
            line.event,
            once=line.once,
            at=now,
            for_shop=line.for_shop,
            fields=line.fields,
        )
        for line in lines
    ]
    if not sayings:
        return []
    done = await say_all(connection, sayings)
    changed(
        f"talk:{saying.conversation_id}#{said.seq}"
        for saying, said in zip(sayings, done, strict=True)
        if said.outcome == "said"
    )
    return done
