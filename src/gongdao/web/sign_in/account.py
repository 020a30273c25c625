"""One's own account: the password, where one is signed in, and API tokens."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from gongdao.accounts import own
from gongdao.accounts.gate import Asked, address_of, in_session, principal_of
from gongdao.accounts.principal import PERMISSIONS
from gongdao.accounts.session import Pass
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, say_refusal
from gongdao.base.ids import new_id
from gongdao.web.shell import locale_of, page
from gongdao.web.sign_in.forms import read_form

_DONE = {
    "password": N_("Your password is changed. You are signed out on all other devices."),
    "sessions": N_("You are signed out there."),
    "token": N_("The token is revoked."),
}
#: How long a token may live, as the form offers it.
_TOKEN_DAYS = (30, 90, 365)


@get("/", include_in_schema=False)
async def show_account(request: Asked, done: FromQuery[str] = "") -> Response[Any]:
    """The page of one's account."""
    return await _account_page(request, done=_DONE.get(done, ""))


@post("/password", include_in_schema=False)
async def take_password(request: Asked) -> Response[Any]:
    """Change the password."""
    form = await read_form(request)
    if form.text("new") != form.text("again"):
        refusal = Refusal("invalid", N_("The two new passwords differ."))
        return await _account_page(request, refusal=refusal)
    change = own.change_password(
        request.app.state.pool,
        principal_of(request),
        current=form.text("current"),
        new=form.text("new"),
        now=utc_now(),
        keep_session=_session_id(request),
        ip=address_of(request),
    )
    return await _done_or_said(request, change, "password")


@post("/sessions/end-others", include_in_schema=False)
async def take_end_others(request: Asked) -> Response[Any]:
    """Sign out everywhere else."""
    ending = own.end_other_sessions(
        request.app.state.pool, principal_of(request), keep=_session_id(request)
    )
    return await _done_or_said(request, ending, "sessions")


@post("/sessions/{session_id:uuid}/end", include_in_schema=False)
async def take_end_session(request: Asked, session_id: FromPath[UUID]) -> Response[Any]:
    """Sign out on one device."""
    ending = own.end_session(request.app.state.pool, principal_of(request), session_id)
    return await _done_or_said(request, ending, "sessions")


@post("/tokens", include_in_schema=False)
async def take_token(request: Asked) -> Response[Any]:
    """Make an API token and show its secret this once."""
    form = await read_form(request)
    days = form.text("days")
    try:
        if days not in map(str, _TOKEN_DAYS):
            raise Refusal("invalid", N_("Please choose how long the token lives."))
        issued = await own.issue_token(
            request.app.state.pool,
            principal_of(request),
            token_id=new_id(),
            name=form.text("name"),
            permissions=form.permissions,
            life=timedelta(days=int(days)),
            now=utc_now(),
        )
    except Refusal as refusal:
        return await _account_page(request, refusal=refusal)
    return await _account_page(request, issued=issued)


@post("/tokens/{token_id:uuid}/revoke", include_in_schema=False)
async def take_revoke(request: Asked, token_id: FromPath[UUID]) -> Response[Any]:
    """End an API token."""
    revoking = own.revoke_token(
        request.app.state.pool, principal_of(request), token_id, now=utc_now()
    )
    return await _done_or_said(request, revoking, "token")


async def _done_or_said(request: Asked, change: Awaitable[None], done: str) -> Response[Any]:
    try:
        await change
    except Refusal as refusal:
        return await _account_page(request, refusal=refusal)
    return Redirect("/account", query_params={"done": done}, status_code=303)


async def _account_page(
    request: Asked,
    *,
    done: str = "",
    refusal: Refusal | None = None,
    issued: own.IssuedToken | None = None,
) -> Response[Any]:
    principal, pool, now = principal_of(request), request.app.state.pool, utc_now()
    said = (refusal.code, say_refusal(locale_of(request), refusal)) if refusal else None
    return page(
        request,
        "sign_in/account.html",
        status_code=refusal.status if refusal else 200,
        done=done,
        refusal=said,
        issued=issued,
        sessions=await own.list_sessions(pool, principal, now=now),
        here=_session_id(request),
        tokens=await own.list_tokens(pool, principal, now=now),
        days=_TOKEN_DAYS,
        permissions=[(key, each) for key, each in PERMISSIONS.items() if principal.may(key)],
        labels={key: each.label for key, each in PERMISSIONS.items()},
    )


def _session_id(request: Request[Any, Any, Any]) -> UUID | None:
    shown = request.auth
    return shown.id if isinstance(shown, Pass) and shown.how == "session" else None


def account_routes() -> list[Router]:
    """The routes of one's own account."""
    return [
        Router(
            "/account",
            guards=[in_session],
            route_handlers=[
                show_account,
                take_password,
                take_end_others,
                take_end_session,
                take_token,
                take_revoke,
            ],
        )
    ]
