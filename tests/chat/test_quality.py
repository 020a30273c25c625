"""Conversations that are judged: which are found, how they score, who may judge and object."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.web.chat.desk_town import DeskTown, build_desk_town

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.chat.figures import Period
from gongdao.chat.quality.check import Mark, score_of
from gongdao.chat.quality.promise import Facts, Paid, Promise, standing_of
from gongdao.chat.store import close_conversation
from gongdao.flows.talk.open_talk import Wish, open_talk
from gongdao.flows.talk.quality import (
    CheckArgs,
    MarkArgs,
    form_of,
    judge_talk,
    marks_of_desk,
    object_to_check,
    own_checks,
    save_form,
    see_checks,
)
from gongdao.flows.talk.quality_list import find_talks, week_of
from gongdao.flows.talk.say import ToSay, say_in_talk
from gongdao.settings.setting import FormItem, QualityForm

#: Tuesday, 10:00 in Shanghai.
TUESDAY = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
WEEK = week_of(TUESDAY)
MINUTE = timedelta(minutes=1)
FULL = tuple(MarkArgs(item=item.code, points=10) for item in QualityForm().items)


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    return await build_desk_town(pool)


async def talk_over(
    town: DeskTown,
    *said: str,
    by: str = "小安",
    after: timedelta = MINUTE,
    at: datetime = TUESDAY,
    is_over: bool = True,
) -> UUID:
    """A conversation in which the buyer asks and somebody says these things."""
    buyer = town.people["李梅"].person_id
    wish = Wish(shop_id=town.shop_id)
    talk, _ = await open_talk(town.pool, buyer, wish, conversation_id=new_id(), now=at)
    await says(town, "李梅", talk.id, "在吗", at)
    for text in said:
        await says(town, by, talk.id, text, at + after)
    if is_over:
        await close_conversation(town.pool, talk.id, by="agent", now=at + after + MINUTE)
    return talk.id


async def says(town: DeskTown, name: str, talk: UUID, text: str, at: datetime) -> None:
    sent = ToSay(conversation_id=talk, client_id=uuid4(), body={"text": text})
    await say_in_talk(town.pool, town.people[name], sent, now=at)


async def reasons(town: DeskTown, now: datetime = TUESDAY + 60 * MINUTE) -> dict[UUID, set[str]]:
    found = await find_talks(town.pool, town.people["主管"], WEEK, now=now)
    return {talk.id: set(talk.reasons) for talk in found}


async def refusal(code: str, awaited: object) -> None:
    with pytest.raises(Refusal) as refused:
        await awaited  # pyright: ignore
    assert refused.value.code == code


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(1, 100), st.integers(1, 100)), min_size=1)
)
def test_a_score_lies_between_nothing_and_a_hundred(given: list[tuple[int, int, int]]) -> None:
    marks = [
        Mark(item="x", points=min(points, most), most=most, weight=weight)
        for points, most, weight in given
    ]
    assert 0 <= score_of(marks, ()) <= 100
    assert score_of(marks, ("insult",)) == 0
    full = [Mark(item="x", points=m.most, most=m.most, weight=m.weight) for m in marks]
    assert score_of(full, ()) == 100


def test_scores_by_hand() -> None:
    half = Mark(item="x", points=5, most=10, weight=1)
    assert score_of([half], ()) == 50
    assert score_of([half, Mark(item="y", points=10, most=10, weight=3)], ()) == 88  # 87.5


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 500)), max_size=6), st.integers(0, 9))
def test_a_promise_is_in_one_state_and_goes_no_way_back(
    paid: list[tuple[int, int]], due: int
) -> None:
    ordered = [Paid(TUESDAY + hour * 60 * MINUTE, fen) for hour, fen in sorted(paid)]
    promise = Promise(what="refund", words="退", amount_fen=700, due_at=TUESDAY + due * 60 * MINUTE)
    allowed = {"open": {"open", "kept", "broken", "late"}, "broken": {"broken", "late"}}
    before = "open"
    for hour in range(12):
        now = TUESDAY + hour * 60 * MINUTE
        facts = Facts(paid=tuple(each for each in ordered if each.at <= now))
        state = standing_of(promise, facts, now=now).state
        if hour:
            assert state in allowed.get(before, {before})
        before = state
    enough = sum(fen for _, fen in paid) >= 700
    assert (before in ("kept", "late")) == enough


async def test_what_is_found_and_why(town: DeskTown) -> None:
    fine = await talk_over(town, "在的")
    slow = await talk_over(town, "在的", after=4 * MINUTE, at=TUESDAY - 60 * MINUTE)
    at_night = await talk_over(
        town, "在的", after=4 * MINUTE, at=TUESDAY.replace(hour=20) - timedelta(days=1)
    )
    letter = await talk_over(town, "在的", after=4 * MINUTE, at=TUESDAY - 30 * MINUTE)
    await town.pool.execute("UPDATE chat_conversations SET channel = 'mail' WHERE id = $1", letter)
    graded = await talk_over(town, "在的")
    await town.pool.execute(
        "UPDATE chat_conversations SET grade = 2, graded_at = $2 WHERE id = $1", graded, TUESDAY
    )
    promised = await talk_over(town, "2小时内给您回复")
    warned = await talk_over(town, "加我微信聊")
    unserved = await talk_over(town)
    await town.pool.execute(
        "UPDATE chat_conversations SET agent_id = $2 WHERE id = $1",
        unserved,
        town.people["小宝"].person_id,
    )
    handed = await talk_over(town, "在的")
    for _ in range(2):
        await town.pool.execute(
            "INSERT INTO chat_routings (conversation_id, shop_id, at, why, details)"
            " VALUES ($1, $2, $3, 'handed_over', '{}')",
            handed,
            town.shop_id,
            TUESDAY,
        )
    found = await reasons(town, now=TUESDAY + timedelta(days=4))
    assert not {fine, at_night, letter} & set(found)
    assert found == {
        slow: {"slow"},
        graded: {"low_grade"},
        promised: {"promise_broken"},
        warned: {"warned"},
        unserved: {"not_served"},
        handed: {"handed_over"},
    }
    await refusal("wrong_role", find_talks(town.pool, town.people["小安"], WEEK, now=TUESDAY))


async def test_a_case_soon_after_a_conversation(town: DeskTown) -> None:
    talk = await talk_over(town, "在的")
    over = TUESDAY + 2 * MINUTE
    for opened_at, finds in ((over + timedelta(hours=24, seconds=1), 0), (over + MINUTE, 1)):
        await town.pool.execute(
            "INSERT INTO cases (id, order_id, shop_id, buyer_id, opened_at, head, state)"
            " VALUES ($1, $1, $2, $3, $4, '', $5)",
            new_id(),
            town.shop_id,
            town.people["李梅"].person_id,
            opened_at,
            b'{"version": 1, "procedure": "after_sale", "kind": "refund_only"}',
        )
        found = await reasons(town, now=TUESDAY + timedelta(days=3))
        assert found == ({talk: {"case_opened"}} if finds else {})


async def test_lots_are_drawn_once_a_week_is_over(town: DeskTown) -> None:
    talks = {
        await talk_over(town, "在的", by=name, at=TUESDAY + n * 10 * MINUTE)
        for n, name in enumerate(["小安"] * 6 + ["小宝"] * 2)
    }
    assert await reasons(town) == {}
    later = TUESDAY + timedelta(days=7)
    drawn = await reasons(town, now=later)
    assert len(drawn) == 5 and drawn.keys() <= talks
    assert await reasons(town, now=later + timedelta(days=30)) == drawn
    lead = town.people["主管"]
    other = QualityForm(per_week=1, seed="二")
    await save_form(town.pool, lead, other, seen=0, reason="less", now=later)
    assert len(await reasons(town, now=later)) == 2
    assert await find_talks(town.pool, lead, week_of(TUESDAY, ago=1), now=later) == []


async def test_a_judgement_its_objection_and_its_correction(town: DeskTown) -> None:
    lead, agent = town.people["主管"], town.people["小安"]
    talk = await talk_over(town, "在的", after=4 * MINUTE)
    now, key = TUESDAY + 60 * MINUTE, new_id()
    marks = (MarkArgs(item="greeting", points=0, remark="没有问候", seq=2), *FULL[1:])
    args = CheckArgs(marks=marks)
    await refusal("not_found", see_checks(town.pool, agent, talk))
    check = await judge_talk(town.pool, lead, talk, args, check_id=key, now=now)
    assert check == await judge_talk(town.pool, lead, talk, args, check_id=key, now=now)
    assert (check.score, check.agent_id) == (92, agent.person_id)  # 11 of 12 weights
    await refusal(
        "version_conflict", judge_talk(town.pool, lead, talk, args, check_id=new_id(), now=now)
    )
    seen = await see_checks(town.pool, agent, talk)
    assert seen.checks[0].marks[0].remark == "没有问候"
    await refusal("not_found", see_checks(town.pool, town.people["小宝"], talk))
    await refusal("not_found", see_checks(town.pool, town.people["李梅"], talk))
    await refusal("not_found", object_to_check(town.pool, lead, talk, "不对", now=now))
    await refusal("reason_required", object_to_check(town.pool, agent, talk, " ", now=now))
    await object_to_check(town.pool, agent, talk, "有自动问候语", now=now)
    await refusal("duplicate", object_to_check(town.pool, agent, talk, "真的", now=now))
    again = CheckArgs(marks=FULL, replaces=check.id)
    await refusal(
        "reason_required", judge_talk(town.pool, lead, talk, again, check_id=new_id(), now=now)
    )
    again = CheckArgs(marks=FULL, replaces=check.id, remark="确有自动问候")
    await judge_talk(town.pool, lead, talk, again, check_id=new_id(), now=now + MINUTE)
    seen = await see_checks(town.pool, lead, talk)
    assert [each.score for each in seen.checks] == [100, 92]
    assert seen.objection and seen.objection.text == "有自动问候语"
    period = Period(TUESDAY, TUESDAY + timedelta(days=1))
    (own,) = await own_checks(town.pool, agent, period)
    assert (own.score, own.objected) == (100, True)
    for statement in ("UPDATE chat_checks SET score = 1", "DELETE FROM chat_objections"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await town.pool.execute(statement)


async def test_who_judges_what(town: DeskTown) -> None:
    lead, now = town.people["主管"], TUESDAY + 60 * MINUTE
    args = CheckArgs(marks=FULL)

    async def judge(talk: UUID, args: CheckArgs = args, name: str = "主管") -> None:
        who = town.people[name]
        await judge_talk(town.pool, who, talk, args, check_id=new_id(), now=now)

    own = await talk_over(town, "在的", by="主管")
    await refusal("not_eligible", judge(own))
    await judge(own, name="老板")
    nobody = await talk_over(town)
    await refusal("not_eligible", judge(nobody))
    talk = await talk_over(town, "在的")
    for name, code in (("小宝", "wrong_role"), ("李梅", "wrong_role"), ("仲裁员", "wrong_role")):
        await refusal(code, judge(talk, name=name))
    wrong = (
        CheckArgs(marks=FULL[1:]),
        CheckArgs(marks=(*FULL, FULL[0])),
        CheckArgs(marks=(MarkArgs(item="greeting", points=11), *FULL[1:])),
        CheckArgs(marks=(MarkArgs(item="greeting", points=1, seq=99), *FULL[1:])),
        CheckArgs(marks=FULL, fatal=("unknown",)),
    )
    for each in wrong:
        await refusal("invalid", judge(talk, each))
    form = QualityForm(items=(FormItem(code="greeting"), FormItem(code="greeting")))
    saving = save_form(town.pool, lead, form, seen=0, reason="x", now=now)
    await refusal("invalid", saving)
    await judge(talk, CheckArgs(marks=FULL, fatal=("insult", "insult")))
    running = await talk_over(town, "在的", is_over=False)
    await refusal("not_allowed_in_stage", judge(running))


async def test_figures_per_agent_and_item(town: DeskTown) -> None:
    now = TUESDAY + 60 * MINUTE
    poor = (MarkArgs(item="greeting", points=5), *FULL[1:])
    for marks, by, fatal in ((FULL, "小安", ()), (poor, "小安", ()), (FULL, "小宝", ("insult",))):
        talk = await talk_over(town, "在的", by=by)
        args = CheckArgs(marks=marks, fatal=fatal)
        who = town.people["主管"]
        await judge_talk(town.pool, who, talk, args, check_id=new_id(), now=now)
    period = Period(TUESDAY, now + MINUTE)
    worst, best = await marks_of_desk(town.pool, town.people["主管"], period)
    assert (worst.checks, worst.mean, worst.fatal) == (1, 0, 1)
    assert (best.checks, best.mean) == (2, 98)  # 100 and 96
    shares = {item.item: item.share for item in best.items}
    assert shares["greeting"] == 0.75 and shares["closing"] == 1
    (own,) = await marks_of_desk(town.pool, town.people["小安"], period)
    assert own == best
    assert (await form_of(town.pool, town.people["主管"])).value == QualityForm()
