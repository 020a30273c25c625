"""A morning of the guard in a real browser: see, mark, look at the graph, watch, let money go."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, expect
from tests.web.readable import require_readable

from gongdao.base.bus import PostgresBus
from gongdao.base.ids import new_id
from gongdao.base.live import Hub
from gongdao.flows.guard.watch import WatchArgs, watch

from .desk import Desk
from .guard_scene import Scene, build_scene
from .test_click import DESK, PHONE, enter


@pytest.fixture(scope="module")
async def scene(desk: Desk) -> Scene:
    return await build_scene(desk, name="morning")


@pytest.mark.browser
async def test_a_morning(desk: Desk, scene: Scene, context: BrowserContext) -> None:
    page = await enter(context, desk, "operator")
    await page.keyboard.press("g")
    await page.keyboard.press("w")
    await page.wait_for_url("**/platform/guard")
    # A false one is marked where it stands; the list stays, and the row weighs less.
    row = page.locator(f"#finding-{scene.refunds[0]}")
    await expect(row.locator(".gg-level")).to_have_text("需留意")
    await row.locator("summary").click()
    await row.locator("button[value=wrong]").click()
    await expect(page.locator("#toasts .gd-toast-refusal")).to_have_count(1)
    await row.locator("textarea").fill("都有凭证")
    await row.locator("button[value=wrong]").click()
    await expect(row.locator(".gg-level")).to_have_text("轻微")
    await expect(row.locator(".gg-verdict")).to_have_text("误报")
    await expect(row.locator(".gd-row-title a")).to_have_count(1)
    # What the guard overlooked is named where it was said.
    await page.goto(f"{desk.url}/platform/guard/findings/{scene.scam}")
    line = page.locator(".gg-line-found")
    await line.locator("summary").click()
    await line.locator("select").select_option("other-channel")
    await line.get_by_role("button", name="登记").click()
    await expect(line.locator(".gg-line-missed")).to_contain_text("漏报")
    await expect(line.locator("option[value=other-channel]")).to_have_count(0)
    await page.go_back()
    # Who is behind another one: the graph, and what a node says.
    await page.locator(f"#finding-{scene.refunds[1]} .gg-who a").first.click()
    await page.wait_for_url("**/platform/guard/links?person=*")
    payee = page.locator(".gg-node-trait", has_text="6222")
    await payee.click()
    picked = page.locator("#picked")
    await expect(picked).to_contain_text("5 个账号使用过")
    await picked.locator("[data-opens=watch-it]").click()
    dialog = page.locator("#watch-it")
    await dialog.locator("textarea").fill("五个账号同一个收款账户")
    await dialog.locator("button[type=submit]").click()
    await expect(page.locator("#picked")).to_contain_text("关注中")
    await expect(page.locator(".gg-node-watched")).to_have_count(1)
    # Money that waits is let go with a reason.
    await page.goto(f"{desk.url}/platform/guard/holds")
    held = page.locator(f"#hold-{scene.payout}")
    await expect(held.locator("[data-due]")).to_have_count(1)
    await held.locator("summary").click()
    await held.locator("textarea").fill("电话核实无误")
    await held.locator("button[type=submit]").click()
    await expect(page.locator(f"#hold-{scene.payout}")).to_have_count(0)
    # What was marked stands in the figures.
    await page.goto(f"{desk.url}/platform/guard/figures")
    await expect(page.locator("#signs")).to_contain_text("repeated-refunds")


@pytest.mark.browser
async def test_what_is_found_held_and_watched_now_shows_by_itself(
    desk: Desk, desk_url: str, context: BrowserContext
) -> None:
    findings, holds, watched = [
        await enter(context, desk, "operator"),
        await context.new_page(),
        await context.new_page(),
    ]
    for page, address in ((findings, ""), (holds, "/holds"), (watched, "/watch")):
        async with page.expect_response(lambda answer: "/live/guard" in answer.url):
            await page.goto(f"{desk.url}/platform/guard{address}")
    await watched.locator("#watch-whom").fill("还没写完")
    scene = await build_scene(desk, name="now")
    args = WatchArgs(
        id=new_id(), kind="person", subject_id=scene.ring[0], why="同一台手机", until=None
    )
    await watch(desk.pool, desk.staff["operator"], args, now=desk.now)
    # Acting outside a request tells nobody by itself.
    hub = Hub(PostgresBus(desk_url))
    await hub.start_telling()
    hub.tell(["guard"])
    await hub.stop()
    for page, shown in (
        (findings, f"#finding-{scene.scam}"),
        (holds, f"#hold-{scene.payout}"),
        (watched, f"#watched-{args.id}"),
    ):
        # A page that nobody looks at waits until somebody does.
        await page.bring_to_front()
        await expect(page.locator(shown)).to_have_count(1)
    await expect(watched.locator("#watch-whom")).to_have_value("还没写完")


@pytest.mark.browser
@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")])
async def test_every_page_of_the_guard_is_readable(
    desk: Desk, scene: Scene, context: BrowserContext, tmp_path: Path, size: Any, scheme: Any
) -> None:
    page = await enter(context, desk, "operator", size)
    await page.emulate_media(color_scheme=scheme)
    around = f"links?person={scene.ring[2]}"
    for address in ("", f"findings/{scene.scam}", "links", around, "watch", "holds", "figures"):
        await page.goto(f"{desk.url}/platform/guard/{address}".rstrip("/"))
        for details in await page.locator(".gg-mark").all():
            await details.evaluate("one => one.open = true")
            break
        await page.screenshot(
            path=tmp_path / f"{address.partition('?')[0].partition('/')[0]}{len(address)}.png",
            full_page=True,
        )
        await require_readable(page)
