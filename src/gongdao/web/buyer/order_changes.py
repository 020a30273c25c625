"""What a buyer changes of an order before its parcel leaves.

Who: the buyer, on a phone, minutes or hours after ordering. Question: can I still change that?
Next: the shop is told, and the page shows the order as it is now.
"""

from typing import Any, cast, get_args
from uuid import UUID

import msgspec
from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.cancel_order import cancel_order
from gongdao.flows.change_address import change_address
from gongdao.flows.change_line import change_line
from gongdao.flows.change_payment import Chosen, change_payment
from gongdao.flows.order_desk import Wish
from gongdao.flows.orders.restock import SoldOut, ask_restock, sold_out_in, stop_asking
from gongdao.flows.pay_bill import decline_bill, pay_bill
from gongdao.flows.settle_exchange import ask_for_case
from gongdao.flows.urge_order import URGE_EVERY, URGES_MAX, urge_order
from gongdao.ledger.bill import Bill
from gongdao.ledger.bill_store import bills_of_order
from gongdao.ledger.store import load_balances
from gongdao.ledger.transfer import Account
from gongdao.shops.amend import CANCEL_REASONS, may_change, variants_of
from gongdao.shops.order import Order
from gongdao.shops.product_store import products_of_lines
from gongdao.shops.shop import Address, Product
from gongdao.shops.store import Scope, load_purchase, logged_times

_GUARDS = [kind("buyer"), may("order.read")]
_RESTOCK = "/orders/{order_id:uuid}/restock/{product_id:uuid}"
#: So many bills are shown on an order: those that wait, and what became of the last ones.
_BILLS = 5


class Changeable(msgspec.Struct, frozen=True, kw_only=True):
    """What the page offers: what can be changed, and into what."""

    receiver: Address = Address()
    version: int = 1
    open: bool = False
    """Nothing has left yet."""
    variants: dict[int, list[Product]] = {}
    """Of each line, by its number."""
    reasons: tuple[str, ...] = CANCEL_REASONS
    payments: tuple[str, ...] = ()
    """Ways of paying that the order can be switched to; none once it was, or is paid."""
    card_fen: int = 0
    may_urge: bool = False
    urged: int = 0
    bills: tuple[Bill, ...] = ()
    sold_out: tuple[SoldOut, ...] = ()


async def read_changeable(connection: Connection, order: Order) -> Changeable:
    """What a buyer can still change of an order of theirs."""
    scope = Scope(buyer_id=order.buyer_id)
    purchase = await load_purchase(connection, order.id, scope=scope)
    assert purchase, "it was just read"
    bills = tuple(await bills_of_order(connection, order.id))[:_BILLS]
    products = await products_of_lines(connection, order.shop_id, order.lines)
    found = Changeable(
        receiver=purchase.remarks.receiver,
        version=purchase.version,
        bills=bills,
        sold_out=await sold_out_in(connection, order, products),
    )
    if not may_change(order):
        return found
    urged = await logged_times(connection, order.id, "urged")
    card = Account("gift_card", order.buyer_id)
    return msgspec.structs.replace(
        found,
        open=True,
        variants={line.line: variants_of(products, line) for line in order.lines},
        payments=await _payments(connection, order),
        card_fen=(await load_balances(connection, [card]))[card].available_fen,
        may_urge=order.promised_from is not None
        and len(urged) < URGES_MAX
        and (not urged or utc_now() >= urged[0] + URGE_EVERY),
        urged=len(urged),
    )


async def _payments(connection: Connection, order: Order) -> tuple[str, ...]:
    if order.paid_at or await logged_times(connection, order.id, "payment_changed"):
        return ()
    ways = (way for way in get_args(Chosen) if way != order.payment)
    return tuple(way for way in ways if way != "gift_card" or order.money == "here")


@post("/orders/{order_id:uuid}/cancel", guards=_GUARDS, include_in_schema=False)
async def take_cancel(request: Asked, order_id: FromPath[UUID]) -> Redirect:
    """Give the order up."""
    form = await request.form()
    reason = _text(form, "reason")
    if reason not in CANCEL_REASONS:
        raise Refusal("reason_required", N_("Say why you cancel."))
    wish = _wish(request, order_id, form)
    await cancel_order(_pool(request), wish, reason=reason)
    return _back(order_id)


@post("/orders/{order_id:uuid}/lines/{line:int}/variant", guards=_GUARDS, include_in_schema=False)
async def take_variant(request: Asked, order_id: FromPath[UUID], line: FromPath[int]) -> Redirect:
    """Take another variant of what is in a line."""
    form = await request.form()
    sku = _text(form, "sku")
    if not sku:
        raise Refusal("invalid", N_("Choose a variant."))
    await change_line(_pool(request), _wish(request, order_id, form), line=line, sku=sku)
    return _back(order_id)


@post("/orders/{order_id:uuid}/receiver", guards=_GUARDS, include_in_schema=False)
async def take_receiver(request: Asked, order_id: FromPath[UUID]) -> Redirect:
    """Send the parcel somewhere else."""
    form = await request.form()
    receiver = Address(**{name: _text(form, name) for name in ("name", "phone", "address")})
    await change_address(_pool(request), _wish(request, order_id, form), receiver)
    return _back(order_id)


@post("/orders/{order_id:uuid}/payment", guards=_GUARDS, include_in_schema=False)
async def take_payment(request: Asked, order_id: FromPath[UUID]) -> Redirect:
    """Pay in another way."""
    form = await request.form()
    payment = _text(form, "payment")
    if payment not in get_args(Chosen):
        raise Refusal("invalid", N_("Choose how to pay."))
    wish = _wish(request, order_id, form)
    await change_payment(_pool(request), wish, cast(Chosen, payment))
    return _back(order_id)


@post("/orders/{order_id:uuid}/urge", guards=_GUARDS, include_in_schema=False)
async def take_urge(request: Asked, order_id: FromPath[UUID]) -> Redirect:
    """Remind the shop."""
    await urge_order(_pool(request), _wish(request, order_id, await request.form()))
    return _back(order_id)


@post("/orders/{order_id:uuid}/bills/{bill_id:uuid}/pay", guards=_GUARDS, include_in_schema=False)
async def take_pay(request: Asked, order_id: FromPath[UUID], bill_id: FromPath[UUID]) -> Redirect:
    """Pay what was asked for."""
    collects = request.app.state.config.channel_collects
    who = principal_of(request)
    await pay_bill(_pool(request), who, bill_id, now=utc_now(), collects=collects)
    return _back(order_id)


@post(
    "/orders/{order_id:uuid}/bills/{bill_id:uuid}/decline",
    guards=_GUARDS,
    include_in_schema=False,
)
async def take_decline(
    request: Asked, order_id: FromPath[UUID], bill_id: FromPath[UUID]
) -> Redirect:
    """Not pay what was asked for."""
    await decline_bill(_pool(request), principal_of(request), bill_id, now=utc_now())
    return _back(order_id)


@post(_RESTOCK, guards=_GUARDS, include_in_schema=False)
async def take_restock(
    request: Asked, order_id: FromPath[UUID], product_id: FromPath[UUID]
) -> Redirect:
    """Hear of it when it is there again; asking twice is asking once."""
    who = principal_of(request)
    await ask_restock(_pool(request), who, order_id, product_id, now=utc_now())
    return _back(order_id)


@post(f"{_RESTOCK}/drop", guards=_GUARDS, include_in_schema=False)
async def take_restock_drop(
    request: Asked, order_id: FromPath[UUID], product_id: FromPath[UUID]
) -> Redirect:
    """Not wait for it any more."""
    await stop_asking(_pool(request), principal_of(request), order_id, product_id)
    return _back(order_id)


@post("/cases/{case_id:uuid}/difference", guards=_GUARDS, include_in_schema=False)
async def take_difference(request: Asked, case_id: FromPath[UUID]) -> Redirect:
    """Ask to pay what the goods of an exchange cost more; it is paid on the order's page."""
    who = principal_of(request)
    bill = await ask_for_case(_pool(request), who, case_id, now=utc_now())
    return _back(bill.order_id or case_id)


def _wish(request: Asked, order_id: UUID, form: Any) -> Wish:
    version = _text(form, "expected_version")
    return Wish(
        who=principal_of(request),
        order_id=order_id,
        now=utc_now(),
        key=_text(form, "idempotency_key") or None,
        version=int(version) if version.isdecimal() and len(version) < 10 else None,
    )


def _text(form: Any, name: str) -> str:
    value: object = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def _pool(request: Asked) -> Pool:
    return request.app.state.pool


def _back(order_id: UUID) -> Redirect:
    return Redirect(f"/orders/{order_id}", status_code=303)


change_routes: list[Any] = [
    take_difference,
    take_cancel,
    take_variant,
    take_receiver,
    take_payment,
    take_urge,
    take_pay,
    take_decline,
    take_restock,
    take_restock_drop,
]
