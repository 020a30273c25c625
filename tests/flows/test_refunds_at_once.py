"""Two partial refunds at once give back all of an order that was never shipped: it is over then."""

import asyncio
from datetime import timedelta
from uuid import UUID

from gongdao.base.db import Pool
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case, open_case
from gongdao.policy.load import load_pack
from gongdao.shops.order import Line

from .market import START, Market, open_market, place_order

PACK = load_pack("taobao-classic")
ORDERS, HOUR = 12, timedelta(hours=1)


async def test_an_order_that_is_refunded_in_two_parts_at_once_is_closed(pool: Pool) -> None:
    market = await open_market(pool)
    orders = [
        await place_order(market, lines=two_lines(), freight_fen=0, shipped=False)
        for _ in range(ORDERS)
    ]
    await asyncio.gather(*(refund_in_parts(market, order.id) for order in orders))
    rows = await pool.fetch("SELECT refunded_fen, paid_fen, state, closed_by FROM orders")
    assert [tuple(row) for row in rows] == [(20_000, 20_000, "closed", "refund")] * ORDERS
    closed = "SELECT count(*) FROM order_log WHERE what = 'closed'"
    assert await pool.fetchval(closed) == ORDERS


def two_lines() -> tuple[Line, ...]:
    return tuple(Line(line=n, title="Lamp", price_fen=10_000) for n in (1, 2))


async def refund_in_parts(market: Market, order_id: UUID) -> None:
    """One case for each line, approved in the same moment."""
    asked = {"procedure": "after_sale", "kind": "refund_only", "reason": "changed_mind"}
    opened = [
        await open_case(
            market.pool, market.buyer, order_id,
            c.OpenArgs(**asked, lines=[n]),
            pack=PACK, now=START + HOUR,
        )
        for n in (1, 2)
    ]  # fmt: skip
    await asyncio.gather(
        *(
            act_on_case(
                market.pool, market.owner, one.case.id, "approve", c.ApproveArgs(),
                now=START + 2 * HOUR,
            )
            for one in opened
        )
    )  # fmt: skip
