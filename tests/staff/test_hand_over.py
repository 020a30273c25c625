"""The hand-over: nothing that is open is left out, and nothing is gone before somebody takes it."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from tests.staff.test_rota import refused
from tests.web.chat.desk_town import DeskTown
from tests.web.desk.window_town import asks, come_online, says

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.chat.store import load_conversation
from gongdao.flows.staff import hand_over, memos
from gongdao.flows.staff.hand_over import SayArgs, WriteArgs
from gongdao.flows.staff.memos import MemoArgs
from gongdao.flows.staff.today import lines_for, memos_today
from gongdao.flows.talk.presence import set_own_state
from gongdao.staff.book import Line
from gongdao.staff.days import day_of, moment
from gongdao.staff.shift import Shift
from gongdao.staff.shift_store import add_shifts, lock_team

HOUR = timedelta(hours=1)


async def put_on_duty(town: DeskTown, name: str) -> None:
    now, person = utc_now(), town.people[name].person_id
    shift = Shift(
        id=new_id(), person_id=person, name="Day shift", starts_at=now - HOUR, ends_at=now + HOUR
    )
    async with town.pool.acquire() as connection, connection.transaction():
        await lock_team(connection, town.shop_id)
        await add_shifts(connection, town.shop_id, [shift], by_id=person, now=now)


async def left_by(town: DeskTown, *notes: str) -> tuple[UUID, list[Line]]:
    """小安 serves a buyer, promises something, and goes."""
    await come_online(town, "小安")
    talk = await asks(town, "李梅", "冰箱不制冷了", ago=20)
    await says(town, "小安", talk, "给您补偿50元，2小时内给您回复处理结果", ago=10)
    args = WriteArgs(id=new_id(), words={f"talk:{talk}:0": "等厂家回复"}, notes=notes)
    lines = await hand_over.write_book(town.pool, town.people["小安"], args, now=utc_now())
    again = await hand_over.write_book(town.pool, town.people["小安"], args, now=utc_now())
    assert [line.id for line in again] == [line.id for line in lines]
    return talk, lines


@pytest.mark.fact("S0-48")
@pytest.mark.fact("S0-60")
async def test_what_is_open_is_collected_and_moves_once_it_is_accepted(town: DeskTown) -> None:
    talk, lines = await left_by(town, "明早顺丰来取件")
    kinds = [line.kind for line in lines]
    assert kinds == ["talk", "promise", "note"]
    assert lines[0].note == "等厂家回复" and "冰箱不制冷了" in lines[0].text
    pool, colleague = town.pool, town.people["小宝"]
    assert len(await lines_for(pool, town.shop_id, colleague.person_id)) == 3
    own = await refused(
        hand_over.accept_line(pool, town.people["小安"], lines[0].id, now=utc_now())
    )
    assert own.code == "not_your_turn"
    off = await refused(hand_over.accept_line(pool, colleague, lines[0].id, now=utc_now()))
    assert off.code == "not_your_turn"
    await put_on_duty(town, "小宝")
    # Not at the desk: the conversation cannot move, and so the line stays.
    away = await refused(hand_over.accept_line(pool, colleague, lines[0].id, now=utc_now()))
    assert away.code in ("not_found", "not_eligible")
    await come_online(town, "小宝")
    for line in lines:
        taken = await hand_over.accept_line(pool, colleague, line.id, now=utc_now())
        assert (taken.state, taken.taken_by) == ("accepted", colleague.person_id)
    moved = await load_conversation(pool, talk)
    assert moved and moved.agent_id == colleague.person_id
    assert await lines_for(pool, town.shop_id, colleague.person_id) == []
    twice = await refused(hand_over.accept_line(pool, colleague, lines[0].id, now=utc_now()))
    assert twice.code == "not_allowed_in_stage"


async def test_a_line_comes_back_with_a_question(town: DeskTown) -> None:
    _, lines = await left_by(town, "3号库的钥匙")
    note, pool = lines[-1], town.pool
    await put_on_duty(town, "小宝")
    asked = SayArgs(text="钥匙放在哪里？")
    await hand_over.send_back(pool, town.people["小宝"], note.id, asked, now=utc_now())
    writer = town.people["小安"]
    assert [each.id for each in await lines_for(pool, town.shop_id, writer.person_id)] == [note.id]
    early = await refused(hand_over.accept_line(pool, town.people["小宝"], note.id, now=utc_now()))
    assert early.code == "not_allowed_in_stage"
    strange = await refused(
        hand_over.answer_line(pool, town.people["小宝"], note.id, asked, now=utc_now())
    )
    assert strange.code == "not_found"
    answer = SayArgs(text="前台抽屉")
    await hand_over.answer_line(pool, writer, note.id, answer, now=utc_now())
    await hand_over.accept_line(pool, town.people["小宝"], note.id, now=utc_now())
    shelf = await hand_over.see_books(pool, writer, now=utc_now())
    assert [word.what for word in shelf.words[note.id]] == ["question", "answer", "accepted"]


async def test_what_is_left_without_a_word_stays_with_the_lead(town: DeskTown) -> None:
    await come_online(town, "小安")
    talk = await asks(town, "李梅", "在吗", ago=20)
    await says(town, "小安", talk, "您好", ago=10)
    await set_own_state(town.pool, town.people["小安"], "offline", now=utc_now())
    lead = await hand_over.see_books(town.pool, town.people["主管"], now=utc_now())
    agent = await hand_over.see_books(town.pool, town.people["小宝"], now=utc_now())
    assert [each.id for each in lead.loose] == [talk]
    assert agent.loose == []


async def test_a_night_that_ends_after_midnight_keeps_its_day(town: DeskTown) -> None:
    night_day = date(2026, 11, 20)
    person = town.people["小安"].person_id
    night = Shift(
        id=new_id(), person_id=person, name="Night shift", starts_at=moment(night_day, 1050),
        ends_at=moment(night_day, 1500), extends=True,
    )  # fmt: skip
    async with town.pool.acquire() as connection, connection.transaction():
        await lock_team(connection, town.shop_id)
        await add_shifts(connection, town.shop_id, [night], by_id=person, now=night.starts_at)
    at_one = moment(night_day, 1500)
    await hand_over.write_book(
        town.pool, town.people["小安"], WriteArgs(id=new_id(), notes=("关灯",)), now=at_one
    )
    shelf = await hand_over.see_books(town.pool, town.people["小安"], now=at_one)
    assert shelf.books[0].shift_id == night.id
    assert (night.day, day_of(shelf.books[0].written_at)) == (
        night_day,
        night_day + timedelta(days=1),
    )


@pytest.mark.fact("S0-60")
async def test_a_memo_is_its_writers_alone(town: DeskTown) -> None:
    who, other, now = town.people["小安"], town.people["老板"], utc_now()
    args = MemoArgs(id=new_id(), text="回访李梅", due_on=day_of(now))
    for _ in range(2):
        await memos.write_memo(town.pool, who, args, now=now)
    assert [memo.text for memo in await memos_today(town.pool, who.person_id, now=now)] == [
        "回访李梅"
    ]
    assert await memos.see_memos(town.pool, other) == []
    assert (await refused(memos.drop_memo(town.pool, other, args.id))).code == "not_found"
    await memos.finish_memo(town.pool, who, args.id, now=now)
    assert await memos_today(town.pool, who.person_id, now=now) == []
    await memos.drop_memo(town.pool, who, args.id)
    assert await memos.see_memos(town.pool, who) == []
