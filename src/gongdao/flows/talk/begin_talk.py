"""Begin a conversation with its first message: before a buyer has written there is none."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool
from gongdao.chat.conversation import Conversation
from gongdao.chat.store import Said, say_all
from gongdao.flows.talk.access import Talk, buyer_of
from gongdao.flows.talk.open_talk import Wish, open_talk
from gongdao.flows.talk.say import (
    ToSay,
    body_of,
    require_may_send,
    require_said,
    saying_of,
    see_to_it,
    tell,
)


class Two(msgspec.Struct, frozen=True, kw_only=True):
    """Between whom it will be."""

    shop_id: UUID
    buyer_id: UUID


async def begin_talk(
    pool: Pool, who: Principal, wish: Wish, first: ToSay, *, now: datetime
) -> tuple[Conversation, bool]:
    """Make the conversation and say this in it, both or neither; whether it is new.

    One that is under way is taken up, and sent again the message stands there once. Raises Refusal
    as open_talk and say_in_talk do.
    """
    buyer_id = buyer_of(who)
    require_may_send("buyer", first)
    body = await body_of(pool, who, Two(shop_id=wish.shop_id, buyer_id=buyer_id), first)
    done: list[Said] = []

    async def say_first(connection: Connection, conversation: Conversation) -> None:
        talk = Talk(conversation=conversation, side="buyer")
        (said,) = await say_all(connection, [saying_of(who, talk, first, body, now=now)])
        require_said(said)
        done.append(said)

    conversation, is_new = await open_talk(
        pool, buyer_id, wish, conversation_id=first.conversation_id, now=now, then=say_first
    )
    tell(conversation, done[0])
    await see_to_it(pool, Talk(conversation=conversation, side="buyer"), done[0], now=now)
    return conversation, is_new
