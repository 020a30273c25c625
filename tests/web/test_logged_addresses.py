"""What fails is logged with its route, and never with what makes an address a secret."""

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
def test_a_secret_address_is_logged_as_its_route(
    build: Callable[[], Litestar], route: str, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.INFO),
        TestClient(build(), raise_server_exceptions=False) as client,
    ):
        client.get(f"/{route}/opensesame?token=tellnobody")
    own = "\n".join(
        logging.Formatter().format(record)
        for record in caplog.records
        if not record.name.startswith("httpx")
    )
    assert f"/{route}/{{secret}}" in own
    assert "opensesame" not in own
    assert "tellnobody" not in own
