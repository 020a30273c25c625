"""The page of the day.

Who: everybody of a shop, in the morning and whenever a hand is free. Question: what must not be
forgotten today, and what first? Next: open the topmost line, do it there, come back with `u`.
"""

from typing import Any

from litestar import Response, get

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.flows.today.board import read_today
from gongdao.web.shell import page


@get("/shop/today", guards=[kind("shop"), may("order.read")], include_in_schema=False)
async def show_today(request: Asked) -> Response[str]:
    """What is to do today, of each kind the most urgent."""
    async with request.app.state.pool.acquire() as connection:
        today = await read_today(connection, principal_of(request), now=utc_now())
    return page(
        request,
        "shop/today.html",
        today=today,
        shop_id=today.day.shop_id,
    )


today_routes: list[Any] = [show_today]
