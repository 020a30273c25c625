"""The team of the demo: a rota without a contradiction, a book to accept, a month that adds up."""

from pathlib import Path

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.files.objects import open_objects
from gongdao.flows.demo.cast import SHOPS
from gongdao.flows.demo.names import demo_id
from gongdao.flows.demo.settle_in import add_cast, find_people
from gongdao.flows.demo.stage import Stage
from gongdao.flows.demo.team import play_team
from gongdao.flows.demo.when import When
from gongdao.flows.staff.fund import see_fund
from gongdao.flows.staff.rota import see_week
from gongdao.flows.staff.today import lines_for
from gongdao.staff.days import day_of


async def test_it_is_played_once_however_often(pool: Pool, tmp_path: Path) -> None:
    now = utc_now()
    await add_cast(pool, now=now)
    stage = Stage(
        pool,
        open_objects(f"file://{tmp_path}"),
        shops={house.key: demo_id("shop", house.key) for house in SHOPS},
        people=await find_people(pool),
        receivers={},
    )
    for _ in range(2):
        await play_team(stage, When(now))
    lead = stage.people["shop:lead"]
    week = await see_week(pool, lead, day_of(now))
    assert len(week.shifts) == 12
    shop_id = stage.shops["appliances"]
    assert len(await lines_for(pool, shop_id, lead.person_id)) == 2
    assert [entry.balance_fen for entry in await see_fund(pool, lead)] == [21_350, 30_000]
