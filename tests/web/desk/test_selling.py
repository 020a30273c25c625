"""Selling, shipping and asking for a difference without leaving the agent's window."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Page, expect
from tests.web.chat.desk_town import DeskTown, Screen, open_screen
from tests.web.desk.window_town import Window, asks, choose, come_online, order_of
from tests.web.readable import require_no_barriers

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.flows.talk.desk_rules import tell_own_costs
from gongdao.flows.talk.goods import find_goods
from gongdao.ledger.store import top_up
from gongdao.scripts.bargain_store import Cost
from gongdao.settings.setting import PolicyChoice
from gongdao.settings.store import add_version
from gongdao.shops.product_store import tell_products
from gongdao.shops.shop import Product

pytestmark = pytest.mark.browser


async def shoot(page: Page, name: str) -> None:
    """A picture for whoever looks at the pages, where GONGDAO_SHOTS names a folder."""
    if folder := os.environ.get("GONGDAO_SHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.fixture
async def buyer(town: DeskTown, url: str) -> AsyncIterator[Screen]:
    screen = await open_screen(url, town.tokens["李梅"])
    yield screen
    await screen.close()


async def put_on_sale(
    town: DeskTown, title: str, price_fen: int, *, stock: int | None = None, **more: int
) -> UUID:
    """A product of the shop, with what it costs."""
    product = Product(
        id=new_id(), shop_id=town.shop_id, title=title, price_fen=price_fen,
        sku=f"K{new_id().hex}", stock=stock,
    )  # fmt: skip
    await tell_products(town.pool, town.shop_id, [product])
    if more:
        told = [Cost(product_id=product.id, **more)]
        await tell_own_costs(town.pool, town.people["主管"], told, now=utc_now())
    return product.id


async def test_a_product_is_found_shown_and_bargained_over(
    town: DeskTown, window: Window, buyer: Screen
) -> None:
    await come_online(town, "小安")
    await put_on_sale(town, "青花瓷茶具七头套装", 12_800)
    dress = await put_on_sale(town, "亚麻连衣裙 M 码", 5_000, cost_fen=2_500, freight_fen=800)
    talk = await asks(town, "李梅", "这条裙子 46 元卖不卖")
    page = await window("小安")
    await buyer.send("open", conversation=talk)
    await choose(page, talk)
    await page.locator("[data-sheet=products]").click()
    sheet = page.locator("#desk-sheet")
    await sheet.locator("#goods-q").fill("连衣裙 100%")
    await expect(sheet.locator("#desk-goods")).to_contain_text("没有找到")
    await sheet.locator("#goods-q").fill("连衣裙")
    await expect(sheet.locator("#desk-goods > li")).to_have_count(1)
    await sheet.get_by_role("button", name="发送").click()
    await expect(sheet).to_be_hidden()
    card = await buyer.until(
        lambda s: next((x for x in s.lines.get(str(talk), []) if x["kind"] == "product"), None)
    )
    assert card["body"]["product_id"] == str(dress)
    assert card["body"]["price_fen"] == 5_000
    # The product that was shown is the one that is bargained over.
    await page.locator(".desk-tools [data-sheet=bargain]").click()
    await expect(sheet.locator("#bargain-product")).to_have_value(str(dress))
    await sheet.locator("#bargain-asked").fill("46")
    advice = sheet.locator("#bargain-advice")
    await expect(advice).to_contain_text("可以成交")
    await require_no_barriers(page)
    await sheet.locator("#bargain-asked").fill("40")
    await expect(advice).to_contain_text("需要主管批准")
    await sheet.locator("#bargain-asked").fill("3x")
    await expect(sheet.locator("[role=alert]")).to_be_visible()
    await sheet.locator("#bargain-asked").fill("30")
    await expect(advice).to_contain_text("不能卖")
    text = await sheet.locator("[data-now]").first.get_attribute("data-text")
    await sheet.locator("[data-now]").first.click()
    await buyer.until(lambda s: text in s.texts(talk))
    # Once more, and the lead is asked with one click.
    await page.locator(".desk-tools [data-sheet=bargain]").click()
    await sheet.locator("#bargain-asked").fill("40")
    await expect(advice).to_contain_text("需要主管批准")
    await sheet.get_by_role("button", name="向主管申请").click()
    await expect(page.locator("#desk-lead")).to_contain_text("¥10.00")
    ask = await town.pool.fetchrow("SELECT what, gives_fen, price_fen FROM script_asks")
    assert ask and tuple(ask) == ("price", 1_000, 4_000)


async def test_an_order_is_shipped_and_a_difference_asked_for(
    town: DeskTown, window: Window
) -> None:
    order = await order_of(town, "李梅", arrived=False)
    talk = await asks(town, "李梅", "换成大号的，差多少？", order_id=order.id)
    page = await window("老板")
    await page.goto(f"{page.url.split('?')[0]}?view=unanswered")
    await choose(page, talk)
    card, sheet = page.locator(f"#order-{order.id}"), page.locator("#desk-sheet")
    await card.get_by_role("button", name="补差价").click()
    await sheet.locator("#difference-amount").fill("20")
    await sheet.locator("#difference-note").fill("换大号差价")
    await sheet.locator("button[type=submit]").click()
    await expect(sheet).to_be_hidden()
    bill = await town.pool.fetchrow("SELECT amount_fen, note, state FROM bills")
    assert bill and tuple(bill) == (2_000, "换大号差价", "open")
    await card.get_by_role("button", name="发货").click()
    await sheet.locator("#dispatch-carrier").fill("顺丰速运")
    await sheet.locator("#dispatch-tracking").fill("SF1234567890")
    await require_no_barriers(page)
    await sheet.locator("button[type=submit]").click()
    await expect(card).to_contain_text("SF1234567890")
    await expect(card.get_by_role("button", name="发货")).to_have_count(0)


async def test_of_an_order_that_nobody_paid_for_nothing_is_asked_back_or_made_good(
    town: DeskTown, window: Window
) -> None:
    paid, never = await order_of(town, "李梅"), await order_of(town, "李梅", paid=False)
    talk = await asks(town, "李梅", "那单我不要了", order_id=paid.id)
    rules, by_id = PolicyChoice(pack="taobao-2025"), town.people["老板"].person_id
    await add_version(town.pool, rules, seen=0, reason="goodwill", by_id=by_id, now=utc_now())
    page = await window("老板")
    await page.goto(f"{page.url.split('?')[0]}?view=unanswered")
    await choose(page, talk)
    for order, offered in ((paid, 1), (never, 0)):
        card = page.locator(f"#order-{order.id}")
        await expect(card.get_by_role("button", name="发给买家")).to_have_count(1)
        for name in ("代申请售后", "给予补偿"):
            await expect(card.get_by_role("button", name=name)).to_have_count(offered)


@pytest.mark.fact("S0-50")
async def test_what_is_sold_out_is_kept_for_the_buyer(town: DeskTown, window: Window) -> None:
    await come_online(town, "小安")
    tea = await put_on_sale(town, "青花瓷茶具七头套装", 12_800, stock=0)
    await put_on_sale(town, "亚麻连衣裙 M 码", 5_000, stock=3)
    talk = await asks(town, "李梅", "茶具什么时候有货")
    page = await window("小安")
    await choose(page, talk)
    sheet, open_wishes = page.locator("#desk-sheet"), "SELECT buyer_id FROM restock_wishes"
    await page.locator("[data-sheet=products]").click()
    await expect(sheet.get_by_role("button", name="登记到货提醒")).to_have_count(1)
    await require_no_barriers(page)
    for width, height in ((390, 844), (1440, 900)):
        await page.set_viewport_size({"width": width, "height": height})
        await shoot(page, f"desk-restock-{width}")
    await sheet.get_by_role("button", name="登记到货提醒").click()
    await expect(sheet).to_be_hidden()
    await expect(page.get_by_text("已登记，到货后会自动通知买家")).to_be_visible()
    [kept] = await town.pool.fetch(f"{open_wishes} WHERE product_id = $1", tea)
    assert kept["buyer_id"] == town.people["李梅"].person_id
    await page.locator("[data-sheet=products]").click()
    await expect(sheet.locator("#desk-goods")).to_contain_text("买家在等到货")
    await shoot(page, "desk-restock-kept")
    await sheet.get_by_role("button", name="不用提醒了").click()
    await expect(sheet).to_be_hidden()
    assert await town.pool.fetch(open_wishes) == []


async def test_goods_are_found_by_all_words_and_signs_mean_themselves(town: DeskTown) -> None:
    await put_on_sale(town, "纯棉 T 恤 50% 棉", 3_900)
    await put_on_sale(town, "纯棉 T 恤 白", 3_900)
    named = [each.title for each in await find_goods(town.pool, town.shop_id, "恤 50%")]
    assert named == ["纯棉 T 恤 50% 棉"]
    assert len(await find_goods(town.pool, town.shop_id, "纯棉")) == 2
    assert await find_goods(town.pool, town.shop_id, "_") == []
    newest, *_ = await find_goods(town.pool, town.shop_id)
    assert [each.title for each in await find_goods(town.pool, town.shop_id, after=newest.id)] == [
        "纯棉 T 恤 50% 棉"
    ]


async def test_above_ones_own_limit_the_lead_is_asked_and_the_grant_is_given_once(
    town: DeskTown, window: Window
) -> None:
    await come_online(town, "小安")
    async with town.pool.acquire() as database:
        await top_up(database, shop_id=town.shop_id, amount_fen=5_000, now=utc_now())
    rules, by_id = PolicyChoice(pack="taobao-2025"), town.people["老板"].person_id
    await add_version(town.pool, rules, seen=0, reason="goodwill", by_id=by_id, now=utc_now())
    order = await order_of(town, "李梅")
    talk = await asks(town, "李梅", "掉色了，能补偿一点吗", order_id=order.id)
    page, lead = await window("小安"), await window("老板")
    await choose(page, talk)
    card, sheet = page.locator(f"#order-{order.id}"), page.locator("#desk-sheet")
    gift = card.get_by_role("button", name="补偿")
    await gift.click()
    await expect(sheet.locator("#goodwill-amount")).to_have_count(0)
    await sheet.locator("[data-sheet=ask]").click()
    await sheet.locator("#ask-gives").fill("12")
    await sheet.locator("#ask-why").fill("老客，确实掉色")
    await sheet.locator("#ask-form [type=submit]").click()
    await expect(page.locator("#desk-lead")).to_contain_text("¥12.00")
    await lead.goto(f"{lead.url.split('?')[0]}?c={talk}")
    await lead.locator("#desk-lead [name=amount]").fill("8")
    await lead.locator("#desk-lead [value=granted]").click()
    await expect(lead.locator(".desk-ask-granted")).to_contain_text("¥8.00")
    await expect(page.locator(".desk-ask-granted")).to_contain_text("¥8.00")
    await gift.click()
    await expect(sheet.locator("#goodwill-form")).to_contain_text("¥8.00，仅可使用一次")
    await sheet.locator("#goodwill-amount").fill("9")
    await sheet.locator("#goodwill-form [type=submit]").click()
    await expect(sheet.locator("[role=alert]")).to_contain_text("主管")
    await sheet.locator("#goodwill-amount").fill("8")
    await sheet.locator("#goodwill-form [type=submit]").click()
    await expect(sheet).to_be_hidden()
    await expect(page.locator(".desk-ask-granted")).to_contain_text("已打款给买家")
    await gift.click()
    await expect(sheet.locator("#goodwill-amount")).to_have_count(0)
    paid = await town.pool.fetch("SELECT amount_fen FROM payouts WHERE order_id = $1", order.id)
    assert [row["amount_fen"] for row in paid] == [800]
