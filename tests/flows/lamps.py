"""A shop of lamps in three colours, and what tests of changing orders look at."""

from datetime import timedelta
from typing import Any

from gongdao.base.ids import new_id
from gongdao.flows.order_desk import Wish
from gongdao.flows.verify import verify_cases, verify_rest
from gongdao.ledger.store import load_balances
from gongdao.ledger.transfer import Account, AccountKind
from gongdao.policy.load import load_pack
from gongdao.shops.order import Line, Order
from gongdao.shops.product_store import tell_products
from gongdao.shops.shop import Product
from gongdao.shops.store import Scope, load_purchase

from .market import START, Market

NOW = START + timedelta(hours=3)
LATER = NOW + timedelta(minutes=2)
PACK = load_pack("taobao-classic@1")


async def stock_up(market: Market, **stocks: int | None) -> None:
    """White costs 100, black 120, red 80; they are one product."""
    prices = {"white": 10_000, "black": 12_000, "red": 8_000}
    async with market.pool.acquire() as connection:
        await tell_products(
            connection,
            market.shop_id,
            [
                Product(id=new_id(), shop_id=market.shop_id, title=f"Lamp, {sku}", sku=sku,
                        price_fen=prices[sku], family="lamp", variant=sku, stock=stock)
                for sku, stock in stocks.items()
            ]
            + [Product(id=new_id(), shop_id=market.shop_id, title="Desk", sku="desk",
                       price_fen=9_000, stock=5)],
        )  # fmt: skip


async def stocks(market: Market) -> dict[str, int]:
    rows = await market.pool.fetch("SELECT sku, stock FROM products WHERE sku <> 'desk'")
    return {row["sku"]: row["stock"] for row in rows}


def lamps(*skus: str, quantity: int = 1) -> tuple[Line, ...]:
    return tuple(
        Line(line=n, title=f"Lamp, {sku}", sku=sku, price_fen=10_000, quantity=quantity)
        for n, sku in enumerate(skus, 1)
    )


def wish(market: Market, order: Order, **more: Any) -> Wish:
    return Wish(**{"who": market.buyer, "order_id": order.id, "now": NOW} | more)


async def held(market: Market, kind: AccountKind, owner: Any) -> int:
    account = Account(kind, owner)
    async with market.pool.acquire() as connection:
        return (await load_balances(connection, [account]))[account].balance_fen


async def seen(market: Market, order: Order) -> Order:
    async with market.pool.acquire() as connection:
        purchase = await load_purchase(connection, order.id, scope=Scope(platform=True))
    assert purchase
    return purchase.order


async def books_are_right(market: Market) -> None:
    async with market.pool.acquire() as connection:
        faults = [f async for f in verify_cases(connection, lambda _: None)]
        faults += [f async for f in verify_rest(market.pool, connection, None)]
        assert faults == []
        rows = await connection.fetch(
            "SELECT o.id, o.paid_fen - o.refunded_fen AS should, coalesce(a.balance_fen, 0) AS has"
            " FROM orders o LEFT JOIN ledger_accounts a"
            " ON a.kind = 'order_escrow' AND a.owner = o.id"
            " WHERE o.money = 'here' AND o.confirmed_at IS NULL"
        )
        assert all(row["should"] == row["has"] for row in rows), "escrow holds what was paid"


async def log_of(market: Market, order: Order) -> list[str]:
    rows = await market.pool.fetch(
        "SELECT what FROM order_log WHERE order_id = $1 ORDER BY position", order.id
    )
    return [row["what"] for row in rows]


async def unpaid(market: Market) -> Order:
    from gongdao.shops.purchase import Purchase
    from gongdao.shops.store import insert_orders

    order = Order(
        id=new_id(), number=f"U{new_id().hex}", shop_id=market.shop_id,
        buyer_id=market.buyer.person_id, placed_at=START, lines=lamps("white"), payment="cod",
    )  # fmt: skip
    async with market.pool.acquire() as connection:
        await insert_orders(connection, [Purchase(order=order)], by=None, now=START)
    return order
