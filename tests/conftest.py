"""One real PostgreSQL for a test run, a fresh database for each test, and a real browser."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool, open_pool
from gongdao.base.embedded import start_server, stop_server
from gongdao.base.schema import bring_up_to_date

#: A lost database costs a test run nothing; everything else is as in production.
FAST = {"fsync": "off", "full_page_writes": "off", "max_connections": "100"}
#: The installation's secret on the server that tests share.
SECRET = "5a" * 32
# As patient as playwright is with everything else: a busy machine is no failure.
expect.set_options(timeout=30_000)

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A PostgreSQL of this run alone, or the one of GONGDAO_TEST_DATABASE_URL."""
    if url := os.environ.get("GONGDAO_TEST_DATABASE_URL"):
        yield url
        return
    with open_home() as home:
        server = start_server(home, settings=FAST)
        yield server.url
        stop_server(server)


@contextmanager
def open_home() -> Generator[Path]:
    """A short folder that the server's own user can reach also when root runs the tests."""
    home = Path(tempfile.mkdtemp(prefix="gongdao-"))
    home.chmod(0o755)
    try:
        yield home
    finally:
        shutil.rmtree(home)


@pytest.fixture
def empty_home() -> Iterator[Path]:
    """A home folder in which nothing was made yet."""
    with open_home() as home:
        yield home


@pytest.fixture(scope="session")
def made_home() -> Iterator[Path]:
    """A home folder with an embedded database, not running: the one that `home` copies."""
    with open_home() as home:
        stop_server(start_server(home, settings=FAST))
        yield home


@pytest.fixture
def home(empty_home: Path, made_home: Path) -> Path:
    """A home folder of this test's own, with an embedded database in it."""
    subprocess.run(["cp", "-a", f"{made_home}/.", empty_home], check=True)
    return empty_home


@pytest.fixture(scope="session")
async def template(server_url: str) -> AsyncIterator[str]:
    """The name of a database with the whole schema, from which every other is copied."""
    name = f"gongdao_template_{uuid4().hex}"
    await run_sql(server_url, f"CREATE DATABASE {name}")
    await bring_up_to_date(with_database(server_url, name), now=utc_now())
    yield name
    await run_sql(server_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database_url(server_url: str, template: str) -> AsyncIterator[str]:
    """A fresh database with the whole schema, for one test."""
    name = await clone(server_url, template)
    yield with_database(server_url, name)
    await run_sql(server_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
async def shared_database_url(server_url: str, template: str) -> AsyncIterator[str]:
    """A database that all tests of the run share: for tests that mind only rows of their own."""
    name = await clone(server_url, template)
    yield with_database(server_url, name)
    await run_sql(server_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """A pool on this test's own database."""
    pool = await open_pool(database_url, size=8, name="test")
    yield pool
    await pool.close()


@pytest.fixture(scope="session")
async def shared_pool(shared_database_url: str) -> AsyncIterator[Pool]:
    """A pool on the shared database."""
    pool = await open_pool(shared_database_url, size=8, name="test")
    yield pool
    await pool.close()


async def clone(server_url: str, template: str) -> str:
    name = f"gongdao_test_{uuid4().hex}"
    await run_sql(server_url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    return name


async def run_sql(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The system's Chromium; GONGDAO_REQUIRE_BROWSER=1 forbids skipping where there is none."""
    for place in (os.environ.get("CHROMIUM"), "/usr/bin/chromium", shutil.which("chromium")):
        if place and Path(place).exists():
            return Path(place)
    if os.environ.get("GONGDAO_REQUIRE_BROWSER") == "1":
        pytest.fail("GONGDAO_REQUIRE_BROWSER=1, but there is no Chromium: apt install chromium")
    pytest.skip("no Chromium here: apt install chromium, or name one in CHROMIUM")


@pytest.fixture(scope="session")
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    """One Chromium for the run; take `context` or `page` for a session without a past."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=CHROMIUM_FLAGS, ignore_default_args=["--headless"]
        )
        yield browser
        await browser.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A browser session of its own: no cookies, Chinese, the time of Shanghai."""
    context = await browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    yield context
    await context.close()


@pytest.fixture
async def page(context: BrowserContext) -> Page:
    """A page in a fresh browser session."""
    return await context.new_page()


class Served(NamedTuple):
    """A web server in a process of its own."""

    url: str
    database_url: str
    process: subprocess.Popen[bytes]


Serve = Callable[..., AbstractContextManager[Served]]


@contextmanager
def serving(home: Path, port: int, database_url: str, **env: str) -> Generator[Served]:
    """`gongdao serve` on a port and a database."""
    settings = {
        "GONGDAO_DATABASE_URL": database_url,
        "GONGDAO_HOME": str(home),
        "PORT": str(port),
        **env,
    }
    command = [sys.executable, "-m", "gongdao.cli.app", "serve"]
    process = subprocess.Popen(command, env=os.environ | settings)
    served = Served(f"http://127.0.0.1:{port}", database_url, process)
    try:
        await_answer(served.url, process)
        yield served
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def serve(tmp_path: Path, free_port: int) -> Serve:
    """Start `gongdao serve` on a free port: `with serve(database_url, NAME="value") as served`."""

    def start(database_url: str, **env: str) -> AbstractContextManager[Served]:
        return serving(tmp_path, free_port, database_url, **env)

    return start


@pytest.fixture(scope="session")
def shared_served(
    shared_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The whole product on the shared database, for tests that mind only rows of their own."""
    home = tmp_path_factory.mktemp("shared")
    env = {"GONGDAO_SECRET": SECRET, "GONGDAO_RATE_LIMIT": "off"}
    with serving(home, _free_port(), shared_database_url, **env) as served:
        yield served


@pytest.fixture
def served(serve: Serve, database_url: str) -> Iterator[Served]:
    """The whole product on this test's own database: `served.url` answers."""
    with serve(database_url) as served:
        yield served


@pytest.fixture
def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    return _free_port()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_answer(url: str, process: subprocess.Popen[bytes], seconds: float = 90) -> None:
    """Until a server that was started answers; it fails when the server ends instead."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=5).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"no answer from {url}; exit code {process.poll()}")
