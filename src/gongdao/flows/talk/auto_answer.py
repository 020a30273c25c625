"""The desk answers by itself, as a line of its own: it never counts as an answer of a person."""

from datetime import datetime

from gongdao.base.db import Pool
from gongdao.base.together import Together
from gongdao.chat.conversation import Conversation
from gongdao.chat.routing.auto_answer import answer_to, find_slow, load_answers
from gongdao.chat.routing.lines import RoutingLine, say_lines


async def answer_by_itself(
    pool: Pool, conversation: Conversation, text: str, *, seq: int, now: datetime
) -> bool:
    """Answer what a buyer wrote under a number, where the shop has an answer to such words."""
    answers = await _answers_of(pool, conversation.shop_id)
    answer = answer_to(text, answers, conversation.locale)
    if answer is None:
        return False
    line = RoutingLine(
        conversation_id=conversation.id,
        event="auto_answer",
        once=str(seq),
        fields={"text": answer, "to": seq},
    )
    async with pool.acquire() as connection:
        await say_lines(connection, [line], now=now)
    return True


async def say_slow(pool: Pool, *, now: datetime) -> int:
    """Tell those who have waited for long that they are not forgotten; how many."""
    slow = await find_slow(pool, now=now)
    lines = [
        RoutingLine(
            conversation_id=each.conversation_id,
            event="slow",
            once=str(each.asked_seq),
            fields={"text": each.text},
        )
        for each in slow
    ]
    async with pool.acquire() as connection:
        await say_lines(connection, lines, now=now)
    return len(lines)


_answers_of = Together(load_answers)
