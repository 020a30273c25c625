"""Worked case 36 to its end: a refusal at the door is on record for who was told the price."""

import csv
import io
from datetime import timedelta

import pytest
from tests.flows.orders.day_town import order_of, wish
from tests.web.chat.desk_town import DeskTown, build_desk_town

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.cases.commands import OpenArgs
from gongdao.flows.act import preview_opening
from gongdao.flows.import_tracking import import_tracking
from gongdao.flows.orders.call_cod import call_cod
from gongdao.flows.orders.dispatch_order import dispatch_order
from gongdao.policy.load import load_pack
from gongdao.shops.cod import PRICE_TOLD
from gongdao.shops.order import Order
from gongdao.shops.store import Scope, load_order


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    return await build_desk_town(pool)


async def known(town: DeskTown, order: Order) -> Order:
    async with town.pool.acquire() as connection:
        found = await load_order(connection, order.id, scope=Scope(platform=True))
    assert found
    return found


async def come_back(town: DeskTown, order: Order, tracking: str) -> None:
    """The parcel leaves and is refused at the door."""
    at = utc_now()
    await dispatch_order(
        town.pool, wish(town, order, now=at - timedelta(minutes=30)), carrier="顺丰速运",
        tracking=tracking, note="一直占线",
    )  # fmt: skip
    rows = io.StringIO()
    file = csv.writer(rows)
    file.writerow(["carrier", "tracking", "at", "event"])
    file.writerow(["顺丰速运", tracking, at.isoformat(), "refused"])
    report = await import_tracking(town.pool, rows.getvalue().encode(), now=at)
    assert (report.faults, report.parcels) == ((), 1)


async def report_it(town: DeskTown, order: Order) -> str:
    outcome = await preview_opening(
        town.pool, town.people["老板"], order.id,
        OpenArgs(procedure="report", kind="malicious_order"),
        pack=load_pack("taobao-classic@1"), now=utc_now(),
    )  # fmt: skip
    return outcome.case.stage


@pytest.mark.fact("S0-18")
async def test_a_refusal_can_be_reported_once_the_buyer_was_told_the_price(town: DeskTown):
    told, untold = [await order_of(town, payment="cod") for _ in range(2)]
    for again in (1, 2):
        await call_cod(
            town.pool, wish(town, told, key=f"call {again}"), result="confirmed",
            carrier="顺丰速运", told_fen=10_600,
        )  # fmt: skip
    assert (await known(town, told)).promises == (PRICE_TOLD,)
    assert (await known(town, untold)).promises == ()
    await come_back(town, told, "SF3601")
    await come_back(town, untold, "SF3602")
    assert await report_it(town, told) == "evidence"
    with pytest.raises(Refusal) as unheard:
        await report_it(town, untold)
    assert unheard.value.code == "not_eligible"
    assert "both freights are yours" in str(unheard.value)


async def test_a_call_that_reached_nobody_tells_nobody_the_price(town: DeskTown):
    order = await order_of(town, payment="cod")
    await call_cod(
        town.pool, wish(town, order), result="no_answer", again_at=utc_now() + timedelta(hours=2)
    )
    assert (await known(town, order)).promises == ()
