"""Two of a team at the same time: it stands once, and the other is told or finds it done."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

import pytest
from tests.flows.orders.day_town import order_of, wish
from tests.web.chat.desk_town import DeskTown, build_desk_town

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.flows.orders.call_cod import call_cod
from gongdao.flows.orders.dispatch_order import dispatch_order
from gongdao.flows.orders.merge_orders import merge_orders
from gongdao.shops.cod_store import calls_of_order
from gongdao.shops.order import Order


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    return await build_desk_town(pool)


async def at_once(*doings: Awaitable[Any]) -> list[str]:
    """What became of each, all under way together on connections of their own."""
    ends = await asyncio.gather(*doings, return_exceptions=True)
    unforeseen = [
        end for end in ends if isinstance(end, Exception) and not isinstance(end, Refusal)
    ]
    assert not unforeseen
    return [end.code if isinstance(end, Refusal) else "done" for end in ends]


async def parcels(town: DeskTown, orders: Sequence[Order]) -> list[set[str]]:
    """The orders that leave together, parcel by parcel."""
    rows = await town.pool.fetch(
        "SELECT array_agg(o.number) AS numbers FROM order_merges m"
        " JOIN orders o ON o.id = m.order_id WHERE o.id = ANY($1) GROUP BY m.merge_id",
        [order.id for order in orders],
    )
    return [set(row["numbers"]) for row in rows]


async def test_a_call_sent_from_two_screens_is_one(town: DeskTown) -> None:
    order = await order_of(town, payment="cod")
    fields: dict[str, Any] = {"result": "confirmed", "carrier": "顺丰速运", "told_fen": 10_600}
    ends = await at_once(
        *(call_cod(town.pool, wish(town, order, key="c"), **fields) for _ in range(6))
    )
    assert ends == ["done"] * 6
    assert len(await calls_of_order(town.pool, order.id, shop_id=town.shop_id)) == 1


async def test_what_was_refused_on_the_telephone_does_not_leave_as_well(town: DeskTown) -> None:
    for _ in range(5):
        order = await order_of(town, payment="cod")
        fields: dict[str, Any] = {"carrier": "顺丰速运", "told_fen": 10_600}
        await call_cod(town.pool, wish(town, order), result="confirmed", **fields)
        ends = await at_once(
            call_cod(town.pool, wish(town, order, "小宝"), result="refused", note="不要了"),
            dispatch_order(town.pool, wish(town, order), carrier="顺丰速运", tracking="SF1"),
        )
        assert ends.count("done") == 1, ends
        sent = await town.pool.fetchval(
            "SELECT count(*) FROM shipments WHERE order_id = $1", order.id
        )
        assert sent == (1 if ends[1] == "done" else 0)


async def test_orders_that_two_merge_at_once_are_each_in_one_parcel(town: DeskTown) -> None:
    one, two, three = [await order_of(town, paid=True) for _ in range(3)]
    agent, colleague = town.people["小安"], town.people["小宝"]
    ends = await at_once(
        *(merge_orders(town.pool, agent, [one.id, two.id], now=utc_now()) for _ in range(3)),
        *(merge_orders(town.pool, colleague, [three.id, two.id], now=utc_now()) for _ in range(3)),
    )
    assert set(ends) == {"done"}
    together = await parcels(town, [one, two, three])
    numbers = [number for parcel in together for number in parcel]
    assert len(numbers) == len(set(numbers))
    assert any(len(parcel) >= 2 for parcel in together)
