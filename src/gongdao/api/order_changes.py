"""What is changed of an order before its parcel leaves, and money that is asked for on top."""

from typing import Literal
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.datastructures import UploadFile
from litestar.params import FromPath, JSONBody, MultipartBody

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.api.headers import Key
from gongdao.api.order_change_forms import (
    BillShown,
    Cancellation,
    Extra,
    LineChangeShown,
    NewAddress,
    NewPayment,
    NewVariant,
    ProductList,
    ProductTold,
    Recorded,
    TopUp,
    TrackingReport,
    Urging,
    product_of,
    show_bill,
    show_product,
)
from gongdao.api.order_forms import OrderShown, show_order
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.money import parse_yuan
from gongdao.flows.ask_extra import ask_extra
from gongdao.flows.cancel_order import cancel_order
from gongdao.flows.change_address import change_address
from gongdao.flows.change_line import change_line
from gongdao.flows.change_payment import change_payment
from gongdao.flows.import_tracking import import_tracking
from gongdao.flows.order_desk import Wish, scope_of
from gongdao.flows.pay_bill import decline_bill, pay_bill, record_payment
from gongdao.flows.settle_exchange import ask_for_case
from gongdao.flows.top_up_shop import record_top_up
from gongdao.flows.urge_order import urge_order
from gongdao.ledger.bill_store import bills_of_order, bills_waiting
from gongdao.shops.amend import line_of, variants_of
from gongdao.shops.product_store import products_of_lines, tell_products
from gongdao.shops.shop import Address
from gongdao.shops.store import load_purchase
from gongdao.shops.table import FILE_BYTES_MAX

_BUYERS = [kind("buyer"), may("order.read")]
_SIDES = [kind("buyer", "shop"), may("order.read")]
_OPERATORS = [kind("platform"), may("policy.edit")]


class TrackingUpload(msgspec.Struct, kw_only=True):
    """A file of what carriers said."""

    file: UploadFile


@post(
    "/orders/{order_id:uuid}/cancellation",
    guards=_SIDES,
    summary="Cancel an order",
    tags=["orders"],
)
async def cancel(
    request: Asked, order_id: FromPath[UUID], data: JSONBody[Cancellation], key: Key = None
) -> OrderShown:
    """End an order before its parcel leaves; what was paid goes back at once.

    A shop can cancel only what is not paid.
    """
    wish = _wish(request, order_id, key, data.version)
    await cancel_order(_pool(request), wish, reason=data.reason)
    return await _shown(request, order_id)


@get(
    "/orders/{order_id:uuid}/lines/{line:int}/variants",
    guards=[may("order.read")],
    summary="Other variants of a line",
    tags=["orders"],
)
async def read_variants(
    request: Asked, order_id: FromPath[UUID], line: FromPath[int]
) -> list[ProductTold]:
    """What a line can be changed into, with prices and what is left."""
    async with _pool(request).acquire() as connection:
        scope = scope_of(principal_of(request))
        purchase = await load_purchase(connection, order_id, scope=scope)
        if purchase is None:
            raise Refusal("not_found", N_("There is no such order."))
        order = purchase.order
        products = await products_of_lines(connection, order.shop_id, order.lines)
    return [show_product(p) for p in variants_of(products, line_of(order, line))]


@put(
    "/orders/{order_id:uuid}/lines/{line:int}/variant",
    guards=_BUYERS,
    summary="Take another variant",
    tags=["orders"],
)
async def choose_variant(
    request: Asked,
    order_id: FromPath[UUID],
    line: FromPath[int],
    data: JSONBody[NewVariant],
    key: Key = None,
) -> LineChangeShown:
    """Put another variant into a line. Cheaper: the rest goes back; dearer: pay the bill first."""
    wish = _wish(request, order_id, key, data.version)
    found = await change_line(_pool(request), wish, line=line, sku=data.sku)
    bill = show_bill(found.bill) if found.bill else None
    return LineChangeShown(order=await _shown(request, order_id), bill=bill)


@put(
    "/orders/{order_id:uuid}/receiver",
    guards=_BUYERS,
    summary="Send it somewhere else",
    tags=["orders"],
)
async def choose_receiver(
    request: Asked, order_id: FromPath[UUID], data: JSONBody[NewAddress], key: Key = None
) -> OrderShown:
    """Change the address before the parcel leaves."""
    receiver = Address(name=data.name, phone=data.phone, address=data.address)
    await change_address(_pool(request), _wish(request, order_id, key, data.version), receiver)
    return await _shown(request, order_id)


@put(
    "/orders/{order_id:uuid}/payment",
    guards=_BUYERS,
    summary="Pay in another way",
    tags=["orders"],
)
async def choose_payment(
    request: Asked, order_id: FromPath[UUID], data: JSONBody[NewPayment], key: Key = None
) -> OrderShown:
    """Switch once, while nothing is paid. A gift card pays at once, and has to cover all of it."""
    wish = _wish(request, order_id, key, data.version)
    await change_payment(_pool(request), wish, data.payment)
    return await _shown(request, order_id)


@post(
    "/orders/{order_id:uuid}/urgings",
    guards=_BUYERS,
    summary="Remind the shop to ship",
    tags=["orders"],
)
async def urge(
    request: Asked, order_id: FromPath[UUID], data: JSONBody[Urging], key: Key = None
) -> OrderShown:
    """Remind the shop, now and then, that the parcel has not left."""
    await urge_order(_pool(request), _wish(request, order_id, key, None))
    return await _shown(request, order_id)


@post(
    "/orders/{order_id:uuid}/bills",
    guards=[kind("shop"), may("case.answer")],
    summary="Ask the buyer for more",
    tags=["orders"],
)
async def ask_for_more(
    request: Asked, order_id: FromPath[UUID], data: JSONBody[Extra], key: Key = None
) -> BillShown:
    """Ask for a price difference; the order changes once the buyer has paid it."""
    bill = await ask_extra(
        _pool(request),
        _wish(request, order_id, key, None),
        amount_fen=parse_yuan(data.amount),
        what=data.what,
        note=data.note,
    )
    return show_bill(bill)


@get(
    "/orders/{order_id:uuid}/bills",
    guards=[may("order.read")],
    summary="What is asked for on an order",
    tags=["orders"],
)
async def read_bills(request: Asked, order_id: FromPath[UUID]) -> list[BillShown]:
    """The price differences of an order, newest first."""
    async with _pool(request).acquire() as connection:
        scope = scope_of(principal_of(request))
        if await load_purchase(connection, order_id, scope=scope) is None:
            raise Refusal("not_found", N_("There is no such order."))
        return [show_bill(bill) for bill in await bills_of_order(connection, order_id)]


@post(
    "/cases/{case_id:uuid}/difference",
    guards=_BUYERS,
    summary="Pay the difference of an exchange",
    tags=["orders"],
)
async def ask_for_difference(request: Asked, case_id: FromPath[UUID]) -> BillShown:
    """The bill of what the goods of an exchange cost more; it is paid like any other."""
    who = principal_of(request)
    return show_bill(await ask_for_case(_pool(request), who, case_id, now=utc_now()))


@post("/bills/{bill_id:uuid}/payment", guards=_BUYERS, summary="Pay a bill", tags=["orders"])
async def pay(request: Asked, bill_id: FromPath[UUID]) -> BillShown:
    """Pay what was asked for; it counts once the payment channel confirms it."""
    collects = request.app.state.config.channel_collects
    who = principal_of(request)
    return show_bill(await pay_bill(_pool(request), who, bill_id, now=utc_now(), collects=collects))


@delete(
    "/bills/{bill_id:uuid}", guards=_SIDES, summary="Drop a bill", tags=["orders"], status_code=200
)
async def decline(request: Asked, bill_id: FromPath[UUID]) -> BillShown:
    """Not pay what was asked for, or not ask for it any more."""
    who = principal_of(request)
    return show_bill(await decline_bill(_pool(request), who, bill_id, now=utc_now()))


@get("/bills", guards=_OPERATORS, summary="Bills nobody has paid yet", tags=["money"])
async def read_waiting(request: Asked) -> list[BillShown]:
    """What is waited for on the whole platform, longest waiting first."""
    return [show_bill(bill) for bill in await bills_waiting(_pool(request))]


@post("/bills/{bill_id:uuid}/receipt", guards=_OPERATORS, summary="A bill was paid", tags=["money"])
async def note_receipt(
    request: Asked, bill_id: FromPath[UUID], data: JSONBody[Recorded]
) -> BillShown:
    """Record that the money of a bill came in by transfer."""
    who = principal_of(request)
    return show_bill(
        await record_payment(_pool(request), who, bill_id, reference=data.reference, now=utc_now())
    )


@post(
    "/shops/{shop_id:uuid}/top-ups",
    guards=_OPERATORS,
    summary="A shop has paid in",
    tags=["money"],
)
async def note_top_up(request: Asked, shop_id: FromPath[UUID], data: JSONBody[TopUp]) -> BillShown:
    """Record what a shop has paid in by transfer; the same reference counts once."""
    into: Literal["shop_balance", "shop_deposit"] = data.into
    bill = await record_top_up(
        _pool(request),
        principal_of(request),
        shop_id,
        into=into,
        amount_fen=parse_yuan(data.amount),
        reference=data.reference,
        now=utc_now(),
    )
    return show_bill(bill)


@put(
    "/shops/{shop_id:uuid}/products",
    guards=[kind("shop", "platform"), may("order.import")],
    summary="What a shop sells",
    tags=["orders"],
    status_code=204,
)
async def tell(request: Asked, shop_id: FromPath[UUID], data: JSONBody[ProductList]) -> None:
    """Tell products with their variants, prices and how many are free; a known sku is renewed."""
    who = principal_of(request)
    if who.kind == "shop" and who.shop_id != shop_id:
        raise Refusal("not_found", N_("There is no such shop."))
    products = [product_of(told, shop_id) for told in data.products]
    await tell_products(_pool(request), shop_id, products)


@post(
    "/tracking/import",
    guards=[kind("platform"), may("order.import")],
    summary="Import what carriers said",
    tags=["orders"],
    status_code=200,
    request_max_body_size=FILE_BYTES_MAX + (1 << 20),
)
async def bring_tracking(request: Asked, data: MultipartBody[TrackingUpload]) -> TrackingReport:
    """Import a file of tracking lines: all or nothing; each line counts once."""
    report = await import_tracking(_pool(request), await data.file.read(), now=utc_now())
    locale = principal_of(request).locale
    return TrackingReport(
        lines=report.lines,
        parcels=report.parcels,
        faults=[fault.say(locale) for fault in report.faults],
    )


def _wish(request: Asked, order_id: UUID, key: str | None, version: int | None) -> Wish:
    return Wish(
        who=principal_of(request), order_id=order_id, now=utc_now(), key=key, version=version
    )


async def _shown(request: Asked, order_id: UUID) -> OrderShown:
    async with _pool(request).acquire() as connection:
        scope = scope_of(principal_of(request))
        purchase = await load_purchase(connection, order_id, scope=scope)
    assert purchase, "it was just changed"
    return show_order(purchase)


def _pool(request: Asked) -> Pool:
    return request.app.state.pool


routes = [
    ask_for_difference,
    cancel,
    read_variants,
    choose_variant,
    choose_receiver,
    choose_payment,
    urge,
    ask_for_more,
    read_bills,
    pay,
    decline,
    read_waiting,
    note_receipt,
    note_top_up,
    tell,
    bring_tracking,
]
