"""A small real marketplace for tests: one shop, its owner, a buyer, an arbiter, paid orders."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from gongdao.accounts.people_store import add_person
from gongdao.accounts.principal import PLATFORM_ROLES, Kind, Principal, permissions_of
from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.flows.order_money import post_order_money
from gongdao.ledger.store import top_up
from gongdao.shops.order import Discount, Gift, Line, Order
from gongdao.shops.purchase import Purchase, Remarks
from gongdao.shops.shop import Shop
from gongdao.shops.store import insert_orders, insert_shops

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """Who is in it."""

    pool: Pool
    shop_id: UUID
    buyer: Principal
    owner: Principal
    arbiter: Principal


async def open_market(pool: Pool, *, balance_fen: int = 1_000_000) -> Market:
    """A fresh shop with its people; many can stand in one database."""
    shop_id = new_id()
    shop = Shop(id=shop_id, name=f"Shop {shop_id}", opened_at=START)
    async with pool.acquire() as connection:
        await insert_shops(connection, [shop])
        if balance_fen:
            await top_up(connection, shop_id=shop_id, amount_fen=balance_fen, now=START)
    return Market(
        pool=pool,
        shop_id=shop_id,
        buyer=await person(pool, "buyer", "buyer"),
        owner=await person(pool, "shop", "owner", shop_id=shop_id),
        arbiter=await person(pool, "platform", "arbiter"),
    )


async def person(pool: Pool, kind: Kind, role: str, *, shop_id: UUID | None = None) -> Principal:
    """A person without a password, who acts only in tests."""
    person_id = new_id()
    permissions = permissions_of(kind)
    if kind == "platform":
        permissions = PLATFORM_ROLES[role].permissions
    if kind == "buyer":
        await add_person(
            pool,
            person_id,
            sign_in_name=f"{role}{person_id.hex}",
            name=role,
            kind=kind,
            shop_id=None,
            role_id=None,
            password_hash=None,
            locale="zh",
            now=START,
        )
    return Principal(
        person_id=person_id,
        kind=kind,
        role=role,
        shop_id=shop_id,
        permissions=frozenset(permissions),
        name=role,
    )


async def place_order(
    market: Market,
    *,
    price_fen: int = 10_000,
    freight_fen: int = 500,
    quantity: int = 1,
    tags: tuple[str, ...] = (),
    lines: tuple[Line, ...] = (),
    gifts: tuple[Gift, ...] = (),
    discounts: tuple[Discount, ...] = (),
    shipped: bool = True,
    signed: bool = True,
    confirmed: bool = False,
    paid_at: datetime = START,
) -> Order:
    """A paid order of the buyer, with its money in escrow."""
    order = Order(
        id=new_id(),
        number=f"E{new_id().hex}",
        shop_id=market.shop_id,
        buyer_id=market.buyer.person_id,
        placed_at=paid_at,
        paid_at=paid_at,
        freight_fen=freight_fen,
        gifts=gifts,
        discounts=discounts,
        lines=lines
        or (Line(line=1, title="Lamp", price_fen=price_fen, quantity=quantity, tags=tags),),
        shipped_at=paid_at + timedelta(hours=5) if shipped else None,
        carrier="SF" if shipped else "",
        tracking=f"SF{new_id().hex}" if shipped else "",
        signed_at=paid_at + timedelta(days=2) if shipped and signed else None,
        signed_by="self" if shipped and signed else None,
        confirmed_at=paid_at + timedelta(days=3) if confirmed else None,
    )
    purchase = Purchase(order=order, remarks=Remarks(buyer_name="buyer"))
    async with market.pool.acquire() as connection, connection.transaction():
        await insert_orders(connection, [purchase], by=None, now=paid_at)
        await post_order_money(connection, [(None, order)], now=paid_at)
    return order
