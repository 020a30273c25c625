"""What the demo writes down stands there once, however often it is begun."""

from pathlib import Path

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.files.objects import open_objects
from gongdao.flows.demo.cast import FIRST, SHOPS
from gongdao.flows.demo.knowledge import write_knowledge
from gongdao.flows.demo.names import demo_id
from gongdao.flows.demo.settle_in import add_cast, add_platform_person, find_people
from gongdao.flows.demo.stage import Stage


async def test_written_once(pool: Pool, tmp_path: Path) -> None:
    now = utc_now()
    await add_platform_person(pool, FIRST, "运营", "operator", now=now)
    await add_cast(pool, now=now)
    stage = Stage(
        pool,
        open_objects(f"file://{tmp_path}"),
        shops={house.key: demo_id("shop", house.key) for house in SHOPS},
        people=await find_people(pool),
        receivers={},
    )
    for _ in range(2):
        await write_knowledge(stage, now=now)
    assert await pool.fetchval("SELECT count(*) FROM knowledge_articles") == 8
    assert await pool.fetchval("SELECT count(*) FROM knowledge_gaps") == 2
    assert await pool.fetchval("SELECT max(asked) FROM knowledge_gaps") == 2
