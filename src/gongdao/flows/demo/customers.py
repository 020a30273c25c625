"""What the shops of the demo keep on their customers, and one who asks to be forgotten."""

from datetime import timedelta

import msgspec

from gongdao.flows.customers.keep import keep_preference, put_in_group, write_note
from gongdao.flows.customers.list_customers import keep_names_findable
from gongdao.flows.customers.rights import ask_shop
from gongdao.flows.demo.names import demo_id
from gongdao.flows.demo.stage import Stage
from gongdao.flows.demo.when import When


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What one agent wrote down about one buyer, some days ago."""

    who: str
    buyer: str
    days: int
    note: str
    group: str = ""
    likes: tuple[str, str] | None = None
    again_in_days: int | None = None


_KEPT = (
    Kept(
        who="shop:agent1",
        buyer="buyer",
        days=6,
        note="冰箱放阳台，师傅上门前要提前一小时电话，白天不方便接。",
        group="regular",
        likes=("方便时间", "晚上 7 点以后"),
        again_in_days=7,
    ),
    Kept(
        who="shop:agent2",
        buyer="buyer3",
        days=3,
        note="装修公司采购，一次要 10 台以上，问过批发价和安装费。",
        group="wholesale",
        again_in_days=4,
    ),
    Kept(
        who="clothing:agent1",
        buyer="buyer2",
        days=5,
        note="第三次回购，喜欢无钢圈，上次尺码偏小已换。",
        group="regular",
        likes=("尺码", "75B"),
    ),
    Kept(
        who="clothing:agent2",
        buyer="buyer5",
        days=2,
        note="讲话直，先听完再解释，别抢话。",
        group="patience",
    ),
)
#: Who asks which shop to erase what it keeps, so many days ago.
_ASKS = ("buyer8", "clothing", 2, "以后不在这里买了，请删除我的备注和偏好。")


async def play_customers(stage: Stage, when: When) -> None:
    """Notes, groups and preferences of known customers; told again, each stands there once."""
    for each in _KEPT:
        await _keep(stage, when, each)
    buyer, shop, days, words = _ASKS
    who, shop_id = stage.people[buyer], stage.shops[shop]
    if await _is_customer(stage, shop, buyer):
        request_id = demo_id("request", buyer, shop)
        await ask_shop(
            stage.pool,
            who,
            shop_id,
            "erasure",
            words,
            request_id=request_id,
            now=when.ago(hours=24 * days),
        )
    while await keep_names_findable(stage.pool, now=when.now):
        continue


async def _keep(stage: Stage, when: When, each: Kept) -> None:
    shop = each.who.partition(":")[0].replace("shop", "appliances")
    if not await _is_customer(stage, shop, each.buyer):
        return
    who, buyer_id = stage.people[each.who], stage.people[each.buyer].person_id
    at = when.ago(hours=24 * each.days)
    again = timedelta(days=each.again_in_days) if each.again_in_days else None
    await write_note(
        stage.pool,
        who,
        buyer_id,
        each.note,
        note_id=demo_id("note", each.who, each.buyer),
        due_at=at + again if again else None,
        now=at,
    )
    if each.group:
        await put_in_group(stage.pool, who, [buyer_id], each.group, now=at)
    if each.likes:
        await keep_preference(stage.pool, who, buyer_id, *each.likes, now=at)


async def _is_customer(stage: Stage, shop: str, buyer: str) -> bool:
    found = await stage.pool.fetchval(
        "SELECT EXISTS (SELECT FROM customers WHERE shop_id = $1 AND buyer_id = $2)",
        stage.shops[shop],
        stage.people[buyer].person_id,
    )
    return bool(found)
