"""A buyer's own data.

Who: a buyer who wonders why a shop called, or wants to be forgotten. Question: which shops know me,
who of them looked at my number, and why? Next: ask for a copy or for erasure, read the answer.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.customers.customer import Asked as What
from gongdao.customers.rights import BASIS, ERASED, KEPT
from gongdao.flows.customers.copy import copy_for_buyer
from gongdao.flows.customers.rights import ask_shop, see_privacy, withdraw_request
from gongdao.web.privacy_words import ANSWERS, DEEDS, id_of, read_place, zip_file
from gongdao.web.shell import locale_of, page
from gongdao.web.typed import texts_of

_BUYERS = [kind("buyer")]
_WHATS: dict[str, What] = {"copy": "copy", "erasure": "erasure"}


@get("/privacy", guards=_BUYERS, include_in_schema=False)
async def show_privacy(request: Asked, after: FromQuery[str] = "") -> Response[str]:
    """Which shops know me, who looked, what I asked."""
    own = await see_privacy(
        request.app.state.pool, principal_of(request), before=read_place(after[:100])
    )
    return page(
        request,
        "buyer/privacy.html",
        own=own,
        deeds=DEEDS,
        answers=ANSWERS,
        basis=BASIS,
        erased=ERASED,
        kept=KEPT,
    )


@post("/privacy/requests", guards=_BUYERS, include_in_schema=False)
async def take_request(request: Asked) -> Redirect:
    """Ask a shop for a copy, or for erasure; the same form sent twice asks once."""
    form = texts_of(await request.form(), "shop_id", "what", "words", "idempotency_key")
    if form["what"] not in _WHATS:
        raise Refusal("invalid", N_("Say whether you want a copy or erasure."))
    await ask_shop(
        request.app.state.pool,
        principal_of(request),
        id_of(form["shop_id"]),
        _WHATS[form["what"]],
        form["words"],
        request_id=id_of(form["idempotency_key"]),
        now=utc_now(),
    )
    return Redirect("/privacy", status_code=303)


@post("/privacy/requests/{request_id:uuid}/withdraw", guards=_BUYERS, include_in_schema=False)
async def take_withdrawal(request: Asked, request_id: FromPath[UUID]) -> Redirect:
    """No longer ask."""
    await withdraw_request(request.app.state.pool, principal_of(request), request_id, now=utc_now())
    return Redirect("/privacy", status_code=303)


@get("/privacy/requests/{request_id:uuid}/copy", guards=_BUYERS, include_in_schema=False)
async def send_copy(request: Asked, request_id: FromPath[UUID]) -> Response[bytes]:
    """The copy that was asked for."""
    content = await copy_for_buyer(
        request.app.state.pool,
        principal_of(request),
        request_id,
        locale=locale_of(request),
        now=utc_now(),
    )
    return zip_file(content)


privacy_routes: list[Any] = [show_privacy, take_request, take_withdrawal, send_copy]
