"""The buyer's orders, and all routes of this audience.

Who opens it: a buyer, on a phone, looking for one purchase. Their question: where is it, and what
can I do about it? What they do next: open the order or its case, or apply for after-sales.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.i18n import N_
from gongdao.shops.order import Order
from gongdao.web.buyer.apply import show_apply, take_apply
from gongdao.web.buyer.case_page import show_case, show_cases, show_modify, take_action, take_modify
from gongdao.web.buyer.reads import ORDER_STATES, list_orders, parse_cursor, read_order
from gongdao.web.shell import page

#: The states of an order as the buyer's tabs and badges name them.
STATE_NAMES: dict[str, str] = {
    "unpaid": N_("Waiting for payment"),
    "paid": N_("To be shipped"),
    "shipped": N_("On the way"),
    "signed": N_("Delivered"),
    "confirmed": N_("Trade completed"),
    "closed": N_("Trade closed"),
}


@get("/orders", guards=[kind("buyer"), may("order.read")], include_in_schema=False)
async def show_orders(
    request: Asked,
    status: FromQuery[str] = "",
    q: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[Any]:
    """My orders, the newest first."""
    pool, buyer_id = request.app.state.pool, principal_of(request).person_id
    status, q = status if status in ORDER_STATES else "", q.strip()[:100]
    cards, following = await list_orders(
        pool, buyer_id, state=status, text=q, after=parse_cursor(after)
    )
    return page(
        request,
        "buyer/orders.html",
        cards=cards,
        status=status,
        q=q,
        states=STATE_NAMES,
        following=following.text() if following else "",
        may_apply=may_apply,
        buyer_id=buyer_id,
    )


@get("/orders/{order_id:uuid}", guards=[kind("buyer"), may("order.read")], include_in_schema=False)
async def show_order(request: Asked, order_id: FromPath[UUID]) -> Response[Any]:
    """One order: lines, amounts, parcels and cases."""
    buyer_id = principal_of(request).person_id
    found = await read_order(request.app.state.pool, buyer_id, order_id)
    return page(
        request,
        "buyer/order.html",
        order=found.order,
        shop_name=found.shop_name,
        parcels=found.parcels,
        cases=found.cases,
        states=STATE_NAMES,
        may_apply=may_apply,
        buyer_id=buyer_id,
    )


def may_apply(order: Order) -> bool:
    """Whether applying can lead anywhere; the exact answer, with its reason, is in the steps."""
    if order.paid_at is None:
        return False
    return order.refunded_fen < order.paid_fen


#: For the composition root: every route of this audience.
routes = [
    show_orders,
    show_order,
    show_apply,
    take_apply,
    show_cases,
    show_case,
    show_modify,
    take_modify,
    take_action,
]
