"""Orders in a real database: what goes in comes out, and only for those whose it is."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from tests.shops.samples import HOUR, T0, add_order, an_order, open_shop

from gongdao.base.cursor import read_cursor
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.shops.order import Coupon, Discount, Gift, Line, Order
from gongdao.shops.purchase import Purchase, Remarks
from gongdao.shops.reads import Wanted, list_log, list_orders, list_shipments
from gongdao.shops.rows import order_columns, order_from_row
from gongdao.shops.shop import Address, Product, Shop
from gongdao.shops.store import (
    Scope,
    close_order,
    find_shop,
    insert_orders,
    insert_products,
    insert_shops,
    load_order,
    load_orders,
    load_purchase,
    mark_confirmed,
    mark_shipped,
    mark_signed,
)

PLATFORM = Scope(platform=True)


def full_order(shop_id) -> Order:
    return an_order(
        shop_id,
        lines=(
            Line(line=1, title="Dress", price_fen=9500, quantity=2, tags=("sale_item",)),
            Line(line=2, title="电池", price_fen=500, no_reason_exclusion_confirmed=True, sku="B"),
        ),
        freight_fen=500,
        free_shipping=True,
        ship_within=timedelta(hours=72),
        payment="credit",
        promises=("fake_one_pay_ten",),
        discounts=(Discount(threshold_fen=10000, off_fen=1000),),
        coupons=(Coupon(value_fen=500, title="红包"),),
        gifts=(Gift(value_fen=100, title="袜子"),),
        shipped_at=T0 + 2 * HOUR,
        carrier="顺丰",
        tracking="SF1",
        signed_at=T0 + 3 * HOUR,
        signed_by="proxy",
        confirmed_at=T0 + 4 * HOUR,
        refunded_fen=700,
    )


async def test_everything_of_an_order_comes_back_as_it_was(shared_pool: Pool):
    async with shared_pool.acquire() as connection:
        order = full_order(await open_shop(connection))
        remarks = Remarks(
            buyer_name="小明",
            receiver=Address(name="王小明", phone="139", address="杭州"),
            buyer_message="快",
            seller_note="VIP",
            payer_account="xm@qq.com",
        )
        await insert_orders(connection, [Purchase(order=order, remarks=remarks)], by=None, now=T0)
        purchase = await load_purchase(connection, order.id, scope=PLATFORM)
        assert purchase is not None
        assert (purchase.order, purchase.remarks, purchase.version) == (order, remarks, 1)
        row = await connection.fetchrow(
            f"SELECT 1 AS one, o.version, {order_columns()} FROM orders o WHERE id = $1", order.id
        )
        assert row is not None
        assert order_from_row(row, start=2) == order
        (parcel,) = await list_shipments(connection, order.id, scope=PLATFORM)
        assert (parcel.direction, parcel.tracking, parcel.signed_by) == ("out", "SF1", "proxy")


async def test_the_state_column_says_what_the_order_says(shared_pool: Pool):
    facts = {"shipped_at": T0 + HOUR, "signed_at": T0 + HOUR, "signed_by": "self"}
    steps = [
        {"paid_at": None},
        {},
        {"shipped_at": T0 + HOUR},
        facts,
        facts | {"confirmed_at": T0 + HOUR},
        {"closed_at": T0 + HOUR, "closed_by": "refund"},
    ]
    async with shared_pool.acquire() as connection:
        shop_id = await open_shop(connection)
        for step in steps:
            order = await add_order(connection, shop_id, **step)
            state = await connection.fetchval("SELECT state FROM orders WHERE id = $1", order.id)
            assert state == order.state


async def test_nobody_reads_an_order_that_is_not_theirs(shared_pool: Pool):
    async with shared_pool.acquire() as connection:
        order = await add_order(connection, await open_shop(connection))
        theirs = [Scope(buyer_id=order.buyer_id), Scope(shop_id=order.shop_id), PLATFORM]
        for scope in theirs:
            assert await load_order(connection, order.id, scope=scope) == order
            assert await load_orders(connection, [order.id], scope=scope) == {order.id: order}
            assert await list_log(connection, order.id, scope=scope)
        for scope in (Scope(buyer_id=new_id()), Scope(shop_id=new_id())):
            assert await load_order(connection, order.id, scope=scope) is None
            assert await load_orders(connection, [order.id], scope=scope) == {}
            assert await load_purchase(connection, order.id, scope=scope) is None
            assert (await list_orders(connection, scope=scope)).purchases == ()
            assert await list_log(connection, order.id, scope=scope) == []
            with pytest.raises(Refusal) as refused:
                await mark_confirmed(connection, order.id, scope=scope, by=None, at=T0)
            assert refused.value.code == "not_found"


def test_a_scope_names_exactly_one_side():
    for wrong in ({}, {"buyer_id": new_id(), "platform": True}):
        with pytest.raises(AssertionError):
            Scope(**wrong)


async def test_an_order_goes_its_way_and_a_repeated_step_changes_nothing(shared_pool: Pool):
    async with shared_pool.acquire() as connection:
        order = await add_order(connection, await open_shop(connection))
        seller, buyer = Scope(shop_id=order.shop_id), Scope(buyer_id=order.buyer_id)
        for _ in range(2):
            shipped = await mark_shipped(
                connection,
                order.id,
                scope=seller,
                carrier="中通",
                tracking="Z1",
                by=None,
                at=T0 + 2 * HOUR,
            )
            assert shipped.shipped_at == T0 + 2 * HOUR
            await mark_signed(
                connection, order.id, scope=seller, signed_by="self", by=None, at=T0 + 3 * HOUR
            )
            done = await mark_confirmed(
                connection, order.id, scope=buyer, by=order.buyer_id, at=T0 + 4 * HOUR
            )
        purchase = await load_purchase(connection, order.id, scope=buyer)
        assert purchase is not None
        assert purchase.order == done
        assert purchase.version == 4
        log = await list_log(connection, order.id, scope=buyer)
        assert [entry.what for entry in log] == ["placed", "shipped", "signed", "confirmed"]
        assert log[1].detail == {"carrier": "中通", "tracking": "Z1"}
        (parcel,) = await list_shipments(connection, order.id, scope=buyer)
        assert parcel.signed_at == T0 + 3 * HOUR


async def test_a_refund_never_exceeds_the_payment_however_many_come_at_once(pool: Pool):
    async with pool.acquire() as connection:
        order = await add_order(connection, await open_shop(connection))

    async def refund(amount: int) -> bool:
        async with pool.acquire() as connection:
            try:
                await connection.execute("SELECT shops_note_refund($1, $2)", [order.id], [amount])
            except asyncpg.CheckViolationError as error:
                assert error.constraint_name == "no_refund_above_the_payment"
                return False
            return True

    done = await asyncio.gather(*(refund(100_000) for _ in range(8)))
    assert sum(done) == 2
    async with pool.acquire() as connection:
        after = await load_order(connection, order.id, scope=PLATFORM)
        assert after is not None
        assert after.refunded_fen == 200_000
        log = await list_log(connection, order.id, scope=PLATFORM)
        assert [entry.detail for entry in log[1:]] == [{"amount_fen": 100_000}] * 2


async def test_refunds_in_bulk_add_up_per_order_and_name_only_real_orders(shared_pool: Pool):
    async with shared_pool.acquire() as connection:
        shop_id = await open_shop(connection)
        one, two = await add_order(connection, shop_id), await add_order(connection, shop_id)
        await connection.execute(
            "SELECT shops_note_refund($1, $2)", [one.id, two.id, one.id], [100, 200, 50]
        )
        orders = await load_orders(connection, [one.id, two.id], scope=PLATFORM)
        assert [orders[o.id].refunded_fen for o in (one, two)] == [150, 200]
        for ids, amounts in (([new_id()], [1]), ([one.id], [0])):
            with pytest.raises(asyncpg.RaiseError):
                await connection.execute("SELECT shops_note_refund($1, $2)", ids, amounts)


async def test_closing_in_bulk_happens_once(shared_pool: Pool):
    async with shared_pool.acquire() as connection:
        shop_id = await open_shop(connection)
        one, two = await add_order(connection, shop_id), await add_order(connection, shop_id)
        for closed_by in (["refund", "seller"], ["timeout", "timeout"]):
            await connection.execute(
                "SELECT shops_close_orders($1, $2, $3)", [one.id, two.id], closed_by, T0 + HOUR
            )
        orders = await load_orders(connection, [one.id, two.id], scope=PLATFORM)
        assert [orders[o.id].closed_by for o in (one, two)] == ["refund", "seller"]
        with pytest.raises(Refusal) as refused:
            await mark_confirmed(connection, one.id, scope=PLATFORM, by=None, at=T0 + HOUR)
        assert refused.value.code == "not_allowed_in_stage"
        again = await close_order(
            connection, one.id, scope=PLATFORM, closed_by="buyer", by=None, at=T0
        )
        assert again.closed_by == "refund"


async def test_the_log_of_orders_cannot_be_edited(shared_pool: Pool):
    async with shared_pool.acquire() as connection:
        order = await add_order(connection, await open_shop(connection))
        for statement in (
            "UPDATE order_log SET what = 'paid' WHERE order_id = $1",
            "DELETE FROM order_log WHERE order_id = $1",
        ):
            with pytest.raises(asyncpg.RestrictViolationError):
                await connection.execute(statement, order.id)


async def test_a_list_gives_every_order_once_newest_first(shared_pool: Pool):
    async with shared_pool.acquire() as connection:
        shop_id = await open_shop(connection)
        made = [
            await add_order(connection, shop_id, placed_at=T0 - (i // 3) * HOUR) for i in range(10)
        ]
        seen, after = [], None
        while True:
            page = await list_orders(connection, scope=Scope(shop_id=shop_id), after=after, limit=4)
            seen += [p.order.id for p in page.purchases]
            if page.following is None:
                break
            after = read_cursor(page.following.text())
            assert after == page.following
        expected = sorted(made, key=lambda o: (o.placed_at, o.id), reverse=True)
        assert seen == [o.id for o in expected]


async def test_a_list_is_narrowed_by_state_and_by_beginnings(shared_pool: Pool):
    async with shared_pool.acquire() as connection:
        shop_id = await open_shop(connection)
        one = await add_order(connection, shop_id, number="A100%", buyer_name="小明")
        two = await add_order(
            connection,
            shop_id,
            number="B1",
            buyer_name="小红",
            shipped_at=T0 + HOUR,
            carrier="顺丰",
            tracking="SF77",
        )
        for wanted, expected in [
            (Wanted(state="shipped"), [two.id]),
            (Wanted(number="A100%"), [one.id]),
            (Wanted(number="%"), []),
            (Wanted(tracking="SF7"), [two.id]),
            (Wanted(buyer_name="小"), [two.id, one.id]),
            (Wanted(buyer_name="小明", state="paid"), [one.id]),
        ]:
            page = await list_orders(connection, scope=Scope(shop_id=shop_id), wanted=wanted)
            assert [p.order.id for p in page.purchases] == expected


@pytest.mark.parametrize("text", ["", "x", "AAAA", "é", "A" * 32 + "!", "f" + "_" * 31])
def test_a_cursor_of_somebody_else_is_refused(text: str):
    with pytest.raises(Refusal):
        read_cursor(text)


async def test_a_list_uses_an_index_and_never_sorts(shared_pool: Pool):
    async with shared_pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        for column in ("buyer_id", "shop_id"):
            plan = await connection.fetch(
                f"EXPLAIN SELECT id FROM orders o WHERE o.{column} = $1 AND (o.placed_at, o.id)"
                " < ($2, $3) ORDER BY o.placed_at DESC, o.id DESC LIMIT 20",
                new_id(), T0, new_id(),
            )  # fmt: skip
            text = "\n".join(row[0] for row in plan)
            assert "Index" in text
            assert "Sort" not in text


async def test_shops_and_products_are_found_again(shared_pool: Pool):
    async with shared_pool.acquire() as connection:
        address = Address(name="仓库", phone="1", address="金华")
        shop = Shop(
            id=new_id(), name=f"s{new_id()}", opened_at=T0, region="浙江", return_address=address
        )
        await insert_shops(connection, [shop])
        product = Product(
            id=new_id(), shop_id=shop.id, title="冰箱", sku="F1", price_fen=1, tags=("durable",)
        )
        await insert_products(connection, [product])
        assert await find_shop(connection, shop_id=shop.id) == shop
        assert await find_shop(connection, shop_id=None, name=shop.name) == shop
        assert await find_shop(connection, shop_id=None, name="no such") is None
