"""The buyer confirms receipt; where something speaks of a scam, the page asks once more.

Who: a buyer with the parcel in their hands, or one whom somebody urges to press the button.
Question: is it safe to let the money go? Next: confirm, or not yet: read what to do, complain.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.flows.guard.confirm import confirm_knowingly, to_mind
from gongdao.shops.order import Order
from gongdao.web.buyer.reads import read_order
from gongdao.web.shell import page
from gongdao.web.typed import texts_of

_GUARDS = [kind("buyer"), may("order.read")]


def may_confirm(order: Order) -> bool:
    """Whether the page offers it: paid, the parcel has left, and nothing has ended it yet."""
    has_begun = order.paid_at is not None and order.shipped_at is not None
    return has_begun and order.confirmed_at is None and order.closed_at is None


@get("/orders/{order_id:uuid}/receipt", guards=_GUARDS, include_in_schema=False)
async def show_receipt(request: Asked, order_id: FromPath[UUID]) -> Response[str]:
    """What confirming does, and what there is to mind before."""
    pool, who = request.app.state.pool, principal_of(request)
    found = await read_order(pool, who.person_id, order_id)
    async with pool.acquire() as connection:
        signs = await to_mind(connection, who, order_id)
    return page(
        request,
        "guard/receipt.html",
        order=found.order,
        shop_name=found.shop_name,
        signs=signs,
        may_confirm=may_confirm(found.order),
    )


@post("/orders/{order_id:uuid}/receipt", guards=_GUARDS, include_in_schema=False)
async def take_receipt(request: Asked, order_id: FromPath[UUID]) -> Redirect:
    """Confirm it; `aware` says that what there is to mind was read."""
    form = texts_of(await request.form(), "aware")
    async with request.app.state.pool.acquire() as connection:
        await confirm_knowingly(
            connection,
            principal_of(request),
            order_id,
            aware=form["aware"] == "yes",
            now=utc_now(),
        )
    return Redirect(f"/orders/{order_id}", status_code=303)


receipt_routes: list[Any] = [show_receipt, take_receipt]
