"""Orders over HTTP: each side sees and does its own, and nothing else."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar, Router
from litestar.datastructures import State
from tests.shops.exports import DONE, PLAIN, export

from gongdao.accounts import own
from gongdao.accounts.gate import Gate
from gongdao.accounts.people_store import buyers_named
from gongdao.accounts.staff import create_first_roles, create_person
from gongdao.accounts.store import load_account
from gongdao.api import orders
from gongdao.base.clock import utc_now
from gongdao.base.config import read_config
from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.shops.shop import Shop
from gongdao.shops.store import Scope, insert_shops, load_order
from gongdao.web.shell import PAGE_ERRORS

URL = "http://gongdao.test"


class Market:
    """Two shops, each with an owner, an operator, and clients that are signed in by token."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.shops: dict[str, UUID] = {}
        self.clients: dict[str, httpx.AsyncClient] = {}
        router = Router(
            "/api/v1",
            route_handlers=[
                orders.read_orders,
                orders.read_order,
                orders.import_file,
                orders.ship_order,
                orders.sign_order,
                orders.confirm_receipt,
            ],
        )
        self.app = Litestar(
            [router],
            middleware=[Gate(public_url=URL)],
            exception_handlers=PAGE_ERRORS,
            state=State({"pool": pool, "config": read_config({"GONGDAO_PUBLIC_URL": URL})}),
            openapi_config=None,
        )

    async def open_shop(self, name: str) -> None:
        shop = Shop(id=new_id(), name=name, opened_at=utc_now())
        async with self.pool.acquire() as connection:
            await insert_shops(connection, [shop])
        self.shops[name] = shop.id
        roles = await create_first_roles(self.pool, shop_id=shop.id, now=utc_now())
        await self.person(name, kind="shop", shop_id=shop.id, role_id=roles["owner"])

    async def person(self, name: str, **who: Any) -> None:
        person_id = new_id()
        await create_person(
            self.pool, person_id=person_id, sign_in_name=f"{name}-账号", name=name,
            password="a long enough password",
            now=utc_now(), **{"shop_id": None, "role_id": None} | who,
        )  # fmt: skip
        await self.sign_in(name, person_id)

    async def sign_in(self, name: str, person_id: UUID) -> None:
        account = await load_account(self.pool, person_id)
        assert account is not None
        issued = await own.issue_token(
            self.pool,
            account.principal,
            token_id=new_id(),
            name="test",
            permissions=account.principal.permissions,
            life=timedelta(days=1),
            now=utc_now(),
        )
        self.clients[name] = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url=f"{URL}/api/v1",
            headers={"authorization": f"Bearer {issued.secret}"},
        )


@pytest.fixture
async def market(pool: Pool) -> AsyncIterator[Market]:
    market = Market(pool)
    await market.open_shop("冷库")
    await market.open_shop("热库")
    duties = await create_first_roles(pool, shop_id=None, now=utc_now())
    await market.person("运营", kind="platform", role_id=duties["operator"])
    await market.person("路人", kind="buyer")
    yield market
    for client in market.clients.values():
        await client.aclose()


async def upload(market: Market, who: str, *rows: dict[str, str], shop: str = "冷库", **query: Any):
    return await market.clients[who].post(
        f"/shops/{market.shops[shop]}/orders/import",
        files={"file": ("orders.csv", export(*rows).encode("gbk"))},
        params=query,
    )


async def test_from_the_file_to_the_money_of_the_shop(market: Market):
    shop, operator = market.clients["冷库"], market.clients["运营"]
    tried = await upload(market, "运营", PLAIN, preview=True)
    assert (tried.status_code, tried.json()["added"]) == (200, 1)
    assert (await shop.get("/orders")).json() == {"orders": [], "after": None}
    assert (await upload(market, "运营", PLAIN)).json()["added"] == 1
    (order,) = (await shop.get("/orders", params={"number": "600", "state": "paid"})).json()[
        "orders"
    ]
    assert (order["paid"], order["buyer"], order["state"]) == ("2680.00", "小明", "paid")
    place = f"/orders/{order['id']}"

    buyers = await buyers_named(market.pool, ["小明"])
    await market.sign_in("小明", buyers["小明"])
    buyer = market.clients["小明"]
    early = await buyer.post(f"{place}/confirmation", json={})
    assert 400 <= early.status_code < 500

    parcel = {"carrier": "顺丰速运", "tracking": "SF1"}
    shipped = await shop.post(f"{place}/shipment", json=parcel)
    assert (shipped.status_code, shipped.json()["order"]["state"]) == (201, "shipped")
    signed = await shop.post(f"{place}/signature", json={"signed_by": "proxy"})
    assert signed.json()["order"]["signed_by"] == "proxy"
    done = (await buyer.post(f"{place}/confirmation", json={})).json()
    assert [step["what"] for step in done["log"]] == ["imported", "shipped", "signed", "confirmed"]
    fen = await market.pool.fetchval(
        "SELECT balance_fen FROM ledger_accounts WHERE kind = 'shop_balance' AND owner = $1",
        market.shops["冷库"],
    )
    assert fen == 268000
    assert (await operator.get(place)).json()["order"]["state"] == "confirmed"


async def test_nobody_sees_or_moves_an_order_that_is_not_theirs(market: Market):
    await upload(market, "冷库", PLAIN)
    (order,) = (await market.clients["冷库"].get("/orders")).json()["orders"]
    place = f"/orders/{order['id']}"
    for stranger in ("热库", "路人"):
        client = market.clients[stranger]
        assert (await client.get("/orders")).json()["orders"] == []
        assert (await client.get(place)).status_code == 404
    foreign = await market.clients["热库"].post(
        f"{place}/shipment", json={"carrier": "x", "tracking": "1"}
    )
    assert foreign.status_code == 404
    for path in ("shipment", "signature"):
        refused = await market.clients["路人"].post(f"{place}/{path}", json={})
        assert refused.status_code == 403
    assert (await market.clients["冷库"].post(f"{place}/confirmation", json={})).status_code == 403
    assert (await upload(market, "热库", PLAIN)).status_code == 404
    assert (await upload(market, "路人", PLAIN)).status_code == 403


async def test_only_the_platform_brings_money_along(market: Market):
    done = PLAIN | DONE
    assert (await upload(market, "冷库", done)).json()["added"] == 1
    (order,) = (await market.clients["冷库"].get("/orders")).json()["orders"]
    assert (order["money"], order["state"]) == ("elsewhere", "confirmed")
    assert await market.pool.fetchval("SELECT count(*) FROM ledger_transfers") == 0
    assert (await upload(market, "运营", done)).json()["advanced"] == 1
    (order,) = (await market.clients["冷库"].get("/orders")).json()["orders"]
    assert order["money"] == "here"
    balance = "SELECT balance_fen FROM ledger_accounts WHERE kind = 'shop_balance'"
    for who in ("冷库", "运营"):
        assert (await upload(market, who, done)).json()["unchanged"] == 1
        assert await market.pool.fetchval(balance) == 268000


async def test_what_a_shop_tells_late_counts_from_now(market: Market):
    await upload(market, "运营", PLAIN)
    shop = market.clients["冷库"]
    (order,) = (await shop.get("/orders")).json()["orders"]
    place = f"/orders/{order['id']}"
    before = utc_now()
    parcel = {"carrier": "顺丰", "tracking": "SF1", "at": "2014-03-03T12:00:00+08:00"}
    shipped = (await shop.post(f"{place}/shipment", json=parcel)).json()
    assert shipped["order"]["shipped_at"] == "2014-03-03T04:00:00Z"
    assert shipped["log"][-1]["detail"]["happened"] == "2014-03-03T04:00:00+00:00"
    early = {"signed_by": "self", "at": "2014-03-03T03:59:00Z"}
    assert (await shop.post(f"{place}/signature", json=early)).status_code == 422
    signed = {"signed_by": "self", "at": "2014-03-04T03:59:00Z"}
    assert (await shop.post(f"{place}/signature", json=signed)).status_code == 201
    async with market.pool.acquire() as connection:
        known = await load_order(connection, UUID(order["id"]), scope=Scope(platform=True))
    assert known
    assert known.shipped_at
    for moment in ("shipped_at", "signed_at"):
        assert (known.counts_at(moment) or known.placed_at) >= before


async def test_a_wrong_file_is_told_and_changes_nothing(market: Market):
    report = (await upload(market, "冷库", PLAIN, PLAIN | {"订单编号": "2", "总金额": "1"})).json()
    assert report["faults"] == ["第 4 行，总金额：货款与邮费合计为 2680.00 元。"]
    assert (await market.clients["冷库"].get("/orders")).json()["orders"] == []


@pytest.mark.parametrize(
    "query", ["after=x", "limit=0", "limit=101", "state=lost", "number=%00", "buyer=" + "x" * 65]
)
async def test_a_wrong_question_is_refused(market: Market, query: str):
    answer = await market.clients["冷库"].get(f"/orders?{query}")
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize(
    "body",
    [{}, {"carrier": "", "tracking": "1"},
     {"carrier": "x", "tracking": "1", "at": "2014-03-03T10:00:00"},
     {"carrier": "x", "tracking": "1", "at": "2099-01-01T00:00:00Z"},
     {"carrier": "x", "tracking": "1", "at": "2001-01-01T00:00:00Z"},
     {"carrier": "x", "tracking": "1\u0000"}, {"carrier": "x", "tracking": "1", "by": "me"}],
)  # fmt: skip
async def test_a_wrong_shipment_is_refused(market: Market, body: dict[str, str]):
    await upload(market, "冷库", PLAIN)
    (order,) = (await market.clients["冷库"].get("/orders")).json()["orders"]
    answer = await market.clients["冷库"].post(f"/orders/{order['id']}/shipment", json=body)
    assert answer.status_code in (400, 422)
