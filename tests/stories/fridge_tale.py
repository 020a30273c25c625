"""The refrigerator dispute (S0-30, S0-31) told over the HTTP API by the people in it."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.flows.demo.cast import BUYERS, PASSWORD, SHOPS
from gongdao.flows.demo.fridge import BOARD, CHAT, DENTS, RECEIPTS, TECHNICIAN, receipt
from gongdao.flows.demo.names import demo_id
from gongdao.flows.demo.pictures import Picture, paint
from gongdao.flows.demo.script import Sale, purchase_of
from gongdao.flows.demo.settle_in import add_buyer, add_platform_person, open_shop
from gongdao.flows.order_money import post_order_money
from gongdao.jobs.sweep import sweep
from gongdao.shops.purchase import Remarks
from gongdao.shops.store import insert_orders

PERMISSIONS = {
    "buyer": ["case.read", "case.open", "case.answer", "order.read"],
    "shop": ["case.read", "case.answer", "case.money", "order.read"],
    "arbiter": ["case.read", "case.judge", "order.read"],
}


async def settle_in(pool: Pool) -> UUID:
    """Three people of the demo, and a refrigerator that was delivered and confirmed; its order."""
    now = utc_now() - timedelta(days=9)
    await add_platform_person(pool, "arbiter", "小二 明镜", "arbiter", now=now)
    await add_buyer(pool, BUYERS[0], now=now)
    await open_shop(pool, SHOPS[0], now=now)
    sale = Sale(key="tale", buyer="buyer", goods=(("BCD-516", 1),), placed_at=now)
    bought = purchase_of(
        sale,
        shop_id=demo_id("shop", "appliances"),
        buyer_id=demo_id("person", "buyer"),
        receiver=Remarks(buyer_name="陈晓芸"),
    )
    order = msgspec.structs.replace(
        bought.order,
        shipped_at=now + timedelta(hours=7),
        carrier="德邦物流",
        tracking="DB5550001",
        signed_at=now + timedelta(days=6),
        signed_by="self",
        confirmed_at=now + timedelta(days=8),
    )
    purchase = msgspec.structs.replace(bought, order=order)
    async with pool.acquire() as connection, connection.transaction():
        await insert_orders(connection, [purchase], by=None, now=now)
        await post_order_money(connection, [(None, order)], now=now)
    return order.id


class Tale:
    """The story so far. Each step can be told only in its turn; `last` is what was said last."""

    def __init__(self, url: str, order_id: UUID, *, handling: bool = False) -> None:
        self.url = url
        self.order_id = order_id
        self.handling = handling
        self.case_id = ""
        self.tokens: dict[str, str] = {}
        self.last: tuple[str, str, Any, str] | None = None

    async def sign_in(self) -> None:
        """Everybody signs in with a password and makes a token of their own."""
        for name, permissions in PERMISSIONS.items():
            async with open_client(self.url, {"origin": self.url}) as client:
                sent = await client.post("/sign-in", data={"name": name, "password": PASSWORD})
                assert sent.status_code == 303, sent.text
                account = await client.get("/account")
                csrf = re.search(r'name="csrf_token" value="([^"]+)"', account.text)
                assert csrf, account.text
                body = {"name": "tale", "permissions": permissions}
                made = await client.post(
                    "/api/v1/tokens", json=body, headers={"X-CSRF-Token": csrf[1]}
                )
                assert made.status_code == 201, made.text
                self.tokens[name] = made.json()["secret"]

    async def ask(self, who: str, method: str, path: str, **more: Any) -> Any:
        """One request of somebody, which is granted."""
        headers = {"authorization": f"Bearer {self.tokens[who]}", **more.pop("headers", {})}
        async with open_client(f"{self.url}/api/v1", headers) as client:
            answer = await client.request(method, path, **more)
        assert answer.status_code < 300, (path, answer.status_code, answer.text)
        return answer.json()

    async def tell(self, who: str, path: str, **args: Any) -> Any:
        """One command, with a key of its own."""
        self.last = (who, path, args, str(new_id()))
        return await self.again()

    async def again(self) -> Any:
        """The last command once more, as after a broken line: with the same key."""
        assert self.last
        who, path, args, key = self.last
        return await self.ask(who, "POST", path, json=args, headers={"Idempotency-Key": key})

    async def act(self, who: str, resource: str, **args: Any) -> Any:
        return await self.tell(who, f"/cases/{self.case_id}/{resource}", **args)

    async def send(self, who: str, picture: Picture) -> str:
        """Upload a picture."""
        file = {"file": (picture.name, paint(picture))}
        sent = await self.ask(who, "POST", "/files", files=file)
        return sent["id"]

    async def prove(self, kind: str, picture: Picture, **more: str) -> None:
        files = [await self.send("buyer", picture)]
        await self.act("buyer", "evidence", kind=kind, files=files, **more)

    async def look(self, who: str = "buyer") -> Any:
        return await self.ask(who, "GET", f"/cases/{self.case_id}")

    # --- the steps -----------------------------------------------------------------------------

    async def file(self) -> None:
        photo = {"kind": "photo_of_item", "files": [await self.send("buyer", DENTS)]}
        args = {
            "procedure": "after_sale",
            "kind": "return_refund",
            "reason": "quality",
            "received": True,
            "claim": "外壳三处凹坑，里面有霉渍，通电几小时后停机。",
            "evidence": [photo],
        }
        wanted = await self.ask(
            "buyer", "POST", f"/orders/{self.order_id}/cases/preview", json=args
        )
        assert wanted["asked"] == "2680.00"
        opened = await self.tell("buyer", f"/orders/{self.order_id}/cases", **args)
        self.case_id = opened["id"]
        assert opened["stage"] == "seller_review"

    async def agree(self) -> None:
        assert (await self.act("shop", "approval"))["stage"] == "buyer_return"

    async def ship_back(self) -> None:
        said = await self.act(
            "buyer", "return-shipment", carrier="永鑫物流", tracking="YX0507118", freight="575.00"
        )
        assert said["stage"] == "seller_inspection"

    async def deny(self) -> None:
        said = await self.act("shop", "refusal", reason="not_liable", note="冰箱没有质量问题。")
        assert said["stage"] == "buyer_decision"

    async def step_in(self) -> None:
        assert (await self.act("buyer", "escalation"))["stage"] == "evidence"

    async def prove_the_fault(self) -> None:
        await self.prove("chat_transcript", CHAT, note="商家承认故障并同意退货")
        await self.prove("repair_record", TECHNICIAN, note="商家派来的师傅的检测记录")
        await self.prove("photo_of_item", BOARD)

    async def prove_the_freight(self) -> None:
        for amount, way, picture in RECEIPTS:
            await self.prove("freight_receipt", picture, amount=amount, note=way)
        if self.handling:
            stairs = receipt("搬运队", "上下楼人工", "BY400", "400.00")
            await self.prove("freight_receipt", stairs, amount="400.00", cost="handling")

    async def answer(self) -> None:
        await self.act("shop", "evidence", kind="statement", note="运费不应由本店承担。")

    async def rule(self) -> None:
        args = {"liability": "seller", "remedy": "return_and_refund"}
        path = f"/cases/{self.case_id}/ruling/preview"
        seen = await self.ask("arbiter", "POST", path, json=args)
        assert seen["amounts"] == self.amounts
        assert seen["paid_from"] == {"balance": self.total}
        ruled = await self.act("arbiter", "ruling", **args)
        assert (ruled["stage"], ruled["ended"]) == ("closed", "decided")

    @property
    def amounts(self) -> dict[str, str]:
        return {"refund": "2680.00", "freight": "975.00" if self.handling else "575.00"}

    @property
    def total(self) -> str:
        return "3655.00" if self.handling else "3255.00"

    @property
    def before_time_passes(self) -> tuple[Any, ...]:
        """What is said before the evidence is sealed."""
        return (
            self.sign_in,
            self.file,
            self.agree,
            self.ship_back,
            self.deny,
            self.step_in,
            self.prove_the_fault,
            self.prove_the_freight,
            self.answer,
        )


def open_client(url: str, headers: dict[str, str]) -> httpx.AsyncClient:
    """A client for plain HTTP, which spares reading the certificates of the world."""
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=30, verify=False)


async def let_the_clocks_run_out(pool: Pool, case_id: str) -> None:
    """The 72 hours of evidence and the 24 of pre-processing pass: the sweeper comes from later."""
    for hours in (73, 98):
        assert await sweep(pool, utc_now() + timedelta(hours=hours)) == [UUID(case_id)]
