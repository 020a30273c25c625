"""Confirming receipt: asked once more where something speaks of a scam, and plainly where not."""

import pytest
from playwright.async_api import expect
from tests.flows.guard.watchful import finding, kept
from tests.web.chat.desk_town import DeskTown
from tests.web.desk.window_town import order_of
from tests.web.guard.conftest import Visit
from tests.web.guard.test_kit import shoot
from tests.web.readable import require_readable

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.risk.finding import Place

pytestmark = pytest.mark.browser
CONFIRMED = "SELECT confirmed_at IS NOT NULL FROM orders WHERE id = $1"


@pytest.mark.fact("S0-32")
async def test_a_buyer_under_a_scam_is_asked_once_more(visit: Visit, town: DeskTown) -> None:
    order = await order_of(town, "李梅", price_fen=299_970)
    place = Place(
        subject="message", subject_id=new_id(), shop_id=town.shop_id, order_id=order.id,
        buyer_id=town.people["李梅"].person_id, about="shop",
    )  # fmt: skip
    await kept(town.pool, finding(place, at=utc_now()))
    phone = await visit(f"/orders/{order.id}", "李梅")
    await phone.locator("#to-receipt a").click()
    await expect(phone.locator("#guard")).to_contain_text("远程控制")
    await expect(phone.locator("#receipt")).to_contain_text("¥2,999.70")
    await require_readable(phone)
    await shoot(phone, "receipt-warned")
    await phone.locator("#receipt-form a").click()
    await expect(phone.locator("#known")).to_contain_text(order.number)
    assert not await town.pool.fetchval(CONFIRMED, order.id)
    await phone.go_back()
    await phone.get_by_role("button", name="我已核实，确认收货").click()
    await expect(phone).to_have_url(phone.url.split("/orders/")[0] + f"/orders/{order.id}")
    await expect(phone.locator("#to-review")).to_be_visible()
    assert await town.pool.fetchval(CONFIRMED, order.id)


async def test_confirming_without_having_read_it_changes_nothing(
    visit: Visit, town: DeskTown
) -> None:
    order = await order_of(town, "李梅")
    phone = await visit(f"/orders/{order.id}/receipt", "李梅", color_scheme="dark")
    await expect(phone.locator("#guard")).to_have_count(0)
    await expect(phone.get_by_role("button", name="确认收货")).to_be_visible()
    await require_readable(phone)
    await shoot(phone, "receipt-plain-dark")
    # The page was opened before there was anything to mind.
    place = Place(
        subject="message", subject_id=new_id(), shop_id=town.shop_id, order_id=order.id,
        buyer_id=town.people["李梅"].person_id, about="shop",
    )  # fmt: skip
    await kept(town.pool, finding(place, at=utc_now()))
    await phone.get_by_role("button", name="确认收货").click()
    await expect(phone.locator("body")).to_contain_text("远程控制")
    assert not await town.pool.fetchval(CONFIRMED, order.id)
