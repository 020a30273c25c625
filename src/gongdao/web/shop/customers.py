"""Customers of the shop.

Who: an agent before or after a talk: who is this, what did we promise, when do I call again? A
lead: whom do we send the wholesale list? Next: write a note with a day, call (and say why the
number is needed), put people into a group.
"""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.cursor import read_cursor
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, ZONE
from gongdao.base.texts import NO_NUL
from gongdao.customers.store import groups_of_shop
from gongdao.flows.customers.keep import (
    drop_group,
    finish_follow_up,
    keep_preference,
    make_group,
    put_in_group,
    rename_group,
    take_out_of_group,
    write_note,
)
from gongdao.flows.customers.list_customers import Wanted, list_customers
from gongdao.flows.customers.reveal import reveal_receiver
from gongdao.flows.customers.see_customer import Seen, see_customer
from gongdao.web.desk.quality_page import STATES, WHATS
from gongdao.web.privacy_words import DEEDS, id_of
from gongdao.web.shell import page, safe_path
from gongdao.web.typed import text_of, texts_of

_READERS = [kind("shop"), may("customers.read")]
_LEADS = [kind("shop"), may("customers.manage")]
_Text = Annotated[str, QueryParameter(max_length=100, pattern=NO_NUL)]
#: A day of a follow-up lasts until its evening.
_EVENING = time(23, 59)


@get("/shop/customers", guards=_READERS, include_in_schema=False)
async def show_customers(
    request: Asked, q: _Text = "", group: _Text = "", after: _Text = ""
) -> Response[str]:
    """The customers of the shop, the latest first."""
    pool, who = request.app.state.pool, principal_of(request)
    found = await list_customers(
        pool,
        who,
        Wanted(q=q.strip(), group=group),
        after=read_cursor(after) if after else None,
        now=utc_now(),
    )
    assert who.shop_id
    chosen = {"q": q, "group": group}
    return page(
        request,
        "shop/customers.html",
        briefs=found.briefs,
        groups=await groups_of_shop(pool, who.shop_id),
        chosen=chosen,
        every=_address({"q": q}),
        here=_address(chosen),
        first=_address(chosen) if after else "",
        following=_address(chosen | {"after": found.following.text()}) if found.following else "",
    )


@get("/shop/customers/{buyer_id:uuid}", guards=_READERS, include_in_schema=False)
async def show_customer(request: Asked, buyer_id: FromPath[UUID]) -> Response[str]:
    """One customer: what is kept, what happened, what was promised."""
    who = principal_of(request)
    seen = await see_customer(request.app.state.pool, who, buyer_id, now=utc_now())
    return _customer_page(request, seen)


@post("/shop/customers/{buyer_id:uuid}/reveal", guards=_READERS, include_in_schema=False)
async def take_reveal(request: Asked, buyer_id: FromPath[UUID]) -> Response[str]:
    """Show a phone and an address whole, this once; the reason is kept."""
    pool, who, now = request.app.state.pool, principal_of(request), utc_now()
    form = await request.form()
    order_id = id_of(text_of(form, "order_id"))
    receiver = await reveal_receiver(
        pool,
        who,
        buyer_id,
        order_id,
        why=text_of(form, "why"),
        look_id=id_of(text_of(form, "idempotency_key")),
        now=now,
    )
    seen = await see_customer(pool, who, buyer_id, now=now)
    return _customer_page(request, seen, {"order_id": order_id, "receiver": receiver})


@post("/shop/customers/{buyer_id:uuid}/notes", guards=_READERS, include_in_schema=False)
async def take_note(request: Asked, buyer_id: FromPath[UUID]) -> Redirect:
    """Keep a note; the same form sent twice is one."""
    form = texts_of(await request.form(), "text", "due", "idempotency_key", "back")
    await write_note(
        request.app.state.pool,
        principal_of(request),
        buyer_id,
        form["text"],
        note_id=id_of(form["idempotency_key"]),
        due_at=evening_of(form["due"]),
        now=utc_now(),
    )
    return _back(form["back"], buyer_id)


@post(
    "/shop/customers/{buyer_id:uuid}/notes/{note_id:uuid}/done",
    guards=_READERS,
    include_in_schema=False,
)
async def take_done(request: Asked, buyer_id: FromPath[UUID], note_id: FromPath[UUID]) -> Redirect:
    """Somebody got in touch."""
    await finish_follow_up(request.app.state.pool, principal_of(request), note_id, now=utc_now())
    return _back("", buyer_id)


@post("/shop/customers/{buyer_id:uuid}/preferences", guards=_READERS, include_in_schema=False)
async def take_preference(request: Asked, buyer_id: FromPath[UUID]) -> Redirect:
    """Keep what they like, or forget it."""
    form = texts_of(await request.form(), "name", "value")
    await keep_preference(
        request.app.state.pool,
        principal_of(request),
        buyer_id,
        form["name"],
        form["value"],
        now=utc_now(),
    )
    return _back("", buyer_id)


@post("/shop/customers/grouped", guards=_READERS, include_in_schema=False)
async def take_grouped(request: Asked) -> Redirect:
    """Put the chosen customers into a group, or take them out of it."""
    pool, who = request.app.state.pool, principal_of(request)
    form = await request.form()
    words = texts_of(form, "group", "do", "back")
    chosen = [id_of(each) for each in _many(form, "buyer")]
    if words["do"] == "leave":
        await take_out_of_group(pool, who, chosen, words["group"])
    else:
        await put_in_group(pool, who, chosen, words["group"], now=utc_now())
    return Redirect(safe_path(words["back"], "/shop/customers"), status_code=303)


@post("/shop/customers/groups", guards=_LEADS, include_in_schema=False)
async def take_group(request: Asked) -> Redirect:
    """Make a group."""
    form = texts_of(await request.form(), "name", "idempotency_key")
    await make_group(
        request.app.state.pool,
        principal_of(request),
        form["name"],
        group_id=id_of(form["idempotency_key"]),
        now=utc_now(),
    )
    return Redirect("/shop/customers", status_code=303)


@post("/shop/customers/groups/{group_id:uuid}", guards=_LEADS, include_in_schema=False)
async def change_group(request: Asked, group_id: FromPath[UUID]) -> Redirect:
    """Call a group otherwise, or take it away."""
    pool, who = request.app.state.pool, principal_of(request)
    form = texts_of(await request.form(), "name", "do")
    if form["do"] == "drop":
        await drop_group(pool, who, group_id)
        return Redirect("/shop/customers", status_code=303)
    await rename_group(pool, who, group_id, form["name"])
    return Redirect(f"/shop/customers?group={group_id}", status_code=303)


def evening_of(day: str) -> datetime | None:
    """The evening of a day in Shanghai; nothing typed is no day. Raises Refusal invalid."""
    if not day:
        return None
    try:
        return datetime.combine(date.fromisoformat(day), _EVENING, ZONE) + timedelta(minutes=1)
    except (ValueError, OverflowError):
        raise Refusal("invalid", N_("A day looks like 2026-11-22.")) from None


def _many(form: FormMultiDict, name: str) -> list[str]:
    return [each for each in form.getall(name, []) if isinstance(each, str)]


def _customer_page(
    request: Asked, seen: Seen, revealed: dict[str, Any] | None = None
) -> Response[str]:
    return page(
        request,
        "shop/customer.html",
        seen=seen,
        customer=seen.customer,
        whats=WHATS,
        states=STATES,
        deeds=DEEDS,
        revealed=revealed,
    )


def _back(path: str, buyer_id: UUID) -> Redirect:
    return Redirect(safe_path(path, f"/shop/customers/{buyer_id}"), status_code=303)


def _address(chosen: dict[str, str]) -> str:
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"/shop/customers?{query}" if query else "/shop/customers"


customer_routes: list[Any] = [
    show_customers, show_customer, take_reveal, take_note, take_done, take_preference,
    take_grouped, take_group, change_group,
]  # fmt: skip
