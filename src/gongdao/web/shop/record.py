"""The shop's own record.

Who: the owner, a lead. Question: where do we stand, what does it mean, and until when? Next: open
the case behind a line, and appeal there where the rules allow it.
"""

from typing import Any

from litestar import Response, get

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.flows.case_reads import see_shop
from gongdao.flows.settings import current_pack
from gongdao.web.record import show_record
from gongdao.web.shell import page


@get("/shop/record", guards=[kind("shop"), may("case.read")], include_in_schema=False)
async def show_own_record(request: Asked) -> Response[str]:
    """Points, sanctions and findings of the shop."""
    shop_id = principal_of(request).shop_id
    assert shop_id, "people of a shop have a shop"
    async with request.app.state.pool.acquire() as connection:
        seen = await see_shop(connection, shop_id)
        assert seen, "people of a shop have a shop"
        pack = await current_pack(connection)
    shown = show_record(seen, pack, now=utc_now())
    return page(request, "shop/record.html", shown=shown, shop_id=shop_id)


record_routes: list[Any] = [show_own_record]
