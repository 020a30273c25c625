"""A believable desk: two shops, the refrigerator before the arbiter, and cases on their way."""

from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from PIL import Image, ImageDraw

from gongdao.accounts.principal import PLATFORM_ROLES, Kind, Principal, permissions_of
from gongdao.accounts.staff import create_first_roles, create_person
from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.cases import commands as c
from gongdao.files.objects import open_objects
from gongdao.files.receive_file import receive_file
from gongdao.flows.act import Acted, act_on_case, open_case
from gongdao.flows.order_money import post_order_money
from gongdao.ledger.store import top_up, top_up_deposit
from gongdao.policy.load import load_pack
from gongdao.policy.pack import Pack
from gongdao.shops.order import Line, Order
from gongdao.shops.purchase import Purchase, Remarks
from gongdao.shops.shop import Shop
from gongdao.shops.store import insert_orders, insert_shops

PASSWORD = "a long enough 密码"
PACK = load_pack("taobao-classic")
PEOPLE = {
    "arbiter": "周明",
    "supervisor": "吴静",
    "operator": "钱峰",
    "auditor": "孙岚",
    "juror": "何评",
}


class Desk(msgspec.Struct, kw_only=True):
    """Who is there, and the cases that tests speak of."""

    pool: Pool
    now: datetime
    shop_id: UUID
    buyer: Principal
    owner: Principal
    staff: dict[str, Principal]
    files_url: str
    fridge: UUID = UUID(int=0)
    url: str = ""

    async def act(
        self, who: Principal, case_id: UUID, action: str, at: datetime, **args: Any
    ) -> Acted:
        """Do something in a case at an instant of the past."""
        said = msgspec.convert(args, c.ARGS[action])
        return await act_on_case(self.pool, who, case_id, action, said, now=at)

    async def order(self, title: str, *, price: int, at: datetime, **more: Any) -> Order:
        """A paid, delivered order."""
        order = Order(
            id=new_id(),
            number=f"2016{new_id().int % 10**12:012d}",
            shop_id=self.shop_id,
            buyer_id=self.buyer.person_id,
            placed_at=at,
            paid_at=at + timedelta(minutes=10),
            free_shipping=True,
            lines=(Line(line=1, title=title, price_fen=price, **more),),
            shipped_at=at + timedelta(hours=7),
            carrier="德邦快递",
            tracking=f"DP{new_id().int % 10**10}",
            signed_at=at + timedelta(days=2),
            signed_by="self",
        )
        purchase = Purchase(order=order, remarks=Remarks(buyer_name="林小雨"))
        async with self.pool.acquire() as connection, connection.transaction():
            await insert_orders(connection, [purchase], by=None, now=at)
            await post_order_money(connection, [(None, order)], now=at)
        return order

    async def file(self, who: Principal, tint: tuple[int, int, int], at: datetime) -> str:
        """A photo that somebody uploaded."""

        async def pieces() -> Any:
            yield picture(tint)

        stored = await receive_file(
            self.pool, open_objects(self.files_url), pieces(),
            file_id=new_id(), name="照片.png", uploaded_by=who.person_id, now=at,
        )  # fmt: skip
        return str(stored.id)

    async def filed(self, title: str = "保温杯", *, days: float = 3, price: int = 9_900,
                    kind: str = "refund_only", reason: str = "quality",
                    pack: Pack = PACK) -> UUID:  # fmt: skip
        """A case that somebody filed so many days ago."""
        at = self.now - timedelta(days=days)
        order = await self.order(title, price=price, at=at - timedelta(days=3))
        args = c.OpenArgs(
            procedure="after_sale", kind=kind, reason=reason, received=True, claim="收到就是坏的。"
        )  # type: ignore[arg-type]
        opened = await open_case(self.pool, self.buyer, order.id, args, pack=pack, now=at)
        return opened.case.id

    async def escalated(self, title: str = "保温杯", *, days: float = 3, **more: Any) -> UUID:
        """A case in which the seller refused and the buyer asked the platform in."""
        case_id = await self.filed(title, days=days, **more)
        at = self.now - timedelta(days=days)
        await self.act(self.owner, case_id, "reject", at + timedelta(hours=2), reason="not_liable")
        await self.act(self.buyer, case_id, "escalate", at + timedelta(hours=5))
        return case_id

    async def before_the_arbiter(
        self, title: str = "保温杯", *, days: float = 5, **more: Any
    ) -> UUID:
        """A case whose evidence and pre-processing are over."""
        case_id = await self.escalated(title, days=days, **more)
        await self.act(
            self.staff["arbiter"], case_id, "note",
            self.now - timedelta(days=days) + timedelta(hours=102), note="已受理。", private=True,
        )  # fmt: skip
        return case_id


async def build(pool: Pool, *, now: datetime, files_url: str) -> Desk:
    """A shop, its owner, a buyer and the platform's staff, all able to sign in."""
    shop_id = new_id()
    async with pool.acquire() as connection:
        shop = Shop(id=shop_id, name="海川家电旗舰店", opened_at=now - timedelta(days=900))
        other = Shop(id=new_id(), name="小满数码专营店", opened_at=now - timedelta(days=300))
        await insert_shops(connection, [shop, other])
        start = now - timedelta(days=60)
        await top_up(connection, shop_id=shop_id, amount_fen=500_000, now=start)
        await top_up_deposit(connection, shop_id=shop_id, amount_fen=100_000, now=start)
    roles = await create_first_roles(pool, shop_id=shop_id, now=now)
    duties = await create_first_roles(pool, shop_id=None, now=now)
    buyer = await person(pool, "buyer", "buyer", "林小雨", now=now)
    owner = await person(
        pool, "shop", "owner", "陈海", now=now, shop_id=shop_id, role_id=roles["owner"]
    )
    staff = {
        duty: await person(pool, "platform", duty, name, now=now, role_id=duties[duty])
        for duty, name in PEOPLE.items()
    }
    return Desk(
        pool=pool, now=now, shop_id=shop_id, buyer=buyer, owner=owner, staff=staff,
        files_url=files_url,
    )  # fmt: skip


async def person(
    pool: Pool,
    kind: Kind,
    role: str,
    name: str,
    *,
    now: datetime,
    shop_id: UUID | None = None,
    role_id: UUID | None = None,
) -> Principal:
    """Somebody who can sign in under the name of their role."""
    person_id = new_id()
    await create_person(
        pool, person_id=person_id, sign_in_name=role, name=name, kind=kind, password=PASSWORD,
        shop_id=shop_id, role_id=role_id, now=now,
    )  # fmt: skip
    permissions = (
        PLATFORM_ROLES[role].permissions if kind == "platform" else permissions_of(kind)  # type: ignore[index]
    )
    return Principal(
        person_id=person_id, kind=kind, role=role, shop_id=shop_id, permissions=permissions,
        name=name,
    )  # fmt: skip


async def tell_the_fridge(desk: Desk) -> UUID:
    """The refrigerator dispute of the seed, up to the moment when an arbiter has to rule."""
    bought = desk.now - timedelta(days=20)
    order = await desk.order(
        "海川 BCD-516 双门冰箱 银色", price=268_000, at=bought, category="appliances",
        tags=("durable",),
    )  # fmt: skip
    at = bought + timedelta(days=8)
    photos = [
        await desk.file(desk.buyer, (180, 190, 200), at),
        await desk.file(desk.buyer, (150, 90, 60), at),
    ]
    args = c.OpenArgs(
        procedure="after_sale",
        kind="return_refund",
        reason="quality",
        received=True,
        claim="收货时右下角就有凹痕，背面有霉渍。通电后反复停机，你们自己的维修师傅上门说是电路板故障。",
        evidence=[
            c.EvidenceItem(
                kind="photo_of_item", note="右下角凹痕约八厘米", files=[UUID(photos[0])]
            ),
            c.EvidenceItem(
                kind="repair_record",
                note="维修师傅手写的检测结论：电路板故障",
                files=[UUID(photos[1])],
            ),
        ],
    )
    opened = await open_case(desk.pool, desk.buyer, order.id, args, pack=PACK, now=at)
    case_id, buyer, owner = opened.case.id, desk.buyer, desk.owner
    hour = timedelta(hours=1)
    await desk.act(owner, case_id, "approve", at + 20 * hour)
    await desk.act(
        buyer, case_id, "ship_back", at + 60 * hour, carrier="德邦快递", tracking="DP20160506"
    )
    await desk.act(owner, case_id, "sign", at + 110 * hour, signed_by="self")
    await desk.act(
        owner, case_id, "reject", at + 112 * hour, reason="not_liable",
        evidence=[{"kind": "proof_of_delivery", "note": "出库时完好"}],
    )  # fmt: skip
    await desk.act(buyer, case_id, "escalate", at + 126 * hour)
    await prove(desk, case_id, at + 140 * hour)
    await desk.act(
        desk.staff["arbiter"], case_id, "note", desk.now - timedelta(days=2),
        note="证据已齐。", private=True,
    )  # fmt: skip
    desk.fridge = case_id
    return case_id


async def prove(desk: Desk, case_id: UUID, proof: datetime) -> None:
    """What both sides submit and say in the evidence stage."""
    buyer, owner, hour = desk.buyer, desk.owner, timedelta(hours=1)
    receipts = [
        ("120.00", "沅陵到长沙运费", "carriage"),
        ("350.00", "长沙到北京大兴运费", "carriage"),
        ("105.00", "大兴到通州运费", "carriage"),
        ("400.00", "上下楼搬运费", "handling"),
    ]
    for amount, note, cost in receipts:
        files = [await desk.file(buyer, (240, 236, 220), proof)]
        await desk.act(
            buyer, case_id, "submit_evidence", proof, kind="freight_receipt", amount=amount,
            note=note, cost=cost, files=files,
        )  # fmt: skip
    await desk.act(
        buyer, case_id, "submit_evidence", proof, kind="chat_transcript",
        note="商家客服承认电路板有问题",
    )  # fmt: skip
    await desk.act(
        owner,
        case_id,
        "submit_evidence",
        proof + hour,
        kind="statement",
        note="运输途中受损，与我店无关。",
    )
    await desk.act(
        buyer, case_id, "note", proof + 2 * hour, note="请平台尽快处理，家里没有冰箱用。"
    )
    await desk.act(
        owner, case_id, "note", proof + 3 * hour, note="我们愿意协商，但不认可质量问题。"
    )


def picture(tint: tuple[int, int, int]) -> bytes:
    """A photo that can be told from another one."""
    image = Image.new("RGB", (320, 320), tint)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((90, 30, 230, 290), 12, fill=(238, 241, 239), outline=(90, 100, 96))
    draw.line((90, 130, 230, 130), fill=(120, 132, 126), width=4)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def files_under(folder: Path) -> str:
    """Where the files of a test lie."""
    return f"file://{folder}/files"
