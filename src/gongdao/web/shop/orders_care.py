"""Orders that need somebody today, list by list; stock; and the shop's rules of the day.

Who: an agent in the morning, before the cut-off and before the evening. Question: whom do I write
to or call now, and which parcel goes wrong? Next: one click on the line, and it is gone.
"""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.money import yuan
from gongdao.flows.customers.reveal import reveal_receiver
from gongdao.flows.orders.call_cod import fees_of
from gongdao.flows.orders.care import LISTS, Care, CareList, care_of_today
from gongdao.flows.orders.count_stock import CountReport, count_stock, import_counts
from gongdao.flows.orders.desk import cut_off_of, rules_of, shop_of
from gongdao.flows.orders.restock import drop_wish, end_wish, wish_restock
from gongdao.flows.orders.rules import see_rules, set_rules
from gongdao.settings.setting import DayRules
from gongdao.shops.care_reads import CareLine
from gongdao.shops.contact_store import contacts_of
from gongdao.shops.late import CHECKS, late_reason
from gongdao.shops.shop import Address
from gongdao.shops.stock import StockKind, read_units
from gongdao.shops.table import FILE_BYTES_MAX
from gongdao.web.privacy_words import id_of
from gongdao.web.shell import page
from gongdao.web.typed import read_fen, texts_of

_READERS = [kind("shop"), may("order.read")]
_WRITERS = [kind("shop"), may("order.read"), may("case.answer")]
_CALLERS = [kind("shop"), may("order.read"), may("customers.reveal")]
_PACKERS = [kind("shop"), may("order.read"), may("order.ship")]
_LEADERS = [kind("shop"), may("order.read"), may("shop.edit")]
_NUMBERS = (
    "remind_hours", "cut_off_lead_hours", "duplicate_hours", "impulse_hours", "near_days",
    "far_days", "low_stock",
)  # fmt: skip
_SWITCHES = ("cod_note", "tell_dispatch", "sms")
#: Carriers with a fee of their own that the form has room for.
_FEES_MORE = 2


@get("/shop/orders/care", guards=_READERS, include_in_schema=False)
async def show_care(
    request: Asked, name: Annotated[str, QueryParameter(name="list", max_length=20)] = ""
) -> Response[str]:
    """One list, and how long the others are."""
    chosen = name if name in LISTS else ""
    return await _care_page(request, chosen)


@post("/shop/orders/care/look", guards=_CALLERS, include_in_schema=False, status_code=200)
async def take_look(
    request: Asked, name: Annotated[str, QueryParameter(name="list", max_length=20)] = ""
) -> Response[str]:
    """The receiver in one line whole, this once; the look is kept as on a customer's page."""
    form = texts_of(await request.form(), "order", "buyer", "why", "idempotency_key")
    order_id = id_of(form["order"])
    receiver = await reveal_receiver(
        request.app.state.pool,
        principal_of(request),
        id_of(form["buyer"]),
        order_id,
        why=form["why"],
        look_id=id_of(form["idempotency_key"]),
        now=utc_now(),
    )
    return await _care_page(request, name, revealed={order_id: receiver})


async def _care_page(
    request: Asked,
    chosen: str,
    report: CountReport | None = None,
    *,
    revealed: dict[UUID, Address] | None = None,
) -> Response[str]:
    shop_id, now = shop_of(principal_of(request), "order.read"), utc_now()
    async with request.app.state.pool.acquire() as connection:
        rules = await rules_of(connection, shop_id)
        cares = await care_of_today(connection, shop_id, now, rules=rules)
        shown = chosen if chosen in LISTS else _first_of(cares)
        lines = cares[shown].lines
        ids = [line.id for line in lines if isinstance(line, CareLine)]
        contacts = await contacts_of(connection, ids)
    return page(
        request,
        "shop/care.html",
        cares=cares,
        shown=shown,
        lines=lines,
        contacts=contacts,
        rules=rules,
        fees=fees_of(rules),
        cut_off=f"{cut_off_of(rules, now):%m-%d %H:%M}",
        late={i.id: late_reason(i.track, now=now) for i in lines if isinstance(i, CareLine)},
        checks=CHECKS,
        faults=[fault.say(principal_of(request).locale) for fault in report.faults]
        if report
        else [],
        report=report,
        revealed=revealed or {},
        shop_id=shop_id,
    )


def _first_of(cares: dict[CareList, Care]) -> CareList:
    """Without a choice, the first list in which there is something."""
    for name in LISTS:
        if cares[name].count:
            return name
    return "unpaid"


@post("/shop/products/{product_id:uuid}/stock", guards=_PACKERS, include_in_schema=False)
async def take_stock(request: Asked, product_id: FromPath[UUID]) -> Redirect:
    """Another number on the shelf, or another that is shown."""
    form = texts_of(await request.form(), "what", "units", "note", "back")
    what: StockKind = "shown" if form["what"] == "shown" else "real"
    await count_stock(
        request.app.state.pool,
        principal_of(request),
        product_id,
        what=what,
        units=read_units(form["units"]),
        note=form["note"],
        now=utc_now(),
    )
    back = form["back"] if form["back"] in LISTS else "low_stock"
    return Redirect(f"/shop/orders/care?list={back}", status_code=303)


@post(
    "/shop/stock/import",
    guards=_PACKERS,
    include_in_schema=False,
    status_code=200,
    request_max_body_size=FILE_BYTES_MAX + (1 << 20),
)
async def take_counts(request: Asked) -> Response[str]:
    """What a file says lies on the shelf, all of it or nothing; what is wrong is named by line."""
    upload = (await request.form()).get("file")
    if not isinstance(upload, UploadFile) or not upload.filename:
        raise Refusal("invalid", N_("Choose a file first."))
    raw = await upload.read(FILE_BYTES_MAX + 1)
    report = await import_counts(request.app.state.pool, principal_of(request), raw, now=utc_now())
    return await _care_page(request, "differing", report)


@post("/shop/restock", guards=_WRITERS, include_in_schema=False)
async def take_restock_wish(request: Asked) -> Redirect:
    """Keep that a buyer wants to hear when something is there again."""
    form = texts_of(await request.form(), "product", "buyer")
    try:
        product_id, buyer_id = UUID(form["product"]), UUID(form["buyer"])
    except ValueError:
        raise Refusal("invalid", N_("Choose a product and a buyer.")) from None
    await wish_restock(
        request.app.state.pool,
        principal_of(request),
        product_id=product_id,
        buyer_id=buyer_id,
        now=utc_now(),
    )
    return Redirect("/shop/orders/care?list=restock", status_code=303)


@post("/shop/restock/{wish_id:uuid}/told", guards=_WRITERS, include_in_schema=False)
async def take_told(request: Asked, wish_id: FromPath[UUID]) -> Redirect:
    """Somebody has told the buyer on the telephone."""
    await end_wish(request.app.state.pool, principal_of(request), wish_id, now=utc_now())
    return Redirect("/shop/orders/care?list=restock", status_code=303)


@post("/shop/restock/{wish_id:uuid}/drop", guards=_WRITERS, include_in_schema=False)
async def take_drop(request: Asked, wish_id: FromPath[UUID]) -> Redirect:
    """The buyer does not wait for it any more."""
    await drop_wish(request.app.state.pool, principal_of(request), wish_id)
    return Redirect("/shop/orders/care?list=restock", status_code=303)


@get("/shop/orders/care/rules", guards=_LEADERS, include_in_schema=False)
async def show_day_rules(request: Asked) -> Response[str]:
    """The rules of the day, to be changed."""
    found = await see_rules(request.app.state.pool, principal_of(request))
    fees = [(name, yuan(fen)) for name, fen in found.value.cod_fees.items()]
    return page(
        request,
        "shop/care_rules.html",
        rules=found.value,
        version=found.version,
        fees=[*fees, *[("", "")] * _FEES_MORE],
    )


@post("/shop/orders/care/rules", guards=_LEADERS, include_in_schema=False)
async def take_day_rules(request: Asked) -> Redirect:
    """Let other rules count, decided on the version that was seen."""
    form = await request.form()
    names = (
        *_NUMBERS,
        *_SWITCHES,
        "cut_off",
        "fee_least",
        "fee_most",
        "reason",
        "expected_version",
    )
    texts = texts_of(form, *names)
    carriers, sums = form.getall("carrier", []), form.getall("fee", [])
    rows = [
        (str(name).strip(), str(fee).strip()) for name, fee in zip(carriers, sums, strict=False)
    ]
    if any(fee and not name for name, fee in rows):
        raise Refusal("invalid", N_("Name the carrier that takes this fee."))
    fees = {name: read_fen(fee) for name, fee in rows if name}
    await set_rules(
        request.app.state.pool,
        principal_of(request),
        read_day_rules(texts, fees),
        seen=int(texts["expected_version"]) if texts["expected_version"].isdecimal() else -1,
        reason=texts["reason"],
        now=utc_now(),
    )
    return Redirect("/shop/orders/care/rules", status_code=303)


def read_day_rules(texts: dict[str, str], fees: dict[str, int]) -> DayRules:
    """The rules in a form. Raises Refusal invalid."""
    fields: dict[str, Any] = {
        **{name: int(texts[name]) for name in _NUMBERS if texts[name].strip().isdecimal()},
        **{name: texts[name] == "on" for name in _SWITCHES},
        "cut_off": texts["cut_off"].strip(),
        "cod_fees": fees,
        "cod_fee_least": read_fen(texts["fee_least"]),
        "cod_fee_most": read_fen(texts["fee_most"]),
    }
    try:
        if any(name not in fields for name in _NUMBERS):
            raise msgspec.ValidationError
        return msgspec.convert(fields, DayRules)
    except msgspec.ValidationError:
        raise Refusal(
            "invalid", N_("Something in the form is missing or does not fit; please check it.")
        ) from None


care_routes: list[Any] = [
    show_care, take_look, take_stock, take_counts, take_restock_wish, take_told, take_drop,
    show_day_rules, take_day_rules,
]  # fmt: skip
