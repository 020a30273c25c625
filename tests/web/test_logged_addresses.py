"""What fails is logged with its route, and never with what makes an address a secret."""

import io
import logging
from collections.abc import Callable

import pytest
from litestar import Litestar, get
from litestar.params import FromPath
from litestar.testing import TestClient

from gongdao.api.problems import API_ERRORS

from .sample_app import sample_app


@get("/agreements/{secret:str}", sync_to_thread=False)
def sign(secret: FromPath[str]) -> None:
    raise ZeroDivisionError


@get("/unreadable/{secret:str}", sync_to_thread=False)
def read(secret: FromPath[str]) -> None:
    raise RecursionError


def pages() -> Litestar:
    app = sample_app()
    app.debug = False
    app.register(sign)
    app.register(read)
    return app


def api() -> Litestar:
    return Litestar([sign, read], exception_handlers=API_ERRORS, logging_config=None)


@pytest.mark.parametrize("build", [pages, api])
@pytest.mark.parametrize("route", ["agreements", "unreadable"])
def test_a_secret_address_is_logged_as_its_route(build: Callable[[], Litestar], route: str) -> None:
    written = io.StringIO()
    with TestClient(build(), raise_server_exceptions=False) as client:
        handler = logging.StreamHandler(written)
        logging.getLogger("gongdao").addHandler(handler)
        try:
            client.get(f"/{route}/opensesame?token=tellnobody")
        finally:
            logging.getLogger("gongdao").removeHandler(handler)
    assert f"/{route}/{{secret}}" in written.getvalue()
    assert "opensesame" not in written.getvalue()
    assert "tellnobody" not in written.getvalue()
