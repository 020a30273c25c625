"""The whole application on a real socket, over a database of the platform's tests alone."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import httpx
import pytest
import uvicorn

from gongdao.base.clock import utc_now
from gongdao.base.config import read_config
from gongdao.base.db import open_pool
from gongdao.base.ids import new_id
from gongdao.main import create_app

from .desk import PASSWORD, Desk, build, files_under, tell_the_fridge


@pytest.fixture(scope="session")
async def desk_url(server_url: str, template: str) -> AsyncIterator[str]:
    """A database whose queue holds only what these tests put there."""
    name = f"gongdao_desk_{uuid4().hex}"
    server = await asyncpg.connect(server_url)
    await server.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await server.close()


@pytest.fixture(scope="session")
async def desk(desk_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """A served desk with the refrigerator before the arbiter."""
    home = tmp_path_factory.mktemp("home")
    pool = await open_pool(desk_url, size=8, name="test")
    desk = await build(pool, now=utc_now(), files_url=files_under(home))
    await tell_the_fridge(desk)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        desk.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        env = {
            "GONGDAO_DATABASE_URL": desk_url,
            "GONGDAO_HOME": str(home),
            "GONGDAO_FILES_URL": desk.files_url,
            "GONGDAO_PUBLIC_URL": desk.url,
        }
        config = uvicorn.Config(
            create_app(read_config(env)), log_level="error", timeout_graceful_shutdown=1, ws="none"
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield desk
        server.should_exit = True
        await serving
    await pool.close()


class Visitor:
    """A browser without scripts: it follows links and sends forms."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.token = ""

    async def get(self, path: str, status: int = 200) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:2000])
        return answer.text

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        if not self.token:
            found = re.search(r'name="csrf_token" value="([^"]+)"', await self.get("/account"))
            assert found
            self.token = found[1]
        fields = {key.rstrip("_"): value for key, value in fields.items()}
        data = {"csrf_token": self.token, "idempotency_key": str(new_id()), **fields}
        return await self.client.post(path, data=data)


class Staff:
    """Signs people of the desk in, each once."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.clients: dict[str, httpx.AsyncClient] = {}

    async def __call__(self, name: str) -> Visitor:
        if name not in self.clients:
            client = httpx.AsyncClient(
                base_url=self.desk.url, headers={"origin": self.desk.url}, timeout=20
            )
            data = {"name": name, "password": PASSWORD}
            sent = await client.post("/sign-in", data=data)
            assert sent.status_code == 303
            self.clients[name] = client
        return Visitor(self.clients[name])


@pytest.fixture
async def as_(desk: Desk) -> AsyncIterator[Staff]:
    """Somebody's visit to the desk: `await as_("arbiter")`."""
    staff = Staff(desk)
    yield staff
    for client in staff.clients.values():
        await client.aclose()
