"""The composition root: config, pool, files, live hub, routes; the only place that knows all."""

import asyncio
import gc
import signal
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from types import FrameType
from typing import Any

from litestar import Litestar, Request, Response, get
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException, ValidationException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from gongdao.accounts.gate import Gate
from gongdao.accounts.rate import Buckets
from gongdao.api.problems import API_ERRORS
from gongdao.api.routes import api_routes
from gongdao.base.bus import open_bus
from gongdao.base.config import Config, read_config
from gongdao.base.db import open_pool, refused_id, refused_text
from gongdao.base.errors import Refusal
from gongdao.base.live import Hub, gather_changes
from gongdao.base.logs import write_logs
from gongdao.channels.secrets import open_keyring
from gongdao.files.objects import open_objects
from gongdao.web.answers import API_PREFIX, defend_answers
from gongdao.web.chat.switchboard import Switchboard
from gongdao.web.routes import page_routes
from gongdao.web.shell import PAGE_ERRORS

#: The largest body of a request that sends no file; routes that take files say their own.
BODY_BYTES_MAX = 1_000_000
#: After how many new objects Python looks for circles among them, and how often among older ones.
_GC_THRESHOLDS = (20_000, 20, 50)


class TellChanges(ASGIMiddleware):
    """Once a request is answered, tells open pages what it has changed."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Let the request through, and tell afterwards."""
        with gather_changes() as names:
            try:
                await next_app(scope, receive, send)
            finally:
                if names:
                    scope["litestar_app"].state.hub.tell(names)


@get("/healthz", include_in_schema=False)
async def healthz(state: State) -> str:
    """Whether this process answers and reaches its database."""
    await state.pool.fetchval("SELECT 1")
    return "ok"


def create_app(config: Config | None = None) -> Litestar:
    """The whole web application. Needs GONGDAO_DATABASE_URL; `gongdao serve` sets it."""
    write_logs()
    config = config or read_config()
    if config.database_url is None:
        raise LookupError("the web server needs GONGDAO_DATABASE_URL; gongdao serve sets it")
    # A thousand routes are made of millions of small objects, none of them garbage: to look for it
    # takes a quarter of the time that a start takes.
    gc.disable()
    try:
        return Litestar(
            [healthz, *api_routes(), *page_routes()],
            lifespan=[lambda app: _open(app, config)],
            middleware=[
                Gate(public_url=config.public_url, limited=config.rate_limited),
                TellChanges(),
            ],
            before_send=[defend_answers(config)],
            exception_handlers={
                kind: _by_audience(kind)
                for kind in (Refusal, ValidationException, HTTPException, Exception)
            },
            compression_config=CompressionConfig(
                backend="gzip", minimum_size=1000, gzip_compress_level=5, exclude=["^/api/"]
            ),
            logging_config=None,
            request_max_body_size=BODY_BYTES_MAX,
            state=State({"config": config}),
            openapi_config=None,
        )
    finally:
        gc.enable()


@asynccontextmanager
async def _open(app: Litestar, config: Config) -> AsyncGenerator[None]:
    assert config.database_url, "checked when the application was made"
    pool = await open_pool(config.database_url, name="gongdao web")
    hub = Hub(open_bus(config))
    app.state.pool, app.state.hub = pool, hub
    app.state.objects = open_objects(config.files_url)
    app.state.link_tries = Buckets()
    app.state.keyring = open_keyring(config.home, config.secret)
    await hub.start()
    app.state.switchboard = Switchboard(pool, hub)
    app.state.switchboard.start()
    # What is here now stays for good; what a request makes is gone with it. So the collector need
    # not look at the one, and seldom at the other: it took a tenth of a command.
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
    _end_streams_on_signal(hub)
    try:
        yield
    finally:
        await app.state.switchboard.stop()
        await hub.stop()
        await pool.close()


def _end_streams_on_signal(hub: Hub) -> None:
    """Streams end when the server is told to stop; it would wait for them, and they for news."""
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)

        def stop(number: int, frame: FrameType | None, before: Any = before) -> None:
            loop.call_soon_threadsafe(hub.close)
            if callable(before):
                before(number, frame)

        signal.signal(number, stop)


def _by_audience(kind: type[Exception]) -> Any:
    """The API answers as problem+json, everything else as a page."""

    def answer(request: Request[Any, Any, Any], error: Any) -> Response[Any]:
        handlers = API_ERRORS if _is_api(request.url.path) else PAGE_ERRORS
        if refusal := refused_id(error) or refused_text(error):
            return handlers[Refusal](request, refusal)
        return next(handlers[k] for k in (kind, *kind.__mro__) if k in handlers)(request, error)

    return answer


def _is_api(path: str) -> bool:
    return path.startswith(API_PREFIX)
