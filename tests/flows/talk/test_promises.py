"""Promised, and done? What was said, and what orders, money and parcels make of it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from tests.flows.market import place_order
from tests.flows.test_goodwill import kind_pack
from tests.web.chat.desk_town import DeskTown, build_desk_town

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.flows.pay_goodwill import pay_goodwill
from gongdao.flows.talk.open_talk import Wish, open_talk
from gongdao.flows.talk.promises import PromiseRow, count_promises, promises_in, see_promises
from gongdao.flows.talk.recall import recall
from gongdao.flows.talk.say import ToSay, say_in_talk
from gongdao.shops.order import Order

#: 20:00 in Shanghai.
EVENING = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 3, 16, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    town = await build_desk_town(pool)
    town.people["李梅"] = town.market.buyer  # who has the orders
    return town


async def begin(town: DeskTown, at: datetime = EVENING, **wish: object) -> UUID:
    wished = Wish(shop_id=town.shop_id, **wish)  # pyright: ignore
    buyer = town.people["李梅"].person_id
    opened, _ = await open_talk(town.pool, buyer, wished, conversation_id=new_id(), now=at)
    return opened.id


async def says(
    town: DeskTown, name: str, talk: UUID, text: str, at: datetime, client_id: UUID | None = None
) -> int:
    sent = ToSay(conversation_id=talk, client_id=client_id or uuid4(), body={"text": text})
    return (await say_in_talk(town.pool, town.people[name], sent, now=at)).seq


async def ordered(town: DeskTown, *, arrived: bool = False) -> Order:
    paid_at = EVENING - timedelta(days=9)
    return await place_order(town.market, paid_at=paid_at, shipped=arrived, signed=arrived)


async def only(town: DeskTown, now: datetime, name: str = "主管") -> PromiseRow:
    (row,) = await see_promises(town.pool, town.people[name], now=now)
    return row


async def test_a_part_of_the_order_is_promised_as_what_it_costs(town: DeskTown) -> None:
    order = await ordered(town, arrived=True)
    order_fen: int = await town.pool.fetchval(
        "SELECT total_fen FROM orders WHERE id = $1", order.id
    )
    talk = await begin(town, order_id=order.id)
    await says(town, "小安", talk, "真抱歉，退您一半的钱，您看行吗", EVENING)
    row = await only(town, EVENING)
    assert (row.what, row.words, row.state) == ("refund", "退您一半", "open")
    assert row.amount_fen == order_fen // 2
    assert promises_in("退您一半", now=EVENING) == (), "of an order that nobody knows"


def test_when_promises_are_due() -> None:
    dues = {
        "亲, 今天给您发货": ("dispatch", None, MIDNIGHT),
        "明天补发": ("resend", None, MIDNIGHT + 24 * HOUR),
        "48小时内给您回复": ("answer", None, EVENING + 48 * HOUR),
        "给您退款20元": ("refund", 2000, MIDNIGHT + 72 * HOUR),
        "给您补偿¥8.50": ("compensation", 850, MIDNIGHT + 72 * HOUR),
    }
    for text, (what, fen, due_at) in dues.items():
        (promise,) = promises_in(text, now=EVENING)
        assert (promise.what, promise.amount_fen, promise.due_at) == (what, fen, due_at), text
        assert promise.words in text
    assert promises_in("给您便宜5元", now=EVENING) == (), "a discount stands in the price"
    assert promises_in("您好, 在的", now=EVENING) == ()


async def test_a_dispatch_is_kept_late_or_broken(town: DeskTown) -> None:
    order = await ordered(town)
    talk = await begin(town, order_id=order.id)
    key = uuid4()
    for _ in range(2):
        await says(town, "小安", talk, "今天给您发货", EVENING, key)
    row = await only(town, EVENING)
    assert (row.state, row.order_id, row.agent, row.buyer) == ("open", order.id, "小安", "buyer")
    assert (await only(town, MIDNIGHT)).state == "broken"
    for shipped_at, state in ((MIDNIGHT - HOUR, "kept"), (MIDNIGHT, "late")):
        await town.pool.execute("UPDATE orders SET shipped_at = $1", shipped_at)
        row = await only(town, MIDNIGHT + HOUR)
        assert (row.state, row.done_at) == (state, shipped_at)


async def test_the_order_is_the_card_shown_last(town: DeskTown) -> None:
    first, second = await ordered(town), await ordered(town)
    talk = await begin(town, order_id=first.id)
    for order in (first, second):
        card = ToSay(
            conversation_id=talk, client_id=uuid4(), kind="order", body={"order_id": str(order.id)}
        )
        await say_in_talk(town.pool, town.people["李梅"], card, now=EVENING)
    await says(town, "小安", talk, "今天给您发货", EVENING)
    await town.pool.execute(
        "UPDATE orders SET shipped_at = $1 WHERE id = $2", EVENING + HOUR, first.id
    )
    row = await only(town, MIDNIGHT)
    assert (row.order_id, row.state) == (second.id, "broken")


async def test_an_order_that_is_closed_waits_for_no_dispatch(town: DeskTown) -> None:
    order = await ordered(town)
    talk = await begin(town, order_id=order.id)
    await says(town, "小安", talk, "今天给您发货", EVENING)
    await town.pool.execute("UPDATE orders SET closed_at = $1, closed_by = 'buyer'", EVENING + HOUR)
    assert await see_promises(town.pool, town.people["主管"], now=MIDNIGHT) == []


async def test_a_sum_is_kept_once_so_much_was_paid(town: DeskTown) -> None:
    order = await ordered(town, arrived=True)
    talk = await begin(town, order_id=order.id)
    await says(town, "主管", talk, "给您补偿15元", EVENING)
    for n, fen in enumerate((1000, 500)):
        assert (await only(town, EVENING + 2 * HOUR)).state == "open"
        async with town.pool.acquire() as connection:
            at = EVENING + timedelta(minutes=5 + n)
            await pay_goodwill(
                connection,
                town.market.owner,
                order.id,
                amount_fen=fen,
                key=str(n),
                pack=kind_pack(),
                now=at,
            )
    row = await only(town, EVENING + 2 * HOUR)
    assert (row.state, row.done_at) == ("kept", EVENING + timedelta(minutes=6))


async def test_an_answer_is_not_what_is_said_in_the_same_breath(town: DeskTown) -> None:
    talk = await begin(town)
    await says(town, "小安", talk, "2小时内给您回复", EVENING)
    await says(town, "小安", talk, "请您稍等", EVENING + timedelta(seconds=10))
    assert (await only(town, EVENING + HOUR)).state == "open"
    await says(town, "李梅", talk, "好的", EVENING + HOUR)
    assert (await only(town, EVENING + 2 * HOUR)).state == "broken"
    await says(town, "小宝", talk, "仓库已查到了", EVENING + 3 * HOUR)
    assert (await only(town, EVENING + 4 * HOUR)).state == "late"


async def test_resent_goods(town: DeskTown) -> None:
    order = await ordered(town, arrived=True)
    talk = await begin(town, order_id=order.id)
    await says(town, "小安", talk, "明天给您补发", EVENING)
    assert (await only(town, EVENING)).state == "open"
    await town.pool.execute(
        "INSERT INTO shipments (id, order_id, direction, carrier, tracking, shipped_at)"
        " VALUES ($1, $2, 'out', '顺丰', 'SF1', $3)",
        new_id(),
        order.id,
        EVENING + HOUR,
    )
    assert (await only(town, EVENING + 2 * HOUR)).state == "kept"


async def test_who_sees_what(town: DeskTown) -> None:
    talk = await begin(town)
    taken = await says(town, "小安", talk, "今天给您发货", EVENING)
    await recall(town.pool, town.people["小安"], talk, taken, now=EVENING)
    await says(town, "小安", talk, "48小时内给您回复, 并给您退款10元", EVENING)
    await says(town, "小宝", talk, "今天给您发货", EVENING)
    await says(town, "李梅", talk, "你说今天给您发货", EVENING)
    seen = {
        name: [row.what for row in await see_promises(town.pool, town.people[name], now=EVENING)]
        for name in ("小安", "小宝", "主管")
    }
    assert seen["小安"] == ["refund", "answer"], "what was taken back promises nothing"
    assert seen["小宝"] == ["dispatch"]
    assert sorted(seen["主管"]) == ["answer", "dispatch", "refund"]
    rows = await see_promises(town.pool, town.people["主管"], now=EVENING)
    assert count_promises(rows, now=EVENING) == {
        "today": 1, "open": 3, "overdue": 0, "late": 0, "kept": 0, "all": 3,
    }  # fmt: skip
    today = await see_promises(town.pool, town.people["小宝"], view="today", now=EVENING)
    assert [row.what for row in today] == ["dispatch"]
    for name in ("李梅", "仲裁员"):
        with pytest.raises(Refusal) as refused:
            await see_promises(town.pool, town.people[name], now=EVENING)
        assert refused.value.code == "wrong_role"
