"""The schema reaches a database whole, and only once."""

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.schema import bring_up_to_date, read_status


async def test_second_run_changes_nothing(pool: Pool, database_url: str) -> None:
    before = await bring_up_to_date(database_url, now=utc_now())
    assert before.state == "current"


async def test_status_of_a_new_database(pool: Pool) -> None:
    assert (await read_status(pool)).state == "current"
    await pool.execute("DROP TABLE schema_migration")
    assert (await read_status(pool)).state == "empty"
