"""Orders: lists, one order, import, and what happens to an order."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody, QueryParameter

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.accounts.principal import Principal
from gongdao.api.order_forms import (
    Confirmation,
    Dispatch,
    ImportReport,
    OrderDetails,
    OrderPage,
    Receipt,
    show_detail,
    show_imported,
    show_order,
)
from gongdao.base.clock import utc_now
from gongdao.base.cursor import read_cursor
from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.texts import NO_NUL
from gongdao.flows.customers.reveal import receiver_for
from gongdao.flows.guard.confirm import confirm_knowingly
from gongdao.flows.import_orders import OrderFile, Teller, import_orders, preview_import
from gongdao.flows.order_desk import Wish
from gongdao.flows.orders.dispatch_order import dispatch_order
from gongdao.shops.compare import SKEW
from gongdao.shops.order import OrderState
from gongdao.shops.reads import (
    PAGE_MAX,
    Wanted,
    list_log,
    list_orders,
    list_shipments,
)
from gongdao.shops.store import Scope, load_purchase, mark_signed
from gongdao.shops.table import FILE_BYTES_MAX

_Beginning = Annotated[str, QueryParameter(max_length=64, pattern=NO_NUL)]
_State = Annotated[OrderState | None, QueryParameter(name="state")]
_Limit = Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)]
_After = Annotated[str | None, QueryParameter(max_length=64)]


class OrderUpload(msgspec.Struct, kw_only=True):
    """The files of an import."""

    file: UploadFile
    items: UploadFile | None = None


_Upload = MultipartBody[OrderUpload]


@get("/orders", guards=[may("order.read")], summary="My orders", tags=["orders"])
async def read_orders(
    request: Asked,
    order_state: _State = None,
    number: _Beginning = "",
    tracking: _Beginning = "",
    buyer: _Beginning = "",
    after: _After = None,
    limit: _Limit = 20,
) -> OrderPage:
    """A buyer's, a shop's or all orders, newest first; `number`, `tracking`, `buyer` begin so."""
    async with _pool(request).acquire() as connection:
        page = await list_orders(
            connection,
            scope=scope_of(principal_of(request)),
            wanted=Wanted(state=order_state, number=number, tracking=tracking, buyer_name=buyer),
            after=None if after is None else read_cursor(after),
            limit=limit,
        )
    following = page.following
    return OrderPage(
        orders=[show_order(purchase) for purchase in page.purchases],
        after=None if following is None else following.text(),
    )


@get("/orders/{order_id:uuid}", guards=[may("order.read")], summary="One order", tags=["orders"])
async def read_order(request: Asked, order_id: FromPath[UUID]) -> OrderDetails:
    """One order with its lines, its parcels and what happened to it."""
    async with _pool(request).acquire() as connection:
        return await _detail(connection, principal_of(request), order_id)


@post(
    "/shops/{shop_id:uuid}/orders/import",
    guards=[kind("shop", "platform"), may("order.import")],
    summary="Import orders",
    tags=["orders"],
    status_code=200,
    request_max_body_size=2 * FILE_BYTES_MAX + (1 << 20),
)
async def import_file(
    request: Asked, shop_id: FromPath[UUID], data: _Upload, preview: FromQuery[bool] = False
) -> ImportReport:
    """Import a file of orders: all or nothing. With `preview`, report and change nothing.

    Only the platform's import moves money; the orders that a shop brings have theirs elsewhere.
    """
    principal = principal_of(request)
    if principal.kind == "shop" and principal.shop_id != shop_id:
        raise Refusal("not_found", N_("There is no such shop."))
    run = preview_import if preview else import_orders
    file = OrderFile(
        shop_id=shop_id,
        raw=await data.file.read(),
        items=await data.items.read() if data.items else None,
    )
    told_by = Teller(person_id=principal.person_id, platform=principal.kind == "platform")
    report = await run(_pool(request), file, by=told_by, now=utc_now())
    return show_imported(report, locale=principal.locale)


@post(
    "/orders/{order_id:uuid}/shipment",
    guards=[kind("shop"), may("order.ship")],
    summary="The parcel left",
    tags=["orders"],
)
async def ship_order(
    request: Asked, order_id: FromPath[UUID], data: JSONBody[Dispatch]
) -> OrderDetails:
    """Note that the parcel of an order left, and with whom; merged orders leave with it."""
    principal = principal_of(request)
    now = utc_now()
    await dispatch_order(
        _pool(request),
        Wish(who=principal, order_id=order_id, now=now),
        carrier=data.carrier,
        tracking=data.tracking,
        at=_instant(data.at, now),
        note=data.note,
    )
    async with _pool(request).acquire() as connection:
        return await _detail(connection, principal_of(request), order_id)


@post(
    "/orders/{order_id:uuid}/signature",
    guards=[kind("shop"), may("order.ship")],
    summary="The parcel was handed over",
    tags=["orders"],
)
async def sign_order(
    request: Asked, order_id: FromPath[UUID], data: JSONBody[Receipt]
) -> OrderDetails:
    """Note that the carrier handed the parcel over, and to whom."""
    principal = principal_of(request)
    scope, now = scope_of(principal), utc_now()
    async with _pool(request).acquire() as connection:
        await mark_signed(
            connection,
            order_id,
            scope=scope,
            signed_by=data.signed_by,
            by=principal.person_id,
            at=_instant(data.at, now),
            told_at=now,
        )
        return await _detail(connection, principal_of(request), order_id)


@post(
    "/orders/{order_id:uuid}/confirmation",
    guards=[kind("buyer"), may("order.read")],
    summary="I received it",
    tags=["orders"],
)
async def confirm_receipt(
    request: Asked, order_id: FromPath[UUID], data: JSONBody[Confirmation]
) -> OrderDetails:
    """The buyer confirms receipt: the money goes from escrow to the shop.

    Refused with `not_aware` where the guard has something to say; `aware` says that it was read.
    """
    who = principal_of(request)
    async with _pool(request).acquire() as connection:
        await confirm_knowingly(connection, who, order_id, aware=data.aware, now=utc_now())
        return await _detail(connection, who, order_id)


def scope_of(principal: Principal) -> Scope:
    """Whose orders somebody sees: a buyer their own, a shop's people their shop's, else all."""
    if principal.kind == "buyer":
        return Scope(buyer_id=principal.person_id)
    if principal.kind == "shop":
        return Scope(shop_id=principal.shop_id)
    return Scope(platform=True)


def _instant(told: datetime | None, now: datetime) -> datetime:
    """When something happened: now, unless an earlier instant is told."""
    if told is not None and told > now + SKEW:
        raise Refusal("invalid", N_("This lies in the future."))
    return now if told is None else min(told, now)


async def _detail(connection: Connection, who: Principal, order_id: UUID) -> OrderDetails:
    scope = scope_of(who)
    purchase = await load_purchase(connection, order_id, scope=scope)
    if purchase is None:
        raise Refusal("not_found", N_("There is no such order."))
    return show_detail(
        purchase,
        receiver=receiver_for(who, purchase),
        shipments=await list_shipments(connection, order_id, scope=scope),
        log=await list_log(connection, order_id, scope=scope),
        seller=scope.buyer_id is None,
    )


def _pool(request: Asked) -> Pool:
    return request.app.state.pool
