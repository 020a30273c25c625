"""What the store promises of messages: numbered, kept once, in order, chained; recalls are kept."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.chat.body import Note, ProductCard, Recall, SystemLine, Text
from gongdao.chat.conversation import Conversation, Mark
from gongdao.chat.message import ROOT, Author, Saying, digest_of, link
from gongdao.chat.store import (
    Opening,
    Said,
    close_conversation,
    invite,
    keep_grade,
    load_conversation,
    marks_of,
    messages_after,
    messages_before,
    open_conversation,
    say,
    set_mark,
)

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


async def a_talk(pool: Pool) -> Conversation:
    opening = Opening(id=new_id(), shop_id=new_id(), buyer_id=new_id())
    conversation, made = await open_conversation(pool, opening, now=NOW)
    assert made
    return conversation


def words(
    talk: Conversation,
    text: str,
    *,
    author: Author = "buyer",
    by: UUID | None = None,
    client_id: UUID | None = None,
    seen: int | None = None,
    seconds: float = 0,
) -> Saying:
    client_id = client_id or uuid4()
    return Saying(
        conversation_id=talk.id,
        client_id=client_id,
        author=author,
        author_id=by or (talk.buyer_id if author == "buyer" else talk.shop_id),
        kind="text",
        body=Text(text=text),
        seen=seen,
        at=NOW + timedelta(seconds=seconds),
    )


async def texts_of(pool: Pool, talk: Conversation) -> list[str]:
    rows = await messages_after(pool, [(talk.id, 0)])
    return [row.message.body.text for row in rows if isinstance(row.message.body, Text)]


async def test_two_first_messages_make_one_conversation(pool: Pool) -> None:
    shop, buyer = new_id(), new_id()
    openings = [Opening(id=new_id(), shop_id=shop, buyer_id=buyer) for _ in range(8)]
    found = await asyncio.gather(*(open_conversation(pool, one, now=NOW) for one in openings))
    assert len({conversation.id for conversation, _ in found}) == 1
    assert [made for _, made in found].count(True) == 1


async def test_many_at_once_are_numbered_without_gap_and_chained(pool: Pool) -> None:
    talk = await a_talk(pool)
    said = await asyncio.gather(*(say(pool, words(talk, f"第{n}句")) for n in range(50)))
    assert sorted(one.seq for one in said) == list(range(1, 51))
    rows = await messages_after(pool, [(talk.id, 0)])
    head = ROOT
    for row in rows:
        message = row.message
        assert message.digest == digest_of(message)
        head = link(head, message.seq, message.at, message.digest)
        assert message.hash == head
    stored = await pool.fetchval("SELECT head FROM chat_conversations WHERE id = $1", talk.id)
    assert stored == head


async def test_said_again_is_said_once(pool: Pool) -> None:
    talk = await a_talk(pool)
    one = words(talk, "在吗")
    found = await asyncio.gather(*(say(pool, one) for _ in range(10)))
    assert {each.seq for each in found} == {1}
    assert [each.outcome for each in found].count("said") == 1
    other = words(talk, "不在吗", client_id=one.client_id)
    assert (await say(pool, other)).outcome == "other"
    assert await texts_of(pool, talk) == ["在吗"]


async def test_a_colleague_who_answered_is_read_first(pool: Pool) -> None:
    talk = await a_talk(pool)
    anna, bob = uuid4(), uuid4()
    await say(pool, words(talk, "有货吗"))
    await say(pool, words(talk, "有的", author="shop", by=anna, seen=1))
    late = words(talk, "没有了", author="shop", by=bob, seen=1)
    assert (await say(pool, late)).outcome == "newer"
    mine = words(talk, "还有两件", author="shop", by=anna, seen=1)
    assert (await say(pool, mine)).outcome == "said", "one's own answer is known"
    read = words(talk, "对", author="shop", by=bob, client_id=late.client_id, seen=3)
    assert (await say(pool, read)).outcome == "said"


async def test_a_turn_is_a_question_and_its_first_human_answer(pool: Pool) -> None:
    talk = await a_talk(pool)
    stirs: list[bool] = []

    async def utter(saying: Saying) -> Said:
        said = await say(pool, saying)
        stirs.append(said.stirs)
        return said

    await utter(words(talk, "在吗", seconds=0))
    await utter(words(talk, "在吗?", seconds=10))
    line = words(talk, "", author="system", seconds=11)
    greeting = Saying(
        conversation_id=talk.id,
        client_id=line.client_id,
        author="system",
        author_id=None,
        kind="system",
        body=SystemLine(event="greeting"),
        at=line.at,
    )
    await utter(greeting)
    agent = uuid4()
    await utter(words(talk, "在的", author="shop", by=agent, seen=3, seconds=40))
    await utter(words(talk, "您说", author="shop", by=agent, seen=4, seconds=41))
    await utter(words(talk, "多少钱", seconds=60))
    assert stirs == [True, False, False, True, False, True]
    assert await close_conversation(pool, talk.id, by="agent", now=NOW + timedelta(minutes=9))
    turns = await pool.fetch("SELECT * FROM chat_turns ORDER BY asked_seq")
    told = [(row["asked_seq"], row["answered_seq"], row["agent_id"]) for row in turns]
    assert told == [(1, 4, agent), (6, None, None)]


async def test_what_was_closed_is_over_and_the_next_is_a_new_one(pool: Pool) -> None:
    talk = await a_talk(pool)
    await say(pool, words(talk, "在吗"))
    await say(pool, words(talk, "在", author="shop", seen=1))
    assert await close_conversation(pool, talk.id, by="buyer", now=NOW)
    assert not await close_conversation(pool, talk.id, by="agent", now=NOW)
    assert (await say(pool, words(talk, "还有"))).outcome == "closed"
    opening = Opening(id=new_id(), shop_id=talk.shop_id, buyer_id=talk.buyer_id)
    again, made = await open_conversation(pool, opening, now=NOW)
    assert made and again.id != talk.id
    once_more = Opening(id=talk.id, shop_id=new_id(), buyer_id=new_id())
    assert (await open_conversation(pool, once_more, now=NOW))[0].id == talk.id
    assert await invite(pool, talk.id, now=NOW)
    assert not await invite(pool, talk.id, now=NOW), "once"
    assert await keep_grade(pool, talk.id, 5, now=NOW)
    assert not await keep_grade(pool, talk.id, 1, now=NOW), "once"
    stored = await load_conversation(pool, talk.id)
    assert stored and stored.grade == 5
    unknown = words(talk, "谁", client_id=uuid4())
    nobody = msgspec.structs.replace(unknown, conversation_id=uuid4())
    assert (await say(pool, nobody)).outcome == "unknown"


async def test_what_was_taken_back_is_kept_and_taken_back_once(pool: Pool) -> None:
    talk = await a_talk(pool)
    await say(pool, words(talk, "说错了"))
    recalls = [
        Saying(
            conversation_id=talk.id,
            client_id=uuid4(),
            author="buyer",
            author_id=talk.buyer_id,
            kind="recall",
            body=Recall(seq=1),
            at=NOW,
        )
        for _ in range(2)
    ]
    await say(pool, recalls[0])
    with pytest.raises(asyncpg.UniqueViolationError):
        await say(pool, recalls[1])
    rows = await messages_after(pool, [(talk.id, 0)])
    assert [(row.message.seq, row.recalled) for row in rows] == [(1, True), (2, False)]
    assert isinstance(rows[0].message.body, Text), "kept for evidence"


async def test_nobody_replies_to_what_was_not_said(pool: Pool) -> None:
    talk = await a_talk(pool)
    reply = words(talk, "?")
    wrong = msgspec.structs.replace(reply, reply_to=1)
    with pytest.raises(asyncpg.CheckViolationError):
        await say(pool, wrong)


async def test_rows_are_added_and_never_changed(pool: Pool) -> None:
    talk = await a_talk(pool)
    await say(pool, words(talk, "在吗"))
    for statement in (
        "UPDATE chat_messages SET body = '{}'",
        "DELETE FROM chat_messages",
        "TRUNCATE chat_messages CASCADE",
    ):
        with pytest.raises(asyncpg.RestrictViolationError):
            await pool.execute(statement)


async def test_marks_never_go_back(pool: Pool) -> None:
    talk = await a_talk(pool)
    for n in range(5):
        await say(pool, words(talk, str(n)))
    for delivered, read in ((3, 2), (2, 1), (5, 2)):
        mark = Mark(
            conversation_id=talk.id,
            person_id=talk.buyer_id,
            side="buyer",
            delivered=delivered,
            read=read,
        )
        await set_mark(pool, mark, now=NOW)
    marks = (await marks_of(pool, [talk.id]))[talk.id]["buyer"]
    assert (marks.delivered, marks.read) == (5, 2)


async def test_pages_backwards_and_forwards(pool: Pool) -> None:
    talk, other = await a_talk(pool), await a_talk(pool)
    for n in range(1, 8):
        await say(pool, words(talk, str(n)))
        await say(pool, words(other, str(n)))
    forwards = await messages_after(pool, [(talk.id, 2), (other.id, 5)], limit=3)
    told = {(row.message.conversation_id, row.message.seq) for row in forwards}
    assert told == {(talk.id, 3), (talk.id, 4), (talk.id, 5), (other.id, 6), (other.id, 7)}
    back = await messages_before(pool, talk.id, 5, limit=2)
    assert [row.message.seq for row in back] == [3, 4]


async def test_a_note_is_no_answer(pool: Pool) -> None:
    talk = await a_talk(pool)
    await say(pool, words(talk, "在吗"))
    note = Saying(
        conversation_id=talk.id,
        client_id=uuid4(),
        author="shop",
        author_id=uuid4(),
        kind="note",
        body=Note(text="老客户"),
        at=NOW,
    )
    assert not (await say(pool, note)).stirs
    stored = await load_conversation(pool, talk.id)
    assert stored and stored.asked_seq == 1 and stored.answered_seq == 0


async def test_a_card_alone_is_no_answer(pool: Pool) -> None:
    talk = await a_talk(pool)
    await say(pool, words(talk, "什么时候发货"))
    card = msgspec.structs.replace(
        words(talk, "-", author="shop", by=uuid4()),
        kind="product",
        body=ProductCard(product_id=uuid4(), title="茶具"),
    )
    assert not (await say(pool, card)).stirs
    assert await pool.fetchval("SELECT asked_seq FROM chat_conversations") == 1
    assert (await say(pool, words(talk, "今天发", author="shop", by=uuid4()))).stirs
    assert await pool.fetchval("SELECT answered_seq FROM chat_turns") == 3
