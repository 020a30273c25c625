"""What if: asked on the page, judged by the worker, and what comes out is drawn."""

from datetime import timedelta

from gongdao.base.clock import utc_now
from gongdao.jobs.retrials import judge_again

from .conftest import Staff
from .desk import Desk


async def test_asked_judged_and_drawn(desk: Desk, as_: Staff) -> None:
    operator = await as_("operator")
    form = await operator.get("/platform/what-if?pack=tmall-2026@1")
    assert 'value="tmall-2026@1" selected' in form
    assert "cn-law@1" not in form
    since = (utc_now() - timedelta(days=4000)).date().isoformat()
    asked = await operator.post("/platform/what-if", pack="tmall-2026@1", since=since)
    assert asked.status_code == 303
    page = asked.headers["location"]
    assert "<progress" in await operator.get(page)
    await judge_again(desk.pool, utc_now(), tell=list)
    shown = await operator.get(page)
    assert "<progress" not in shown
    assert 'class="gd-chart"' in shown
    assert "实际结果" in shown
    assert page in await operator.get("/platform/what-if")


async def test_what_cannot_be_asked_is_refused(desk: Desk, as_: Staff) -> None:
    operator = await as_("operator")
    for pack, since, code in (
        ("nobody", "2026-01-01", "not_found"),
        ("cn-law@1", "2026-01-01", "not_eligible"),
        ("taobao-classic@1", "yesterday", "invalid"),
    ):
        refused = await operator.post("/platform/what-if", pack=pack, since=since)
        assert f'data-code="{code}"' in refused.text
    await operator.get("/platform/what-if/00000000-0000-0000-0000-000000000001", 404)


async def test_why_nothing_came_out_is_told(desk: Desk, as_: Staff) -> None:
    operator = await as_("operator")
    asked = await operator.post("/platform/what-if", pack="taobao-classic@1", since="2026-01-01")
    page = asked.headers["location"]
    await desk.pool.execute(
        "UPDATE retrials SET pack = 'gone@9' WHERE id = $1", page.rpartition("/")[2]
    )
    await judge_again(desk.pool, utc_now(), tell=list)
    await desk.pool.execute(
        "UPDATE retrials SET pack = 'taobao-classic@1' WHERE id = $1", page.rpartition("/")[2]
    )
    assert "UnknownPackError" in await operator.get(page)
