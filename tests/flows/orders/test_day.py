"""The day around orders: remarks, reminders, calls, duplicates, additions, merging, stock."""

import asyncio
from datetime import timedelta

import pytest
from tests.flows.orders.day_town import order_of, product_of, said_to, wish
from tests.web.chat.desk_town import DeskTown, build_desk_town

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.flows.orders.add_items import add_items, end_adding, note_made
from gongdao.flows.orders.call_cod import call_cod
from gongdao.flows.orders.care import LISTS, Care, care_of_today, list_care
from gongdao.flows.orders.close_asked import close_asked
from gongdao.flows.orders.contact_buyer import contact_buyer
from gongdao.flows.orders.count_stock import count_stock, import_counts
from gongdao.flows.orders.dispatch_order import dispatch_order
from gongdao.flows.orders.merge_orders import merge_orders, split_order
from gongdao.flows.orders.remark_order import remark_order
from gongdao.flows.orders.restock import tell_restocked, wish_restock
from gongdao.flows.orders.rules import set_rules
from gongdao.ledger.bill_store import load_bill
from gongdao.settings.setting import DayRules
from gongdao.shops.cod_store import calls_of_order
from gongdao.shops.order import Line
from gongdao.shops.remark_store import flags_of, remarks_of_month, remarks_of_order
from gongdao.shops.shop import Address
from gongdao.shops.stock_store import counts_of_product


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    return await build_desk_town(pool)


async def names_in(town: DeskTown, name: str) -> list[str]:
    cares = await care_of_today(town.pool, town.shop_id, utc_now())
    return [getattr(line, "number", "") for line in cares[name].first]  # pyright: ignore


@pytest.mark.fact("S0-63", "S0-50")
async def test_a_remark_names_agent_and_reason_and_its_flag_stands_on_the_order(town: DeskTown):
    order = await order_of(town, paid=True)
    agent = town.people["小安"].person_id
    for reason, who in (("", agent), ("改地址", None), ("", None), ("  ", agent)):
        with pytest.raises(Refusal) as half:
            await remark_order(
                town.pool, wish(town, order), flag="red", reason=reason, agent_id=who
            )
        assert half.value.code == "reason_required"
    with pytest.raises(Refusal):
        await remark_order(town.pool, wish(town, order), flag="black", reason="x", agent_id=agent)
    with pytest.raises(Refusal):
        stranger = town.people["李梅"].person_id
        await remark_order(town.pool, wish(town, order), flag="", reason="x", agent_id=stranger)
    for _ in range(2):
        await remark_order(
            town.pool, wish(town, order, key="k"), flag="red", reason="换礼盒", agent_id=agent
        )
    with pytest.raises(Refusal) as other:
        await remark_order(
            town.pool, wish(town, order, key="k"), flag="red", reason="别的", agent_id=agent
        )
    assert other.value.code == "idempotency_conflict"
    assert await flags_of(town.pool, [order.id]) == {order.id: "red"}
    await remark_order(town.pool, wish(town, order), flag="green", reason="已处理", agent_id=agent)
    assert await flags_of(town.pool, [order.id]) == {order.id: "green"}
    remarks = await remarks_of_order(town.pool, order.id, shop_id=town.shop_id)
    assert [each.reason for each in remarks] == ["已处理", "换礼盒"]
    with pytest.raises(Exception, match="append-only"):
        await town.pool.execute("DELETE FROM order_remarks")


@pytest.mark.fact("S0-63")
async def test_the_sales_of_a_month_name_their_agent_or_nobody(town: DeskTown):
    mine, nobodys = await order_of(town, paid=True), await order_of(town, paid=True)
    unpaid = await order_of(town)
    agent = town.people["小宝"].person_id
    await remark_order(town.pool, wish(town, mine), flag="", reason="小宝接待", agent_id=agent)
    now = utc_now()
    sold = await remarks_of_month(town.pool, town.shop_id, now - timedelta(days=1), now)
    assert {each.order_id: each.agent_id for each in sold} == {mine.id: agent, nobodys.id: None}
    assert {each.paid_fen for each in sold} == {9_600}
    assert unpaid.id not in {each.order_id for each in sold}
    earlier = await remarks_of_month(
        town.pool, town.shop_id, now - timedelta(days=9), sold[0].paid_at
    )
    assert earlier == []


@pytest.mark.fact("S0-48", "S0-43", "S0-50")
async def test_who_has_not_paid_for_twelve_hours_is_reminded_once(town: DeskTown):
    late, early = await order_of(town, hours=13), await order_of(town, hours=11)
    assert await names_in(town, "unpaid") == [late.number]
    again = asyncio.gather(
        *(contact_buyer(town.pool, wish(town, late), "unpaid") for _ in range(4)),
        return_exceptions=True,
    )
    assert not [each for each in await again if isinstance(each, BaseException)]
    said = [text for text in await said_to(town, "李梅") if late.number in text]
    assert len(said) == 1 and "还没付款" in said[0]
    assert await names_in(town, "unpaid") == []
    with pytest.raises(Refusal) as twice:
        await contact_buyer(town.pool, wish(town, late, "小宝"), "unpaid")
    assert twice.value.code == "duplicate"
    with pytest.raises(Refusal):
        await contact_buyer(town.pool, wish(town, early), "late_parcel")
    with pytest.raises(Refusal):
        await contact_buyer(town.pool, wish(town, early), "unpaid", way="phone")


@pytest.mark.fact("S0-50")
async def test_an_order_made_twice_is_closed_only_after_asking(town: DeskTown):
    first = await order_of(town, hours=3, paid=True)
    second = await order_of(town, hours=2)
    other_goods = await order_of(town, lines=(Line(line=1, title="桌子", price_fen=100),))
    assert await names_in(town, "twice") == [second.number]
    with pytest.raises(Refusal) as before:
        await close_asked(town.pool, wish(town, second))
    assert before.value.code == "not_eligible"
    await contact_buyer(town.pool, wish(town, second), "duplicate")
    closed = await close_asked(town.pool, wish(town, second))
    assert closed.closed_by == "seller"
    assert await names_in(town, "twice") == []
    await contact_buyer(town.pool, wish(town, first), "duplicate")
    with pytest.raises(Refusal):
        await close_asked(town.pool, wish(town, first))
    assert other_goods.closed_at is None


@pytest.mark.fact("S0-50")
async def test_an_order_on_a_whim_comes_up_after_the_reminder(town: DeskTown):
    order = await order_of(town, hours=50)
    assert await names_in(town, "impulse") == []
    await contact_buyer(town.pool, wish(town, order), "unpaid")
    assert await names_in(town, "impulse") == [order.number]
    await contact_buyer(town.pool, wish(town, order), "impulse", way="phone", note="不要了")
    assert (await close_asked(town.pool, wish(town, order))).state == "closed"


@pytest.mark.fact("S0-17", "S0-18")
async def test_worked_case_36_the_buyer_is_told_106_before_the_parcel_leaves(town: DeskTown):
    order = await order_of(town, payment="cod")
    assert await names_in(town, "cod") == [order.number]
    (to_call,) = (await care_of_today(town.pool, town.shop_id, utc_now()))["cod"].first
    rules = DayRules()
    (listed,) = await list_care(town.pool, town.shop_id, "cod", rules=rules, now=utc_now())
    assert to_call.phone == listed.phone == "138****1111"  # pyright: ignore
    with pytest.raises(Refusal) as unheard:
        await dispatch_order(town.pool, wish(town, order), carrier="顺丰速运", tracking="SF1")
    assert unheard.value.code == "reason_required"
    with pytest.raises(Refusal, match="106"):
        await call_cod(
            town.pool, wish(town, order), result="confirmed", carrier="顺丰速运", told_fen=9_600
        )
    with pytest.raises(Refusal):
        await call_cod(town.pool, wish(town, order), result="confirmed", carrier="圆通速递")
    later = utc_now() + timedelta(hours=2)
    await call_cod(town.pool, wish(town, order), result="no_answer", again_at=later)
    assert await names_in(town, "cod") == []
    for _ in range(2):
        await call_cod(
            town.pool, wish(town, order, key="c"), result="confirmed", carrier="顺丰速运",
            told_fen=10_600,
        )  # fmt: skip
    calls = await calls_of_order(town.pool, order.id, shop_id=town.shop_id)
    assert [(each.result, each.told_fen) for each in calls] == [
        ("confirmed", 10_600), ("no_answer", None),
    ]  # fmt: skip
    (shipped,) = await dispatch_order(
        town.pool, wish(town, order), carrier="顺丰速运", tracking="SF1"
    )
    assert shipped.shipped_at
    with pytest.raises(Refusal):
        await call_cod(town.pool, wish(town, order), result="refused", note="太贵")


@pytest.mark.fact("S0-18")
async def test_an_unconfirmed_order_leaves_with_a_reason_that_is_kept(town: DeskTown):
    order = await order_of(town, payment="cod")
    await call_cod(town.pool, wish(town, order), result="wrong_number", note="空号")
    await dispatch_order(
        town.pool, wish(town, order), carrier="圆通速递", tracking="YT1", note="旺旺里确认过"
    )
    calls = await calls_of_order(town.pool, order.id, shop_id=town.shop_id)
    assert (calls[0].result, calls[0].note) == ("shipped_unconfirmed", "旺旺里确认过")
    for fields in (
        {"result": "later"}, {"result": "no_answer"}, {"result": "refused"},
        {"result": "no_answer", "again_at": utc_now() - timedelta(hours=1)},
    ):  # fmt: skip
        open_one = await order_of(town, payment="cod")
        with pytest.raises(Refusal):
            await call_cod(town.pool, wish(town, open_one), **fields)
    quiet = await order_of(town, payment="cod")
    rules = DayRules(cod_note=False)
    owner = town.people["老板"]
    await set_rules(town.pool, owner, rules, seen=0, reason="不打电话", now=utc_now())
    await dispatch_order(town.pool, wish(town, quiet), carrier="圆通速递", tracking="YT2")


@pytest.mark.fact("S0-64")
async def test_adding_is_free_until_the_parcel_was_read(town: DeskTown):
    order = await order_of(town, paid=True)
    with pytest.raises(Refusal):
        await add_items(town.pool, wish(town, order), what="灯泡", extra_fen=800)
    free = await add_items(town.pool, wish(town, order, key="a"), what="灯泡", extra_fen=0)
    assert (free.making, free.bill_id) == ("unread", None)
    assert await add_items(town.pool, wish(town, order, key="a"), what="灯泡", extra_fen=0) == free
    await note_made(town.pool, wish(town, order), "read")
    with pytest.raises(Refusal) as postage:
        await add_items(town.pool, wish(town, order), what="灯罩", extra_fen=0)
    assert postage.value.code == "reason_required"
    dear = await add_items(town.pool, wish(town, order), what="灯罩", extra_fen=800)
    assert dear.bill_id
    async with town.pool.acquire() as connection:
        bill = await load_bill(connection, dear.bill_id)
    assert bill and (bill.amount_fen, bill.detail["what"]) == (800, "freight")
    assert await names_in(town, "additions") == [order.number, order.number]
    await end_adding(town.pool, town.people["小安"], free.id, now=utc_now())
    assert await names_in(town, "additions") == [order.number]
    # A parcel that is packed stays packed; an order whose money is elsewhere has no bill of ours.
    await note_made(town.pool, wish(town, order), "packed")
    await note_made(town.pool, wish(town, order), "read")
    outside = await order_of(town, payment="cod")
    await note_made(town.pool, wish(town, outside), "packed")
    collected = await add_items(town.pool, wish(town, outside), what="灯罩", extra_fen=600)
    assert (collected.making, collected.bill_id) == ("packed", None)


@pytest.mark.fact("S0-64")
async def test_orders_of_one_buyer_to_one_address_leave_in_one_parcel(town: DeskTown):
    one, two = await order_of(town, paid=True), await order_of(town, payment="cod")
    away = Address(name="李梅", phone="13800001111", address="上海市")
    elsewhere = await order_of(town, paid=True, receiver=away)
    others = await order_of(town, "王强", paid=True)
    cares = await care_of_today(town.pool, town.shop_id, utc_now())
    (group,) = cares["merge"].first
    assert set(group.numbers) == {one.number, two.number}  # pyright: ignore
    shown = (group.buyer_id, group.name, group.phone, group.address)  # pyright: ignore
    assert shown == (one.buyer_id, "李**", "138****1111", "浙江省杭州市****")
    agent = town.people["小安"]
    for wrong in ([one.id], [one.id, elsewhere.id], [one.id, others.id], [one.id, new_id()]):
        with pytest.raises(Refusal):
            await merge_orders(town.pool, agent, wrong, now=utc_now())
    for _ in range(2):
        await merge_orders(town.pool, agent, [one.id, two.id], now=utc_now())
    assert (await care_of_today(town.pool, town.shop_id, utc_now()))["merge"].count == 0
    await split_order(town.pool, agent, two.id)
    assert (await care_of_today(town.pool, town.shop_id, utc_now()))["merge"].count == 1
    await merge_orders(town.pool, agent, [one.id, two.id], now=utc_now())
    with pytest.raises(Refusal):
        await dispatch_order(town.pool, wish(town, one), carrier="圆通速递", tracking="YT9")
    assert await town.pool.fetchval("SELECT count(*) FROM shipments WHERE tracking = 'YT9'") == 0
    shipped = await dispatch_order(
        town.pool, wish(town, one), carrier="圆通速递", tracking="YT9", note="聊天里确认"
    )
    assert {each.id for each in shipped} == {one.id, two.id}
    rows = await town.pool.fetch("SELECT order_id FROM shipments WHERE tracking = 'YT9'")
    assert {row["order_id"] for row in rows} == {one.id, two.id}
    assert await town.pool.fetchval("SELECT count(*) FROM dispatch_notices") >= 1


@pytest.mark.fact("S0-16")
async def test_parcels_that_take_too_long_come_up_with_a_reason(town: DeskTown):
    await town.pool.execute("UPDATE shops SET region = '浙江省' WHERE id = $1", town.shop_id)
    away = Address(name="王强", phone="13900001111", address="新疆乌鲁木齐市")
    parcel = {"paid": True, "hours": 24 * 5, "carrier": "圆通速递"}
    left = utc_now() - timedelta(days=4)
    near = await order_of(town, **parcel, tracking="YT11", shipped_at=left)
    far = await order_of(town, **parcel, tracking="YT12", shipped_at=left, receiver=away)
    assert await names_in(town, "late") == [near.number]
    await set_rules(
        town.pool, town.people["老板"], DayRules(far_days=3), seen=0, reason="更严", now=utc_now()
    )
    assert set(await names_in(town, "late")) == {near.number, far.number}
    await contact_buyer(town.pool, wish(town, near), "late_parcel")
    await contact_buyer(town.pool, wish(town, near), "carrier")
    looks = "SELECT next_look_at <= now() FROM shipments WHERE order_id = $1"
    assert await town.pool.fetchval(looks, near.id)


@pytest.mark.fact("S0-50")
async def test_who_waits_for_stock_hears_of_it_once(town: DeskTown):
    lamp = await product_of(town, stock=0)
    agent, buyer = town.people["小安"], town.people["李梅"].person_id
    with pytest.raises(Refusal):
        await wish_restock(town.pool, agent, product_id=lamp, buyer_id=buyer, now=utc_now())
    order = await order_of(town, hours=13)
    for _ in range(2):
        await wish_restock(town.pool, agent, product_id=lamp, buyer_id=buyer, now=utc_now())
    await contact_buyer(town.pool, wish(town, order), "unpaid")
    assert await tell_restocked(town.pool, now=utc_now()) == 0
    await count_stock(town.pool, agent, lamp, what="shown", units=3, now=utc_now())
    told = await asyncio.gather(*(tell_restocked(town.pool, now=utc_now()) for _ in range(3)))
    assert sum(told) == 1
    assert len([text for text in await said_to(town, "李梅") if "到货" in text]) == 1
    with pytest.raises(Refusal):
        await wish_restock(town.pool, agent, product_id=lamp, buyer_id=buyer, now=utc_now())


def ids_of(care: Care) -> list[object]:
    """What stands on a list, by id; the list of orders that could leave together has none."""
    return [getattr(line, "id", None) for line in care.first]


@pytest.mark.fact("S0-66", "S0-50")
async def test_stock_below_ten_and_stock_that_differs_come_up(town: DeskTown):
    lamp, desk = await product_of(town, stock=9), await product_of(town, sku="desk", stock=30)
    agent = town.people["小安"]
    cares = await care_of_today(town.pool, town.shop_id, utc_now())
    assert ids_of(cares["low_stock"]) == [lamp]
    bad = b"sku,real_stock\nlamp,7\nlamp,8\n,1\nnone,2\ndesk,many\n"
    report = await import_counts(town.pool, agent, bad, now=utc_now())
    assert [fault.line for fault in report.faults] == [3, 4, 5, 6]
    assert await counts_of_product(town.pool, lamp, shop_id=town.shop_id) == []
    good = "货号,实际库存\nlamp,7\ndesk,30\n".encode("gb18030")
    report = await import_counts(town.pool, agent, good, now=utc_now())
    assert (report.changed, report.unchanged, report.faults) == (2, 0, ())
    assert (await import_counts(town.pool, agent, good, now=utc_now())).unchanged == 2
    cares = await care_of_today(town.pool, town.shop_id, utc_now())
    assert ids_of(cares["differing"]) == [lamp]
    await count_stock(
        town.pool, agent, lamp, what="shown", units=7, note="以实物为准", now=utc_now()
    )
    kept = await counts_of_product(town.pool, lamp, shop_id=town.shop_id)
    assert [(each.what, each.was, each.units, each.how) for each in kept] == [
        ("shown", 9, 7, "hand"), ("real", None, 7, "import"),
    ]  # fmt: skip
    assert (await care_of_today(town.pool, town.shop_id, utc_now()))["differing"].count == 0
    with pytest.raises(Refusal):
        await import_counts(town.pool, agent, b"name,price\nx,1\n", now=utc_now())
    assert desk


async def test_other_shops_see_and_do_nothing(town: DeskTown, pool: Pool):
    other = await build_desk_town(pool)
    order, lamp = await order_of(town, hours=20), await product_of(town, stock=0)
    stranger = other.people["小安"]
    foreign = wish(other, order)
    agent = stranger.person_id
    for step in (
        remark_order(pool, foreign, flag="", reason="x", agent_id=agent),
        contact_buyer(pool, foreign, "unpaid"),
        close_asked(pool, foreign),
        add_items(pool, foreign, what="x", extra_fen=0),
        note_made(pool, foreign, "read"),
        dispatch_order(pool, foreign, carrier="圆通速递", tracking="YT1"),
        count_stock(pool, stranger, lamp, what="real", units=1, now=utc_now()),
        split_order(pool, stranger, order.id),
    ):
        with pytest.raises(Refusal) as refused:
            await step
        assert refused.value.code == "not_found"
    cares = await care_of_today(pool, other.shop_id, utc_now())
    assert {name: cares[name].count for name in LISTS} == dict.fromkeys(LISTS, 0)
