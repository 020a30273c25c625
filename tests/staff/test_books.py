"""Commission, house rules, the fund and the report, on a real database."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from tests.flows.market import place_order
from tests.staff.test_rota import refused
from tests.web.chat.desk_town import DeskTown

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.flows.staff import commission, fund, house_rules, people, week_report
from gongdao.flows.staff.fund import CorrectionArgs, EntryArgs
from gongdao.flows.staff.house_rules import ContestArgs, DecisionArgs, MarkArgs
from gongdao.flows.staff.people import MentorArgs, PassedArgs, ProfileArgs, TrainingArgs
from gongdao.flows.staff.rules import save_rules
from gongdao.flows.staff.week_report import WordsArgs
from gongdao.settings.team import CommissionRules, HouseRules
from gongdao.shops.order import Line
from gongdao.shops.remark import Remark
from gongdao.shops.remark_store import add_remark
from gongdao.staff.days import day_of, moment, monday_of
from gongdao.staff.shift_store import join_team

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
EARLY_NOVEMBER, DECEMBER = moment(date(2026, 11, 2), 600), moment(date(2026, 12, 2), 600)


async def sell(
    town: DeskTown, agent: str | None, fen: int, *, at: datetime, category: str = ""
) -> UUID:
    order = await place_order(
        town.market, paid_at=at, freight_fen=0,
        lines=(Line(line=1, title="x", price_fen=fen, category=category),),
    )  # fmt: skip
    if agent:
        remark = Remark(
            order_id=order.id, flag="red", agent_id=town.people[agent].person_id, reason="成交",
            by_id=town.people[agent].person_id, at=at,
        )  # fmt: skip
        async with town.pool.acquire() as connection, connection.transaction():
            await add_remark(connection, remark, shop_id=town.shop_id, key=None)
    return order.id


async def set_rates(town: DeskTown, rates: CommissionRules) -> None:
    await save_rules(
        town.pool, town.people["老板"], rates, seen=0, reason="按合同", now=EARLY_NOVEMBER
    )


@pytest.mark.fact("S0-63")
async def test_a_month_adds_up_and_a_later_refund_goes_into_the_next(town: DeskTown) -> None:
    await set_rates(town, CommissionRules(rate_bp=150, groups={"lamp": 300}))
    at = datetime(2026, 10, 5, 4, tzinfo=UTC)
    first = await sell(town, "小安", 33_333, at=at)
    await sell(town, "小安", 9_999, at=at, category="lamp")
    await sell(town, "小宝", 101, at=at)
    missing = await sell(town, None, 500_000, at=at)
    lead, agent, pool = town.people["主管"], town.people["小安"], town.pool
    early = await refused(commission.close_month(pool, lead, OCTOBER, now=at))
    assert early.code == "too_early"
    assert (
        await refused(commission.close_month(pool, agent, OCTOBER, now=DECEMBER))
    ).code == "wrong_role"
    shown = await commission.see_month(pool, lead, OCTOBER, now=EARLY_NOVEMBER)
    assert shown.total_fen == 500 + 300 + 2 == sum(line.amount_fen for line in shown.lines)
    (nobodys,) = [line for line in shown.lines if line.person_id is None]
    assert (nobodys.order_id, nobodys.why, nobodys.amount_fen) == (missing, "no_remark", 0)
    closed = await commission.close_month(pool, lead, OCTOBER, now=EARLY_NOVEMBER)
    assert closed.total_fen == shown.total_fen
    await pool.execute("UPDATE orders SET refunded_fen = 13333 WHERE id = $1", first)
    frozen = await commission.see_month(pool, lead, OCTOBER, now=DECEMBER)
    assert (frozen.total_fen, len(frozen.lines)) == (shown.total_fen, 4)
    own = await commission.see_month(pool, agent, OCTOBER, now=DECEMBER)
    assert {line.person_id for line in own.lines} == {agent.person_id}
    assert own.total_fen == 800
    november = await commission.see_month(pool, lead, NOVEMBER, now=DECEMBER)
    (correction,) = november.lines
    assert (correction.kind, correction.order_id, correction.amount_fen) == (
        "correction",
        first,
        -200,
    )
    await commission.close_month(pool, lead, NOVEMBER, now=DECEMBER)
    # Taken back once: the next month has nothing more to correct, and the past stays as it is.
    december = await commission.see_month(pool, lead, date(2026, 12, 1), now=DECEMBER)
    assert december.lines == []
    assert (
        await refused(commission.close_month(pool, lead, OCTOBER, now=DECEMBER))
    ).code == "not_eligible"
    with pytest.raises(asyncpg.RestrictViolationError):
        await pool.execute("UPDATE staff_month_lines SET amount_fen = 0")


async def test_no_month_between_two_that_are_closed_is_passed_over(town: DeskTown) -> None:
    lead, pool = town.people["主管"], town.pool
    await commission.close_month(pool, lead, date(2026, 9, 1), now=DECEMBER)
    over = await refused(commission.close_month(pool, lead, NOVEMBER, now=DECEMBER))
    assert over.code == "not_eligible"
    await commission.close_month(pool, lead, OCTOBER, now=DECEMBER)
    await commission.close_month(pool, lead, NOVEMBER, now=DECEMBER)


@pytest.mark.fact("S0-67")
async def test_the_mentor_of_the_fastest_stands_in_the_month(town: DeskTown) -> None:
    lead, pool = town.people["主管"], town.pool
    args = MentorArgs(
        id=new_id(), mentor_id=lead.person_id, trainee_id=town.people["小宝"].person_id,
        began_on=date(2026, 10, 1),
    )  # fmt: skip
    await people.begin_mentoring(pool, lead, args, now=EARLY_NOVEMBER)
    passed = PassedArgs(passed_on=date(2026, 10, 12))
    await people.end_mentoring(pool, lead, args.id, passed, now=EARLY_NOVEMBER)
    month = await commission.see_month(pool, lead, OCTOBER, now=EARLY_NOVEMBER)
    (line,) = month.lines
    assert (line.kind, line.person_id, line.amount_fen) == ("mentor", lead.person_id, 15_000)


@pytest.mark.fact("S0-65")
@pytest.mark.fact("S0-62")
async def test_house_rules_are_off_until_the_owner_turns_them_on(town: DeskTown) -> None:
    pool, owner, lead, agent = town.pool, *(town.people[n] for n in ("老板", "主管", "小安"))
    now = utc_now()

    def mark(rule: str = "complaint") -> MarkArgs:
        return MarkArgs(
            id=new_id(),
            person_id=agent.person_id,
            rule=rule,
            happened_on=day_of(now),
            text="客户投诉",
        )

    assert (
        await refused(house_rules.note_mark(pool, lead, mark(), now=now))
    ).code == "not_eligible"
    on = HouseRules(on=True)
    denied = await refused(save_rules(pool, lead, on, seen=0, reason="试行", now=now))
    assert denied.code == "wrong_role"
    await save_rules(pool, owner, on, seen=0, reason="试行", now=now)
    noted = [await house_rules.note_mark(pool, lead, mark(), now=now) for _ in range(3)]
    await house_rules.note_mark(pool, lead, mark("cleaning"), now=now)
    found = {w.mark.id: w for w in await house_rules.see_marks(pool, agent, day_of(now))}
    assert [found[m.id].amount_fen for m in noted] == [5_000, 10_000, 0]
    assert found[noted[2].id].flag
    assert sorted(w.amount_fen for w in found.values()) == [0, 1_000, 5_000, 10_000]
    assert await house_rules.see_marks(pool, town.people["小宝"], day_of(now)) == []
    # Contested by whom it is about, decided by a lead, and removed for everybody to see.
    words = ContestArgs(text="当天是系统故障")
    other = await refused(
        house_rules.contest_mark(pool, town.people["小宝"], noted[0].id, words, now=now)
    )
    assert other.code == "not_found"
    await house_rules.contest_mark(pool, agent, noted[0].id, words, now=now)
    gone = DecisionArgs(decision="removed", why="属实")
    assert (
        await refused(house_rules.decide_mark(pool, agent, noted[0].id, gone, now=now))
    ).code == "wrong_role"
    await house_rules.decide_mark(pool, lead, noted[0].id, gone, now=now)
    found = {w.mark.id: w for w in await house_rules.see_marks(pool, agent, day_of(now))}
    assert found[noted[0].id].mark.decision == "removed"
    assert [found[m.id].amount_fen for m in noted] == [0, 5_000, 10_000]


@pytest.mark.fact("S0-67")
async def test_the_fund_is_read_by_everybody_and_never_below_nothing(town: DeskTown) -> None:
    pool, lead, agent, now = town.pool, town.people["主管"], town.people["小安"], utc_now()

    def entry(way: str, amount: str) -> EntryArgs:
        return EntryArgs(id=new_id(), way=way, amount=amount, purpose="团建")  # pyright: ignore

    assert (
        await refused(fund.write_entry(pool, agent, entry("in", "1"), now=now))
    ).code == "wrong_role"
    assert (await refused(fund.write_entry(pool, lead, entry("out", "1"), now=now))).code == (
        "insufficient_funds"
    )
    came = entry("in", "150.50")
    for _ in range(2):
        await fund.write_entry(pool, lead, came, now=now)
    await fund.write_entry(pool, lead, entry("out", "50.25"), now=now)
    nothing = await refused(fund.write_entry(pool, lead, entry("in", "0"), now=now))
    assert nothing.code == "invalid"
    lines = await fund.see_fund(pool, agent)
    assert [(line.position, line.balance_fen) for line in lines] == [(2, 10_025), (1, 15_050)]
    too_much = CorrectionArgs(id=new_id(), position=1, why="记错了")
    assert (
        await refused(fund.correct_entry(pool, lead, too_much, now=now))
    ).code == "insufficient_funds"
    back = CorrectionArgs(id=new_id(), position=2, why="没有买")
    assert (await fund.correct_entry(pool, lead, back, now=now)).balance_fen == 15_050
    again = CorrectionArgs(id=new_id(), position=2, why="没有买")
    assert (await refused(fund.correct_entry(pool, lead, again, now=now))).code == "duplicate"
    with pytest.raises(asyncpg.RestrictViolationError):
        await pool.execute("DELETE FROM staff_fund")


@pytest.mark.fact("S0-61")
async def test_the_report_of_a_week_is_frozen_and_made_once(town: DeskTown) -> None:
    pool, lead, agent = town.pool, town.people["主管"], town.people["小安"]
    monday = date(2026, 10, 5)
    await join_team(pool, town.shop_id)
    before_eight = moment(monday + timedelta(days=7), 7 * 60)
    await week_report.make_due_reports(pool, before_eight)
    assert await week_report.weeks_reported(pool, lead) == []
    await sell(town, "小安", 33_333, at=moment(monday, 600))
    await week_report.make_due_reports(pool, before_eight + timedelta(hours=1))
    report = await week_report.see_report(pool, lead, monday)
    assert (report.made_by, report.shop.paid_fen) == (None, 33_333)
    await sell(town, "小安", 100, at=moment(monday, 660))
    await week_report.make_report(pool, lead, monday, now=EARLY_NOVEMBER)
    assert (await week_report.see_report(pool, lead, monday)).shop.paid_fen == 33_333
    for text in ("多问一句尺码", "先报库存再报价"):
        await week_report.say_of_week(pool, agent, monday, WordsArgs(text=text), now=EARLY_NOVEMBER)
    assert (await week_report.see_report(pool, lead, monday)).said[
        agent.person_id
    ].text == "先报库存再报价"
    own = await week_report.see_report(pool, agent, monday)
    assert {row.person_id for row in own.people} <= {agent.person_id}
    early = await refused(
        week_report.make_report(pool, lead, monday_of(day_of(EARLY_NOVEMBER)), now=EARLY_NOVEMBER)
    )
    assert early.code == "too_early"


@pytest.mark.fact("S1-14")
@pytest.mark.fact("S1-18")
@pytest.mark.fact("S3-30")
async def test_what_people_bring_along(town: DeskTown) -> None:
    pool, lead, agent, now = town.pool, town.people["主管"], town.people["小安"], EARLY_NOVEMBER
    args = ProfileArgs(
        in_trade_since=date(2021, 10, 1), education="bachelor", knows="冰箱、洗衣机", traits="耐心",
        hiring="淘工作 → 客服 → 按地区投简历",
    )  # fmt: skip
    await people.save_profile(pool, lead, agent.person_id, args, now=now)
    trained = TrainingArgs(
        id=new_id(), held_on=date(2026, 10, 20), topic="新品冰箱", trainer="主管"
    )
    await people.note_training(pool, agent, agent.person_id, trained, now=now)
    own = await people.see_person(pool, agent, agent.person_id, now=now)
    assert (own.years, own.profile.hiring, own.trainings[0].topic) == (5, "", "新品冰箱")
    assert (await people.see_person(pool, lead, agent.person_id, now=now)).profile.hiring
    stranger = await refused(people.see_person(pool, agent, lead.person_id, now=now))
    assert stranger.code == "not_found"
    future = ProfileArgs(in_trade_since=date(2027, 1, 1))
    wrong = await refused(people.save_profile(pool, lead, agent.person_id, future, now=now))
    assert wrong.code == "invalid"
