"""End a conversation, ask the buyer how content they were, and keep what they say."""

from datetime import datetime, timedelta
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.chat.conversation import ClosedBy, Conversation
from gongdao.chat.routing.place import drain
from gongdao.chat.routing.store import lock_desk
from gongdao.chat.store import close_conversation, find_untouched, invite, keep_grade
from gongdao.flows.talk.access import talk_of
from gongdao.flows.talk.say import say_line

#: How long after its end a conversation may be graded.
GRADE_WITHIN = timedelta(days=3)


async def close_talk(pool: Pool, who: Principal, conversation_id: UUID, *, now: datetime) -> bool:
    """End it, by the buyer or by a person of the shop; False when it was over before.

    Raises Refusal not_found, or not_allowed_in_stage for the conversation of a case, which lasts
    as long as the case.
    """
    talk = await talk_of(pool, who, conversation_id)
    if talk.conversation.case_id:
        raise Refusal("not_allowed_in_stage", N_("The conversation of a case ends with the case."))
    by: ClosedBy = "buyer" if talk.side == "buyer" else "agent"
    return await end(pool, talk.conversation, by=by, now=now)


async def end(pool: Pool, conversation: Conversation, *, by: ClosedBy, now: datetime) -> bool:
    """End it for whatever cause; whoever waits is served by who is free now."""
    async with pool.acquire() as connection, connection.transaction():
        await lock_desk(connection, conversation.shop_id)
        if not await close_conversation(connection, conversation.id, by=by, now=now):
            return False
        await say_line(connection, conversation, "closed", once="end", now=now, fields={"by": by})
        if await invite(connection, conversation.id, now=now):
            await say_line(connection, conversation, "invited", once="end", now=now)
        await drain(connection, conversation.shop_id, now=now)
    changed([f"state:{conversation.id}", f"desk:{conversation.shop_id}"])
    return True


async def close_untouched(pool: Pool, *, now: datetime) -> int:
    """End what was answered and then left alone for as long as its desk says; how many."""
    ended = [
        await end(pool, conversation, by="idle", now=now)
        for conversation in await find_untouched(pool, now=now)
    ]
    return sum(ended)


async def grade_talk(
    pool: Pool, who: Principal, conversation_id: UUID, grade: int, *, now: datetime
) -> None:
    """Keep the buyer's grade, 1 to 5. Said twice the same, it is as once.

    Raises Refusal not_found, wrong_role, invalid, not_eligible (nobody asked), duplicate, too_late.
    """
    talk = await talk_of(pool, who, conversation_id)
    conversation = talk.conversation
    if talk.side != "buyer":
        raise Refusal("wrong_role", N_("Only the buyer says how content they were."))
    if not 1 <= grade <= 5:
        raise Refusal("invalid", N_("A grade is a whole number from 1 to 5."))
    if conversation.invited_at is None:
        raise Refusal("not_eligible", N_("Nobody has asked for a grade here."))
    if conversation.grade == grade:
        return
    if now - conversation.invited_at > GRADE_WITHIN:
        raise Refusal("too_late", N_("This conversation can be graded no more."))
    if not await keep_grade(pool, conversation_id, grade, now=now):
        raise Refusal("duplicate", N_("This conversation was graded before."))
    await say_line(
        pool, conversation, "graded", once="grade", now=now, for_shop=True, fields={"grade": grade}
    )
    changed([f"state:{conversation.id}", f"desk:{conversation.shop_id}"])
