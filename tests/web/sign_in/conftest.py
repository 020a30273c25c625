"""A small application of the real gate, pages and API, and browsers that use it."""

import re
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from litestar import Litestar, Request, Router, get, post
from litestar.datastructures import State, UploadFile
from litestar.params import MultipartBody

from gongdao.accounts.gate import Gate, kind, may
from gongdao.accounts.staff import create_first_roles, create_person
from gongdao.api.me import read_me
from gongdao.api.tokens import make_token, read_tokens, revoke_token
from gongdao.base.clock import utc_now
from gongdao.base.config import read_config
from gongdao.base.ids import new_id
from gongdao.channels.secrets import Keyring
from gongdao.web.shell import PAGE_ERRORS, shell_routes
from gongdao.web.sign_in.pages import sign_in_routes

HTTP = "http://gongdao.test"
HTTPS = "https://gongdao.test"
PASSWORD = "a long enough 密码"


@get("/orders", guards=[kind("buyer")])
async def buyers_only(request: Request) -> str:
    return request.user.name


@get("/shop/inbox", guards=[kind("shop"), may("case.answer")])
async def answerers_only(request: Request) -> str:
    return request.user.role


@post("/upload", guards=[kind("buyer")])
async def upload(data: MultipartBody[UploadFile]) -> str:
    return f"{data.filename}: {len(await data.read())}"


@get("/queue", guards=[may("case.judge")])
async def judges_only() -> str:
    return "ok"


def build(pool, public_url: str) -> Litestar:
    api = Router("/api/v1", route_handlers=[read_me, make_token, read_tokens, revoke_token])
    return Litestar(
        [buyers_only, answerers_only, upload, judges_only, api, *sign_in_routes(), *shell_routes()],
        middleware=[Gate(public_url=public_url)],
        exception_handlers=PAGE_ERRORS,
        state=State(
            {
                "pool": pool,
                "config": read_config({"GONGDAO_PUBLIC_URL": public_url}),
                "keyring": Keyring(b"k" * 32),
            }
        ),
        openapi_config=None,
    )


def browser(app: Litestar, url: str = HTTP, ip: str = "203.0.113.9") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=(ip, 1234))
    return httpx.AsyncClient(transport=transport, base_url=url, headers={"origin": url})


@pytest.fixture
async def people(pool) -> dict[str, UUID]:
    shop_id, now = new_id(), utc_now()
    roles = await create_first_roles(pool, shop_id=shop_id, now=now)
    duties = await create_first_roles(pool, shop_id=None, now=now)
    made = {}
    for name, person in {
        "buyer": {"kind": "buyer"},
        "owner": {"kind": "shop", "shop_id": shop_id, "role_id": roles["owner"]},
        "agent": {"kind": "shop", "shop_id": shop_id, "role_id": roles["agent"]},
        "operator": {"kind": "platform", "role_id": duties["operator"]},
    }.items():
        made[name] = new_id()
        await create_person(
            pool, person_id=made[name], sign_in_name=name, name=name, password=PASSWORD,
            now=now, **person,
        )  # fmt: skip
    return made


@pytest.fixture
async def client(pool, people) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(build(pool, HTTP)) as client:
        yield client


async def enter(client, name="buyer", password=PASSWORD, **fields) -> httpx.Response:
    return await client.post("/sign-in", data={"name": name, "password": password, **fields})


async def token_of(client, path="/account") -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', (await client.get(path)).text)
    assert found
    return found[1]


async def send(client, path, **fields) -> httpx.Response:
    return await client.post(path, data={"csrf_token": await token_of(client), **fields})
