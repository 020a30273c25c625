"""Signing in and out, and the routes of everything about one's account."""

import re
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from gongdao.accounts import sign_in as accounts
from gongdao.accounts.gate import (
    address_of,
    device_cookie,
    device_cookie_name,
    ended_cookie,
    session_cookie,
    session_secret,
)
from gongdao.accounts.principal import Principal
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import say_refusal
from gongdao.base.ids import new_token
from gongdao.flows.demo.cast import LOGINS, PASSWORD
from gongdao.flows.guard.traits import note_sign_in
from gongdao.web.navigation import first_place
from gongdao.web.shell import locale_of, page, safe_path
from gongdao.web.sign_in.account import account_routes
from gongdao.web.sign_in.forms import read_form
from gongdao.web.sign_in.staff import staff_routes

#: The largest form that somebody unknown may send: reading a megabyte of fields takes seconds.
STRANGER_BYTES_MAX = 16_000
#: What the cookie of a browser looks like when it is ours.
DEVICE = re.compile(r"gdd_[A-Za-z0-9_-]{43}")


@get("/sign-in", include_in_schema=False, name="sign_in")
async def show_sign_in(request: Request[Any, Any, Any], next: FromQuery[str] = "") -> Response[Any]:  # noqa: A002
    """The form, or the way on for who is signed in already."""
    if isinstance(request.user, Principal):
        return Redirect(safe_path(next, _start_of(request.user)), status_code=303)
    return _sign_in_page(request, next_page=safe_path(next, ""))


@post("/sign-in", request_max_body_size=STRANGER_BYTES_MAX, include_in_schema=False)
async def take_sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    """Begin a session, or say what was wrong and keep the name that was typed."""
    form = await read_form(request)
    public_url: str = request.app.state.config.public_url
    next_page = safe_path(form.text("next"), "")
    try:
        signed_in = await accounts.sign_in(
            request.app.state.pool,
            form.text("name"),
            form.text("password"),
            now=utc_now(),
            ip=address_of(request),
            user_agent=request.headers.get("user-agent", ""),
            replaces=session_secret(request, public_url=public_url),
        )
    except Refusal as refusal:
        answer = _sign_in_page(
            request, next_page=next_page, name=form.text("name"), refusal=refusal
        )
        if isinstance(seconds := refusal.params.get("seconds"), int):
            answer.set_header("Retry-After", str(seconds))
        return answer
    device = await _note_device(request, signed_in.principal)
    return Redirect(
        safe_path(next_page, _start_of(signed_in.principal)),
        status_code=303,
        cookies=[
            session_cookie(signed_in.secret, public_url=public_url),
            device_cookie(device, public_url=public_url),
        ],
    )


async def _note_device(request: Request[Any, Any, Any], who: Principal) -> str:
    """The browser's own mark, made where it has none; who signs in with it is noted."""
    state = request.app.state
    device = request.cookies.get(device_cookie_name(state.config.public_url), "")
    if not DEVICE.fullmatch(device):
        device = new_token("gdd")
    await note_sign_in(
        state.pool,
        state.keyring,
        who.person_id,
        device=device,
        address=address_of(request),
        now=utc_now(),
    )
    return device


@post("/sign-out", include_in_schema=False)
async def take_sign_out(request: Request[Any, Any, Any]) -> Redirect:
    """End the session of this browser."""
    public_url: str = request.app.state.config.public_url
    secret = session_secret(request, public_url=public_url)
    if secret is not None:
        await accounts.sign_out(request.app.state.pool, secret)
    return Redirect("/sign-in", status_code=303, cookies=[ended_cookie(public_url=public_url)])


def _sign_in_page(
    request: Request[Any, Any, Any],
    *,
    next_page: str,
    name: str = "",
    refusal: Refusal | None = None,
) -> Response[Any]:
    """The form; in a demo with everybody one can be."""
    return page(
        request,
        "sign_in/sign_in.html",
        status_code=refusal.status if refusal else 200,
        next=next_page,
        name=name,
        refusal=refusal and (refusal.code, say_refusal(locale_of(request), refusal)),
        demo=(PASSWORD, LOGINS) if request.app.state.config.demo else None,
    )


def _start_of(principal: Principal) -> str:
    return first_place(principal.kind, principal.permissions).href


def sign_in_routes() -> list[Router | Any]:
    """For the composition root: every route of this folder."""
    return [show_sign_in, take_sign_in, take_sign_out, *account_routes(), *staff_routes()]
