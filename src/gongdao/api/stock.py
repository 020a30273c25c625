"""Stock that is shown and stock on the shelf, and who waits for what is sold out."""

from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.datastructures import UploadFile
from litestar.params import FromPath, JSONBody, MultipartBody

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.api import order_care_forms as forms
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.orders.count_stock import count_stock, import_counts
from gongdao.flows.orders.desk import shop_of
from gongdao.flows.orders.restock import (
    ask_restock,
    drop_wish,
    end_wish,
    stop_asking,
    wish_restock,
)
from gongdao.shops.stock_store import counts_of_product, load_stocked
from gongdao.shops.table import FILE_BYTES_MAX

_TAGS = ["orders of the day"]
_PACKERS = [kind("shop"), may("order.ship")]
_BUYERS = [kind("buyer"), may("order.read")]
_ASKED_FOR = "/orders/{order_id:uuid}/restock-wishes/{product_id:uuid}"
_WRITERS = [kind("shop"), may("case.answer")]


class CountUpload(msgspec.Struct, kw_only=True):
    """A file of what was counted."""

    file: UploadFile


@get(
    "/products/{product_id:uuid}/stock",
    guards=[kind("shop"), may("order.read")],
    summary="Both stocks of a product",
    tags=_TAGS,
)
async def read_stock(request: Asked, product_id: FromPath[UUID]) -> forms.StockShown:
    """What is shown, what lies on the shelf, and how both came about."""
    shop_id = shop_of(principal_of(request), "order.read")
    pool = request.app.state.pool
    product = await load_stocked(pool, product_id, shop_id=shop_id)
    if product is None:
        raise Refusal("not_found", N_("There is no such product."))
    counts = await counts_of_product(pool, product_id, shop_id=shop_id)
    shown = [
        forms.CountShown(
            what=each.what,
            was=each.was,
            units=each.units,
            how=each.how,
            note=each.note,
            by_id=each.by_id,
            at=each.at,
        )
        for each in counts
    ]
    return forms.show_stock(product, shown)


@put(
    "/products/{product_id:uuid}/stock",
    guards=_PACKERS,
    summary="Count a product",
    tags=_TAGS,
)
async def write_stock(
    request: Asked, product_id: FromPath[UUID], data: JSONBody[forms.NewStock]
) -> forms.StockShown:
    """Let another number count; the change is kept."""
    product = await count_stock(
        request.app.state.pool,
        principal_of(request),
        product_id,
        what=data.what,
        units=data.units,
        note=data.note,
        now=utc_now(),
    )
    return forms.show_stock(product)


@post(
    "/stock/import",
    guards=_PACKERS,
    summary="Import what was counted",
    tags=_TAGS,
    status_code=200,
    request_max_body_size=FILE_BYTES_MAX + (1 << 20),
)
async def import_stock(request: Asked, data: MultipartBody[CountUpload]) -> forms.CountsImported:
    """A CSV file with the columns sku and real_stock: all of it or nothing."""
    who = principal_of(request)
    raw = await data.file.read()
    report = await import_counts(request.app.state.pool, who, raw, now=utc_now())
    return forms.show_counted(report, who.locale)


@post("/restock-wishes", guards=_WRITERS, summary="Tell a buyer when it is there", tags=_TAGS)
async def write_wish(request: Asked, data: JSONBody[forms.NewWish]) -> forms.WishShown:
    """The buyer hears of it once, in the chat, when the stock comes back."""
    wish_id = await wish_restock(
        request.app.state.pool,
        principal_of(request),
        product_id=data.product_id,
        buyer_id=data.buyer_id,
        now=utc_now(),
    )
    return forms.WishShown(id=wish_id)


@put(
    "/restock-wishes/{wish_id:uuid}/told",
    guards=_WRITERS,
    summary="The buyer was told",
    tags=_TAGS,
    status_code=204,
)
async def write_told(request: Asked, wish_id: FromPath[UUID]) -> None:
    """Somebody has told the buyer on the telephone."""
    await end_wish(request.app.state.pool, principal_of(request), wish_id, now=utc_now())


@delete(
    "/restock-wishes/{wish_id:uuid}",
    guards=_WRITERS,
    summary="The buyer waits no more",
    tags=_TAGS,
)
async def remove_wish(request: Asked, wish_id: FromPath[UUID]) -> None:
    """Take off the list whom nobody has told yet."""
    await drop_wish(request.app.state.pool, principal_of(request), wish_id)


@put(_ASKED_FOR, guards=_BUYERS, summary="Hear when it is there again", tags=_TAGS)
async def ask_wish(
    request: Asked, order_id: FromPath[UUID], product_id: FromPath[UUID]
) -> forms.WishShown:
    """For the buyer: a sold out product of an order, or another variant of it; asked once."""
    who = principal_of(request)
    wish_id = await ask_restock(request.app.state.pool, who, order_id, product_id, now=utc_now())
    return forms.WishShown(id=wish_id)


@delete(_ASKED_FOR, guards=_BUYERS, summary="Not hear of it any more", tags=_TAGS)
async def drop_asked(request: Asked, order_id: FromPath[UUID], product_id: FromPath[UUID]) -> None:
    """For the buyer: not wait for it any more; the second time changes nothing."""
    await stop_asking(request.app.state.pool, principal_of(request), order_id, product_id)


routes = [
    read_stock, write_stock, import_stock, write_wish, write_told, remove_wish, ask_wish,
    drop_asked,
]  # fmt: skip
