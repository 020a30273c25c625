"""Importing into a real database: all or nothing, once, with the money."""

from datetime import timedelta
from uuid import UUID

import pytest
from tests.shops.exports import DONE, PLAIN, SHIPPED, export
from tests.shops.samples import T0

from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.flows.confirm_order import confirm_order
from gongdao.flows.import_orders import Imported, OrderFile, Teller, import_orders, preview_import
from gongdao.shops.reads import list_log, list_orders
from gongdao.shops.shop import Shop
from gongdao.shops.store import Scope, insert_shops

NOW = T0 + timedelta(days=30)
PLATFORM = Teller(platform=True)


async def cold_store(pool: Pool) -> UUID:
    shop = Shop(id=new_id(), name="冷库", opened_at=T0)
    async with pool.acquire() as connection:
        await insert_shops(connection, [shop])
    return shop.id


async def bring(pool: Pool, shop_id: UUID, *rows: dict[str, str]) -> Imported:
    file = OrderFile(shop_id=shop_id, raw=export(*rows).encode("gbk"))
    return await import_orders(pool, file, by=PLATFORM, now=NOW)


async def balances(connection: Connection) -> dict[str, int]:
    rows = await connection.fetch(
        "SELECT kind, sum(balance_fen)::bigint FROM ledger_accounts GROUP BY kind"
    )
    return {kind: fen for kind, fen in rows if fen}


async def counts(pool: Pool) -> list[int]:
    async with pool.acquire() as connection:
        return [
            await connection.fetchval(f"SELECT count(*) FROM {table}")
            for table in ("orders", "order_log", "people", "ledger_transfers", "shipments")
        ]


async def test_the_same_file_twice_and_a_newer_one(pool: Pool):
    shop_id = await cold_store(pool)
    other = PLAIN | {"订单编号": "2", "买家会员名": "小红"}
    assert await bring(pool, shop_id, PLAIN, other) == Imported(added=2)
    before = await counts(pool)
    assert before == [2, 2, 2, 2, 0]
    assert await bring(pool, shop_id, PLAIN, other) == Imported(unchanged=2)
    assert await counts(pool) == before
    shipped = await bring(pool, shop_id, PLAIN | SHIPPED, other)
    assert shipped == Imported(advanced=1, unchanged=1, assumed=1)
    async with pool.acquire() as connection:
        assert await balances(connection) == {"order_escrow": 536000}
    assert (await bring(pool, shop_id, PLAIN | DONE)).advanced == 1
    async with pool.acquire() as connection:
        assert await balances(connection) == {"order_escrow": 268000, "shop_balance": 268000}
        page = await list_orders(connection, scope=Scope(shop_id=shop_id))
        (done,) = [p for p in page.purchases if p.order.number == "600001"]
        log = await list_log(connection, done.order.id, scope=Scope(shop_id=shop_id))
        assert [e.what for e in log] == ["imported", "shipped", "tracked", "confirmed"]
        mine = await list_orders(connection, scope=Scope(buyer_id=done.order.buyer_id))
        assert [p.order.id for p in mine.purchases] == [done.order.id]


async def test_nothing_is_kept_of_a_file_with_one_wrong_line(pool: Pool):
    shop_id = await cold_store(pool)
    before = await counts(pool)
    wrong = PLAIN | {"订单编号": "2", "总金额": "1.00"}
    assert len((await bring(pool, shop_id, PLAIN, wrong)).faults) == 1
    assert await counts(pool) == before
    nameless = PLAIN | {"订单编号": "2", "买家会员名": "一"}
    (fault,) = (await bring(pool, shop_id, PLAIN, nameless)).faults
    assert fault.say("zh") == "第 4 行：“一”不能作为买家账号名使用。"
    assert await counts(pool) == before


async def test_nothing_is_kept_when_the_new_file_contradicts(pool: Pool):
    shop_id = await cold_store(pool)
    await bring(pool, shop_id, PLAIN)
    before = await counts(pool)
    report = await bring(pool, shop_id, PLAIN | {"买家会员名": "小红"}, PLAIN | {"订单编号": "2"})
    assert [fault.column for fault in report.faults] == ["buyer"]
    assert await counts(pool) == before


async def test_a_preview_tells_the_same_and_keeps_nothing(pool: Pool):
    shop_id = await cold_store(pool)
    before = await counts(pool)
    file = OrderFile(shop_id=shop_id, raw=export(PLAIN | SHIPPED).encode())
    preview = await preview_import(pool, file, by=PLATFORM, now=NOW)
    assert await counts(pool) == before
    assert preview == await import_orders(pool, file, by=PLATFORM, now=NOW)


async def test_a_confirmed_order_pays_the_shop_and_a_closed_one_nobody(pool: Pool):
    shop_id = await cold_store(pool)
    await bring(
        pool,
        shop_id,
        PLAIN | DONE | {"打款商家金额": "2600.00"},
        PLAIN | {"订单编号": "2", "订单状态": "交易关闭"},
        PLAIN | {"订单编号": "3", "订单状态": "等待买家付款", "订单付款时间 ": ""},
    )
    async with pool.acquire() as connection:
        assert await balances(connection) == {"shop_balance": 260000}


async def test_what_was_refunded_elsewhere_leaves_escrow(pool: Pool):
    shop_id = await cold_store(pool)
    await bring(pool, shop_id, PLAIN)
    report = await bring(pool, shop_id, PLAIN | {"订单状态": "交易关闭"})
    assert report.advanced == 1
    async with pool.acquire() as connection:
        assert await balances(connection) == {}


async def test_confirming_twice_pays_the_shop_once(pool: Pool):
    shop_id = await cold_store(pool)
    await bring(pool, shop_id, PLAIN | SHIPPED)
    async with pool.acquire() as connection:
        scope = Scope(shop_id=shop_id)
        (purchase,) = (await list_orders(connection, scope=scope)).purchases
        for _ in range(2):
            await confirm_order(connection, purchase.order.id, scope=scope, by=None, now=NOW)
        assert await balances(connection) == {"shop_balance": 268000}


async def test_money_that_is_gone_cannot_be_moved_again(pool: Pool):
    shop_id = await cold_store(pool)
    await bring(pool, shop_id, PLAIN | SHIPPED)
    async with pool.acquire() as connection:
        (purchase,) = (await list_orders(connection, scope=Scope(shop_id=shop_id))).purchases
        order = purchase.order
        await connection.execute(
            "SELECT ledger_post('{null}', $1, '{hold}', '{order_escrow}', $1, '{shop_frozen}', $2,"
            " '{1}', '{f}', $3)",
            [order.id], [shop_id], NOW,
        )  # fmt: skip
    with pytest.raises(Refusal) as refused:
        await bring(pool, shop_id, PLAIN | DONE)
    assert refused.value.code == "insufficient_funds"
    async with pool.acquire() as connection:
        assert await connection.fetchval("SELECT state FROM orders") == "shipped"


async def test_an_unknown_shop_is_refused(pool: Pool):
    with pytest.raises(Refusal) as refused:
        await bring(pool, new_id(), PLAIN)
    assert refused.value.code == "not_found"


async def test_two_imports_of_one_file_at_once_import_it_once(pool: Pool):
    import asyncio

    shop_id = await cold_store(pool)
    rows = [PLAIN | {"订单编号": str(i)} for i in range(1, 51)]
    done = await asyncio.gather(*(bring(pool, shop_id, *rows) for _ in range(3)))
    assert sorted((d.added, d.unchanged) for d in done) == [(0, 50), (0, 50), (50, 0)]
