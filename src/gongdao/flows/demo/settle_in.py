"""The people and the shops of the demo move in; who is there already is left alone."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from gongdao.accounts.people_store import roles_of
from gongdao.accounts.principal import Duty, Principal
from gongdao.accounts.staff import ROLES_MAX, create_first_roles, create_person
from gongdao.accounts.store import Db, find_account
from gongdao.base.db import Pool
from gongdao.flows.demo.cast import BUYERS, GUEST, PASSWORD, PLATFORM, RING, SHOPS, Buyer, House
from gongdao.flows.demo.goods import GOODS
from gongdao.flows.demo.names import demo_id
from gongdao.ledger.store import top_up, top_up_deposit
from gongdao.shops.shop import Product, Shop
from gongdao.shops.store import find_shop, insert_products, insert_shops


async def add_platform_person(
    db: Db, sign_in_name: str, name: str, duty: Duty, *, now: datetime
) -> None:
    """Somebody of the platform; the first of them brings the platform's roles along."""
    if await find_account(db, sign_in_name):
        return
    roles = {role.duty: role.id for role in await roles_of(db, None, limit=ROLES_MAX)}
    if duty not in roles:
        roles |= await create_first_roles(db, shop_id=None, now=now)  # type: ignore[operator]
    await create_person(
        db,
        person_id=demo_id("person", sign_in_name),
        sign_in_name=sign_in_name,
        name=name,
        kind="platform",
        role_id=roles[duty],
        password=PASSWORD,
        now=now,
    )


async def add_cast(pool: Pool, *, now: datetime) -> None:
    """The platform's people, the buyers, and the shops with their people, goods and money."""
    for sign_in_name, name, duty in PLATFORM:
        await add_platform_person(pool, sign_in_name, name, duty, now=now)
    for buyer in (*BUYERS, *RING, GUEST):
        await add_buyer(pool, buyer, now=now)
    for house in SHOPS:
        await open_shop(pool, house, now=now)


async def add_buyer(db: Db, buyer: Buyer, *, now: datetime) -> None:
    """Somebody who shops."""
    if await find_account(db, buyer.key):
        return
    await create_person(
        db,
        person_id=demo_id("person", buyer.key),
        sign_in_name=buyer.key,
        name=buyer.name,
        kind="buyer",
        password=PASSWORD,
        now=now,
    )


async def open_shop(pool: Pool, house: House, *, now: datetime) -> None:
    """A shop with its people and goods, and the money that it pays in."""
    shop_id = demo_id("shop", house.key)
    async with pool.acquire() as connection, connection.transaction():
        if await find_shop(connection, shop_id=shop_id):
            return
        shop = Shop(
            id=shop_id,
            name=house.name,
            region=house.region,
            opened_at=now,
            return_address=house.return_address,
        )
        await insert_shops(connection, [shop])
        await insert_products(connection, list(_products(house.key, shop_id)))
        await top_up(
            connection, shop_id=shop_id, amount_fen=house.balance_fen, now=now, memo="开店充值"
        )
        await top_up_deposit(
            connection, shop_id=shop_id, amount_fen=house.deposit_fen, now=now, memo="保证金"
        )
        roles = await create_first_roles(connection, shop_id=shop_id, now=now)
        for sign_in_name, name, role in house.people:
            await create_person(
                connection,
                person_id=demo_id("person", sign_in_name),
                sign_in_name=sign_in_name,
                name=name,
                kind="shop",
                shop_id=shop_id,
                role_id=roles[role],
                password=PASSWORD,
                now=now,
            )


def _products(key: str, shop_id: UUID) -> Iterator[Product]:
    for good in GOODS.values():
        if good.shop == key:
            yield Product(
                id=demo_id("product", good.sku),
                shop_id=shop_id,
                title=good.title,
                sku=good.sku,
                price_fen=good.price_fen,
                category=good.category,
                tags=good.tags,
            )


async def find_people(pool: Pool) -> dict[str, Principal]:
    """Everybody by their sign-in name, and an agent of each shop as "<shop> agent"."""
    names = [name for name, _shown, _duty in PLATFORM]
    names += [buyer.key for buyer in (*BUYERS, *RING, GUEST)]
    names += [name for house in SHOPS for name, _shown, _role in house.people]
    people: dict[str, Principal] = {}
    for name in names:
        account = await find_account(pool, name)
        assert account, "everybody has moved in"
        people[name] = account.principal
    agents = {f"{house.key} agent": people[house.people[-1][0]] for house in SHOPS}
    return people | agents
