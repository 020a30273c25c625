"""The headers that every answer has: what browsers may do with it, and which sites may ask for it.

Pages are for our own origin alone. The API answers any site, because only a token opens it there:
browsers send no cookie along to a site that does not allow credentials, and ours never does. The
scripts of the widget are loaded by pages of shops.
"""

from collections.abc import Awaitable, Callable

from litestar.types import Message, Scope

from gongdao.base.config import Config
from gongdao.web.shell import SECURITY_HEADERS

API_PREFIX = "/api/"
#: Static files that pages of shops load: the widget, and what it is made of.
WIDGET_FILES = ("/widget.js", "/static/chat", "/static/widget")
_STATIC = "/static/"

#: What the API says belongs to whoever asked.
_API = {**SECURITY_HEADERS, "Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}
#: Before a browser sends a token from another site, it asks whether it may.
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
    "Access-Control-Allow-Headers": (
        "Authorization, Content-Type, Accept-Language, Idempotency-Key, If-Match, Range"
    ),
    "Access-Control-Max-Age": "86400",
}
_WIDGET = {
    **SECURITY_HEADERS,
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def defend_answers(config: Config) -> Callable[[Message, Scope], Awaitable[None]]:
    """Give every answer, an error or a redirect too, the headers that it does not bring along."""
    insist = {"Strict-Transport-Security": f"max-age={config.hsts_seconds}"}
    more = insist if config.hsts_seconds else {}
    of_api, of_pages = _as_sent(_API | more), _as_sent(SECURITY_HEADERS | more)
    of_preflight, of_widget = _as_sent(_API | _PREFLIGHT | more), _as_sent(_WIDGET | more)

    def wanted(scope: Scope) -> list[tuple[bytes, bytes]]:
        path = scope["path"]
        if path.startswith(API_PREFIX):
            is_asking = scope["type"] == "http" and scope["method"] == "OPTIONS"
            return of_preflight if is_asking else of_api
        return of_widget if path.startswith(WIDGET_FILES) else of_pages

    async def defend(message: Message, scope: Scope) -> None:
        if message["type"] == "http.response.start":
            headers = list(message["headers"])
            if scope["path"].startswith(_STATIC) and not scope["query_string"]:
                # Without a version in its address, a file may be another one tomorrow.
                headers = [each for each in headers if each[0].lower() != b"cache-control"]
                headers.append((b"cache-control", b"no-cache"))
            brought = {name.lower() for name, _ in headers}
            message["headers"] = [
                *headers,
                *(each for each in wanted(scope) if each[0] not in brought),
            ]

    return defend


def _as_sent(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]
