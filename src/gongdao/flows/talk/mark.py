"""How far the screens of a person have received and shown a conversation."""

from datetime import datetime
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.live import changed
from gongdao.chat.conversation import Mark
from gongdao.chat.store import set_mark
from gongdao.flows.talk.access import Talk, talk_of


async def mark(
    pool: Pool,
    who: Principal,
    conversation_id: UUID,
    *,
    delivered: int,
    read: int,
    now: datetime,
) -> None:
    """Note it. Raises Refusal not_found where the conversation is not theirs."""
    talk = await talk_of(pool, who, conversation_id)
    await mark_here(pool, who, talk, delivered=delivered, read=read, now=now)


async def mark_here(
    pool: Pool, who: Principal, talk: Talk, *, delivered: int, read: int, now: datetime
) -> None:
    """The same, where the conversation is known; nobody has seen more than there is."""
    read = max(read, 0)
    await set_mark(
        pool,
        Mark(
            conversation_id=talk.conversation.id,
            person_id=who.person_id,
            side=talk.side,
            delivered=max(delivered, read),
            read=read,
        ),
        now=now,
    )
    changed([f"marks:{talk.conversation.id}"])
