"""The team of two shops of the demo: a rota with rest days, a hand-over, commission, the fund."""

from datetime import timedelta

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.flows.demo.names import demo_id
from gongdao.flows.demo.stage import Stage
from gongdao.flows.demo.talk_script import SHOPS_WITH_DESK
from gongdao.flows.demo.when import When
from gongdao.flows.staff.fund import EntryArgs, write_entry
from gongdao.flows.staff.hand_over import WriteArgs, write_book
from gongdao.flows.staff.memos import MemoArgs, write_memo
from gongdao.flows.staff.people import ProfileArgs, save_profile
from gongdao.flows.staff.requests import LeaveArgs, ask_leave
from gongdao.flows.staff.rota import PlanArgs, plan_shifts
from gongdao.flows.staff.rules import save_rules, see_rules
from gongdao.flows.staff.week_report import make_report
from gongdao.settings.team import CommissionRules
from gongdao.shops.remark import Remark
from gongdao.shops.remark_store import add_remark, remarks_of_month
from gongdao.staff.days import day_of, days_from, monday_of
from gongdao.staff.fund_store import Way

#: Who works which shift, and on which weekday they rest.
_ROTA = (("agent1", "Day shift", 2), ("agent2", "Night shift", 3))
_WEEKS = (-1, 0, 1)
_FUND: tuple[tuple[Way, str, str], ...] = (
    ("in", "300.00", "季度评优奖金存入"),
    ("out", "86.50", "夜班宵夜"),
)
#: Every so many orders nobody wrote a remark.
_FORGOTTEN = 7


async def play_team(stage: Stage, when: When) -> None:
    """Everything of it under ids of its own, so that what is there stays as it is."""
    for shop in SHOPS_WITH_DESK:
        prefix = "shop" if shop == "appliances" else shop
        people = {
            name: stage.people[f"{prefix}:{name}"] for name in ("lead", "agent1", "agent2")
        } | {"owner": stage.people[prefix]}
        await _plan(stage.pool, people, shop, when)
        await _leave_words(stage.pool, people, shop, when)
        await _keep_books(stage.pool, people, shop, when)


async def _plan(pool: Pool, people: dict[str, Principal], shop: str, when: When) -> None:
    monday = monday_of(day_of(when.now))
    for name, shift, rest in _ROTA:
        for week in _WEEKS:
            days = days_from(monday + timedelta(weeks=week), 7)
            del days[rest]
            args = PlanArgs(
                id=demo_id("rota", shop, name, week), person_id=people[name].person_id,
                days=tuple(days), name=shift,
            )  # fmt: skip
            await plan_shifts(pool, people["lead"], args, now=when.now)


async def _leave_words(pool: Pool, people: dict[str, Principal], shop: str, when: When) -> None:
    today = day_of(when.now)
    book = WriteArgs(
        id=demo_id("book", shop),
        notes=(
            "明早顺丰 9 点来取退货件，三个箱子在前台",
            "新到的货还没有拍细节图，顾客问起先记下来",
        ),
    )
    await write_book(pool, people["agent2"], book, now=when.ago(hours=9))
    memo = MemoArgs(id=demo_id("memo", shop), text="给昨天等补发的顾客回个电话", due_on=today)
    await write_memo(pool, people["agent1"], memo, now=when.ago(hours=3))
    day = today + timedelta(days=10)
    leave = LeaveArgs(id=demo_id("leave", shop), from_day=day, until_day=day, why="家里有事")
    await ask_leave(pool, people["agent2"], leave, now=when.now)
    profile = ProfileArgs(
        in_trade_since=(today - timedelta(days=6 * 365)).replace(day=1), education="college",
        knows="主推款的规格、尺码和保养", traits="有耐心，电话里说得清楚",
    )  # fmt: skip
    await save_profile(pool, people["lead"], people["agent1"].person_id, profile, now=when.now)


async def _keep_books(pool: Pool, people: dict[str, Principal], shop: str, when: When) -> None:
    shop_id = people["lead"].shop_id
    assert shop_id, "a lead has a shop"
    seen = await see_rules(pool, people["owner"], CommissionRules)
    if not seen.version:
        rates = CommissionRules(rate_bp=150)
        await save_rules(
            pool, people["owner"], rates, seen=0, reason="按劳动合同约定", now=when.ago(days=40)
        )
    for number, (way, amount, purpose) in enumerate(_FUND):
        args = EntryArgs(id=demo_id("fund", shop, number), way=way, amount=amount, purpose=purpose)
        await write_entry(pool, people["lead"], args, now=when.ago(days=9 - number))
    sold = await remarks_of_month(pool, shop_id, when.ago(days=62), when.now)
    async with pool.acquire() as connection, connection.transaction():
        for number, order in enumerate(sold):
            if order.agent_id is None and number % _FORGOTTEN:
                who = people["agent1" if number % 3 else "agent2"].person_id
                remark = Remark(
                    order_id=order.order_id, flag="", agent_id=who, reason="咨询成交", by_id=who,
                    at=order.paid_at,
                )  # fmt: skip
                await add_remark(connection, remark, shop_id=shop_id, key="demo")
    last = monday_of(day_of(when.now)) - timedelta(days=7)
    await make_report(pool, people["lead"], last, now=when.now)
