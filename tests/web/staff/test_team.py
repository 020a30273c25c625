"""The team in the browser: a hand-over over midnight, a month of commission, how both look."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from playwright.async_api import Browser, Page, expect
from tests.staff.test_books import sell
from tests.web.chat.desk_town import DeskTown
from tests.web.chat.test_buyer_page import shoot
from tests.web.desk.window_town import asks, come_online, enter, says
from tests.web.readable import require_no_barriers

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.chat.store import load_conversation
from gongdao.flows.staff.fund import EntryArgs, write_entry
from gongdao.flows.staff.week_report import make_report
from gongdao.staff.days import day_of, moment, month_of
from gongdao.staff.shift import Shift
from gongdao.staff.shift_store import add_shifts, lock_team


async def open_page(
    town: DeskTown, url: str, browser: Browser, name: str, path: str, *, phone: bool = False
) -> Page:
    size = (390, 844) if phone else (1440, 900)
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="zh-CN"
    )
    page = await context.new_page()
    await enter(town, url, page, name, path)
    return page


async def plan_night_and_day(town: DeskTown) -> date:
    """小安 had last night, over midnight; 小宝 is on duty now. The day on which the night began."""
    now = utc_now()
    last = day_of(now) - timedelta(days=1)
    night = Shift(
        id=new_id(), person_id=town.people["小安"].person_id, name="Night shift",
        starts_at=moment(last, 17 * 60 + 30), ends_at=moment(last, 25 * 60), extends=True,
    )  # fmt: skip
    day = Shift(
        id=new_id(), person_id=town.people["小宝"].person_id, name="Day shift",
        starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=8),
    )  # fmt: skip
    async with town.pool.acquire() as connection, connection.transaction():
        await lock_team(connection, town.shop_id)
        await add_shifts(connection, town.shop_id, [night, day], by_id=day.person_id, now=now)
    return last


@pytest.mark.fact("S0-60")
async def test_a_hand_over_between_two_agents_over_midnight(
    town: DeskTown, url: str, browser: Browser
) -> None:
    last = await plan_night_and_day(town)
    await come_online(town, "小安", "小宝")
    talk = await asks(
        town, "李梅", "冰箱不制冷了，怎么办？", ago=30, agent_id=town.people["小安"].person_id
    )
    await says(town, "小安", talk, "非常抱歉，2小时内给您回复处理结果", ago=20)
    agent = await open_page(town, url, browser, "小安", f"/shop/team?week={last}")
    row = agent.locator("tr", has=agent.locator("th", has_text="小安"))
    # The night belongs to the day on which it began, though it ended on the next one.
    await expect(row.locator(f"td:nth-child({last.weekday() + 2})")).to_contain_text("17:30–01:00")
    await require_no_barriers(agent)
    await shoot(agent, "team-rota")
    await agent.goto(f"{url}/shop/team/book")
    await expect(agent.locator("#write .st-lines li")).to_have_count(2)
    await agent.fill("#write .st-lines li:first-child input", "已报修，等厂家电话")
    await agent.fill("#note-0", "3号库钥匙换了地方")
    await require_no_barriers(agent)
    await agent.click("#write button[type=submit]")
    await expect(agent.locator("#mine li")).to_have_count(3)

    colleague = await open_page(town, url, browser, "小宝", "/shop/team/book", phone=True)
    await expect(colleague.locator("#accept li")).to_have_count(3)
    await shoot(colleague, "team-book-phone")
    note = colleague.locator("#accept li", has_text="3号库钥匙")
    await note.locator("summary").click()
    await note.locator("input[name=text]").fill("现在放在哪里？")
    await note.locator("details button").click()
    await expect(note).to_contain_text("现在放在哪里？")
    await agent.goto(f"{url}/shop/team/book")
    await agent.fill("#mine input[name=text]", "前台抽屉")
    await agent.click("#mine form button")
    await expect(agent.locator("#mine")).to_contain_text("前台抽屉")
    for left in (2, 1, 0):
        await colleague.goto(f"{url}/shop/team/book")
        await colleague.locator("#accept li button.btn-primary").first.click()
        await expect(colleague.locator("#accept li")).to_have_count(left)
    await require_no_barriers(colleague)
    moved = await load_conversation(town.pool, talk)
    assert moved and moved.agent_id == town.people["小宝"].person_id
    await agent.goto(f"{url}/shop/team/book")
    await expect(agent.locator("#past .st-book").first).to_contain_text("小宝")
    await shoot(agent, "team-book")


@pytest.mark.fact("S0-63")
async def test_a_month_of_commission_adds_up_to_the_cent(
    town: DeskTown, url: str, browser: Browser
) -> None:
    this = month_of(day_of(utc_now()))
    at = moment(month_of(this - timedelta(days=1)), 3 * 1440)
    for name, fen in (("小安", 33_333), ("小安", 12_345), ("小宝", 10_001), (None, 268_000)):
        await sell(town, name, fen, at=at)
    owner = await open_page(town, url, browser, "老板", "/shop/team/settings")
    await require_no_barriers(owner)
    await shoot(owner, "team-settings")
    await owner.fill("#commission-rate", "1.555")
    await owner.fill("#commission-reason", "按合同")
    await owner.click("#commission button[type=submit]")
    await expect(owner.locator(".gd-toast-refusal")).to_contain_text("1.5")
    await owner.fill("#commission-rate", "1.5")
    await owner.click("#commission button[type=submit]")
    await expect(owner.locator(".gd-toast-done")).to_be_visible()

    month = f"{at + timedelta(hours=8):%Y-%m}"
    lead = await open_page(town, url, browser, "主管", f"/shop/team/commission?month={month}")
    cells = await lead.locator("#lines tbody td:last-child").all_inner_texts()
    total = await lead.locator("#total").inner_text()

    def yuan_of(text: str) -> Decimal:
        return Decimal(text.strip().lstrip("¥").replace(",", ""))

    assert sum(map(yuan_of, cells)) == yuan_of(total) == Decimal("8.35")
    shares = await lead.locator("#shares tbody tr:not(.st-total) td:last-child").all_inner_texts()
    assert sum(map(yuan_of, shares)) == yuan_of(total)
    await expect(lead.locator(".st-nobody")).to_contain_text("备注里没有写客服")
    await require_no_barriers(lead)
    await shoot(lead, "team-commission")
    await lead.get_by_role("button", name="结账").click()
    await expect(lead.locator("#state")).to_contain_text("已结账")
    async with lead.expect_download() as download:
        await lead.click("a[download]")
    path = await (await download.value).path()
    text = path.read_text("utf-8-sig")
    assert "8.35" in text.splitlines()[-1]
    agent = await open_page(
        town, url, browser, "小安", f"/shop/team/commission?month={month}", phone=True
    )
    await expect(agent.locator("#lines tbody tr")).to_have_count(2)
    await shoot(agent, "team-commission-phone")


async def test_the_other_pages_say_what_they_are_for(
    town: DeskTown, url: str, browser: Browser
) -> None:
    await plan_night_and_day(town)
    now, lead_ = utc_now(), town.people["主管"]
    entry = EntryArgs(id=new_id(), way="in", amount="150.00", purpose="部门聚餐预存")
    await write_entry(town.pool, lead_, entry, now=now)
    await make_report(town.pool, lead_, day_of(now) - timedelta(days=7), now=now)
    lead = await open_page(town, url, browser, "主管", "/shop/team/me")
    await lead.fill("#memo-text", "周五前给李梅回访")
    await lead.click("#memos form button[type=submit]")
    await expect(lead.locator(".st-memos")).to_contain_text("李梅")
    for path, name in (
        ("me", "me"), ("requests", "requests"), ("report", "report"), ("people", "people"),
        (f"people/{town.people['小安'].person_id}", "person"), ("rules", "rules"), ("fund", "fund"),
    ):  # fmt: skip
        await lead.goto(f"{url}/shop/team/{path}")
        await require_no_barriers(lead)
        await shoot(lead, f"team-{name}")
        await lead.set_viewport_size({"width": 390, "height": 844})
        await shoot(lead, f"team-{name}-phone")
        wide = await lead.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{path} is {wide} px wider than a phone"
        await lead.set_viewport_size({"width": 1440, "height": 900})
    await lead.goto(f"{url}/shop/team/people/{town.people['小安'].person_id}")
    await lead.fill("#training-topic", "售后规则")
    await lead.fill("#training-trainer", "主管")
    await lead.locator("form[action$=trainings] button").click()
    await expect(lead.locator(".gd-toast-done")).to_contain_text("已登记")
    await lead.goto(f"{url}/shop/team")
    await lead.select_option("#plan-person_id", label="小宝")
    await lead.select_option("#plan-name", index=0)
    day = lead.locator("#plan input[name=days]").nth(day_of(now).weekday())
    await day.check()
    await lead.click("details.st-other summary")
    await lead.fill("#plan-starts", "00:00")
    await lead.fill("#plan-ends", "00:00")
    await lead.click("#plan button[type=submit]")
    await expect(lead.locator(".gd-toast-refusal")).to_contain_text("晚于")
    assert await town.pool.fetchval("SELECT count(*) FROM staff_shifts") == 2
