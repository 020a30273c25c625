"""A parcel of several orders is as far as the furthest of them; what goes out has a number."""

import pytest
from tests.flows.orders.day_town import order_of, wish
from tests.web.chat.desk_town import DeskTown, build_desk_town

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.flows.orders.add_items import add_items, note_made
from gongdao.flows.orders.care import care_of_today
from gongdao.flows.orders.dispatch_order import dispatch_order
from gongdao.flows.orders.merge_orders import merge_orders, split_order
from gongdao.shops.care_reads import Together


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    return await build_desk_town(pool)


@pytest.mark.fact("S0-64")
async def test_adding_to_a_parcel_that_was_read_with_another_order_costs_postage(town: DeskTown):
    one, two = [await order_of(town, paid=True, hours=hours) for hours in (2, 1)]
    await note_made(town.pool, wish(town, one), "packed")
    (group,) = (await care_of_today(town.pool, town.shop_id, utc_now()))["merge"].lines
    assert isinstance(group, Together) and group.makings == ["packed", "unread"]
    free = await add_items(town.pool, wish(town, two), what="灯泡", extra_fen=0)
    assert free.making == "unread"
    await merge_orders(town.pool, town.people["小安"], [one.id, two.id], now=utc_now())
    with pytest.raises(Refusal) as refused:
        await add_items(town.pool, wish(town, two), what="灯罩", extra_fen=0)
    assert refused.value.code == "reason_required"
    dear = await add_items(town.pool, wish(town, two), what="灯罩", extra_fen=600)
    assert dear.making == "packed" and dear.bill_id
    await split_order(town.pool, town.people["小安"], one.id)
    alone = await add_items(town.pool, wish(town, two), what="插头", extra_fen=0)
    assert alone.making == "unread"


async def test_a_parcel_without_a_number_does_not_leave(town: DeskTown):
    order = await order_of(town, paid=True)
    for tracking in ("不是单号", "-", " "):
        with pytest.raises(Refusal) as refused:
            await dispatch_order(town.pool, wish(town, order), carrier="圆通", tracking=tracking)
        assert refused.value.code == "invalid"
    (left,) = await dispatch_order(town.pool, wish(town, order), carrier="圆通", tracking="YT-1")
    assert left.shipped_at
