"""The figures of a desk: counted by hand, and the same by every way of looking at them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.chat.body import Body, Kind, Note, OrderCard, Recall, Text
from gongdao.chat.figures import (
    Figures,
    Period,
    days_until,
    filled_days,
    read_figures,
    read_total,
)
from gongdao.chat.message import Author, Saying, own_line
from gongdao.chat.store import (
    Opening,
    close_conversation,
    invite,
    keep_grade,
    open_conversation,
    say,
)

#: 10:00 in Shanghai.
NOON = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
PERIOD = days_until(NOON, days=2)


class Desk:
    def __init__(self, pool: Pool) -> None:
        self.pool, self.shop = pool, new_id()
        self.anna, self.bob = uuid4(), uuid4()

    async def open(self, at: datetime, **more: Any) -> UUID:
        opening = Opening(id=new_id(), shop_id=self.shop, buyer_id=new_id(), **more)
        return (await open_conversation(self.pool, opening, now=at))[0].id

    async def say(
        self, talk: UUID, author: Author, by: UUID, at: datetime, kind: Kind = "text",
        body: Body | None = None,
    ) -> None:  # fmt: skip
        client_id = uuid4()
        saying = Saying(
            conversation_id=talk,
            client_id=client_id,
            author=author,
            author_id=by,
            kind=kind,
            body=body or Text(text="字"),
            at=at,
        )
        assert (await say(self.pool, saying)).outcome == "said"

    async def round(
        self, asked: datetime, *took_s: float | None, by: UUID | None = None, **more: Any
    ) -> UUID:
        """A conversation with one question for each time that its answer took."""
        talk, at = await self.open(asked, **more), asked
        for seconds in took_s:
            await self.say(talk, "buyer", uuid4(), at)
            if seconds is not None:
                at += timedelta(seconds=seconds)
                await self.say(talk, "shop", by or self.anna, at)
                at += timedelta(seconds=1)
        return talk

    async def total(self, now: datetime) -> Figures:
        return await read_total(self.pool, self.shop, PERIOD, now=now)


@pytest.fixture
async def desk(pool: Pool) -> Desk:
    return Desk(pool)


async def test_counted_by_hand(desk: Desk) -> None:
    await desk.round(NOON, 10, 30, 180, by=desk.anna)
    await desk.round(NOON, 31, 181, by=desk.bob)
    never = await desk.round(NOON, None)
    night = NOON + timedelta(hours=13)  # 23:00 in Shanghai
    await desk.round(night, 900, by=desk.bob)
    now = night + timedelta(hours=1)
    found = await desk.total(now)
    assert (found.talks, found.served, found.unserved) == (4, 3, 1)
    assert (found.rounds, found.answered) == (7, 6)
    assert (found.soon, found.due_soon) == (4, 6), "what was asked at 23:00 does not count"
    assert (found.at_once, found.due_at_once) == (2, 6)
    assert found.three_minutes == 4 / 6
    assert found.average_s == (10 + 30 + 180 + 31 + 181 + 900) / 6
    assert found.first_average_s == (10 + 31 + 900) / 3
    assert found.median_s == (31 + 180) / 2
    assert found.not_served == 1 / 4
    await close_conversation(desk.pool, never, by="agent", now=now)
    assert await desk.total(now) == found, "closed, it stays unanswered"


async def test_a_question_counts_once_it_has_waited_too_long(desk: Desk) -> None:
    await desk.round(NOON, None)
    for seconds, due in ((29, (0, 0)), (31, (1, 0)), (179, (1, 0)), (181, (1, 1))):
        found = await desk.total(NOON + timedelta(seconds=seconds))
        assert (found.due_at_once, found.due_soon) == due, seconds
        assert found.unserved == due[1]


async def test_the_first_and_the_last_instant_of_the_hours(desk: Desk) -> None:
    eight = NOON - timedelta(hours=2)
    eleven = NOON + timedelta(hours=13)
    for asked, counts in (
        (eight - timedelta(microseconds=1), 0),
        (eight, 1),
        (eleven - timedelta(microseconds=1), 2),
        (eleven, 2),
    ):
        await desk.round(asked, 5)
        assert (await desk.total(NOON + timedelta(days=1))).due_soon == counts


async def test_every_way_of_looking_adds_up(desk: Desk) -> None:
    await desk.round(NOON, 10, 400, by=desk.anna)
    await desk.round(NOON + timedelta(hours=3), 20, by=desk.bob)
    await desk.round(NOON - timedelta(days=1), None, 700)
    now = NOON + timedelta(days=1)
    total = await desk.total(now)
    for by in ("agent", "group", "hour", "day"):
        lines = await read_figures(desk.pool, desk.shop, PERIOD, by=by, now=now)
        for name in ("talks", "rounds", "answered", "soon", "due_soon", "at_once", "unserved"):
            added = sum(getattr(line, name) for line in lines)
            assert added == getattr(total, name), (by, name)
        assert abs(sum(line.took_s for line in lines) - total.took_s) < 0.001
    hours = await read_figures(desk.pool, desk.shop, PERIOD, by="hour", now=now)
    assert {line.key for line in hours} == {"10", "13"}
    agents = await read_figures(desk.pool, desk.shop, PERIOD, by="agent", now=now)
    assert {str(desk.anna), str(desk.bob)} <= {line.key for line in agents}


async def test_a_first_answer_is_the_first_of_the_talk_however_long_one_looks_back(
    desk: Desk,
) -> None:
    """A talk over midnight: today alone, and today as a line of two days, say the same."""
    talk = await desk.round(NOON - timedelta(days=1), 10)
    await desk.say(talk, "buyer", uuid4(), NOON)
    await desk.say(talk, "shop", desk.anna, NOON + timedelta(seconds=50))
    now = NOON + timedelta(hours=1)
    whole = await read_figures(desk.pool, desk.shop, PERIOD, by="day", now=now)
    today = await read_total(desk.pool, desk.shop, days_until(NOON, days=1), now=now)
    assert (today.first_answered, today.first_average_s) == (0, None)
    assert (today.rounds, today.average_s) == (whole[-1].rounds, 50)
    assert [line.first_answered for line in whole] == [1, 0]


async def test_letters_and_the_talks_of_cases_are_not_timed(desk: Desk) -> None:
    """The marketplaces time a chat. A letter is served by an answer whenever it comes."""
    await desk.round(NOON, 10)
    await desk.round(NOON, 4_000, channel="mail")
    waits = await desk.round(NOON, None, channel="mail")
    await desk.round(NOON, 500, None, case_id=new_id())
    now = NOON + timedelta(hours=2)
    found = await desk.total(now)
    assert (found.rounds, found.due_soon, found.soon, found.average_s) == (1, 1, 1, 10)
    assert (found.talks, found.served, found.unserved) == (3, 2, 0)
    await close_conversation(desk.pool, waits, by="agent", now=now)
    assert (await desk.total(now)).unserved == 1


async def test_a_run_of_lines_is_one_question_and_cards_and_notes_no_answer(desk: Desk) -> None:
    """What the buyer says in three lines waits from the first; a line taken back was asked."""
    talk = await desk.open(NOON)
    for seconds in (0, 20, 40):
        await desk.say(talk, "buyer", desk.anna, NOON + timedelta(seconds=seconds))
    await desk.say(talk, "buyer", desk.anna, NOON + timedelta(seconds=50), "recall", Recall(seq=1))
    note = Note(text="问过仓库")
    await desk.say(talk, "shop", desk.bob, NOON + timedelta(seconds=60), "note", note)
    card = OrderCard(order_id=new_id())
    await desk.say(talk, "shop", desk.bob, NOON + timedelta(seconds=70), "order", card)
    own = own_line(talk, "greeting", once="1", at=NOON + timedelta(seconds=80))
    await say(desk.pool, own)
    await desk.say(talk, "shop", desk.bob, NOON + timedelta(seconds=180))
    found = await desk.total(NOON + timedelta(hours=1))
    assert (found.rounds, found.answered, found.soon, found.average_s) == (1, 1, 1, 180)


async def test_grades(desk: Desk) -> None:
    for grade in (5, 4, 2, None):
        talk = await desk.round(NOON, 10)
        await close_conversation(desk.pool, talk, by="agent", now=NOON)
        await invite(desk.pool, talk, now=NOON)
        if grade:
            await keep_grade(desk.pool, talk, grade, now=NOON)
    found = await desk.total(NOON + timedelta(hours=1))
    assert (found.invited, found.graded, found.grade) == (4, 3, 11 / 3)
    assert found.content_share == 2 / 3


async def test_other_shops_and_other_days_do_not_count(desk: Desk) -> None:
    await desk.round(NOON, 10)
    await desk.round(NOON - timedelta(days=5), 10)
    stranger = Desk(desk.pool)
    assert await stranger.total(NOON) == Figures()
    assert (await desk.total(NOON + timedelta(hours=1))).talks == 1


@given(st.integers(0, 2_000_000), st.integers(1, 100))
def test_a_period_is_whole_days_and_has_a_line_for_each(minutes: int, days: int) -> None:
    moment = NOON + timedelta(minutes=minutes)
    period: Period = days_until(moment, days=days)
    assert period.since <= moment < period.until
    assert period.until - period.since == timedelta(days=days)
    lines = filled_days([], period)
    assert len({line.key for line in lines}) == len(lines) == days


def test_nothing_is_no_share() -> None:
    empty = Figures()
    assert empty.three_minutes is None and empty.grade is None and empty.not_served is None
