"""A morning of the guard: a scam in a talk, five accounts with one payee, money that waits."""

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.ids import new_id
from gongdao.chat.body import Text
from gongdao.chat.message import Message, Saying
from gongdao.chat.store import say
from gongdao.flows.talk.open_talk import Wish, open_talk
from gongdao.ledger.store import post
from gongdao.ledger.transfer import Account, Transfer
from gongdao.risk.finding import Evidence, Finding, Place
from gongdao.risk.hold_store import Hold, keep_holds
from gongdao.risk.store import keep
from gongdao.risk.trait_store import Trait, keep_traits
from gongdao.risk.watch import TraitKind

from .desk import Desk, person

SCAM = "您下载 AnyDesk 把屏幕共享给我，我帮您把退款通道打开，13912345678 微信号 kefu_8899"
RING = ("周海", "吴燕", "郑凯", "王芳", "冯磊")


class Scene(msgspec.Struct, kw_only=True):
    """What tests speak of."""

    talk: UUID
    asks: UUID
    scam: UUID
    refunds: list[UUID]
    ring: list[UUID]
    payout: UUID


async def build_scene(desk: Desk, *, name: str = "ring") -> Scene:
    """Plant it; everything that the pages show comes from the tables that the rounds fill."""
    now = desk.now - timedelta(minutes=50)
    # Somebody of each scene: a buyer has one conversation with a shop, and scenes share the desk.
    asks = await person(desk.pool, "buyer", f"{name}-asks", "林小雨", now=now)
    talk, asked = await _talk(desk, asks, now)
    scam = _finding(
        now, "remote-control", 60,
        Evidence(shows="words", said="AnyDesk", start=4, end=11),
        place=Place(
            subject="message", subject_id=asked.id, shop_id=desk.shop_id,
            buyer_id=asks.person_id, conversation_id=talk, seq=asked.seq, about="shop",
        ),
    )  # fmt: skip
    ring = [
        (await person(desk.pool, "buyer", f"{name}{n}", who, now=now)).person_id
        for n, who in enumerate(RING)
    ]
    counts = {"days": "180", "orders": "12", "refunds": "9", "kept": "6"}
    counted = [Evidence(shows="count", said=said, label=label) for label, said in counts.items()]
    refunds = [
        _finding(
            now - timedelta(days=n), "repeated-refunds", 40, *counted,
            place=Place(
                subject="buyer", subject_id=who, shop_id=desk.shop_id, buyer_id=who, about="buyer"
            ),
        )
        for n, who in enumerate(ring[:3])
    ]  # fmt: skip
    await keep(desk.pool, [scam, *refunds])
    await share(desk, ring, name, "payee", "6222 **** 8801", now)
    await share(desk, ring[:3], name, "device", "Android · a3f**", now)
    await share(desk, ring[2:], name, "address", "浙江省杭州市****", now)
    payout = await _hold(desk, scam.id, now)
    return Scene(
        talk=talk, asks=asks.person_id, scam=scam.id, refunds=[one.id for one in refunds],
        ring=ring, payout=payout,
    )  # fmt: skip


async def share(
    desk: Desk, people: list[UUID], scene: str, kind: TraitKind, shown: str, now: datetime
) -> None:
    """Several people were seen with the same."""
    one = Trait(kind=kind, digest=sha256(f"{scene} {shown}".encode()).digest(), shown=shown)
    for who in people:
        await keep_traits(desk.pool, who, [one], now=now)


async def _talk(desk: Desk, asks: Principal, now: datetime) -> tuple[UUID, Message]:
    """The talk, and the message in which somebody asks for the screen."""
    opened, _ = await open_talk(
        desk.pool, asks.person_id, Wish(shop_id=desk.shop_id),
        conversation_id=new_id(), now=now,
    )  # fmt: skip
    asked: Message | None = None
    for number, text in enumerate(("你好，我的退款什么时候到账？", SCAM, "好的，我试一下")):
        who = desk.owner if text == SCAM else asks
        saying = Saying(
            conversation_id=opened.id, client_id=new_id(), author=who.kind,
            author_id=who.person_id, kind="text", body=Text(text=text),
            at=now + timedelta(minutes=number),
        )  # fmt: skip
        said = await say(desk.pool, saying)
        assert said.message
        asked = said.message if text == SCAM else asked
    assert asked
    return opened.id, asked


def _finding(at: datetime, code: str, weight: int, *evidence: Evidence, place: Place) -> Finding:
    return Finding(
        id=new_id(), code=code, by="words" if place.seq else "facts", place=place, weight=weight,
        evidence=evidence, pack="cn-law@1", at=at, found_at=at,
    )  # fmt: skip


async def _hold(desk: Desk, finding: UUID, now: datetime) -> UUID:
    order = await desk.order("扫地机器人", price=299_970, at=now - timedelta(days=4))
    refund = Transfer(
        kind="refund", source=Account("order_escrow", order.id),
        target=Account("buyer_refund", desk.buyer.person_id), amount_fen=299_970,
    )  # fmt: skip
    async with desk.pool.acquire() as connection, connection.transaction():
        await post(connection, [refund], now=now, order_id=order.id)
        payout = await connection.fetchval("SELECT id FROM payouts WHERE order_id = $1", order.id)
        hold = Hold(
            payout_id=payout, case_id=None, amount_fen=299_970, findings=(finding,), since=now,
            until=desk.now + timedelta(hours=20),
        )  # fmt: skip
        await keep_holds(connection, [hold])
    return payout
