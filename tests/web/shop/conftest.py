"""The whole application on a real socket, with a shop's people, a buyer and a few cases."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
import uvicorn

from gongdao.accounts import passwords
from gongdao.accounts.people_store import add_person
from gongdao.accounts.principal import Kind, Principal
from gongdao.accounts.staff import create_first_roles
from gongdao.accounts.store import load_account
from gongdao.base.clock import utc_now
from gongdao.base.config import read_config
from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.cases import commands as c
from gongdao.cases.case import Case
from gongdao.flows.act import act_on_case, open_case
from gongdao.flows.order_money import post_order_money
from gongdao.ledger.store import top_up
from gongdao.main import create_app
from gongdao.policy.load import load_pack
from gongdao.shops.order import Line, Order
from gongdao.shops.purchase import Purchase, Remarks
from gongdao.shops.shop import Shop
from gongdao.shops.store import insert_orders, insert_shops

PASSWORD = "a long enough 密码"
PACK = load_pack("taobao-classic")


class Desk(msgspec.Struct, kw_only=True):
    """A served shop: where it is, and who is in it."""

    url: str
    pool: Pool
    shop_id: UUID
    people: dict[str, Principal]
    now: datetime

    async def order(self, *, days: float = 5, shipped: bool = True, price_fen: int = 268_000,
                    shop_id: UUID | None = None, buyer_name: str = "林小雨") -> Order:  # fmt: skip
        at = self.now - timedelta(days=days)
        order = Order(
            id=new_id(),
            number=f"E{new_id().int % 10**12:012d}",
            shop_id=shop_id or self.shop_id,
            buyer_id=self.people["buyer"].person_id,
            placed_at=at,
            paid_at=at + timedelta(minutes=4),
            lines=(Line(line=1, title="容声双门冰箱", price_fen=price_fen),),
            shipped_at=at + timedelta(hours=20) if shipped else None,
            carrier="顺丰速运" if shipped else "",
            tracking=f"SF{new_id().int % 10**12}" if shipped else "",
            signed_at=at + timedelta(days=2) if shipped else None,
            signed_by="self" if shipped else None,
        )
        purchase = Purchase(order=order, remarks=Remarks(buyer_name=buyer_name))
        async with self.pool.acquire() as connection, connection.transaction():
            await insert_orders(connection, [purchase], by=None, now=at)
            await post_order_money(connection, [(None, order)], now=at)
        return order

    async def filed(self, *, hours: float = 1, kind: str = "return_refund",
                    procedure: str = "after_sale", **order: Any) -> Case:  # fmt: skip
        placed = await self.order(**order)
        reason = "quality" if procedure == "after_sale" else None
        args = msgspec.convert(
            {"procedure": procedure, "kind": kind, "reason": reason, "claim": "门体凹陷"},
            c.OpenArgs,
        )
        at = self.now - timedelta(hours=hours)
        acted = await open_case(self.pool, self.people["buyer"], placed.id, args, pack=PACK, now=at)
        return acted.case

    async def does(self, name: str, case: Case, action: str, args: c.Args) -> Case:
        who = self.people[name]
        acted = await act_on_case(self.pool, who, case.id, action, args, now=utc_now())
        return acted.case

    async def state(self, case: Case) -> Any:
        return await self.pool.fetchrow("SELECT * FROM cases WHERE id = $1", case.id)


@pytest.fixture
async def desk(pool: Pool, database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    now, shop_id = utc_now(), new_id()
    shops = [
        Shop(id=shop_id, name="沁园家电", opened_at=now),
        Shop(id=new_id(), name="别家", opened_at=now),
    ]
    async with pool.acquire() as connection:
        await insert_shops(connection, shops)
        await top_up(connection, shop_id=shop_id, amount_fen=1_000_000, now=now)
    people: dict[str, Principal] = {}
    for shop in shops:
        roles = await create_first_roles(pool, shop_id=shop.id, now=now)
        names = ("owner", "lead", "agent") if shop.id == shop_id else ("owner",)
        for role in names:
            name = role if shop.id == shop_id else "rival"
            people[name] = await _person(pool, name, kind="shop", shop_id=shop.id,
                                         role_id=roles[role])  # fmt: skip
    people["buyer"] = await _person(pool, "buyer", kind="buyer")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        env = {
            "GONGDAO_DATABASE_URL": database_url,
            "GONGDAO_HOME": str(tmp_path),
            "GONGDAO_PUBLIC_URL": url,
            "GONGDAO_CHANNEL_COLLECTS": "on",
        }
        config = uvicorn.Config(
            create_app(read_config(env)), log_level="error", timeout_graceful_shutdown=1, ws="none"
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield Desk(url=url, pool=pool, shop_id=shop_id, people=people, now=now)
        server.should_exit = True
        await serving


async def _person(
    pool: Pool,
    name: str,
    *,
    kind: Kind,
    shop_id: UUID | None = None,
    role_id: UUID | None = None,
) -> Principal:
    person_id = new_id()
    shown = {"owner": "陈伯年", "lead": "许静", "agent": "小何", "buyer": "林小雨"}.get(name, name)
    await add_person(
        pool, person_id, sign_in_name=name, name=shown, kind=kind, shop_id=shop_id,
        role_id=role_id, password_hash=await password_hash(), locale="zh", now=utc_now(),
    )  # fmt: skip
    account = await load_account(pool, person_id)
    assert account
    return account.principal


async def password_hash() -> str:
    """One hash for everybody: hashing is slow on purpose."""
    if not _HASHES:
        _HASHES.append(await passwords.HASHING.hash(PASSWORD))
    return _HASHES[0]


_HASHES: list[str] = []


class Visitor:
    """A browser without scripts: it follows links and sends forms."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str, status: int = 200) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:2000])
        return answer.text

    async def post(
        self, path: str, *, page: str, files: Any = None, **fields: Any
    ) -> httpx.Response:
        token = re.search(r'name="csrf_token" value="([^"]+)"', await self.get(page))
        assert token
        data = {"csrf_token": token[1], "idempotency_key": str(new_id()), **fields}
        headers = {"x-csrf-token": token[1]}
        return await self.client.post(path, data=data, files=files, headers=headers)


@asynccontextmanager
async def signed_in(desk: Desk, name: str) -> AsyncIterator[Visitor]:
    async with httpx.AsyncClient(base_url=desk.url, headers={"origin": desk.url}) as client:
        sent = await client.post("/sign-in", data={"name": name, "password": PASSWORD})
        assert sent.status_code == 303
        yield Visitor(client)


@pytest.fixture
async def owner(desk: Desk) -> AsyncIterator[Visitor]:
    async with signed_in(desk, "owner") as visitor:
        yield visitor
