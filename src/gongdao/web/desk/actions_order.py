"""What an agent does about an order from the window: ship it, give something, ask for a difference.

The sheets post to the routes of the order itself, so a thing is decided in one place.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from msgspec.structs import replace

from gongdao.accounts.gate import Asked, may, principal_of
from gongdao.flows.customers.reveal import receiver_for
from gongdao.flows.pay_goodwill import see_goodwill
from gongdao.flows.settings import current_pack
from gongdao.flows.talk.open_for_buyer import require_order_of_talk
from gongdao.ledger.bill_store import bills_of_order
from gongdao.scripts.bargain_store import granted_fen
from gongdao.shops.store import Scope, load_purchase
from gongdao.web.desk.panel import served_talk
from gongdao.web.desk.window import SERVERS
from gongdao.web.shell import page

_ADDRESS = "/desk/talks/{conversation_id:uuid}/orders/{order_id:uuid}"
_READERS = [*SERVERS, may("order.read")]


@get(f"{_ADDRESS}/goodwill", guards=SERVERS, include_in_schema=False)
async def show_goodwill(
    request: Asked, conversation_id: FromPath[UUID], order_id: FromPath[UUID]
) -> Response[str]:
    """What may still be given on an order without a case, and within one's own limit."""
    values = await _order_values(request, conversation_id, order_id)
    who = principal_of(request)
    async with request.app.state.pool.acquire() as connection:
        goodwill = await see_goodwill(
            connection,
            order_id,
            scope=Scope(shop_id=who.shop_id),
            pack=await current_pack(connection),
        )
        granted = await granted_fen(
            connection,
            shop_id=values["order"].shop_id,
            buyer_id=values["order"].buyer_id,
            person_id=who.person_id,
        )
    return page(
        request,
        "desk/goodwill.html",
        goodwill=goodwill,
        may_give=who.may("case.money") or granted is not None,
        limit_fen=who.money_limit_fen if who.may("case.money") else 0,
        granted_fen=granted,
        **values,
    )


@get(f"{_ADDRESS}/dispatch", guards=_READERS, include_in_schema=False)
async def show_dispatch(
    request: Asked, conversation_id: FromPath[UUID], order_id: FromPath[UUID]
) -> Response[str]:
    """Where the parcel goes, and the form for carrier and number."""
    values = await _order_values(request, conversation_id, order_id)
    may_ship = principal_of(request).may("order.ship")
    return page(request, "desk/dispatch.html", may_ship=may_ship, **values)


@get(f"{_ADDRESS}/receiver", guards=_READERS, include_in_schema=False)
async def show_receiver(
    request: Asked, conversation_id: FromPath[UUID], order_id: FromPath[UUID]
) -> Response[str]:
    """Where the parcel goes, and the button that asks the buyer whether that is right."""
    values = await _order_values(request, conversation_id, order_id)
    return page(request, "desk/receiver.html", **values)


@get(f"{_ADDRESS}/difference", guards=_READERS, include_in_schema=False)
async def show_difference(
    request: Asked, conversation_id: FromPath[UUID], order_id: FromPath[UUID]
) -> Response[str]:
    """What was asked for on this order so far, and the form for a price difference."""
    values = await _order_values(request, conversation_id, order_id)
    return page(
        request,
        "desk/difference.html",
        bills=await bills_of_order(request.app.state.pool, order_id),
        may_ask=principal_of(request).may("case.answer"),
        **values,
    )


async def _order_values(request: Asked, conversation_id: UUID, order_id: UUID) -> dict[str, Any]:
    """The conversation and the order, which has to be one of its buyer's."""
    pool, who = request.app.state.pool, principal_of(request)
    talk = await served_talk(pool, who, conversation_id)
    await require_order_of_talk(pool, talk, order_id)
    purchase = await load_purchase(pool, order_id, scope=Scope(shop_id=who.shop_id))
    assert purchase, "it is an order of the conversation"
    # Whole for those who have to send it, masked for others, as on the page of the order.
    remarks = replace(purchase.remarks, receiver=receiver_for(who, purchase))
    return {"talk": talk.conversation, "order": purchase.order, "remarks": remarks}


order_action_routes: list[Any] = [show_goodwill, show_dispatch, show_receiver, show_difference]
