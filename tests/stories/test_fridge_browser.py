"""The refrigerator story clicked through by buyer, shop owner and arbiter, each in a browser.

With GONGDAO_SCREENS=1 the pictures that the README shows are taken anew.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from tests.conftest import Serve

from gongdao.base.db import Pool
from gongdao.flows.demo.cast import PASSWORD
from gongdao.flows.demo.fridge import CHAT, DENTS, RECEIPTS, TECHNICIAN
from gongdao.flows.demo.pictures import Picture, paint

from .fridge_tale import let_the_clocks_run_out, settle_in
from .test_fridge_api import check_books_and_chain

pytestmark = pytest.mark.browser

SCREENS = Path(__file__).parents[2] / "docs" / "screens"
PHONE: Any = {"width": 390, "height": 844}
DESK: Any = {"width": 1440, "height": 900}


class People:
    """Three browsers, one for each; they are on the page of the case most of the time."""

    def __init__(self, url: str, buyer: Page, shop: Page, arbiter: Page) -> None:
        self.url = url
        self.buyer = buyer
        self.shop = shop
        self.arbiter = arbiter
        self.case_id = ""


async def enter(browser: Browser, url: str, name: str, size: Any) -> Page:
    context = await browser.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", viewport=size, has_touch=size is PHONE
    )
    page = await context.new_page()
    await page.goto(f"{url}/sign-in")
    await page.fill("input[name=name]", name)
    await page.fill("input[name=password]", PASSWORD)
    await page.press("input[name=password]", "Enter")
    await page.wait_for_url(lambda there: "sign-in" not in there)
    return page


async def keep(page: Page, name: str) -> None:
    """Take a picture for the README, when pictures are wanted."""
    if os.environ.get("GONGDAO_SCREENS") == "1":
        await page.evaluate("document.getElementById('toasts').replaceChildren()")
        await page.screenshot(path=SCREENS / f"{name}.png")
        # Without this the page did not follow the others any more after its picture.
        await page.bring_to_front()


async def add_file(page: Page, form: str, field: str, picture: Picture) -> None:
    file: Any = {
        "name": picture.name,
        "mimeType": "application/pdf" if picture.name.endswith(".pdf") else "image/jpeg",
        "buffer": paint(picture),
    }
    await page.set_input_files(f"{form} input[type=file][name={field}]", file)
    await expect(page.locator(f"{form} input[type=hidden][name={field}-kept]")).to_have_count(1)


async def apply(people: People, order_id: Any) -> None:
    """Three steps: what happened, what is wanted, and proof."""
    page = people.buyer
    await page.click(f"a[href='/orders/{order_id}'] >> nth=0")
    await page.click(f"a[href^='/orders/{order_id}/apply'] >> nth=0")
    if await page.locator("#received-yes").count():
        await page.check("#received-yes")
    await page.check("input[name=problem][value=quality]:visible")
    await page.click(".gb-next button[type=submit]")
    await page.check("#want-return_refund")
    await expect(page.locator("#amount-return_refund")).to_have_value("2680.00")
    await keep(page, "buyer-apply")
    await page.click(".gb-next button[type=submit]")
    file: Any = {"name": DENTS.name, "mimeType": "image/jpeg", "buffer": paint(DENTS)}
    await page.set_input_files("input[type=file][name=files-photo_of_item]", file)
    await expect(page.locator("input[type=hidden][name=kept-photo_of_item]")).to_have_count(1)
    await page.fill("#claim", "外壳三处凹坑，里面有霉渍，通电几小时后停机。")
    await page.click(".gb-next button[type=submit]")
    await page.wait_for_url("**/cases/*")
    people.case_id = page.url.rpartition("/")[2].partition("?")[0]
    await keep(page, "buyer-case")


async def agree(people: People) -> None:
    """The shop finds the case in its inbox, sees what it would cost, and says yes."""
    page = people.shop
    await page.goto(f"{people.url}/shop/inbox")
    await page.click(f"a[href='/shop/cases/{people.case_id}'] >> nth=0")
    await page.click("[data-opens=do-approve]")
    preview = page.locator("#do-approve-preview")
    await expect(preview).to_contain_text("2,680.00")
    await keep(page, "shop-approve")
    await page.click("#do-approve-form button[type=submit]")
    await expect(page.locator("#case")).to_contain_text("待买家退货")


async def send_back(people: People) -> None:
    """The buyer's page has changed by itself; the parcel goes off with the first receipt."""
    page = people.buyer
    await expect(page.locator("#ship-back")).to_be_visible()
    await page.fill("#carrier", "永鑫物流")
    await page.fill("#tracking", "YX0507118")
    await page.click("#ship-back button[type=submit]")
    await expect(page.locator("main")).to_contain_text("待商家收货确认")


async def deny(people: People) -> None:
    page = people.shop
    await expect(page.locator("[data-opens=do-reject]")).to_be_visible()
    await page.click("[data-opens=do-reject]")
    await page.check("#do-reject input[name=reason][value=not_liable]")
    await page.fill("#reject-note", "冰箱没有质量问题。")
    await page.click("#do-reject-form button[type=submit]")
    await expect(page.locator("#case")).to_contain_text("待买家处理")


async def step_in(people: People) -> None:
    page = people.buyer
    await page.click("[data-opens=escalate]")
    await page.click("#escalate-form button[type=submit]")
    await expect(page.locator("main")).to_contain_text("举证期")


async def prove(people: People) -> None:
    """The chat, the technician's finding, and three receipts with their sums."""
    page = people.buyer
    for kind, picture, amount in (
        ("chat_transcript", CHAT, ""),
        ("repair_record", TECHNICIAN, ""),
        *(("freight_receipt", picture, amount) for amount, _way, picture in RECEIPTS),
    ):
        await expect(page.locator("#proof-kind")).to_be_visible()
        await page.select_option("#proof-kind", kind)
        if amount:
            await page.fill("#proof-amount", amount)
        await add_file(page, "#evidence-form", "files", picture)
        async with page.expect_response(lambda answer: "submit_evidence" in answer.url):
            await page.click("#evidence-form button[type=submit]")
        await expect(
            page.locator("#evidence-form input[type=hidden][name=files-kept]")
        ).to_have_count(0)
    desk = people.shop
    await desk.click("[data-opens=do-submit_evidence]")
    await desk.select_option("#submit_evidence-kind", "statement")
    await desk.fill("#submit_evidence-note", "运费不应由本店承担。")
    await desk.click("#do-submit_evidence-form button[type=submit]")
    await expect(desk.locator("#proofs")).to_contain_text("运费不应由本店承担")


async def rule(people: People) -> None:
    """The arbiter takes the case from the queue; the form computes, and a person decides."""
    page = people.arbiter
    await page.goto(f"{people.url}/platform/cases")
    await keep(page, "platform-queue")
    await page.click(f"a[href='/platform/cases/{people.case_id}'] >> nth=0")
    await page.check("#ruling input[name=liability][value=seller]")
    await page.check("#ruling input[name=remedy][value=return_and_refund]")
    preview = page.locator("#ruling-preview")
    await expect(preview).to_contain_text("2,680.00")
    await expect(preview).to_contain_text("575.00")
    await page.fill("#ruling-note", "商家派出的师傅确认故障，聊天中同意退货，运费有票据。")
    await keep(page, "platform-ruling")
    await page.click("[data-opens=ruling-confirm]")
    await expect(page.locator("#ruling-echo")).to_contain_text("3,255.00")
    await page.click("#ruling-confirm button[type=submit]")
    await expect(page.locator("main")).to_contain_text("已关闭")


async def test_clicked_through(
    pool: Pool, serve: Serve, database_url: str, browser: Browser
) -> None:
    order_id = await settle_in(pool)
    with serve(database_url, GONGDAO_CHANNEL_DAY="1") as served:
        people = People(
            served.url,
            await enter(browser, served.url, "buyer", PHONE),
            await enter(browser, served.url, "shop", DESK),
            await enter(browser, served.url, "arbiter", DESK),
        )
        await apply(people, order_id)
        await agree(people)
        await send_back(people)
        await deny(people)
        await step_in(people)
        await prove(people)
        await let_the_clocks_run_out(pool, people.case_id)
        await rule(people)
        await expect(people.buyer.locator("main")).to_contain_text("¥575.00")
        await expect(people.buyer.locator("main")).to_contain_text("已到账")
        await people.buyer.evaluate("scrollTo(0, 0)")
        await keep(people.buyer, "buyer-money")
        await check_books_and_chain(pool, people.case_id)
        paid = await pool.fetch(
            "SELECT kind, amount_fen FROM ledger_transfers"
            " WHERE case_id = $1 AND kind <> 'payout' ORDER BY id",
            people.case_id,
        )
        assert [tuple(row) for row in paid] == [("refund", 268_000), ("freight", 57_500)]
        for page in (people.buyer, people.shop, people.arbiter):
            await page.context.close()
