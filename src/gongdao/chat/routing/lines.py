"""What routing says in a conversation: lines of the product's own, each said once an occasion."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from gongdao.base.db import Connection
from gongdao.base.live import changed
from gongdao.chat.body import SystemLine
from gongdao.chat.message import Saying
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
    sayings = [_saying(line, now) for line in lines]
    if not sayings:
        return []
    done = await say_all(connection, sayings)
    changed(
        f"talk:{saying.conversation_id}#{said.seq}"
        for saying, said in zip(sayings, done, strict=True)
        if said.outcome == "said"
    )
    return done


def _saying(line: RoutingLine, now: datetime) -> Saying:
    client_id = uuid5(line.conversation_id, f"{line.event}:{line.once}")
    return Saying(
        conversation_id=line.conversation_id,
        id=uuid5(line.conversation_id, client_id.hex),
        client_id=client_id,
        author="system",
        author_id=None,
        kind="system",
        body=SystemLine(
            event=line.event,
            for_shop=line.for_shop,
            # Empty texts say nothing.
            fields={name: value for name, value in line.fields.items() if value != ""},
        ),
        at=now,
    )
