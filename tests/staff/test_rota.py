"""The rota: planned by leads, asked about by everybody, and never in contradiction with itself."""

from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec
import pytest
from tests.web.chat.desk_town import DeskTown
from tests.web.desk.window_town import asks, come_online

from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import say_refusal
from gongdao.base.ids import new_id
from gongdao.chat.store import close_conversation
from gongdao.flows.staff import requests
from gongdao.flows.staff.ends import end_shifts
from gongdao.flows.staff.requests import AnswerArgs, LeaveArgs, SwapArgs
from gongdao.flows.staff.rota import PlanArgs, Week, plan_shifts, see_week, take_off
from gongdao.flows.staff.today import leaves_to_decide, my_shift, swaps_to_answer, swaps_to_decide
from gongdao.staff.days import days_from, moment
from gongdao.staff.shift import Shift
from gongdao.staff.shift_store import add_shifts, lock_team, shifts_of

MONDAY = date(2026, 11, 16)
#: A Sunday noon before the week that is planned.
NOW = moment(date(2026, 11, 15), 12 * 60)
YES, NO = AnswerArgs(answer="yes"), AnswerArgs(answer="no", note="人手不够")


async def plan(
    town: DeskTown, name: str, *days: date, shift: str = "Day shift", now: datetime = NOW
) -> list[Shift]:
    args = PlanArgs(id=new_id(), person_id=town.people[name].person_id, days=days, name=shift)
    return await plan_shifts(town.pool, town.people["主管"], args, now=now)


async def week_of(town: DeskTown) -> Week:
    return await see_week(town.pool, town.people["小安"], MONDAY)


async def refused(awaitable: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await awaitable  # pyright: ignore
    return caught.value


@pytest.mark.fact("S0-60")
async def test_a_week_of_six_days_and_one_of_rest(town: DeskTown) -> None:
    await plan(town, "小安", *days_from(MONDAY, 6))
    await plan(town, "小宝", *days_from(MONDAY + timedelta(days=1), 6), shift="Night shift")
    week = await week_of(town)
    agent = town.people["小宝"].person_id
    (night,) = week.on(agent, MONDAY + timedelta(days=1))
    assert (night.hours, night.extends) == ("17:30–01:00", True)
    assert week.on(town.people["小安"].person_id, MONDAY + timedelta(days=6)) == []
    seventh = await refused(plan(town, "小安", MONDAY + timedelta(days=6)))
    assert seventh.code == "not_eligible"
    assert "2026-11-22" in say_refusal("zh", seventh)


async def test_shifts_that_overlap_are_refused_and_both_are_named(town: DeskTown) -> None:
    await plan(town, "小安", MONDAY)
    args = PlanArgs(
        id=new_id(), person_id=town.people["小安"].person_id,
        days=(MONDAY + timedelta(days=1), MONDAY), name="加班", starts="17:00", ends="20:00",
    )  # fmt: skip
    refusal = await refused(plan_shifts(town.pool, town.people["主管"], args, now=NOW))
    said = say_refusal("zh", refusal)
    assert all(word in said for word in ("小安", "加班", "17:00–20:00", "日班", "08:30–17:30"))
    # Nothing half-done: the other day of the same request was not planned either.
    assert len((await week_of(town)).shifts) == 1
    # And the database minds it, too, whoever writes.
    with pytest.raises(asyncpg.PostgresError, match="overlap"):
        await town.pool.execute(
            "INSERT INTO staff_shifts (id, shop_id, person_id, name, starts_at, ends_at, made_by,"
            " made_at) SELECT gen_random_uuid(), shop_id, person_id, 'x', starts_at, ends_at,"
            " made_by, made_at FROM staff_shifts"
        )


async def test_bad_input_is_refused_with_a_sentence(town: DeskTown) -> None:
    lead, agent = town.people["主管"], town.people["小安"]

    def args(**more: object) -> PlanArgs:
        fields = {"id": new_id(), "person_id": agent.person_id, "days": (MONDAY,), "name": "加班"}
        return PlanArgs(**fields | more)  # pyright: ignore

    before = await refused(
        plan_shifts(town.pool, lead, args(starts="18:00", ends="09:00"), now=NOW)
    )
    assert before.code == "invalid"
    too_long = args(starts="01:00", ends="20:00")
    assert (await refused(plan_shifts(town.pool, lead, too_long, now=NOW))).code == "invalid"
    assert (await refused(plan_shifts(town.pool, lead, args(), now=NOW))).code == "not_found"
    assert (await refused(plan_shifts(town.pool, agent, args(), now=NOW))).code == "wrong_role"
    far = args(days=(date(2028, 1, 1),))
    assert (await refused(plan_shifts(town.pool, lead, far, now=NOW))).code == "invalid"
    nobody = args(person_id=new_id(), name="Day shift")
    assert (await refused(plan_shifts(town.pool, lead, nobody, now=NOW))).code == "not_found"


async def test_sent_twice_it_is_planned_once(town: DeskTown) -> None:
    args = PlanArgs(
        id=new_id(), person_id=town.people["小安"].person_id, days=(MONDAY,), name="Day shift"
    )
    for _ in range(2):
        await plan_shifts(town.pool, town.people["主管"], args, now=NOW)
    (one,) = (await week_of(town)).shifts
    await take_off(town.pool, town.people["主管"], one.id, now=NOW)
    assert (await week_of(town)).shifts == []


async def ask_leave(town: DeskTown, name: str, first: date, last: date) -> UUID:
    args = LeaveArgs(id=new_id(), from_day=first, until_day=last, why="回家")
    return (await requests.ask_leave(town.pool, town.people[name], args, now=NOW)).id


async def test_leave_is_granted_and_the_shifts_come_off(town: DeskTown) -> None:
    await plan(town, "小安", *days_from(MONDAY, 3))
    leave = await ask_leave(town, "小安", MONDAY + timedelta(days=1), MONDAY + timedelta(days=1))
    assert [each.id for each in await leaves_to_decide(town.pool, town.people["主管"], {})] == [
        leave
    ]
    lead, agent = town.people["主管"], town.people["小安"]
    assert (await refused(requests.decide_leave(town.pool, agent, leave, YES, now=NOW))).code == (
        "wrong_role"
    )
    silent = AnswerArgs(answer="no")
    assert (await refused(requests.decide_leave(town.pool, lead, leave, silent, now=NOW))).code == (
        "reason_required"
    )
    await requests.decide_leave(town.pool, lead, leave, YES, now=NOW)
    week = await week_of(town)
    assert [each.day for each in week.shifts] == [MONDAY, MONDAY + timedelta(days=2)]
    assert week.away(agent.person_id, MONDAY + timedelta(days=1))
    assert (await refused(plan(town, "小安", MONDAY + timedelta(days=1)))).code == "not_eligible"
    again = await refused(requests.decide_leave(town.pool, lead, leave, NO, now=NOW))
    assert again.code == "not_allowed_in_stage"


async def test_leave_is_refused_with_a_reason_and_asked_for_once(town: DeskTown) -> None:
    leave = await ask_leave(town, "小安", MONDAY, MONDAY)
    assert (await refused(ask_leave(town, "小安", MONDAY, MONDAY))).code == "duplicate"
    wrong = await refused(ask_leave(town, "小宝", MONDAY + timedelta(days=1), MONDAY))
    assert wrong.code == "invalid"
    answered = await requests.decide_leave(town.pool, town.people["主管"], leave, NO, now=NOW)
    assert (answered.answer, answered.note) == ("refused", "人手不够")


async def swap_of(town: DeskTown) -> tuple[UUID, Shift, Shift]:
    (first,) = await plan(town, "小安", MONDAY)
    (other,) = await plan(town, "小宝", MONDAY + timedelta(days=1), shift="Night shift")
    args = SwapArgs(
        id=new_id(), shift_id=first.id, to_id=town.people["小宝"].person_id, other_shift_id=other.id
    )
    swap = await requests.propose_swap(town.pool, town.people["小安"], args, now=NOW)
    return swap.id, first, other


async def test_two_swap_once_both_and_a_lead_agree(town: DeskTown) -> None:
    swap, first, other = await swap_of(town)
    lead, agent, colleague = (town.people[name] for name in ("主管", "小安", "小宝"))
    assert len(await swaps_to_answer(town.pool, colleague.person_id)) == 1
    early = await refused(requests.decide_swap(town.pool, lead, swap, YES, now=NOW))
    assert early.code == "too_early"
    own = await refused(requests.answer_swap(town.pool, agent, swap, YES, now=NOW))
    assert own.code == "not_your_turn"
    await requests.answer_swap(town.pool, colleague, swap, YES, now=NOW)
    assert [each.id for each in await swaps_to_decide(town.pool, lead, {})] == [swap]
    # Who agreed to swap a shift works it: leave on that day is refused.
    blocked = await refused(
        ask_leave(town, "小宝", MONDAY + timedelta(days=1), MONDAY + timedelta(days=2))
    )
    assert blocked.code == "not_eligible"
    await requests.decide_swap(town.pool, lead, swap, YES, now=NOW)
    week = await week_of(town)
    assert [each.id for each in week.on(colleague.person_id, MONDAY)] == [first.id]
    assert [each.id for each in week.on(agent.person_id, MONDAY + timedelta(days=1))] == [other.id]
    blocked = await refused(ask_leave(town, "小宝", MONDAY, MONDAY))
    assert "日班" in say_refusal("zh", blocked)


async def test_a_lead_does_not_decide_on_their_own_swap(town: DeskTown) -> None:
    owner, lead, agent = (town.people[name] for name in ("老板", "主管", "小安"))
    (shift,) = await plan(town, "主管", MONDAY)
    args = SwapArgs(id=new_id(), shift_id=shift.id, to_id=agent.person_id)
    swap = (await requests.propose_swap(town.pool, lead, args, now=NOW)).id
    await requests.answer_swap(town.pool, agent, swap, YES, now=NOW)
    own = await refused(requests.decide_swap(town.pool, lead, swap, YES, now=NOW))
    assert own.code == "wrong_role"
    assert say_refusal("zh", own) == "您自己的申请由其他主管处理。"
    assert [each.id for each in (await week_of(town)).on(lead.person_id, MONDAY)] == [shift.id]
    await requests.decide_swap(town.pool, owner, swap, YES, now=NOW)
    assert [each.id for each in (await week_of(town)).on(agent.person_id, MONDAY)] == [shift.id]


async def test_a_swap_that_would_overlap_is_refused(town: DeskTown) -> None:
    (first,) = await plan(town, "小安", MONDAY)
    await plan(town, "小宝", MONDAY)
    args = SwapArgs(id=new_id(), shift_id=first.id, to_id=town.people["小宝"].person_id)
    refusal = await refused(requests.propose_swap(town.pool, town.people["小安"], args, now=NOW))
    assert refusal.code == "not_eligible"


async def test_a_declined_or_withdrawn_swap_leaves_the_rota(town: DeskTown) -> None:
    swap, first, _ = await swap_of(town)
    await requests.answer_swap(town.pool, town.people["小宝"], swap, NO, now=NOW)
    args = SwapArgs(id=new_id(), shift_id=first.id, to_id=town.people["小宝"].person_id)
    # Given away for nothing: two shifts in a row, but at different times.
    again = await requests.propose_swap(town.pool, town.people["小安"], args, now=NOW)
    twice = SwapArgs(id=new_id(), shift_id=first.id, to_id=town.people["主管"].person_id)
    assert (
        await refused(requests.propose_swap(town.pool, town.people["小安"], twice, now=NOW))
    ).code == "duplicate"
    await requests.withdraw_swap(town.pool, town.people["小安"], again.id, now=NOW)
    assert (await week_of(town)).on(town.people["小安"].person_id, MONDAY)


@pytest.mark.fact("S0-60")
async def test_a_night_goes_on_while_customers_ask(town: DeskTown) -> None:
    now, agent = utc_now(), town.people["小安"].person_id
    hour = timedelta(hours=1)
    night = Shift(
        id=new_id(), person_id=agent, name="Night shift", starts_at=now - hour, ends_at=now + hour,
        extends=True,
    )  # fmt: skip
    day = msgspec.structs.replace(
        night, id=new_id(), person_id=town.people["小宝"].person_id, extends=False
    )
    async with town.pool.acquire() as connection, connection.transaction():
        await lock_team(connection, town.shop_id)
        await add_shifts(connection, town.shop_id, [night, day], by_id=agent, now=now)
    await come_online(town, "小安")
    talk = await asks(town, "李梅", "还在吗？")
    late = now + 2 * hour
    assert await end_shifts(town.pool, late) == 1
    assert (await shifts_of(town.pool, day.person_id, now - hour, late))[0].ended_at == day.ends_at
    assert await my_shift(town.pool, agent, now=late) == night
    await close_conversation(town.pool, talk, by="agent", now=late)
    assert await end_shifts(town.pool, late + hour) == 1
    (ended,) = await shifts_of(town.pool, agent, now - hour, late)
    assert ended.ended_at == late
    assert await my_shift(town.pool, agent, now=late + hour) is None
