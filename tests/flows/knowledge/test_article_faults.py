"""A file of articles with broken lines: each line says which of its columns is wrong."""

import pytest
from tests.web.chat.desk_town import DeskTown, build_desk_town

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.flows.knowledge.article_file import take_article_file

_FILE = """kind,title,text,state,ref
answer,,没有标题,,
story,标题,内容,,
answer,写什么,内容,maybe,
answer,旧文章,内容,,x
answer,没有内容,,,
answer,好问题,好答案,,
"""


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    return await build_desk_town(pool)


async def test_each_line_names_its_column(town: DeskTown) -> None:
    lead = town.people["主管"]
    taken = await take_article_file(town.pool, lead, _FILE.encode(), now=utc_now())
    said = [(fault.line, fault.say("zh")) for fault in taken.faults]
    assert [line for line, _ in said] == [2, 3, 4, 5, 6]
    for (_, text), column in zip(said, ("title", "kind", "state", "ref"), strict=False):
        assert f"：{column} 没有填写" in text, text
    assert await town.pool.fetchval("SELECT count(*) FROM knowledge_articles") == 0
