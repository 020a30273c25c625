"""Orders, import and money of a shop over HTTP."""

import csv
import io
import re
from datetime import timedelta

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.flows.confirm_order import confirm_order
from gongdao.flows.orders.care import LISTS
from gongdao.jobs.bills import collect_due
from gongdao.ledger.simulator import Simulator
from gongdao.ledger.store import top_up
from gongdao.shops.store import Scope

from .conftest import Desk, Visitor, signed_in

HEAD = "number,buyer,placed_at,paid_at,title,price\n"
GOOD = HEAD + "N1,小明,2026-03-01T10:00:00+08:00,2026-03-01T10:05:00+08:00,台灯,95.00\n"
BAD = HEAD + "N1,小明,2026-03-01T10:00:00,2026-03-01T10:05:00+08:00,台灯,95.001\n"


async def test_orders_are_found_and_shipped(desk: Desk, owner: Visitor):
    waiting = await desk.order(shipped=False, days=1)
    sent = await desk.order(buyer_name="wang")
    assert waiting.number in await owner.get("/shop/orders?state=paid")
    assert sent.number not in await owner.get("/shop/orders?state=paid")
    assert sent.number in await owner.get("/shop/orders?by=buyer_name&q=wa")
    assert sent.number in await owner.get(f"/shop/orders?by=tracking&q={sent.tracking[:6]}")
    url = f"/shop/orders/{waiting.id}"
    empty = await owner.post(f"{url}/dispatch", page=url, carrier="中通", tracking=" ")
    assert empty.status_code == 422
    for _ in range(2):
        done = await owner.post(f"{url}/dispatch", page=url, carrier="中通", tracking="ZT1")
        assert done.status_code == 303
    page = await owner.get(url)
    assert "中通 ZT1" in page
    assert "标记发货" not in page
    again = await owner.post(f"{url}/dispatch", page=url, carrier="圆通", tracking="YT1")
    assert 'data-code="duplicate"' in again.text


async def test_an_import_is_checked_first_and_told_in_both_languages(desk: Desk, owner: Visitor):
    url = "/shop/orders/import"
    bad = await owner.post(f"{url}/check", page=url, files={"file": ("a.csv", BAD.encode())})
    assert "第 2 行" in bad.text
    assert "Line 2" in bad.text
    good = {"file": ("a.csv", GOOD.encode())}
    checked = await owner.post(f"{url}/check", page=url, files=good)
    digest = re.search(r'name="digest" value="(\w+)"', checked.text)
    assert digest
    assert "确认导入 1 个订单" in checked.text
    count = "SELECT count(*) FROM orders WHERE number = 'N1'"
    assert await desk.pool.fetchval(count) == 0
    other = {"file": ("b.csv", GOOD.replace("N1", "N2").encode())}
    swapped = await owner.post(url, page=url, files=other, digest=digest[1])
    assert 'data-code="invalid"' in swapped.text
    done = await owner.post(url, page=url, files=good, digest=digest[1])
    assert done.status_code == 303
    assert await desk.pool.fetchval(count) == 1
    order_id = await desk.pool.fetchval("SELECT id FROM orders WHERE number = 'N1'")
    assert "本单货款不由平台托管" in await owner.get(f"/shop/orders/{order_id}")
    moved = "SELECT count(*) FROM ledger_transfers WHERE order_id = $1"
    assert await desk.pool.fetchval(moved, order_id) == 0
    again = await owner.post(f"{url}/check", page=url, files=good)
    assert "没有需要更新的内容" in again.text
    for role in ("agent", "lead"):
        async with signed_in(desk, role) as other:
            await other.get(url, 403)


async def test_a_top_up_counts_once_the_channel_confirms_it(desk: Desk, owner: Visitor):
    url = "/shop/money"
    assert "¥10,000.00" in await owner.get(url)
    top_up = {"amount": "1,500", "note": "工行转账", "account": "shop_balance",
              "idempotency_key": str(new_id())}  # fmt: skip
    for _ in range(2):
        assert (await owner.post(f"{url}/top-ups", page=url, **top_up)).status_code == 303
    page = await owner.get(url)
    assert "¥10,000.00" in page
    assert "¥11,500.00" not in page, "nothing came in yet"
    assert page.count("工行转账") == 1
    channel = Simulator(desk.pool)
    await collect_due(desk.pool, channel, now=utc_now())
    await collect_due(desk.pool, channel, now=utc_now() + timedelta(minutes=5))
    page = await owner.get(url)
    assert "¥11,500.00" in page
    assert (await owner.post(f"{url}/top-ups", page=url, amount="0")).status_code == 422
    assert "充值" in await owner.get(f"{url}?account=shop_deposit")
    days = await owner.get(f"{url}?since=2026-01-01&until=2026-01-02")
    assert "这段时间没有资金变动" in days
    async with signed_in(desk, "lead") as lead:
        assert "只有能编辑店铺设置的账号可以充值" in await lead.get(url)
        token_page = "/shop/inbox"
        assert (await lead.post(f"{url}/top-ups", page=token_page, **top_up)).status_code == 403
    async with signed_in(desk, "agent") as agent:
        await agent.get(url, 403)


async def test_the_statement_names_cases_and_orders(desk: Desk, owner: Visitor):
    case = await desk.filed(kind="refund_only")
    await owner.post(f"/shop/cases/{case.id}/approve", page=f"/shop/cases/{case.id}")
    page = await owner.get("/shop/money")
    number = (await desk.state(case))["number"]
    assert f"纠纷单 {number}" in page, "the payout to the buyer is listed"


async def test_a_statement_of_days_with_its_balances_and_as_a_file(desk: Desk, owner: Visitor):
    """What was there, what came and went, what is there; and each line has the balance after it."""
    past = desk.now - timedelta(days=40)
    async with desk.pool.acquire() as connection:
        await top_up(
            connection, shop_id=desk.shop_id, amount_fen=30_000, now=past, memo="=1+1 三月"
        )
    case = await desk.filed(kind="refund_only", price_fen=600)
    async with desk.pool.acquire() as connection:
        await confirm_order(
            connection, case.order_id, scope=Scope(platform=True), by=None, now=utc_now()
        )
    await owner.post(f"/shop/cases/{case.id}/approve", page=f"/shop/cases/{case.id}")
    page = await owner.get("/shop/money")
    sums = re.findall(r"<dd class=\"gd-num\">(¥[\d,.]+)</dd>", page.partition('id="period"')[2])[:4]
    assert sums == ["¥300.00", "¥10,006.00", "¥6.00", "¥10,300.00"]
    balances = re.findall(r'gd-after-it">(¥[\d,.]+)<', page)
    assert (balances[0], balances[-1]) == ("¥10,300.00", "¥10,300.00")
    whole = f"since={past:%Y-%m-%d}&until={desk.now + timedelta(days=1):%Y-%m-%d}"
    file = await owner.client.get(f"/shop/money/statement.csv?{whole}")
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert rows[0][:5] == ["时间", "款项", "状态", "收支金额（元）", "余额（元）"]
    assert rows[1][3:5] == ["-6.00", "10300.00"]
    assert rows[-1][3:5] == ["10000.00", "10000.00"]
    assert "'=1+1 三月" in [row[-1] for row in rows], "no spreadsheet takes it for a formula"
    for wrong in ("since=2026-02-30", "since=2026-03-02&until=2026-03-01"):
        await owner.get(f"/shop/money?{wrong}", 422)
    async with signed_in(desk, "agent") as agent:
        await agent.get("/shop/money/statement.csv", 403)


async def test_every_list_of_the_day_opens(desk: Desk, owner: Visitor):
    one, two = [await desk.order(shipped=False, days=1) for _ in range(2)]
    await desk.pool.execute("UPDATE orders SET receiver_address = '浙江省杭州市文一路 1 号'")
    for name in LISTS:
        page = await owner.get(f"/shop/orders/care?list={name}")
        assert (one.number in page and two.number in page) == (name in ("merge", "twice")), name
