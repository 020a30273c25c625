"""Orders of the shop.

Who: an agent or packer. Question: what has to leave today, and what happened to this order? Next:
enter carrier and number, or open the case about it.
"""

from typing import Annotated, Any, get_args
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.cursor import read_cursor
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.texts import NO_NUL
from gongdao.flows.ask_extra import ask_extra
from gongdao.flows.guard.see import Warned, seen_on_order
from gongdao.flows.order_desk import Wish
from gongdao.flows.orders.dispatch_order import dispatch_order
from gongdao.flows.pay_bill import decline_bill
from gongdao.flows.pay_goodwill import pay_goodwill, see_goodwill
from gongdao.flows.settings import current_pack
from gongdao.ledger.bill_store import bills_of_order
from gongdao.shops.cod import standing
from gongdao.shops.order import OrderState
from gongdao.shops.reads import Wanted, list_log, list_orders, list_shipments
from gongdao.shops.remark import FLAGS, Flag
from gongdao.shops.remark_store import flags_of
from gongdao.shops.store import Scope, load_purchase
from gongdao.web.guard.shown import signs_in_order
from gongdao.web.notices.pages import note_seen
from gongdao.web.shell import page
from gongdao.web.shop.case_reads import cases_of_order
from gongdao.web.shop.orders_day import read_day
from gongdao.web.typed import read_fen, texts_of

PAGE = 40
_STATES: dict[str, OrderState] = {each: each for each in get_args(OrderState)}
_COLOURS: dict[str, Flag] = {each: each for each in FLAGS if each}
#: What a search looks at; each begins like what was typed.
_FIELDS = ("number", "buyer_name", "tracking")
_Word = Annotated[str, QueryParameter(max_length=20, pattern="^[a-z_]*$")]
_Text = Annotated[str, QueryParameter(max_length=64, pattern=NO_NUL)]
#: After these calls a parcel leaves without another word.
_AGREED = ("confirmed", "shipped_unconfirmed")
_READERS = [kind("shop"), may("order.read")]


@get("/shop/orders", guards=_READERS, include_in_schema=False)
async def show_orders(
    request: Asked, is_: Annotated[str, QueryParameter(name="state", max_length=20)] = "",
    by: _Word = "number", q: _Text = "", after: _Text = "", flag: _Word = "",
) -> Response[str]:  # fmt: skip
    """The shop's orders, newest first."""
    state = _STATES.get(is_)
    field = by if by in _FIELDS else "number"
    colour = _COLOURS.get(flag)
    begins: dict[str, Any] = {field: q.strip()} if q.strip() else {}
    wanted = Wanted(state=state, flag=colour, **begins)
    async with request.app.state.pool.acquire() as connection:
        found = await list_orders(
            connection,
            scope=_scope(request),
            wanted=wanted,
            after=read_cursor(after) if after else None,
            limit=PAGE,
        )
        flags = await flags_of(connection, [each.order.id for each in found.purchases])
    chosen = {"state": state or "", "by": by if q else "", "q": q, "flag": colour or ""}
    return page(
        request,
        "shop/orders.html",
        purchases=found.purchases,
        tabs={each: _address(chosen | {"state": each}) for each in ("", *_STATES)},
        chosen=chosen,
        flags=flags,
        field=field,
        first=_address(chosen) if after else "",
        following=_address(chosen | {"after": found.following.text()}) if found.following else "",
        shop_id=principal_of(request).shop_id,
    )


@get("/shop/orders/{order_id:uuid}", guards=_READERS, include_in_schema=False)
async def show_order(request: Asked, order_id: FromPath[UUID]) -> Response[str]:
    """One order: lines, money, parcels, cases, and what happened."""
    scope = _scope(request)
    assert scope.shop_id
    async with request.app.state.pool.acquire() as connection:
        purchase = await load_purchase(connection, order_id, scope=scope)
        if purchase is None:
            raise Refusal("not_found", N_("There is no such order."))
        parcels = await list_shipments(connection, order_id, scope=scope)
        log = await list_log(connection, order_id, scope=scope)
        cases = await cases_of_order(connection, order_id=order_id, shop_id=scope.shop_id)
        bills = await bills_of_order(connection, order_id)
        pack = await current_pack(connection)
        goodwill = await see_goodwill(connection, order_id, scope=scope, pack=pack)
        day = await read_day(connection, purchase.order)
    await note_seen(request, order_id)
    return page(
        request,
        "shop/order.html",
        told=await _told(request, order_id),
        purchase=purchase,
        order=purchase.order,
        parcels=parcels,
        log=log,
        cases=cases,
        may_ship=principal_of(request).may("order.ship"),
        goodwill=goodwill,
        day=day,
        unconfirmed=standing(day.calls, now=utc_now()) not in _AGREED,
        bills=bills,
        may_ask=principal_of(request).may("case.answer"),
        may_give=principal_of(request).may("case.money"),
    )


async def _told(request: Asked, order_id: UUID) -> list[Warned]:
    """What there is to mind about the buyer's side of an order."""
    who = principal_of(request)
    told = await seen_on_order(request.app.state.pool, who, order_id)
    return signs_in_order(told)


@post(
    "/shop/orders/{order_id:uuid}/dispatch",
    guards=[kind("shop"), may("order.ship")],
    include_in_schema=False,
)
async def take_dispatch(request: Asked, order_id: FromPath[UUID]) -> Redirect:
    """Note that the parcel left, and with whom; the same again changes nothing."""
    form = texts_of(await request.form(), "carrier", "tracking", "note")
    await dispatch_order(
        request.app.state.pool,
        Wish(who=principal_of(request), order_id=order_id, now=utc_now()),
        carrier=form["carrier"],
        tracking=form["tracking"],
        note=form["note"],
    )
    return Redirect(f"/shop/orders/{order_id}", status_code=303)


@post(
    "/shop/orders/{order_id:uuid}/goodwill",
    guards=[kind("shop"), may("order.read")],
    include_in_schema=False,
)
async def take_goodwill(request: Asked, order_id: FromPath[UUID]) -> Redirect:
    """Give the buyer a small sum; the same form sent twice gives it once."""
    form = texts_of(await request.form(), "amount", "note", "idempotency_key")
    if not form["idempotency_key"]:
        raise Refusal("invalid", N_("This page is out of date. Reload it and try again."))
    async with request.app.state.pool.acquire() as connection:
        await pay_goodwill(
            connection,
            principal_of(request),
            order_id,
            amount_fen=read_fen(form["amount"].strip()),
            key=form["idempotency_key"],
            pack=await current_pack(connection),
            now=utc_now(),
            note=form["note"],
        )
    return Redirect(f"/shop/orders/{order_id}", status_code=303)


@post(
    "/shop/orders/{order_id:uuid}/bills",
    guards=[kind("shop"), may("order.read"), may("case.answer")],
    include_in_schema=False,
)
async def take_bill(request: Asked, order_id: FromPath[UUID]) -> Redirect:
    """Ask the buyer for a price difference."""
    form = texts_of(await request.form(), "amount", "note", "what", "idempotency_key")
    wish = Wish(
        who=principal_of(request),
        order_id=order_id,
        now=utc_now(),
        key=form["idempotency_key"] or None,
    )
    await ask_extra(
        request.app.state.pool,
        wish,
        amount_fen=read_fen(form["amount"]),
        what="freight" if form["what"] == "freight" else "goods",
        note=form["note"],
    )
    return Redirect(f"/shop/orders/{order_id}", status_code=303)


@post(
    "/shop/orders/{order_id:uuid}/bills/{bill_id:uuid}/drop",
    guards=[kind("shop"), may("order.read"), may("case.answer")],
    include_in_schema=False,
)
async def drop_asked(request: Asked, order_id: FromPath[UUID], bill_id: FromPath[UUID]) -> Redirect:
    """Not ask for it any more."""
    await decline_bill(request.app.state.pool, principal_of(request), bill_id, now=utc_now())
    return Redirect(f"/shop/orders/{order_id}", status_code=303)


def _scope(request: Asked) -> Scope:
    return Scope(shop_id=principal_of(request).shop_id)


def _address(chosen: dict[str, str]) -> str:
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"/shop/orders?{query}" if query else "/shop/orders"


order_routes: list[Any] = [
    show_orders, show_order, take_dispatch, take_goodwill, take_bill, drop_asked,
]  # fmt: skip
