"""The page of the day: what is due, in its order, and only what is one's own to do."""

import re
from datetime import timedelta

import pytest
from msgspec.structs import replace
from playwright.async_api import Page, expect
from tests.web.readable import require_no_barriers

from gongdao.base.i18n import ZONE
from gongdao.base.ids import new_id
from gongdao.cases import commands as c
from gongdao.flows.staff import house_rules
from gongdao.flows.staff.hand_over import WriteArgs, write_book
from gongdao.flows.staff.house_rules import ContestArgs, MarkArgs
from gongdao.flows.staff.memos import MemoArgs, write_memo
from gongdao.flows.staff.requests import LeaveArgs, ask_leave
from gongdao.flows.staff.rules import save_rules
from gongdao.flows.today.board import read_today
from gongdao.flows.today.line import Line as WorkLine
from gongdao.flows.today.line import Lot
from gongdao.settings.team import HouseRules
from gongdao.shops.order import Line, Order
from gongdao.shops.purchase import Purchase, Remarks
from gongdao.shops.shop import Address, Product
from gongdao.shops.store import insert_orders, insert_products
from gongdao.staff.days import day_of

from .conftest import PASSWORD, Desk, Visitor, signed_in


async def test_cases_whose_clock_ends_today_and_orders_to_send(desk: Desk, owner: Visitor):
    # A case is answered within 72 hours: the first ends today whatever the time of day is.
    late = await desk.filed(hours=71.99)
    await desk.filed(hours=1)
    waiting = await desk.order(days=3, shipped=False, buyer_name="王飞")
    page = await owner.get("/shop/today")
    works = re.findall(r'id="lot-(\w+)"', page)
    assert works == ["clocks", "dispatch"]
    assert f'href="/shop/cases/{late.id}"' in page
    assert f'href="/shop/orders/{waiting.id}"' in page
    assert "今天要答复的售后与投诉" in page
    assert "仅退款" in page or "退货退款" in page


async def test_what_went_wrong_yesterday_is_looked_into_today(desk: Desk):
    case = await desk.filed(kind="refund_only", price_fen=9_900)
    await desk.does("owner", case, "approve", c.ApproveArgs())
    tomorrow = desk.now + timedelta(days=1)
    today = await read_today(desk.pool, desk.people["lead"], now=tomorrow)
    lot = next(lot for lot in today.lots if lot.work == "abnormal")
    assert [(line.note, line.params) for line in lot.lines] in (
        [("{amount} yuan refunded", {"amount": "99.00"})],
        [("Closed after the whole refund", {})],
    )
    later = await read_today(desk.pool, desk.people["lead"], now=desk.now + timedelta(days=3))
    assert not [lot for lot in later.lots if lot.work == "abnormal"]


async def test_a_day_ends_at_midnight_of_the_shop(desk: Desk):
    today = await read_today(desk.pool, desk.people["agent"], now=desk.now)
    local = today.day.ends.astimezone(ZONE)
    assert (local.hour, local.minute) == (0, 0)
    assert timedelta() < today.day.ends - desk.now <= timedelta(days=1)
    assert today.day.begins - today.day.yesterday == timedelta(days=1)


async def test_nobody_sees_the_work_of_another_shop(desk: Desk):
    await desk.filed(hours=71.99)
    rival = await read_today(desk.pool, desk.people["rival"], now=desk.now)
    assert rival.lots == ()
    async with signed_in(desk, "rival") as visitor:
        assert "今天的事都办完了" in await visitor.get("/shop/today")


async def test_lines_of_the_care_of_orders_lead_to_their_rows(desk: Desk):
    at = desk.now - timedelta(hours=30)
    home = Address(name="林小雨", phone="13800001111", address="浙江省杭州市文一路 1 号")
    bought = Line(line=1, title="台灯", price_fen=9_600)
    orders = [
        Order(
            id=new_id(), number=f"T{new_id().int % 10**12}", shop_id=desk.shop_id,
            buyer_id=desk.people["buyer"].person_id, placed_at=at + n * timedelta(minutes=1),
            lines=(bought,), payment="cod" if n > 1 else "balance",
        )
        for n in range(4)
    ]  # fmt: skip
    purchases = [
        Purchase(order=one, remarks=Remarks(buyer_name="林小雨", receiver=home)) for one in orders
    ]
    product = Product(
        id=new_id(), shop_id=desk.shop_id, title="台灯", sku="lamp", price_fen=9_600, stock=2
    )
    async with desk.pool.acquire() as connection, connection.transaction():
        await insert_orders(connection, purchases, by=None, now=at)
        await insert_products(connection, [product])
    today = await read_today(desk.pool, desk.people["owner"], now=desk.now)
    found = {lot.work: lot.lines for lot in today.lots}
    assert {"calls", "unpaid", "doubles", "merge", "stock"} <= set(found)
    async with signed_in(desk, "owner") as visitor:
        for line in (one for lines in found.values() for one in lines):
            path, _, place = line.href.partition("#")
            assert place and f'id="{place}"' in await visitor.get(path), line.href


async def test_where_a_list_was_read_no_further_it_says_so(desk: Desk, owner: Visitor):
    for _ in range(2):
        await desk.filed(hours=71.99)
    few = Lot(work="clocks", count=3, lines=(), href="/", limit=4)
    assert not few.at_least and replace(few, count=4).at_least
    page = await owner.get("/shop/today")
    assert '<span class="gd-count-badge">2</span>' in page and ">2+<" not in page


async def test_the_most_urgent_clock_is_first_whatever_the_limit(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    late = [await desk.filed(hours=hours) for hours in (71.9, 71.98, 71.95)]
    monkeypatch.setattr("gongdao.flows.today.line.COUNT_MAX", 2)
    today = await read_today(desk.pool, desk.people["owner"], now=desk.now)
    clocks = next(lot for lot in today.lots if lot.work == "clocks")
    assert [line.href for line in clocks.lines] == [f"/shop/cases/{late[n].id}" for n in (1, 2)]


async def test_each_line_leads_to_where_it_is_done(desk: Desk):
    """Work of every room; each address answers, and holds the place that it names."""
    owner, agent = desk.people["owner"], desk.people["agent"]
    await desk.filed(hours=71.99)
    await desk.order(days=3, shipped=False)
    day = desk.now.astimezone(ZONE).date()
    leave = LeaveArgs(id=new_id(), from_day=day + timedelta(days=9),
                      until_day=day + timedelta(days=9), why="家里有事")  # fmt: skip
    await ask_leave(desk.pool, agent, leave, now=desk.now)
    await write_book(
        desk.pool, agent, WriteArgs(id=new_id(), notes=("九点有人取件",)), now=desk.now
    )
    await write_memo(desk.pool, owner, MemoArgs(id=new_id(), text="补货", due_on=day), now=desk.now)
    today = await read_today(desk.pool, owner, now=desk.now)
    works = [lot.work for lot in today.lots]
    assert works == ["clocks", "dispatch", "hand_over", "decisions", "memos"]
    async with signed_in(desk, "owner") as visitor:
        shown = await visitor.get("/shop/today")
        for href in [each for lot in today.lots for each in (lot.href, *map(href_of, lot.lines))]:
            assert f'href="{href}"' in shown
            path, _, place = href.partition("#")
            assert not place or f'id="{place}"' in await visitor.get(path), href
            await visitor.get(path)


async def test_a_contested_entry_waits_for_somebody_else_on_the_page_of_its_month(desk: Desk):
    owner, lead, agent = (desk.people[name] for name in ("owner", "lead", "agent"))
    now, long_ago = desk.now, day_of(desk.now) - timedelta(days=40)
    await save_rules(desk.pool, owner, HouseRules(on=True), seen=0, reason="试行", now=now)
    for whose in (lead, agent):
        args = MarkArgs(id=new_id(), person_id=whose.person_id, rule="cleaning",
                        happened_on=long_ago, text="漏值日")  # fmt: skip
        mark = await house_rules.note_mark(desk.pool, owner, args, now=now)
        contested = ContestArgs(text="当天请假")
        await house_rules.contest_mark(desk.pool, whose, mark.id, contested, now=now)
    for name, count in (("owner", 2), ("lead", 1), ("agent", 0)):
        today = await read_today(desk.pool, desk.people[name], now=now)
        lines = [line for lot in today.lots if lot.work == "decisions" for line in lot.lines]
        assert len(lines) == count
        async with signed_in(desk, name) as visitor:
            for line in lines:
                path, _, place = line.href.partition("#")
                assert f'id="{place}"' in await visitor.get(path)


def href_of(line: WorkLine) -> str:
    return line.href


@pytest.mark.browser
async def test_keys_lead_to_the_first_line(desk: Desk, page: Page):
    """The first page after signing in."""
    late = await desk.filed(hours=71.99)
    await desk.order(days=3, shipped=False)
    await page.goto(f"{desk.url}/sign-in")
    await page.fill("input[name=name]", "agent")
    await page.fill("input[name=password]", PASSWORD)
    await page.press("input[name=password]", "Enter")
    await page.wait_for_url("**/shop/today")
    await expect(page.locator("#lot-clocks .gd-line")).to_have_count(1)
    await require_no_barriers(page)
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{desk.url}/shop/cases/{late.id}")
