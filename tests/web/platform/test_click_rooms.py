"""The platform's smaller rooms in a real browser, with the mouse, and readable for everybody.

One browser session for the file: whoever is wanted signs in once, and comes back with a cookie.
"""

import re
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from tests.flows.market import open_market
from tests.flows.test_restore import ruled
from tests.web.readable import require_readable

from gongdao.base.clock import utc_now
from gongdao.cases.store import load_case
from gongdao.jobs.retrials import judge_again
from gongdao.jobs.sweep import sweep

from .desk import PASSWORD, Desk, person
from .test_deciding import BY_JURY, BY_REVIEW, STANDARD, before_deciders

pytestmark = pytest.mark.browser
SITTING = {"width": 1280, "height": 900}
Enter = Callable[..., Coroutine[Any, Any, Page]]


@pytest.fixture(scope="module")
async def enter(desk: Desk, browser: Browser) -> AsyncIterator[Enter]:
    """Open an address as somebody: `await enter("juror", "jury")`."""
    context = await browser.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", viewport=SITTING
    )
    page = await context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
    kept: dict[str, Any] = {}

    async def open_as(who: str, address: str) -> Page:
        await context.clear_cookies()
        if who in kept:
            await context.add_cookies(kept[who])
        else:
            await page.goto(f"{desk.url}/sign-in")
            await page.fill("[name=name]", who)
            await page.fill("[name=password]", PASSWORD)
            await page.click("main button[type=submit]")
            await page.wait_for_url("**/platform/**")
            kept[who] = await context.cookies()
        await page.goto(f"{desk.url}/platform/{address}")
        return page

    yield open_as
    await context.close()


async def test_a_case_is_claimed_and_given_back(desk: Desk, enter: Enter) -> None:
    case_id = await before_deciders(desk, STANDARD, "吸顶灯")
    page = await enter("arbiter", f"cases/{case_id}")
    button = page.locator(f"#claim-{case_id} button")
    await button.click()
    await expect(button).to_contain_text("退回队列")
    await page.goto(f"{desk.url}/platform/cases?claim=mine")
    await expect(page.locator(f"#case-{case_id}")).to_contain_text("我已认领")
    await page.locator(f"#claim-{case_id} button").click()
    await expect(page.locator(f"#case-{case_id}")).to_have_count(0)
    await page.goto(f"{desk.url}/platform/cases")
    await page.locator("#claim-next button").click()
    await page.wait_for_url(re.compile(r"/platform/cases/[0-9a-f-]{36}$"))
    claimed = page.url.rpartition("/")[2]
    await page.locator(f"#claim-{claimed} button").click()
    await expect(page.locator(f"#claim-{claimed} button")).to_contain_text("认领")


async def test_a_juror_votes(desk: Desk, enter: Enter) -> None:
    case_id = await before_deciders(desk, BY_JURY, "电热水壶")
    page = await enter("juror", "jury")
    await require_readable(page)
    await page.locator(f"a[href='/platform/jury/{case_id}']").click()
    await require_readable(page)
    await page.locator("label", has=page.locator("input[name=liability][value=seller]")).click()
    await page.locator("label", has=page.locator("input[value=full_refund]")).click()
    await page.fill("#ballot-note", "照片清楚，商家没有凭证。")
    await page.locator("#ballot button[type=submit]").click()
    await page.wait_for_url("**/platform/jury")
    await expect(page.locator(f"a[href='/platform/jury/{case_id}']")).to_have_count(0)
    stored = await load_case(desk.pool, case_id)
    assert stored and [vote.remedy for vote in stored.case.votes] == ["full_refund"]


async def test_many_cases_are_ruled_on_at_once(desk: Desk, enter: Enter) -> None:
    first, ids = desk.buyer, []
    for n in range(4):
        desk.buyer = await person(desk.pool, "buyer", f"throng{n}", f"买家{n}", now=desk.now)
        ids.append(await before_deciders(desk, STANDARD, "暖手宝 批次三", price=4_000))
    desk.buyer = first
    page = await enter("arbiter", "clusters")
    await require_readable(page)
    await page.locator("a", has_text="暖手宝").click()
    await require_readable(page)
    await page.locator(f"input[value^='{ids[3]}']").uncheck()
    await page.locator("label", has=page.locator("input[name=liability][value=seller]")).click()
    await page.locator("label", has=page.locator("input[value=full_refund]")).click()
    ask, sure = page.locator("[data-opens=cluster-confirm]"), page.locator("#cluster-confirm")
    await ask.click()
    await expect(sure).to_be_hidden()  # grounds are wanted first
    await page.fill("#cluster-note", "同一批次，经查有缺陷。")
    await ask.click()
    await require_readable(page)
    await sure.locator("button[type=submit]").click()
    await expect(page.locator("main")).to_contain_text("已判定 3 件")
    await require_readable(page)
    spared = await load_case(desk.pool, ids[3])
    assert spared and spared.case.ruling is None
    page = await enter("operator", "watch")
    await require_readable(page)
    await page.locator(f"[data-opens='execute-{ids[0]}']").click()
    await expect(page.locator(f"#execute-{ids[0]}")).to_contain_text("执行前的申诉期随之结束")
    await page.locator(f"#execute-{ids[0]} button[type=submit]").click()
    await page.wait_for_url("**/platform/cases/*")
    await page.goto(f"{desk.url}/platform/watch")
    await expect(page.locator(f"#execute-{ids[0]}")).to_have_count(0)
    carried = await load_case(desk.pool, ids[0])
    assert carried and not carried.case.is_open


async def test_a_ruling_longer_than_the_window_is_read_by_keys(desk: Desk, enter: Enter) -> None:
    case_id = await before_deciders(desk, BY_REVIEW, "破壁机")
    await desk.act(
        desk.staff["arbiter"], case_id, "adjudicate", desk.now, liability="seller",
        remedy="full_refund", note="照片清楚。" * 60,
    )  # fmt: skip
    page = await enter("auditor", f"cases/{case_id}")
    await page.set_viewport_size({"width": 1280, "height": 600})
    panel = page.locator(".gd-panel")
    assert await panel.evaluate("box => box.scrollHeight > box.clientHeight")
    await require_readable(page)


async def test_a_tie_is_noted_and_taken_away(desk: Desk, enter: Enter) -> None:
    page = await enter("operator", "ties")
    await page.fill("#tie-person", "supervisor")
    await page.fill("#tie-to", "小满数码专营店")
    await page.locator("#tie-form button[type=submit]").click()
    known = page.locator("main li", has_text="小满数码专营店")
    try:
        await expect(known).to_have_count(1)
        await require_readable(page)
        await known.locator("button").click()
        await expect(known).to_have_count(0)
    finally:
        # A tie that is left behind would hide the shop's cases from the tests after this one.
        shop = "(SELECT id FROM shops WHERE name = '小满数码专营店')"
        await desk.pool.execute(f"DELETE FROM ties WHERE tied_to = {shop}")


async def test_what_stands_still_is_told(desk: Desk, enter: Enter) -> None:
    case_id = await before_deciders(desk, STANDARD, "落地灯")
    await desk.pool.execute(
        "INSERT INTO clocks_set_aside (case_id, due_at, failures, since, wait_until, reason)"
        " SELECT id, due_at, 3, $2, $3, 'UnknownPackError: gone@9' FROM cases WHERE id = $1",
        case_id, desk.now, utc_now(),
    )  # fmt: skip
    try:
        page = await enter("operator", "trouble")
        row = page.locator("#clocks tr", has_text="gone@9")
        await expect(row).to_contain_text("3 次")
        await require_readable(page)
    finally:
        await desk.pool.execute("DELETE FROM clocks_set_aside WHERE case_id = $1", case_id)


async def test_what_another_rule_book_would_have_made_of_it(desk: Desk, enter: Enter) -> None:
    page = await enter("operator", "what-if")
    await require_readable(page)
    await page.select_option("#pack", "tmall-2026@1")
    await page.fill("#since", "2020-01-01")
    await page.locator("main form button[type=submit]").click()
    await expect(page.locator("progress")).to_have_count(1)
    await judge_again(desk.pool, utc_now(), tell=list)
    await page.reload()
    await expect(page.locator(".gd-chart").first).to_be_visible()
    await require_readable(page)


async def test_points_of_a_shop_are_taken_back(desk: Desk, enter: Enter) -> None:
    market = await open_market(desk.pool, balance_fen=10_000_000)
    _cases, end = await ruled(market, 1)
    await sweep(desk.pool, end)
    page = await enter("supervisor", f"shops/{market.shop_id}")
    await require_readable(page)
    before = await page.locator("#points li").count()
    await page.locator("#points button").first.click()
    dialog = page.locator("dialog[open]")
    await dialog.locator("textarea").fill("鉴定结论已被推翻。")
    await dialog.locator("button[type=submit]").click()
    await expect(page.locator("#points li")).to_have_count(before - 1)
