"""What is done leaves the day: no line stays on the page of today without something to do."""

from datetime import datetime, timedelta

import pytest
from tests.flows.orders.day_town import order_of, product_of, said_to, wish
from tests.web.chat.desk_town import DeskTown, build_desk_town

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import ZONE
from gongdao.flows.orders.add_items import add_items
from gongdao.flows.orders.call_cod import call_cod
from gongdao.flows.orders.care import care_of_today
from gongdao.flows.orders.check_receiver import ask_receiver, correct_receiver
from gongdao.flows.orders.close_asked import close_asked
from gongdao.flows.orders.contact_buyer import contact_buyer
from gongdao.flows.orders.count_stock import count_stock
from gongdao.flows.orders.dispatch_order import dispatch_order
from gongdao.flows.orders.remark_order import remark_order
from gongdao.flows.orders.restock import wish_restock
from gongdao.flows.today.board import read_today
from gongdao.shops.care_reads import CareLine
from gongdao.shops.remark_store import remarks_of_order
from gongdao.shops.shop import Address


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    return await build_desk_town(pool)


async def counts(town: DeskTown, *, days: float = 0) -> dict[str, int]:
    """How much of each kind of work an agent has today, or so many days later."""
    now = utc_now() + timedelta(days=days)
    today = await read_today(town.pool, town.people["小安"], now=now)
    return {lot.work: lot.count for lot in today.lots}


async def listed(town: DeskTown, name: str) -> int:
    return (await care_of_today(town.pool, town.shop_id, utc_now()))[name].count  # pyright: ignore


@pytest.mark.fact("S0-18")
async def test_what_was_refused_on_the_telephone_is_closed_with_one_click(town: DeskTown):
    order = await order_of(town, payment="cod")
    agreed = await order_of(town, "王强", payment="cod")
    await call_cod(town.pool, wish(town, order), result="refused", note="嫌到付太贵")
    with pytest.raises(Refusal) as early:
        await close_asked(town.pool, wish(town, agreed))
    assert early.value.code == "not_eligible"
    assert (await counts(town))["calls"] == 2
    closed = await close_asked(town.pool, wish(town, order))
    assert (closed.state, closed.closed_by) == ("closed", "seller")
    assert (await counts(town))["calls"] == 1
    # Only the newest word counts: whoever agrees after all keeps the order.
    await call_cod(town.pool, wish(town, agreed), result="refused", note="再想想")
    await call_cod(
        town.pool, wish(town, agreed), result="confirmed", carrier="顺丰", told_fen=10_600
    )
    with pytest.raises(Refusal):
        await close_asked(town.pool, wish(town, agreed))


@pytest.mark.fact("S0-50")
async def test_doubles_that_only_the_buyer_can_cancel_leave_once_asked(town: DeskTown):
    await order_of(town, hours=3, paid=True)
    paid = await order_of(town, hours=2, paid=True)
    assert await listed(town, "twice") == 1
    await contact_buyer(town.pool, wish(town, paid), "duplicate")
    assert await listed(town, "twice") == 0
    await order_of(town, "王强", hours=3, payment="cod")
    cod = await order_of(town, "王强", hours=2, payment="cod")
    await contact_buyer(town.pool, wish(town, cod), "duplicate")
    assert await listed(town, "twice") == 1
    await call_cod(town.pool, wish(town, cod), result="confirmed", carrier="顺丰", told_fen=10_600)
    assert await listed(town, "twice") == 0


@pytest.mark.fact("S0-16")
async def test_a_late_parcel_leaves_the_day_once_buyer_and_carrier_were_asked(town: DeskTown):
    left = utc_now() - timedelta(days=7)
    order = await order_of(
        town, paid=True, hours=24 * 8, carrier="圆通速递", tracking="YT21", shipped_at=left
    )
    await contact_buyer(town.pool, wish(town, order), "late_parcel")
    assert (await counts(town))["parcels"] == 1
    await contact_buyer(town.pool, wish(town, order), "carrier")
    assert "parcels" not in await counts(town)
    # The list goes on watching it.
    assert await listed(town, "late") == 1


@pytest.mark.fact("S0-66")
async def test_what_was_counted_today_is_looked_at_again_tomorrow(town: DeskTown):
    lamp = await product_of(town, stock=5)
    agent = town.people["小安"]
    assert (await counts(town))["stock"] == 1
    for _ in range(2):
        await count_stock(town.pool, agent, lamp, what="real", units=5, now=utc_now())
    assert "stock" not in await counts(town)
    assert await listed(town, "low_stock") == 1
    assert (await counts(town, days=1))["stock"] == 1
    # As many as were counted before: that somebody looked is kept, once a day.
    tomorrow = utc_now() + timedelta(days=1)
    for _ in range(2):
        await count_stock(town.pool, agent, lamp, what="real", units=5, now=tomorrow)
    assert "stock" not in await counts(town, days=1)
    assert await town.pool.fetchval("SELECT count(*) FROM stock_counts") == 2


@pytest.mark.fact("S0-50")
async def test_goods_that_are_not_back_are_no_work_of_today(town: DeskTown):
    lamp = await product_of(town, stock=0)
    buyer = town.people["李梅"].person_id
    await order_of(town, paid=True)
    agent = town.people["小安"]
    await wish_restock(town.pool, agent, product_id=lamp, buyer_id=buyer, now=utc_now())
    assert "restock" not in await counts(town) and await listed(town, "restock") == 1
    await count_stock(town.pool, agent, lamp, what="shown", units=3, now=utc_now())
    assert (await counts(town))["restock"] == 1


@pytest.mark.fact("S0-64")
async def test_nothing_is_added_to_what_was_closed_or_has_left(town: DeskTown):
    closed, left = await order_of(town), await order_of(town, paid=True)
    for order in (closed, left):
        await add_items(town.pool, wish(town, order), what="灯泡", extra_fen=0)
    assert await listed(town, "additions") == 2
    await contact_buyer(town.pool, wish(town, closed), "impulse")
    await close_asked(town.pool, wish(town, closed))
    assert await listed(town, "additions") == 1
    await dispatch_order(town.pool, wish(town, left), carrier="圆通速递", tracking="YT31")
    assert await listed(town, "additions") == 0


@pytest.mark.fact("S0-63")
async def test_a_remark_takes_what_telephones_write_and_says_what_does_not_fit(town: DeskTown):
    order = await order_of(town, paid=True)
    agent = town.people["小安"].person_id
    said = "👨‍👩‍👧 一家三口，分开包"
    await remark_order(town.pool, wish(town, order), flag="red", reason=said, agent_id=agent)
    for reason, code in (("包" * 501, "too_large"), ("x\x07y", "invalid"), ("x\x00y", "invalid")):
        with pytest.raises(Refusal) as refused:
            await remark_order(
                town.pool, wish(town, order), flag="red", reason=reason, agent_id=agent
            )
        assert refused.value.code == code
    remarks = await remarks_of_order(town.pool, order.id, shop_id=town.shop_id)
    assert [each.reason for each in remarks] == [said]
    added = await add_items(town.pool, wish(town, order), what="贺卡 👨‍👩‍👧", extra_fen=0)
    assert added.what == "贺卡 👨‍👩‍👧"
    with pytest.raises(Refusal):
        await add_items(town.pool, wish(town, order), what="x\x00y", extra_fen=0)


@pytest.mark.fact("S0-50")
async def test_who_may_still_catch_the_parcels_of_today_is_told_once(town: DeskTown):
    today = utc_now().astimezone(ZONE).replace(hour=14, minute=0, second=0, microsecond=0)
    noon = today - timedelta(hours=2)
    order = await order_of(town, hours=(utc_now() - noon) / timedelta(hours=1))
    await order_of(town, "王强", payment="cod", hours=(utc_now() - noon) / timedelta(hours=1))

    async def waiting(at: datetime) -> list[str]:
        found = (await care_of_today(town.pool, town.shop_id, at))["cut_off"].lines
        return [line.number for line in found if isinstance(line, CareLine)]

    # The cut-off is at 15:30, and three hours before it one begins to tell of it.
    assert await waiting(noon) == []
    assert await waiting(today) == [order.number]
    # Later than half an hour before it nobody could pay in time any more.
    assert await waiting(today + timedelta(minutes=75)) == []
    await contact_buyer(town.pool, wish(town, order, now=today), "cut_off")
    (said,) = [text for text in await said_to(town, "李梅") if "截单" in text]
    assert f"{today:%m-%d} 15:30" in said
    assert await waiting(today) == []


async def test_a_receiver_that_was_changed_is_not_changed_again_through_its_card(town: DeskTown):
    order = await order_of(town, paid=True)
    asked = await ask_receiver(town.pool, wish(town, order))
    buyer = town.people["李梅"]
    first, second = (
        Address(name="李梅", phone="13800001111", address=f"浙江省杭州市文三路 {n} 号")
        for n in (1, 2)
    )
    for _ in range(2):
        await correct_receiver(town.pool, buyer, asked.id, first, now=utc_now())
    with pytest.raises(Refusal) as refused:
        await correct_receiver(town.pool, buyer, asked.id, second, now=utc_now())
    assert refused.value.code == "duplicate"
    now_at = "SELECT receiver_address FROM orders WHERE id = $1"
    assert await town.pool.fetchval(now_at, order.id) == first.address
