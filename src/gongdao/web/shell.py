"""What every page shares: its frame, its language, its headers, and how it says no."""

import logging
from typing import Any, cast

import msgspec
from litestar import Request, Response, Router, get
from litestar.datastructures import CacheControlHeader, Cookie, State
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from litestar.static_files import create_static_files_router  # pyright: ignore[reportUnknownVariableType]

from gongdao.accounts.principal import Principal
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import DEFAULT_LOCALE, LOCALES, N_, Locale, say_refusal
from gongdao.base.logs import route_of
from gongdao.web import assets, markup
from gongdao.web.navigation import is_current, places_of

LOCALE_COOKIE = "gongdao_locale"
#: Under which name the state of a request holds how many notices are unread.
UNREAD = "unread_notices"
#: Where a request keeps the instant at which its page began to be made.
BEGUN = "page_begun"
_YEAR_SECONDS = 365 * 24 * 3600
_log = logging.getLogger(__name__)

#: On every page: nothing from elsewhere, no inline script or style, never in somebody's frame.
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "media-src 'self' blob:; font-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}

#: What happened, and what to do next, for each status that a person may meet.
_ANSWERS: dict[int, tuple[str, str]] = {
    400: (
        N_("This request could not be read."),
        N_("Go back, reload the page and try again; what you wrote is still in the form."),
    ),
    401: (
        N_("Please sign in first."),
        N_("Sign in, and you will come back to this page."),
    ),
    403: (
        N_("You are signed in, but this is not yours to see or do."),
        N_("Go back, or sign in as somebody who may."),
    ),
    404: (
        N_("There is nothing at this address, or it is not yours to see."),
        N_("Check the address, or start from your list."),
    ),
    405: (
        N_("This address cannot be used in this way."),
        N_("Go back and use the buttons of the page."),
    ),
    409: (
        N_("This is not possible in the present state."),
        N_("Go back and reload: the case may have moved on while you were reading."),
    ),
    413: (
        N_("What you sent is too large."),
        N_("Send smaller or fewer files; the limits stand beside the upload."),
    ),
    422: (
        N_("Something in the form is missing or wrong."),
        N_("Go back, correct it and send it again; nothing has been changed."),
    ),
    429: (
        N_("Too many requests in a short time."),
        N_("Wait a minute and try again; nothing has been lost."),
    ),
    500: (
        N_("Something went wrong on our side."),
        N_("Your money and your case are safe: an action happens as a whole or not at all. "
           "Try again in a minute."),
    ),
}  # fmt: skip


def page(
    request: Request[Any, Any, Any],
    template: str,
    *,
    status_code: int = 200,
    locale: Locale | None = None,
    **values: Any,
) -> Response[str]:
    """A page for the person behind the request, in their language unless another one is said."""
    view = view_of(request)
    if locale is not None:
        view = msgspec.structs.replace(view, locale=locale)
    text = markup.render(view, template, {**_frame_values(view), **values})
    headers = {**SECURITY_HEADERS, "Cache-Control": "no-store", "Vary": "Cookie"}
    return Response(text, status_code=status_code, media_type="text/html", headers=headers)


def view_of(request: Request[Any, Any, Any]) -> markup.View:
    """Who looks at the page, in which language, and with which form token."""
    user = _of_scope(request, "user")
    state: dict[str, Any] = _of_scope(request, "state") or {}
    return markup.View(
        locale=locale_of(request),
        now=state.get(BEGUN) or utc_now(),
        path=request.url.path,
        csrf_token=str(state.get("csrf_token", "")),
        principal=user if isinstance(user, Principal) else None,
        unread=int(state.get(UNREAD, 0)),
    )


def locale_of(request: Request[Any, Any, Any]) -> Locale:
    """The language of the switch, else the person's own, else Chinese."""
    chosen = request.cookies.get(LOCALE_COOKIE)
    for locale in LOCALES:
        if locale == chosen:
            return locale
    user = _of_scope(request, "user")
    return user.locale if isinstance(user, Principal) else DEFAULT_LOCALE


def _of_scope(request: Request[Any, Any, Any], name: str) -> Any:
    """What a layer above left in the scope, or None where there is no such layer."""
    return cast("dict[str, Any]", request.scope).get(name)


def _frame_values(view: markup.View) -> dict[str, Any]:
    kind = view.principal.kind if view.principal else None
    permissions = view.principal.permissions if view.principal else None
    places = [(each, is_current(each, view.path)) for each in places_of(kind, permissions)]
    return {"audience": kind or "visitor", "places": places}


@get("/locale/{locale:str}", include_in_schema=False)
async def switch_locale(
    state: State, locale: FromPath[str], back: FromQuery[str] = "/"
) -> Redirect:
    """Remember a language and go back to where the switch was, never to another site."""
    chosen = locale if locale in LOCALES else DEFAULT_LOCALE
    cookie = Cookie(
        key=LOCALE_COOKIE,
        value=chosen,
        max_age=_YEAR_SECONDS,
        httponly=True,
        samesite="lax",
        secure=state.config.is_https,
    )
    return Redirect(safe_path(back), status_code=303, cookies=[cookie])


def safe_path(address: str, otherwise: str = "/") -> str:
    """The address if it lies on this site, else another one: no redirect leads elsewhere."""
    plain = address.isprintable() and not set(address) & set("\\ \t\r\n")
    own = address.startswith("/") and not address.startswith("//")
    return address if plain and own and len(address) <= 2000 else otherwise


def refuse_page(request: Request[Any, Any, Any], refusal: Refusal) -> Response[Any]:
    """Say in both languages why an action or a page is refused; send strangers to sign in."""
    if refusal.code == "unauthenticated" and request.method == "GET":
        return Redirect("/sign-in", status_code=303, query_params={"next": _asked(request)})
    sentences: dict[Locale, str] = {each: say_refusal(each, refusal) for each in LOCALES}
    response = _problem_page(request, refusal.status, refusal.code, sentences)
    if isinstance(seconds := refusal.params.get("seconds"), int):
        response.headers["Retry-After"] = str(seconds)
    return response


def http_error_page(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """An error page for what the framework itself refuses."""
    status = error.status_code if error.status_code in _ANSWERS else 400
    status = 500 if error.status_code >= 500 else status
    return _problem_page(request, status, "", {})


def crash_page(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """An error page for what nobody foresaw; the log has the trace, the page has none of it."""
    _log.error("page failed: %s %s", request.method, route_of(request.scope), exc_info=error)
    return _problem_page(request, 500, "", {})


def _asked(request: Request[Any, Any, Any]) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def _problem_page(
    request: Request[Any, Any, Any], status: int, code: str, sentences: dict[Locale, str]
) -> Response[Any]:
    happened, next_step = _ANSWERS.get(status, _ANSWERS[409])
    return page(
        request,
        "problem.html",
        status_code=status,
        status=status,
        code=code,
        sentences=sentences,
        happened=happened,
        next_step=next_step,
    )


#: For the composition root: how pages (not the API, which has its own) answer when they fail.
PAGE_ERRORS: dict[int | type[Exception], Any] = {
    Refusal: refuse_page,
    HTTPException: http_error_page,
    Exception: crash_page,
}


def shell_routes() -> list[Router | Any]:
    """The routes of the shell: static files, kept by browsers for a year, and the language."""
    static: Router = create_static_files_router(
        path="/static",
        directories=[assets.STATIC],
        cache_control=CacheControlHeader(public=True, max_age=_YEAR_SECONDS, immutable=True),
        name="static",
    )
    return [static, switch_locale]
