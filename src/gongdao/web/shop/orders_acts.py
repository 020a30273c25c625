"""What is done about an order in the day: remarks, checks, calls, words to the buyer, additions.

Who: an agent, from the page of the order or from a list of the day. Question: what is the one next
thing? Next: it is done with one click, and the list is one line shorter.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, ZONE
from gongdao.flows.order_desk import Wish
from gongdao.flows.orders.add_items import add_items, end_adding, note_made
from gongdao.flows.orders.call_cod import call_cod
from gongdao.flows.orders.care import LISTS
from gongdao.flows.orders.check_receiver import ask_receiver
from gongdao.flows.orders.close_asked import close_asked
from gongdao.flows.orders.contact_buyer import contact_buyer
from gongdao.flows.orders.merge_orders import merge_orders, split_order
from gongdao.flows.orders.remark_order import remark_order
from gongdao.web.typed import read_fen, texts_of

_WRITERS = [kind("shop"), may("order.read"), may("case.answer")]
_SPEAKERS = [kind("shop"), may("order.read"), may("chat.serve")]
_PACKERS = [kind("shop"), may("order.read"), may("order.ship")]
_ORDER = "/shop/orders/{order_id:uuid}"


@post(f"{_ORDER}/remarks", guards=_WRITERS, include_in_schema=False)
async def take_remark(request: Asked, order_id: FromPath[UUID]) -> Redirect:
    """Remark something; the newest flag stands in lists."""
    form = texts_of(await request.form(), "flag", "reason", "agent", "idempotency_key", "back")
    await remark_order(
        request.app.state.pool,
        _wish(request, order_id, form),
        flag=form["flag"],
        reason=form["reason"],
        agent_id=_id_or_none(form["agent"]),
    )
    return _back(form, order_id)


@post(f"{_ORDER}/receiver-check", guards=_SPEAKERS, include_in_schema=False)
async def take_receiver_check(request: Asked, order_id: FromPath[UUID]) -> Redirect:
    """Send the card that asks whether the receiver is right."""
    form = texts_of(await request.form(), "back")
    await ask_receiver(request.app.state.pool, _wish(request, order_id, form))
    return _back(form, order_id)


@post(f"{_ORDER}/calls", guards=_WRITERS, include_in_schema=False)
async def take_call(request: Asked, order_id: FromPath[UUID]) -> Redirect:
    """Note how a call ended."""
    form = texts_of(
        await request.form(),
        "result",
        "carrier",
        "told",
        "again",
        "note",
        "idempotency_key",
        "back",
    )
    await call_cod(
        request.app.state.pool,
        _wish(request, order_id, form),
        result=form["result"],
        carrier=form["carrier"],
        told_fen=read_fen(form["told"]) if form["told"].strip() else None,
        again_at=read_moment(form["again"]),
        note=form["note"],
    )
    return _back(form, order_id)


@post(f"{_ORDER}/contacts", guards=_SPEAKERS, include_in_schema=False)
async def take_contact(request: Asked, order_id: FromPath[UUID]) -> Redirect:
    """Write to the buyer, note a call, or ask the carrier."""
    form = texts_of(await request.form(), "kind", "way", "note", "back")
    await contact_buyer(
        request.app.state.pool,
        _wish(request, order_id, form),
        form["kind"],
        way=form["way"] or "chat",
        note=form["note"],
    )
    return _back(form, order_id)


@post(f"{_ORDER}/close", guards=_WRITERS, include_in_schema=False)
async def take_closure(request: Asked, order_id: FromPath[UUID]) -> Redirect:
    """Close what is not wanted, after asking."""
    form = texts_of(await request.form(), "idempotency_key", "back")
    await close_asked(request.app.state.pool, _wish(request, order_id, form))
    return _back(form, order_id)


@post(f"{_ORDER}/making", guards=_PACKERS, include_in_schema=False)
async def take_making(request: Asked, order_id: FromPath[UUID]) -> Redirect:
    """Say how far the parcel is."""
    form = texts_of(await request.form(), "state", "back")
    await note_made(request.app.state.pool, _wish(request, order_id, form), form["state"])
    return _back(form, order_id)


@post(f"{_ORDER}/additions", guards=_WRITERS, include_in_schema=False)
async def take_addition(request: Asked, order_id: FromPath[UUID]) -> Redirect:
    """Have something added to the parcel."""
    form = texts_of(await request.form(), "what", "extra", "idempotency_key", "back")
    extra = form["extra"].strip()
    await add_items(
        request.app.state.pool,
        _wish(request, order_id, form),
        what=form["what"],
        extra_fen=read_fen(extra) if extra else 0,
    )
    return _back(form, order_id)


@post(f"{_ORDER}/additions/{{addition_id:uuid}}/done", guards=_PACKERS, include_in_schema=False)
async def take_added(
    request: Asked, order_id: FromPath[UUID], addition_id: FromPath[UUID]
) -> Redirect:
    """It lies in the parcel."""
    form = texts_of(await request.form(), "back")
    await end_adding(request.app.state.pool, principal_of(request), addition_id, now=utc_now())
    return _back(form, order_id)


@post("/shop/orders/merges", guards=_PACKERS, include_in_schema=False)
async def take_merge(request: Asked) -> Redirect:
    """Let orders leave in one parcel."""
    form = await request.form()
    ids = [found for text in form.getall("order", []) if (found := _id_or_none(str(text)))]
    await merge_orders(request.app.state.pool, principal_of(request), ids, now=utc_now())
    return Redirect("/shop/orders/care?list=merge", status_code=303)


@post(f"{_ORDER}/split", guards=_PACKERS, include_in_schema=False)
async def take_split(request: Asked, order_id: FromPath[UUID]) -> Redirect:
    """Let an order leave alone again."""
    form = texts_of(await request.form(), "back")
    await split_order(request.app.state.pool, principal_of(request), order_id)
    return _back(form, order_id)


def read_moment(text: str) -> datetime | None:
    """A moment as a browser sends it, in the shop's time; None where nothing is said."""
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=ZONE)
    except ValueError:
        raise Refusal("invalid", N_("A time looks like 2026-03-02 15:30.")) from None


def _wish(request: Asked, order_id: UUID, form: dict[str, str]) -> Wish:
    return Wish(
        who=principal_of(request),
        order_id=order_id,
        now=utc_now(),
        key=form.get("idempotency_key") or None,
    )


def _back(form: dict[str, str], order_id: UUID) -> Redirect:
    """To the list that one came from, else to the page of the order."""
    if form["back"] in LISTS:
        return Redirect(f"/shop/orders/care?list={form['back']}", status_code=303)
    return Redirect(f"/shop/orders/{order_id}", status_code=303)


def _id_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


act_routes: list[Any] = [
    take_remark, take_receiver_check, take_call, take_contact, take_closure, take_making,
    take_addition, take_added, take_merge, take_split,
]  # fmt: skip
