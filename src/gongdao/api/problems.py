"""How the API says no: application/problem+json (RFC 9457), a stable code, both languages."""

import logging
from datetime import datetime
from typing import Any, cast

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from gongdao.base.errors import Refusal
from gongdao.base.i18n import LOCALES, N_, Locale, say_refusal
from gongdao.base.logs import route_of

_log = logging.getLogger(__name__)

_CODE_OF_STATUS = {401: "unauthenticated", 403: "wrong_role", 404: "not_found", 413: "too_large"}


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A refusal: branch on `code`, show `detail`."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    """The sentence in the language of the request (Accept-Language: zh or en)."""
    sentences: dict[str, str] = {}
    """The sentence in every language."""
    rules: tuple[str, ...] = ()
    """Ids of the rules that refuse it."""
    at: datetime | None = None
    """From when it is possible (too_early), or until when it was (too_late)."""
    fields: list[dict[str, str]] = []
    """What is wrong in the request: key and message."""


def locale_of(request: Request[Any, Any, Any]) -> Locale:
    """The language that the request asks for; Chinese unless it says otherwise."""
    asked = request.headers.get("accept-language", "")
    return "en" if asked.strip().lower().startswith("en") else "zh"


def answer_refusal(request: Request[Any, Any, Any], refusal: Refusal) -> Response[Problem]:
    """A refusal of the product."""
    at = refusal.params.get("at")
    response = _problem(
        request,
        refusal,
        status=refusal.status,
        at=at if isinstance(at, datetime) else None,
    )
    if isinstance(seconds := refusal.params.get("seconds"), int):
        response.headers["Retry-After"] = str(seconds)
    if refusal.code == "unauthenticated":
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def answer_invalid(
    request: Request[Any, Any, Any], error: ValidationException
) -> Response[Problem]:
    """Arguments of the wrong shape, before anything looked at them."""
    extra: Any = error.extra or []
    told = [cast("dict[str, Any]", each) for each in extra if isinstance(each, dict)]
    fields = [{name: str(each.get(name, "")) for name in ("key", "message")} for each in told]
    refusal = Refusal("invalid", N_("The request is not of the form that this address takes."))
    return _problem(request, refusal, status=422, fields=fields)


def answer_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """What the framework itself refuses: unknown addresses, methods, media types, sizes."""
    if error.status_code >= 500:
        return answer_crash(request, error)
    code: Any = _CODE_OF_STATUS.get(error.status_code, "invalid")
    refusal = Refusal(code, _SENTENCES.get(code, _SENTENCES["invalid"]))
    response = _problem(request, refusal, status=error.status_code)
    response.headers.update(error.headers or {})
    return response


def answer_crash(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """What nobody foresaw: the log has the trace, the answer has none of it."""
    # What the language and the database cannot hold: an instant before the first year, as it is.
    is_beyond = isinstance(error, OverflowError) or isinstance(error.__cause__, OverflowError)
    if is_beyond or isinstance(error, _UNREADABLE):
        _log.warning("api cannot read: %s %s", request.method, route_of(request.scope))
        return _problem(request, Refusal("invalid", _SENTENCES["invalid"]), status=400)
    _log.error("api failed: %s %s", request.method, route_of(request.scope), exc_info=error)
    refusal = Refusal("invalid", N_("Something went wrong on our side; nothing was changed."))
    return _problem(request, refusal, status=500, code="internal")


#: What the reader of bodies lets through where one is no text, or nested without end.
_UNREADABLE = (UnicodeDecodeError, RecursionError)
_SENTENCES = {
    "unauthenticated": N_("Please sign in first."),
    "wrong_role": N_("Your role does not permit this."),
    "not_found": N_("There is nothing at this address."),
    "too_large": N_("What you sent is too large."),
    "invalid": N_("The request is not of the form that this address takes."),
}


def _problem(
    request: Request[Any, Any, Any],
    refusal: Refusal,
    *,
    status: int,
    code: str | None = None,
    **more: Any,
) -> Response[Problem]:
    sentences = {locale: say_refusal(locale, refusal) for locale in LOCALES}
    body = Problem(
        title=code or refusal.code,
        status=status,
        code=code or refusal.code,
        detail=sentences[locale_of(request)],
        sentences=sentences,
        rules=refusal.rules,
        **more,
    )
    return Response(body, status_code=status, media_type="application/problem+json")


#: For the composition root.
API_ERRORS: dict[int | type[Exception], Any] = {
    Refusal: answer_refusal,
    ValidationException: answer_invalid,
    HTTPException: answer_http_error,
    Exception: answer_crash,
}
