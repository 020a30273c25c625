"""A negative review from triage to the public answer; a buyer on a phone writes one."""

from datetime import timedelta
from io import BytesIO
from uuid import UUID

import msgspec
import pytest
from PIL import Image
from playwright.async_api import Browser, expect
from tests.web.chat.desk_town import DeskTown
from tests.web.chat.test_buyer_page import shoot
from tests.web.desk.window_town import asks, enter, order_of, says
from tests.web.readable import require_no_barriers

from gongdao.base.clock import utc_now
from gongdao.base.days import day_of
from gongdao.base.ids import new_id
from gongdao.flows.reviews.write import ReviewArgs, write_review
from gongdao.reviews.review import Review
from gongdao.shops.order import Order
from gongdao.shops.store import Scope, mark_confirmed


async def confirmed_order(town: DeskTown, buyer: str = "李梅", **order: object) -> Order:
    placed = await order_of(town, buyer, **order)  # type: ignore[arg-type]
    at = utc_now() - timedelta(days=1)
    async with town.pool.acquire() as connection:
        scope = Scope(buyer_id=town.people[buyer].person_id)
        await mark_confirmed(
            connection, placed.id, scope=scope, at=at, by=town.people[buyer].person_id
        )
    return msgspec.structs.replace(placed, confirmed_at=at)


async def reviewed(town: DeskTown, text: str, stars: int = 1, buyer: str = "李梅") -> Review:
    order = await confirmed_order(town, buyer)
    args = ReviewArgs(stars=stars, text=text)
    return await write_review(
        town.pool, town.people[buyer], order.id, args, review_id=new_id(), now=utc_now()
    )


@pytest.mark.fact("S0-47", "S1-14", "S1-16")
async def test_a_negative_review_from_triage_to_the_public_answer(
    town: DeskTown, url: str, browser: Browser
) -> None:
    await asks(town, "李梅", "冰箱门开线了，漏水", ago=60)
    review = await reviewed(town, "用了两天就漏水，质量太差")
    await reviewed(town, "失望", stars=3)
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = await context.new_page()
    await enter(town, url, page, "小安", "/shop/reviews")
    row = page.locator(f"#review-{review.id}")
    await require_no_barriers(page)
    await shoot(page, "reviews-list")
    if not await row.count():
        # After closing time nobody is called before the morning.
        await page.goto(f"{url}/shop/reviews?view=all")
    await expect(row).to_contain_text("商品质量")
    await row.locator("a").click()
    await expect(page.locator("#cause")).to_contain_text("评价说的是商品本身")
    await expect(page.locator("#call")).to_contain_text("小安")
    await expect(page.locator("#chat")).to_contain_text("漏水")
    await require_no_barriers(page)
    await shoot(page, "review-page")
    await page.check("#contact-form [value=reached]")
    await page.fill("#contact-note", "答应周五上门换新")
    await page.click("#contact-form button[type=submit]")
    await expect(page.locator("#contact-log")).to_contain_text("答应周五上门换新")

    await page.fill("#reply-text", "货款早已退还给您，改成好评再返您50元红包")
    await expect(page.locator("#reply-check .rv-block")).to_have_count(2)
    await shoot(page, "review-blocked")
    await page.click("#reply-form button[type=submit]")
    await expect(page.locator("#reply-form")).to_be_visible()
    assert await town.pool.fetchval("SELECT reply FROM reviews WHERE id = $1", review.id) is None
    answer = "非常抱歉让您遇到漏水的问题，往返运费由店里承担，已经约好周五上门换新。"
    await page.fill("#reply-text", answer)
    await expect(page.locator("#reply-check .rv-fits")).to_be_visible()
    await page.click("#reply-form button[type=submit]")
    await expect(page.locator("#public-reply")).to_contain_text("周五上门换新")
    await expect(page.locator("#reply-form")).to_have_count(0)
    await shoot(page, "review-answered")
    await page.goto(f"{url}/shop/reviews/trends")
    column = page.locator(".gd-chart rect")
    await expect(column).to_have_count(2)
    # Weeks begin on Mondays, in Shanghai.
    monday = day_of(utc_now()) - timedelta(days=day_of(utc_now()).weekday())
    await expect(page.locator(".gd-chart-number").last).to_have_text(f"{monday:%m-%d}")
    await expect(page.locator(".rv-legend")).to_contain_text("商品质量")
    await require_no_barriers(page)
    await shoot(page, "review-trends")
    await context.close()


@pytest.mark.fact("S1-15")
async def test_extortion_is_sealed_and_reported_with_the_form_filled_in(
    town: DeskTown, url: str, browser: Browser
) -> None:
    talk = await asks(town, "王强", "不赔500就给差评", ago=30)
    await says(town, "小安", talk, "您的意思是不退货、直接退款，对吗？", ago=29)
    await says(town, "王强", talk, "对，不退货，直接打给我", ago=28)
    review = await reviewed(town, "太差了", buyer="王强")
    assert review.cause == "extortion"
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = await context.new_page()
    await enter(town, url, page, "老板", f"/shop/reviews/{review.id}")
    await expect(page.locator("#cause")).to_contain_text("以差评相要挟")
    for box in await page.locator("#proof-form [name=line]").all():
        await box.check()
    await page.click("#proof-form button[type=submit]")
    await expect(page.locator("#sealed")).to_contain_text("共 3 条")
    await shoot(page, "review-extortion")
    await page.click("#report a")
    await expect(page.locator("[name=kind][value=review_extortion]")).to_be_checked()
    assert "相要挟" in await page.input_value("#report-claim")
    assert await page.locator("[name=report-files-kept]").count() == 2
    await page.click("#report-form button[type=submit]")
    await expect(page).to_have_url(f"{url}/shop/cases/{await case_of(town, review.order_id)}")
    await context.close()


async def case_of(town: DeskTown, order_id: UUID) -> UUID:
    """The case about an order, once it is there."""
    found = None
    while found is None:
        found = await town.pool.fetchval("SELECT id FROM cases WHERE order_id = $1", order_id)
    return found


async def test_a_buyer_on_a_phone_writes_changes_and_adds(
    town: DeskTown, url: str, browser: Browser
) -> None:
    order = await confirmed_order(town)
    context = await browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    phone = await context.new_page()
    await enter(town, url, phone, "李梅", f"/orders/{order.id}")
    await phone.click("#to-review a")
    await phone.check("#review-1 [value='3']")
    await phone.fill("#review-text-1", "能用，就是声音大")
    picture = BytesIO()
    Image.new("RGB", (320, 240), "teal").save(picture, "JPEG")
    chosen = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}
    await phone.set_input_files("#upload-pictures-1", files=[chosen])  # type: ignore[list-item]
    await expect(phone.locator("#review-1 .gd-upload-list li:not(.gd-uploading)")).to_have_count(1)
    await require_no_barriers(phone)
    await shoot(phone, "review-phone-form")
    await phone.click("#review-1 button[type=submit]")
    await expect(phone.locator("#line-1 .rv-text")).to_contain_text("声音大")
    image = phone.locator(".rv-pictures img")
    await expect(image).to_be_visible()
    await shoot(phone, "review-phone-done")
    await phone.locator("summary", has_text="修改评价").click()
    await phone.check("#change-1 [value='5']")
    await phone.fill("#change-text-1", "师傅上门调好了，很安静")
    await phone.click("#change-1 button[type=submit]")
    await expect(phone.locator("#line-1 .rv-text")).to_contain_text("很安静")
    await expect(phone.locator("#change-1")).to_have_count(0)
    await phone.locator("summary", has_text="追加评价").click()
    await phone.fill("#append-text-1", "一周了，没有问题")
    await phone.click("#append-1 button[type=submit]")
    await expect(phone.locator(".rv-added")).to_contain_text("一周了")
    stored = await town.pool.fetchrow("SELECT * FROM reviews WHERE order_id = $1", order.id)
    assert stored and stored["stars"] == 5 and stored["cause"] is None
    # The shop sees the picture, too.
    shop = await (await browser.new_context(locale="zh-CN")).new_page()
    await enter(town, url, shop, "小安", f"/shop/reviews/{stored['id']}")
    await expect(shop.locator(".rv-pictures img")).to_be_visible()
    await context.close()
