"""The page of the day knows the hour and the person: nothing comes too late or to somebody else."""

from datetime import datetime, time, timedelta

from gongdao.base.days import day_of, next_midnight
from gongdao.base.i18n import ZONE
from gongdao.base.ids import new_id
from gongdao.flows.knowledge.gaps import note_search
from gongdao.flows.knowledge.trainings import write_training
from gongdao.flows.staff.hand_over import WriteArgs, write_book
from gongdao.flows.staff.rota import PlanArgs, plan_shifts
from gongdao.flows.today.board import read_today
from gongdao.knowledge.training import TrainingWritten, read_quiz
from gongdao.shops.shop import Product
from gongdao.shops.store import insert_products

from .conftest import Desk, signed_in

_PAPER = """
INSERT INTO knowledge_papers (id, shop_id, kind, title, supplier, product_ids, file_ids,
                              valid_until, by_id, at)
VALUES ($1, $2, 'authorisation', '品牌授权书', '某品牌', $3, $3, $4, $5, $6)
"""


async def test_at_night_what_ends_after_midnight_is_still_of_today(desk: Desk):
    case, order = await desk.filed(), await desk.order(days=4, shipped=False)
    midnight = next_midnight(desk.now)
    soon = midnight + timedelta(minutes=40)
    await desk.pool.execute("UPDATE cases SET due_at = $1 WHERE id = $2", soon, case.id)
    await desk.pool.execute(
        "UPDATE orders SET paid_at = $1::timestamptz - make_interval(secs => ship_within_s)"
        " WHERE id = $2",
        soon, order.id,
    )  # fmt: skip
    for hours, works in ((0.5, ["clocks", "dispatch"]), (8, list[str]())):
        at = midnight - timedelta(hours=hours)
        today = await read_today(desk.pool, desk.people["agent"], now=at)
        assert [lot.work for lot in today.lots] == works


async def test_only_who_may_accept_is_asked_to_take_over(desk: Desk):
    lead, agent = desk.people["lead"], desk.people["agent"]
    tomorrow = day_of(desk.now) + timedelta(days=1)
    shift = PlanArgs(
        id=new_id(), person_id=agent.person_id, days=(tomorrow,), name="白班", starts="08:30",
        ends="17:30",
    )  # fmt: skip
    await plan_shifts(desk.pool, lead, shift, now=desk.now)
    note = WriteArgs(id=new_id(), notes=("九点有人取退货件",))
    await write_book(desk.pool, lead, note, now=desk.now)
    for hour, name, works in ((6, "agent", []), (6, "owner", ["hand_over"]),
                              (9, "agent", ["hand_over"]), (9, "lead", list[str]())):  # fmt: skip
        at = datetime.combine(tomorrow, time(hour), ZONE)
        today = await read_today(desk.pool, desk.people[name], now=at)
        assert [lot.work for lot in today.lots] == works, (hour, name)


async def test_what_the_shop_knows_asks_line_by_line(desk: Desk):
    lead, agent = desk.people["lead"], desk.people["agent"]
    lamp = Product(id=new_id(), shop_id=desk.shop_id, title="台灯", sku="lamp", price_fen=9_600)
    async with desk.pool.acquire() as connection:
        await insert_products(connection, [lamp])
    written = TrainingWritten(
        title="新品台灯", body="先读说明。", quiz=read_quiz("亮度？\n+ 三档\n- 一档"),
        pass_mark=100, product_ids=(lamp.id,), state="published",
    )  # fmt: skip
    made = await write_training(desk.pool, lead, written, now=desk.now)
    asked = await note_search(desk.pool, agent, "保修多少年", now=desk.now)
    paper = new_id()
    ends = day_of(desk.now) + timedelta(days=9)
    await desk.pool.execute(_PAPER, paper, desk.shop_id, [lamp.id], ends, lead.person_id, desk.now)
    today = await read_today(desk.pool, lead, now=desk.now)
    found = {lot.work: [(line.title, line.href) for line in lot.lines] for lot in today.lots}
    assert found == {
        "trainings": [("新品台灯", f"/shop/knowledge/trainings/{made.id}")],
        "gaps": [("保修多少年", f"/shop/knowledge/gaps/{asked.gap.id}")],
        "papers": [("品牌授权书", f"/shop/knowledge/papers?soon=true#paper-{paper}")],
    }
    today = await read_today(desk.pool, agent, now=desk.now)
    assert [lot.work for lot in today.lots] == ["trainings"]
    async with signed_in(desk, "lead") as visitor:
        for lines in found.values():
            path, _, place = lines[0][1].partition("#")
            page = await visitor.get(path)
            assert not place or f'id="{place}"' in page
    await desk.pool.execute("UPDATE knowledge_gaps SET assigned_to = $1", agent.person_id)
    today = await read_today(desk.pool, agent, now=desk.now)
    assert [lot.work for lot in today.lots] == ["trainings", "gaps"]


async def test_all_that_went_wrong_yesterday_stands_there(desk: Desk):
    for n in range(7):
        await desk.order(shipped=False, days=2 + n / 10)
    await desk.pool.execute("UPDATE orders SET closed_by = 'buyer', closed_at = $1", desk.now)
    today = await read_today(desk.pool, desk.people["agent"], now=desk.now)
    (lot,) = [lot for lot in today.lots if lot.work == "abnormal"]
    assert (lot.count, len(lot.lines)) == (7, 7)
