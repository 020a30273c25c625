"""What buyers of the demo say of what they bought, and what the shops did about it."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.flows.demo.names import demo_id
from gongdao.flows.demo.stage import Stage
from gongdao.flows.demo.when import When
from gongdao.flows.reviews.attend import ContactArgs, note_contact
from gongdao.flows.reviews.reply import ReplyArgs, reply_to_review
from gongdao.flows.reviews.write import ReviewArgs, write_review
from gongdao.reviews.review import Outcome


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One review, and how far the shop is with it."""

    stars: int
    text: str
    outcome: Outcome | None = None
    note: str = ""
    reply: str = ""


#: For the newest confirmed orders of each shop, one after the other.
_SAID: dict[str, tuple[Said, ...]] = {
    "appliances": (
        Said(
            stars=1,
            text="用了不到一周就有异响，半夜吵得睡不着，质量真的不行。",
            outcome="reached",
            note="师傅周四上门检测，压缩机有问题就换新。",
            reply="半夜还有响声，换谁都睡不好，先跟您说声抱歉。已经约好周四上门检测，费用由店里承担。",
        ),
        Said(stars=5, text="制冷快，声音比想象中小，安装师傅还帮忙把旧的抬下楼，省心。"),
        Said(stars=3, text="东西还可以，就是物流太慢了，等了快十天。", outcome="no_answer"),
        Said(stars=5, text="给爸妈买的，操作简单，老人说好用。"),
        Said(stars=1, text="失望。"),
        Said(stars=1, text="客服问三次回一次，安装时间改来改去也没人说一声。"),
        Said(stars=5, text="整体满意，就是说明书字太小，老人看着费劲。"),
    ),
    "clothing": (
        Said(
            stars=1,
            text="洗了一次就起球，和图片色差也大。",
            outcome="solved",
            note="同意退货，往返运费店里出。",
            reply="洗一次就起球确实不应该，让您失望了。退货和运费按约定处理，这一批面料也已退回厂家重新检验。",
        ),
        Said(stars=5, text="无钢圈穿着很舒服，尺码和客服推荐的一样准。"),
        Said(stars=3, text="款式好看，尺码偏小，建议拍大一码。"),
        Said(stars=5, text="第二次买了，面料软，回购。"),
        Said(stars=1, text="包装被压坏了，快递员直接丢驿站，也没打电话。"),
    ),
}
#: A review comes so long after receipt was confirmed, and no earlier than so long ago.
_AFTER, _WINDOW = timedelta(hours=20), timedelta(days=14)
_ORDERS = """
SELECT id, buyer_id, confirmed_at, lines -> 0 ->> 'line' AS line FROM orders
 WHERE shop_id = $1 AND confirmed_at > $2 AND confirmed_at < $3 AND closed_at IS NULL
   AND refunded_fen < paid_fen
 ORDER BY confirmed_at DESC, id LIMIT 50
"""


async def play_reviews(stage: Stage, when: When) -> None:
    """Reviews of the newest confirmed orders; played again, each stands there once."""
    buyers = {who.person_id: who for who in stage.people.values() if who.kind == "buyer"}
    for shop, said in _SAID.items():
        rows = await stage.pool.fetch(
            _ORDERS, stage.shops[shop], when.now - _WINDOW, when.now - _AFTER
        )
        known = [row for row in rows if row["buyer_id"] in buyers]
        for row, each in zip(known, said, strict=False):
            await _play(stage, shop, row, each, buyers[row["buyer_id"]], when.now)


async def _play(
    stage: Stage, shop: str, row: Any, said: Said, buyer: Principal, now: datetime
) -> None:
    at = min(row["confirmed_at"] + _AFTER, now)
    args = ReviewArgs(line=int(row["line"]), stars=said.stars, text=said.text)
    review_id = demo_id("review", row["id"])
    review = await write_review(stage.pool, buyer, row["id"], args, review_id=review_id, now=at)
    agent = stage.people[f"{'shop' if shop == 'appliances' else shop}:agent1"]
    if said.outcome:
        contact = ContactArgs(outcome=said.outcome, note=said.note)
        key = demo_id("contact", review.id)
        await note_contact(stage.pool, agent, review.id, contact, key=key, now=min(_later(at), now))
    if said.reply:
        key = demo_id("reply", review.id)
        answer = ReplyArgs(text=said.reply, reason="电话里已经和买家说好")
        await reply_to_review(
            stage.pool, agent, review.id, answer, key=key, now=min(_later(at), now)
        )


def _later(at: datetime) -> datetime:
    return at + timedelta(hours=3)
