"""The gate of every request: who it is, that no other site sent it, and what a route demands."""

import hmac
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import monotonic
from typing import Any, Literal, TypeAlias, cast
from urllib.parse import urlsplit

import msgspec
from litestar import Litestar, Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, FormMultiDict, State
from litestar.enums import RequestEncodingType, ScopeType
from litestar.exceptions import NotFoundException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from gongdao.accounts.lockout import network_of
from gongdao.accounts.principal import Kind, Permit, Principal
from gongdao.accounts.rate import SIGNED_IN_RATE, STRANGER_RATE, Buckets
from gongdao.accounts.session import SESSION_LIFE, Pass
from gongdao.accounts.sign_in import find_pass
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_

#: A request that went through the gate.
Asked: TypeAlias = Request[Principal | None, Pass | None, State]
Asking: TypeAlias = ASGIConnection[Any, Any, Any, Any]
# Asynchronous, because the framework runs a plain function in a thread of its own.
Guard: TypeAlias = Callable[[Asking, BaseRouteHandler], Awaitable[None]]

#: Addresses that any site may send to: they give nobody away, and read no cookie.
OPEN_TO_SITES = ("/api/v1/widget/",)
#: A protocol of web sockets that carries a token: `gongdao.bearer.<token>`.
BEARER_PROTOCOL = "gongdao.bearer."
#: Under which name the state of a connection holds what was shown at the gate.
_SHOWN = "shown_at_gate"
CSRF_FIELD = "csrf_token"
CSRF_HEADER = "x-csrf-token"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_FORMS = frozenset({RequestEncodingType.URL_ENCODED, RequestEncodingType.MULTI_PART})


class Gate(ASGIMiddleware):
    """Sets `user`, `auth` and the CSRF token of a request; needs `app.state.pool`.

    A bearer token is looked at first, and a request that carries one needs no CSRF token, because
    no browser sends it by itself. The cookie of another scheme than ours is never read. Who writes
    is limited by session, by token, or else by network; a wrong token counts as a write.
    """

    scopes = (ScopeType.HTTP, ScopeType.WEBSOCKET)

    def __init__(self, *, public_url: str, limited: bool = False) -> None:
        self._buckets = Buckets() if limited else None
        self._origin = _origin_of(public_url)
        self._cookie = session_cookie_name(public_url)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Let a request through as somebody or as nobody, or refuse it."""
        if "\0" in scope["path"]:
            # No file and no row is called so; the system would fail over it, not say no.
            raise NotFoundException()
        request: Asking = ASGIConnection(scope, receive, send)
        scope["user"], scope["auth"] = None, None
        bearer, secret = _bearer_of(request), ""
        if bearer is not None:
            shown = await self._look_up(scope, "token", bearer)
            if shown is None:
                self._take(request, None)
                raise Refusal("unauthenticated", N_("This token is unknown, over or revoked."))
        elif scope["path"].startswith(OPEN_TO_SITES):
            shown = None
        else:
            unsafe = scope["type"] != "http" or scope["method"] not in _SAFE_METHODS
            if unsafe:
                self._must_come_from_here(request)
            secret = request.cookies.get(self._cookie, "")
            shown = await self._look_up(scope, "session", secret) if secret else None
        if scope["type"] == "http" and scope["method"] not in _SAFE_METHODS:
            self._take(request, shown)
            if bearer is None and shown is not None:
                await _must_carry_token(Request(scope, receive), shown)
        if shown is not None:
            scope["user"], scope["auth"] = shown.principal, shown
            scope["state"]["csrf_token"] = shown.csrf_token
            scope["state"][_SHOWN] = (shown.how, bearer if bearer is not None else secret)
        await next_app(scope, receive, send)

    def _take(self, request: Asking, shown: Pass | None) -> None:
        """Refuse a write that is one too many for its sender."""
        if self._buckets is None:
            return
        if shown is None:
            network = network_of(address_of(request))
            seconds = self._buckets.take(network, STRANGER_RATE, monotonic())
        else:
            seconds = self._buckets.take(shown.id, SIGNED_IN_RATE, monotonic())
        if seconds:
            raise Refusal(
                "rate_limited",
                N_("Too many requests in a short time. Try again in {seconds} s."),
                seconds=seconds,
            )

    async def _look_up(
        self, scope: Scope, how: Literal["session", "token"], secret: str
    ) -> Pass | None:
        return await find_pass(scope["litestar_app"].state.pool, how, secret, now=utc_now())

    def _must_come_from_here(self, request: Asking) -> None:
        """Refuse what a browser says another site sent; a program without a cookie says nothing."""
        site = request.headers.get("sec-fetch-site")
        origin = request.headers.get("origin")
        if site is not None:
            own = site in ("same-origin", "none")
        elif origin is not None:
            host = request.headers.get("host", "")
            own = origin == self._origin or (host != "" and urlsplit(origin).netloc == host)
        else:
            own = True
        if not own:
            raise Refusal("invalid", N_("This request was sent by another site."))


def session_cookie_name(public_url: str) -> str:
    """The cookie of sessions; over https browsers bind the prefixed one to this host."""
    return "__Host-gongdao_session" if _is_https(public_url) else "gongdao_session"


def session_cookie(secret: str, *, public_url: str) -> Cookie:
    """The cookie that a sign-in sets."""
    return _cookie(session_cookie_name(public_url), secret, SESSION_LIFE, public_url)


#: How long a browser is known again.
DEVICE_LIFE = timedelta(days=365)


def device_cookie_name(public_url: str) -> str:
    """The cookie by which a browser is known again."""
    return "__Host-gongdao_device" if _is_https(public_url) else "gongdao_device"


def device_cookie(device: str, *, public_url: str) -> Cookie:
    """The cookie that a sign-in leaves for a year: chance alone, it says nothing by itself."""
    return _cookie(device_cookie_name(public_url), device, DEVICE_LIFE, public_url)


def ended_cookie(*, public_url: str) -> Cookie:
    """The cookie that a sign-out sets: empty and over."""
    return _cookie(session_cookie_name(public_url), "", timedelta(), public_url)


def session_secret(request: Asking, *, public_url: str) -> str | None:
    """The secret in the cookie of a request, whether or not it is good for anything."""
    return request.cookies.get(session_cookie_name(public_url)) or None


def address_of(connection: Asking) -> str | None:
    """Where a request comes from, as the server saw it."""
    return connection.client.host if connection.client else None


def principal_of(connection: Asking) -> Principal:
    """The person behind a request. Refuses nobody's."""
    user: object = dict(connection.scope).get("user")
    if not isinstance(user, Principal):
        raise Refusal("unauthenticated", N_("Please sign in first."))
    return user


class Guarded(HTTPRouteHandler):
    """A route that costs less: its guards are shown the route itself, which Litestar would copy for
    each, and a struct is answered as JSON without a response object, its headers or its cookies.
    """

    async def authorize_connection(self, connection: Asking) -> None:
        """Let every guard look at a request."""
        for guard in cast("list[Guard]", self.resolve_guards()):  # pyright: ignore[reportUnknownMemberType]
            await guard(connection, self)

    async def to_response(
        self, app: Litestar, data: Any, request: Request[Any, Any, Any]
    ) -> ASGIApp:
        """What answers a request; sends what Litestar would send."""
        if not isinstance(data, msgspec.Struct):
            return await super().to_response(app, data, request)  # pyright: ignore[reportUnknownMemberType]
        body, status = msgspec.json.encode(data), self.status_code
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body, "more_body": False})

        return answer


async def signed_in(connection: Asking, _: BaseRouteHandler) -> None:
    """A guard: somebody, whoever it is."""
    principal_of(connection)


async def in_session(connection: Asking, _: BaseRouteHandler) -> None:
    """A guard: somebody who signed in with a password, or a token could outlive itself."""
    principal_of(connection)
    shown: object = dict(connection.scope).get("auth")
    if not isinstance(shown, Pass) or shown.how != "session":
        raise Refusal("wrong_role", N_("A token cannot do this: sign in with a password."))


def kind(*kinds: Kind) -> Guard:
    """A guard: somebody of one of these kinds."""

    async def check(connection: Asking, _: BaseRouteHandler) -> None:
        if principal_of(connection).kind not in kinds:
            raise Refusal("wrong_role", N_("This is not for your kind of account."))

    return check


def may(permission: Permit) -> Guard:
    """A guard: somebody whose role, and token if it is one, includes a permission."""

    async def check(connection: Asking, _: BaseRouteHandler) -> None:
        if not principal_of(connection).may(permission):
            raise Refusal("wrong_role", N_("Your role does not permit this."))

    return check


def may_one_of(*permissions: Permit) -> Guard:
    """A guard: somebody whose role, and token if it is one, includes one of these permissions."""

    async def check(connection: Asking, _: BaseRouteHandler) -> None:
        who = principal_of(connection)
        if not any(who.may(permission) for permission in permissions):
            raise Refusal("wrong_role", N_("Your role does not permit this."))

    return check


async def _must_carry_token(request: Request[Any, Any, Any], shown: Pass) -> None:
    """Refuse an unsafe request of a session whose header or form lacks the session's token."""
    carried: object = request.headers.get(CSRF_HEADER)
    form: FormMultiDict | None = None
    if carried is None and request.content_type[0] in _FORMS:
        # Litestar keeps the form it has read here, so that the route does not read it again.
        form = await request.form()
        carried = form.get(CSRF_FIELD)
    told = carried if isinstance(carried, str) else ""
    if hmac.compare_digest(told.encode(), shown.csrf_token.encode()):
        return
    if form is not None:
        # The route would have closed the files of the form, but it never sees them.
        await form.close()
    raise Refusal("invalid", N_("This page is out of date. Reload it and try again."))


async def look_again(connection: Asking) -> Pass | None:
    """Who a connection that stays open belongs to by now; None: the session or token is over."""
    state = dict(connection.scope).get("state")
    how, secret = cast("dict[str, Any]", state)[_SHOWN]
    return await find_pass(connection.scope["litestar_app"].state.pool, how, secret, now=utc_now())


def _bearer_of(request: Asking) -> str | None:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return secret.strip()
    if request.scope["type"] == ScopeType.WEBSOCKET:
        # A browser cannot give a socket headers of its own, but it can name protocols.
        offered = request.headers.get("sec-websocket-protocol", "").split(",")
        for name in (each.strip() for each in offered):
            if name.startswith(BEARER_PROTOCOL):
                return name.removeprefix(BEARER_PROTOCOL)
    return None


def _cookie(name: str, value: str, life: timedelta, public_url: str) -> Cookie:
    return Cookie(
        key=name,
        value=value,
        path="/",
        max_age=int(life.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=_is_https(public_url),
    )


def _is_https(public_url: str) -> bool:
    return urlsplit(public_url).scheme == "https"


def _origin_of(public_url: str) -> str:
    parts = urlsplit(public_url)
    return f"{parts.scheme}://{parts.netloc}"
