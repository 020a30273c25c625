"""The desk in a real browser: keys, previews, live news, and nothing that axe calls serious."""

import asyncio

import pytest
from playwright.async_api import BrowserContext, Page, Route, expect
from tests.web.readable import barriers

from gongdao.cases import commands as c

from .conftest import PASSWORD, Desk

pytestmark = pytest.mark.browser


async def enter(desk: Desk, page: Page, name: str = "owner") -> None:
    await page.goto(f"{desk.url}/sign-in")
    await page.fill("input[name=name]", name)
    await page.fill("input[name=password]", PASSWORD)
    await page.press("input[name=password]", "Enter")
    await page.wait_for_url("**/shop/today")
    await page.goto(f"{desk.url}/shop/inbox")


async def test_a_case_is_settled_with_the_keyboard(desk: Desk, page: Page):
    urgent = await desk.filed(hours=71, kind="refund_only")
    await desk.filed(hours=2)
    await enter(desk, page)
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/shop/cases/{urgent.id}")
    await page.keyboard.press("a")
    dialog = page.locator("#do-approve")
    await expect(dialog).to_be_visible()
    await expect(dialog.locator("#do-approve-preview")).to_contain_text("来自担保货款")
    await dialog.locator("input[name=amount]").fill("9999")
    await expect(dialog.locator("#do-approve-preview")).to_contain_text("2680.00")
    await dialog.locator("input[name=amount]").fill("2680.00")
    await expect(dialog.locator("#do-approve-preview")).to_contain_text("¥2,680.00")
    await dialog.get_by_role("button", name="确认同意").click()
    # The keys of the page that the deed leads to: its news may be there before.
    await expect(page.locator(".gd-toast-done")).to_be_visible()
    await expect(page.locator(".gd-turn-over")).to_be_visible()
    await page.keyboard.press("u")
    await page.wait_for_url("**/shop/inbox")
    await expect(page.locator("tr.gd-case")).to_have_count(1)


async def news_before_answer(desk: Desk, page: Page) -> asyncio.Event:
    """Approve a case: its page shows so by the live line; the answer comes with the event."""
    case = await desk.filed(kind="refund_only")
    await enter(desk, page)
    answered = asyncio.Event()

    async def answer_late(route: Route) -> None:
        answer = await route.fetch(max_redirects=0)
        await answered.wait()
        await route.fulfill(response=answer)

    await page.goto(f"{desk.url}/shop/cases/{case.id}")
    await page.route("**/approve", answer_late)
    await page.keyboard.press("a")
    await page.locator("#do-approve").get_by_role("button", name="确认同意").click()
    await expect(page.locator(".gd-turn-over")).to_be_visible()
    return answered


async def test_a_late_answer_draws_nothing_under_the_readers_hands(desk: Desk, page: Page):
    answered = await news_before_answer(desk, page)
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_be_visible()
    answered.set()
    await expect(page.locator("#keys .gd-toast-done")).to_be_visible()


async def test_who_goes_on_before_the_answer_comes_is_not_brought_back(desk: Desk, page: Page):
    answered = await news_before_answer(desk, page)
    followed, shown = page.url, asyncio.Event()

    async def show_late(route: Route) -> None:
        await shown.wait()
        await route.continue_()

    await page.route("**/shop/inbox", show_late)
    async with page.expect_request("**/shop/inbox"):
        await page.keyboard.press("u")
    async with page.expect_event("requestfinished", lambda asked: asked.url == followed):
        answered.set()
    shown.set()
    await page.wait_for_url("**/shop/inbox")
    await expect(page.locator(".gd-toast-done")).to_be_visible()


async def test_what_the_buyer_does_appears_by_itself(desk: Desk, page: Page):
    case = await desk.filed()
    await enter(desk, page)
    row = page.locator(f"#case-{case.id}")
    await expect(row).to_contain_text("发起申请")
    # The server tells its pages what its own requests change; the buyer acts through one.
    buyer = await page.context.browser.new_context(locale="zh-CN")  # type: ignore[union-attr]
    try:
        theirs = await buyer.new_page()
        await theirs.goto(f"{desk.url}/sign-in")
        await theirs.fill("input[name=name]", "buyer")
        await theirs.fill("input[name=password]", PASSWORD)
        await theirs.press("input[name=password]", "Enter")
        await theirs.wait_for_url(lambda url: "sign-in" not in url)
        await theirs.goto(f"{desk.url}/cases/{case.id}")
        await theirs.evaluate(
            """async (id) => {
              const token = document.querySelector("[name=csrf_token]").value;
              const body = new URLSearchParams({csrf_token: token, idempotency_key: "k1",
                                                text: "在吗？", note: "在吗？"});
              await fetch(`/cases/${id}/note`, {method: "POST", body});
            }""",
            str(case.id),
        )
        await expect(row).to_contain_text("在吗？")
    finally:
        await buyer.close()


async def test_axe_finds_nothing_serious(desk: Desk, context: BrowserContext):
    case = await desk.filed(procedure="complaint", kind="late_shipment", shipped=False)
    await desk.does("owner", case, "note", c.NoteArgs(note="仓库在查", private=True))
    page = await context.new_page()
    await enter(desk, page)
    paths = (
        "inbox",
        f"cases/{case.id}",
        "orders",
        f"orders/{case.order_id}",
        "orders/import",
        "money",
    )
    found: list[str] = []
    for path in paths:
        await page.goto(f"{desk.url}/shop/{path}")
        found += [f"{path}: {each}" for each in await barriers(page)]
    await page.goto(f"{desk.url}/shop/cases/{case.id}")
    await page.keyboard.press("c")
    await expect(page.locator("#do-compensate")).to_be_visible()
    found += [f"dialog: {each}" for each in await barriers(page)]
    await page.set_viewport_size({"width": 390, "height": 844})
    for path in paths:
        await page.goto(f"{desk.url}/shop/{path}")
        wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        found += [f"{path}: wider than a phone"] if wide else []
    assert not found, "\n".join(found)
