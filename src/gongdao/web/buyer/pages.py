"""The buyer's orders, and all routes of this audience.

Who opens it: a buyer, on a phone, looking for one purchase. Their question: where is it, and what
can I do about it? What they do next: open the order or its case, or apply for after-sales.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.cursor import read_cursor
from gongdao.base.i18n import N_
from gongdao.cases.commands import OpenArgs
from gongdao.flows.guard.see import seen_on_order
from gongdao.flows.settings import current_pack
from gongdao.flows.weigh_requests import weigh_requests
from gongdao.shops.order import Order
from gongdao.web.buyer.apply import show_apply, take_apply
from gongdao.web.buyer.case_page import show_case, show_cases, show_modify, take_action, take_modify
from gongdao.web.buyer.order_changes import change_routes, read_changeable
from gongdao.web.buyer.problems import Problem, problems_in
from gongdao.web.buyer.reads import ORDER_STATES, list_orders, read_order
from gongdao.web.buyer.reviews import review_routes
from gongdao.web.notices.pages import note_seen
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
        pool, buyer_id, state=status, text=q, after=read_cursor(after) if after else None
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
    pool, buyer_id = request.app.state.pool, principal_of(request).person_id
    found = await read_order(pool, buyer_id, order_id)
    async with pool.acquire() as connection:
        changes = await read_changeable(connection, found.order)
    await note_seen(request, order_id)
    return page(
        request,
        "buyer/order.html",
        told=await seen_on_order(pool, principal_of(request), order_id),
        order=found.order,
        shop_name=found.shop_name,
        parcels=found.parcels,
        cases=found.cases,
        complaints=await _complaints(request, found.order),
        changes=changes,
        collects=request.app.state.config.channel_collects,
        states=STATE_NAMES,
        may_apply=may_apply,
        buyer_id=buyer_id,
    )


async def _complaints(request: Asked, order: Order) -> list[Problem]:
    """What can be complained of while nothing was shipped, by the decision that filing makes."""
    who, pool = principal_of(request), request.app.state.pool
    if order.shipped_at is not None or not who.may("case.open"):
        return []
    pack = await current_pack(pool)
    problems = [
        problem
        for problem in problems_in("unshipped")
        if problem.complaint and ("complaint", problem.complaint) in pack.kinds
    ]
    asked = [OpenArgs(procedure="complaint", kind=problem.complaint or "") for problem in problems]
    opening = await weigh_requests(pool, who, order.id, asked, pack=pack, now=utc_now())
    return [
        problem
        for problem, possible in zip(problems, opening.possible, strict=True)
        if possible.given
    ]


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
    *change_routes,
    *review_routes,
]
