"""An agent writes to a buyer of their own accord: into the talk that is under way."""

from datetime import datetime
from typing import Any
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool, Queryable
from gongdao.base.ids import new_id
from gongdao.chat.body import Kind
from gongdao.chat.conversation import Conversation
from gongdao.chat.store import Said
from gongdao.flows.talk.open_talk import Wish as Talk
from gongdao.flows.talk.open_talk import open_talk
from gongdao.flows.talk.say import ToSay, say_in_talk

_NEWEST = """
SELECT id FROM chat_conversations
 WHERE shop_id = $1 AND buyer_id = $2 AND case_id IS NULL AND ($3 OR state <> 'closed')
 ORDER BY opened_at DESC, id DESC LIMIT 1
"""


async def newest_talk(
    database: Queryable, shop_id: UUID, buyer_id: UUID, *, closed_too: bool = False
) -> UUID | None:
    """The conversation of a buyer with a shop that is under way, or the last one."""
    return await database.fetchval(_NEWEST, shop_id, buyer_id, closed_too)


async def talk_with(
    pool: Pool, who: Principal, *, buyer_id: UUID, order_id: UUID | None, now: datetime
) -> Conversation:
    """The conversation that is under way, or a new one that goes to whoever writes."""
    assert who.shop_id, "people of a shop have a shop"
    wish = Talk(shop_id=who.shop_id, order_id=order_id, agent_id=who.person_id)
    conversation, _ = await open_talk(pool, buyer_id, wish, conversation_id=new_id(), now=now)
    return conversation


async def say_to_buyer(
    pool: Pool,
    who: Principal,
    conversation_id: UUID,
    *,
    message_id: UUID,
    body: dict[str, Any],
    kind: Kind = "text",
    now: datetime,
) -> Said:
    """Say it once under this id, however often it is called. Raises Refusal as the chat does."""
    sent = ToSay(conversation_id=conversation_id, client_id=message_id, kind=kind, body=body)
    return await say_in_talk(pool, who, sent, now=now)
