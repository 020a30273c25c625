"""The whole application on a real socket, with a buyer, a shop and a few orders."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
import uvicorn
from PIL import Image

from gongdao.accounts.principal import Principal, permissions_of
from gongdao.accounts.staff import create_first_roles, create_person
from gongdao.base.clock import utc_now
from gongdao.base.config import read_config
from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case, open_case
from gongdao.flows.order_money import post_order_money
from gongdao.ledger.store import top_up
from gongdao.main import create_app
from gongdao.policy.load import load_pack
from gongdao.shops.order import Line, Order
from gongdao.shops.purchase import Purchase, Remarks
from gongdao.shops.shop import Address, Shop
from gongdao.shops.store import insert_orders, insert_shops

PASSWORD = "a long enough 密码"
PACK = load_pack("taobao-classic")


class House(msgspec.Struct, kw_only=True):
    """A served marketplace: where it is, and who is in it."""

    url: str
    pool: Pool
    shop_id: UUID
    buyer: Principal
    owner: Principal
    now: datetime

    async def order(self, *, days: float = 5, shipped: bool = True, signed: bool = True,
                    lines: int = 1, price_fen: int = 9_500, freight_fen: int = 500,
                    buyer: Principal | None = None, title: str = "保温杯",
                    paid: bool = True) -> Order:  # fmt: skip
        at = self.now - timedelta(days=days)
        order = Order(
            id=new_id(),
            number=f"2026{new_id().int % 10**14:014d}",
            shop_id=self.shop_id,
            buyer_id=(buyer or self.buyer).person_id,
            placed_at=at,
            paid_at=at + timedelta(minutes=4) if paid else None,
            freight_fen=freight_fen,
            lines=tuple(
                Line(line=n + 1, title=f"{title} {n + 1}", price_fen=price_fen)
                for n in range(lines)
            ),
            shipped_at=at + timedelta(hours=20) if shipped else None,
            carrier="顺丰速运" if shipped else "",
            tracking=f"SF{new_id().int % 10**12}" if shipped else "",
            signed_at=at + timedelta(days=2) if shipped and signed else None,
            signed_by="self" if shipped and signed else None,
        )
        purchase = Purchase(order=order, remarks=Remarks(buyer_name="林小雨"))
        async with self.pool.acquire() as connection, connection.transaction():
            await insert_orders(connection, [purchase], by=None, now=at)
            await post_order_money(connection, [(None, order)], now=at)
        return order

    async def filed(
        self, kind: str = "return_refund", reason: str = "quality", **order: Any
    ) -> Any:
        placed = await self.order(**order)
        args = c.OpenArgs(procedure="after_sale", kind=kind, reason=reason, received=True)  # type: ignore[arg-type]
        at = self.now - timedelta(hours=1)
        return (await open_case(self.pool, self.buyer, placed.id, args, pack=PACK, now=at)).case

    async def shop_does(self, case_id: UUID, action: str, args: c.Args) -> Any:
        acted = await act_on_case(self.pool, self.owner, case_id, action, args, now=utc_now())
        return acted.case

    async def case_of(self, order_id: UUID) -> Any:
        return await self.pool.fetchrow("SELECT * FROM cases WHERE order_id = $1", order_id)


class Site(msgspec.Struct):
    """The server and the shop that the tests of a run share."""

    url: str
    shop_id: UUID
    owner: UUID


@pytest.fixture(scope="session")
async def site(
    shared_pool: Pool, shared_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    now, shop_id, owner = utc_now(), new_id(), new_id()
    shop = Shop(
        id=shop_id,
        name=f"海冰电器旗舰店 {shop_id.hex[-4:]}",
        opened_at=now - timedelta(days=400),
        return_address=Address(name="海冰售后部", phone="0532-88881234", address="青岛市 3 号仓"),
    )
    async with shared_pool.acquire() as connection:
        await insert_shops(connection, [shop])
        await top_up(connection, shop_id=shop_id, amount_fen=1_000_000, now=now)
    roles = await create_first_roles(shared_pool, shop_id=shop_id, now=now)
    await create_person(
        shared_pool, person_id=owner, sign_in_name=f"owner{owner.hex}", name="陈佳",
        password=PASSWORD, kind="shop", shop_id=shop_id, role_id=roles["owner"], now=now,
    )  # fmt: skip
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        env = {
            "GONGDAO_DATABASE_URL": shared_database_url,
            "GONGDAO_HOME": str(tmp_path_factory.mktemp("home")),
            "GONGDAO_PUBLIC_URL": url,
        }
        config = uvicorn.Config(
            create_app(read_config(env)), log_level="error", timeout_graceful_shutdown=1, ws="none"
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield Site(url, shop_id, owner)
        server.should_exit = True
        await serving


@pytest.fixture
async def house(site: Site, shared_pool: Pool) -> House:
    """The shared server, and a buyer of this test's own."""
    return House(
        url=site.url,
        pool=shared_pool,
        shop_id=site.shop_id,
        buyer=await new_buyer(shared_pool),
        owner=_principal(site.owner, "shop", site.shop_id),
        now=utc_now(),
    )


async def new_buyer(pool: Pool) -> Principal:
    person_id = new_id()
    await create_person(
        pool, person_id=person_id, sign_in_name=name_of(person_id, "buyer"), name="林小雨",
        password=PASSWORD, kind="buyer", now=utc_now(),
    )  # fmt: skip
    return _principal(person_id, "buyer")


def name_of(person_id: UUID, kind: str) -> str:
    return f"{'owner' if kind == 'shop' else 'buyer'}{person_id.hex}"


def _principal(person_id: UUID, kind: Any, shop_id: UUID | None = None) -> Principal:
    return Principal(
        person_id=person_id,
        kind=kind,
        role="owner" if kind == "shop" else kind,
        shop_id=shop_id,
        permissions=permissions_of(kind),
        name="林小雨",
    )


class Visitor:
    """A browser without scripts: it follows links and sends forms."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str, status: int = 200) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == status, (answer.status_code, answer.text[:2000])
        return answer.text

    async def post(
        self, path: str, *, page: str, files: Any = None, **fields: Any
    ) -> httpx.Response:
        token = re.search(r'name="csrf_token" value="([^"]+)"', await self.get(page))
        assert token
        data = {"csrf_token": token[1], "idempotency_key": str(new_id()), **fields}
        return await self.client.post(path, data=data, files=files)


@pytest.fixture
async def visitor(house: House) -> AsyncIterator[Visitor]:
    async with signed_in(house, house.buyer) as client:
        yield Visitor(client)


@asynccontextmanager
async def signed_in(house: House, who: Principal) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"origin": house.url}
    async with httpx.AsyncClient(base_url=house.url, headers=headers) as client:
        data = {"name": name_of(who.person_id, who.kind), "password": PASSWORD}
        sent = await client.post("/sign-in", data=data)
        assert sent.status_code == 303
        yield client


def photo(colour: str = "teal", size: tuple[int, int] = (640, 480)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()
