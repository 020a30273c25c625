"""The lead's figures and wall: numbers as they were counted, in both languages, and live."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Browser, Page, expect
from tests.chat.test_figures import Desk
from tests.conftest import Served
from tests.people import sign_in_on_page
from tests.web.chat.desk_town import DeskTown, build_desk_town
from tests.web.chat.test_buyer_page import shoot
from tests.web.readable import require_no_barriers

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.chat.routing.place import drain
from gongdao.flows.talk.open_talk import Wish, open_talk
from gongdao.flows.talk.presence import set_own_state


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    town = await build_desk_town(pool)
    desk = Desk(pool)
    desk.shop = town.shop_id
    for name in ("小安", "小宝"):
        await set_own_state(pool, town.people[name], "online", now=utc_now())
    noon = utc_now().replace(hour=4, minute=0) - timedelta(days=2)  # 12:00 in Shanghai
    for day in range(5):
        at = noon - timedelta(days=day)
        await desk.round(at, 12, 40, by=town.people["小安"].person_id)
        await desk.round(at, 250, by=town.people["小宝"].person_id)
    # Each talk finds its agent now, not when the worker of the product comes to it.
    async with pool.acquire() as connection, connection.transaction():
        assert len(await drain(connection, town.shop_id, now=utc_now())) == 10
    return town


@pytest.fixture
async def lead(browser: Browser, town: DeskTown, served: Served) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = await context.new_page()
    await sign_in_on_page(page, served.url, town.sign_in_names["主管"], "/desk/figures")
    yield page
    await context.close()


@pytest.mark.browser
async def test_a_lead_looks_at_the_figures_and_the_wall(
    lead: Page, town: DeskTown, served: Served
) -> None:
    await lead.goto(f"{served.url}/desk/figures?days=7")
    cards = lead.locator(".df-cards")
    await expect(cards).to_contain_text("66.7%")  # 2 of 3 rounds within 3 minutes
    await expect(lead.locator("section[aria-labelledby=by-agent] tbody tr")).to_have_count(2)
    await shoot(lead, "desk-figures")
    await require_no_barriers(lead)
    await lead.clock.install()
    async with lead.expect_response(lambda answer: "/live/desk" in answer.url) as stream:
        await lead.goto(f"{served.url}/desk/wall")
    assert (await stream.value).status == 200, "the wall hears of the desk"
    await expect(lead.locator("#wall tbody tr")).to_have_count(2)
    waits = lead.locator("#wall .gd-card", has_text="待回复").locator("dd").first
    late = lead.locator("#wall .gd-card", has_text="超 3 分钟").locator("dd").first
    await expect(waits).to_have_text("0")
    async with httpx.AsyncClient(base_url=f"{served.url}/api/v1") as buyer:
        buyer.headers["Authorization"] = f"Bearer {town.tokens['李梅']}"
        first = {"client_id": str(uuid4()), "kind": "text", "body": {"text": "在吗"}}
        shop = {"shop_id": str(town.shop_id), "first": first}
        assert (await buyer.post("/conversations", json=shop)).is_success
    await lead.clock.run_for(1_000)
    await expect(waits).to_have_text("1")
    await expect(late).to_have_text("0")
    # Clocks go on while nothing is said.
    await town.pool.execute(
        "UPDATE chat_conversations SET asked_at = asked_at - interval '4 minutes'"
        " WHERE asked_at IS NOT NULL"
    )
    await lead.clock.run_for(31_000)
    await expect(late).to_have_text("1")
    await shoot(lead, "desk-wall")
    await require_no_barriers(lead)


async def test_the_same_numbers_as_a_file_and_for_the_lead_only(
    town: DeskTown, served: Served
) -> None:
    await open_talk(
        town.pool,
        town.people["李梅"].person_id,
        Wish(shop_id=town.shop_id),
        conversation_id=new_id(),
        now=utc_now(),
    )
    async with httpx.AsyncClient(base_url=served.url) as client:
        client.headers["Authorization"] = f"Bearer {town.tokens['主管']}"
        answer = await client.get(
            "/desk/figures.csv?days=7&by=agent", headers={"Accept-Language": "zh"}
        )
        assert answer.status_code == 200
        lines = answer.text.removeprefix("\ufeff").strip().splitlines()
        assert len(lines) == 3 and ",1," in lines[1]
        answer = await client.get(
            "/desk/figures.csv?days=7&by=group", headers={"Accept-Language": "zh"}
        )
        firsts = [line.split(",")[0] for line in answer.text.strip().splitlines()[1:]]
        assert "未分配" in firsts and "'" not in firsts, "as on the page"
        answer = await client.get(
            "/desk/figures.csv?days=7&by=all", headers={"Accept-Language": "zh"}
        )
        assert answer.text.strip().splitlines()[1].startswith("全店,")
        for name in ("小安", "李梅", "仲裁员"):
            client.headers["Authorization"] = f"Bearer {town.tokens[name]}"
            for path in ("/desk/figures", "/desk/figures.csv", "/desk/wall"):
                assert (await client.get(path)).status_code == 403, (name, path)
        client.headers["Authorization"] = f"Bearer {town.tokens['主管']}"
        assert (await client.get("/desk/figures?days=8")).status_code in (400, 422)


async def test_no_name_in_the_file_runs_in_a_spreadsheet(town: DeskTown, served: Served) -> None:
    """A spreadsheet takes blanks away, and wide signs for narrow ones, before it looks."""
    names = {"小安": " =HYPERLINK(1)", "小宝": "＝1+1"}
    for name, other in names.items():
        person_id = town.people[name].person_id
        await town.pool.execute("UPDATE people SET name = $2 WHERE id = $1", person_id, other)
    await open_talk(
        town.pool,
        town.people["李梅"].person_id,
        Wish(shop_id=town.shop_id),
        conversation_id=new_id(),
        now=utc_now(),
    )
    async with httpx.AsyncClient(base_url=served.url) as client:
        client.headers["Authorization"] = f"Bearer {town.tokens['主管']}"
        answer = await client.get("/desk/figures.csv?days=7&by=agent")
    assert answer.headers["cache-control"] == "no-store"
    lines = answer.text.removeprefix("\ufeff").splitlines()[1:]
    assert len(lines) == 2
    assert not any(line.strip('" ')[:1] in "=＝" for line in lines)
