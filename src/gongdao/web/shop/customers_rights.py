"""What people ask about their own data, and who looked at it.

Who: the owner or lead. Question: what was asked of us and until when, who of us looked at whose
number, and why? Next: erase or hand over the copy, refuse and say on which ground, ask an agent.
"""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.cursor import Cursor
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.customers.rights import BASIS, ERASED, KEPT
from gongdao.flows.customers.copy import copy_for_shop
from gongdao.flows.customers.rights import (
    erase_on_request,
    hand_over_copy,
    refuse_request,
    see_log,
    see_requests,
)
from gongdao.web.privacy_words import ANSWERS, DEEDS, id_of, read_place, zip_file
from gongdao.web.shell import locale_of, page
from gongdao.web.typed import text_of, texts_of

_LEADS = [kind("shop"), may("customers.manage")]
_Cursor = Annotated[str, QueryParameter(max_length=100)]


@get("/shop/customers/requests", guards=_LEADS, include_in_schema=False)
async def show_requests(request: Asked) -> Response[str]:
    """What waits for an answer, and what was answered."""
    waiting = await see_requests(request.app.state.pool, principal_of(request))
    return page(
        request,
        "shop/customer_requests.html",
        waiting=waiting,
        basis=BASIS,
        erased=ERASED,
        kept=KEPT,
        answers=ANSWERS,
    )


@post("/shop/customers/requests/{request_id:uuid}/answer", guards=_LEADS, include_in_schema=False)
async def take_answer(request: Asked, request_id: FromPath[UUID]) -> Redirect:
    """Erase, hand over the copy, or refuse."""
    pool, who, now = request.app.state.pool, principal_of(request), utc_now()
    form = texts_of(await request.form(), "answer", "ground")
    match form["answer"]:
        case "erase":
            await erase_on_request(pool, request.app.state.keyring, who, request_id, now=now)
        case "copy":
            await hand_over_copy(pool, who, request_id, now=now)
        case "refuse":
            await refuse_request(pool, who, request_id, form["ground"], now=now)
        case _:
            raise Refusal(
                "invalid", N_("Something in the form is missing or does not fit; please check it.")
            )
    return Redirect("/shop/customers/requests", status_code=303)


@get("/shop/customers/looks", guards=_LEADS, include_in_schema=False)
async def show_looks(request: Asked, after: _Cursor = "") -> Response[str]:
    """Who looked at which customer, when and why."""
    found = await see_log(request.app.state.pool, principal_of(request), before=read_place(after))
    return page(
        request,
        "shop/customer_looks.html",
        found=found,
        deeds=DEEDS,
        first="/shop/customers/looks" if after else "",
        following=Cursor(found.following.at, found.following.id).text() if found.following else "",
    )


@post("/shop/customers/{buyer_id:uuid}/copy", guards=_LEADS, include_in_schema=False)
async def take_copy(request: Asked, buyer_id: FromPath[UUID]) -> Response[bytes]:
    """All that the shop holds on a customer, as a file; that it was made is kept."""
    form = await request.form()
    content = await copy_for_shop(
        request.app.state.pool,
        principal_of(request),
        buyer_id,
        look_id=id_of(text_of(form, "idempotency_key")),
        locale=locale_of(request),
        now=utc_now(),
    )
    return zip_file(content)


rights_routes: list[Any] = [show_requests, take_answer, show_looks, take_copy]
