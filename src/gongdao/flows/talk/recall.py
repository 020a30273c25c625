"""Take back what one has just said; it is hidden from everybody, and kept for evidence."""

from datetime import datetime
from uuid import UUID, uuid5

import asyncpg

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.chat.body import Recall
from gongdao.chat.message import Saying, may_recall
from gongdao.chat.store import Said, messages_after, say
from gongdao.flows.talk.access import talk_of
from gongdao.flows.talk.say import require_said, tell


async def recall(
    pool: Pool, who: Principal, conversation_id: UUID, seq: int, *, now: datetime
) -> Said:
    """Take back one's own message. Raises Refusal not_found, wrong_role, or too_late."""
    talk = await talk_of(pool, who, conversation_id)
    found = await messages_after(pool, [(conversation_id, seq - 1)], limit=1)
    message = found[0].message if found and found[0].message.seq == seq else None
    if message is None:
        raise Refusal("not_found", N_("There is no message of that number."))
    if found[0].recalled and message.author_id == who.person_id:
        return Said(outcome="again")
    if message.author_id != who.person_id:
        raise Refusal("wrong_role", N_("Only its sender may take a message back."))
    if not may_recall(message, by=who.person_id, now=now):
        raise Refusal("too_late", N_("A message can be taken back within two minutes."))
    saying = Saying(
        conversation_id=conversation_id,
        client_id=uuid5(conversation_id, f"recall:{seq}"),
        author=talk.side,
        author_id=who.person_id,
        kind="recall",
        body=Recall(seq=seq),
        at=now,
    )
    try:
        said = await say(pool, saying)
    except asyncpg.UniqueViolationError:
        return Said(outcome="again")
    require_said(said)
    tell(talk.conversation, said)
    return said
