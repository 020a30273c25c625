"""The gate and the pages of accounts over HTTP, on a small application of the real parts."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from litestar import Litestar, Request, Router, get, post
from litestar.datastructures import State, UploadFile
from litestar.params import MultipartBody

from gongdao.accounts.gate import Gate, kind, may
from gongdao.accounts.principal import PERMISSIONS
from gongdao.accounts.staff import create_first_roles, create_person
from gongdao.api.me import read_me
from gongdao.api.tokens import make_token, read_tokens, revoke_token
from gongdao.base.clock import utc_now
from gongdao.base.config import read_config
from gongdao.base.ids import new_id
from gongdao.web.shell import PAGE_ERRORS, shell_routes
from gongdao.web.sign_in.pages import sign_in_routes

HTTP = "http://gongdao.test"
HTTPS = "https://gongdao.test"
PASSWORD = "a long enough 密码"
FORM = {"content-type": "application/x-www-form-urlencoded"}


@get("/buyer/orders", guards=[kind("buyer")])
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
        state=State({"pool": pool, "config": read_config({"GONGDAO_PUBLIC_URL": public_url})}),
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


async def test_a_stranger_is_sent_to_sign_in_and_comes_back(client):
    away = await client.get("/buyer/orders?page=2")
    assert away.status_code == 303
    assert away.headers["location"] == "/sign-in?next=%2Fbuyer%2Forders%3Fpage%3D2"
    shown = await client.get(away.headers["location"])
    assert 'name="next" value="/buyer/orders?page=2"' in shown.text
    back = await enter(client, next="/buyer/orders?page=2")
    assert (back.status_code, back.headers["location"]) == (303, "/buyer/orders?page=2")
    assert (await client.get("/buyer/orders")).text == "buyer"
    assert (await client.get("/sign-in")).headers["location"] == "/buyer/orders"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)", ""]
)
async def test_next_never_leads_to_another_site(client, elsewhere):
    assert (await enter(client, next=elsewhere)).headers["location"] == "/buyer/orders"
    again = await client.get("/sign-in", params={"next": elsewhere})
    assert again.headers["location"] == "/buyer/orders"


async def test_a_wrong_password_is_said_in_the_page_and_the_name_stays(client):
    refused = await enter(client, "Buyer", "wrong")
    assert refused.status_code == 401
    assert 'data-code="unauthenticated"' in refused.text
    assert 'value="Buyer"' in refused.text and 'value="wrong"' not in refused.text
    assert "set-cookie" not in refused.headers


async def test_a_lock_says_how_long_it_lasts(client):
    for _ in range(5):
        await enter(client, "buyer", "wrong")
    locked = await enter(client)
    assert locked.status_code == 429
    assert 0 < int(locked.headers["retry-after"]) <= 60
    assert 'data-code="rate_limited"' in locked.text


async def test_the_cookie_over_http_and_https(pool, people):
    async with browser(build(pool, HTTP)) as client:
        cookie = (await enter(client)).headers["set-cookie"]
        assert cookie.startswith("gongdao_session=gds_")
        assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie
    async with browser(build(pool, HTTPS), HTTPS) as client:
        cookie = (await enter(client)).headers["set-cookie"]
        assert cookie.startswith("__Host-gongdao_session=gds_")
        assert "Secure" in cookie and "Path=/" in cookie and "Domain" not in cookie
        client.cookies.set("gongdao_session", cookie.split("=")[1].split(";")[0])
        client.cookies.delete("__Host-gongdao_session")
        assert (await client.get("/buyer/orders")).status_code == 303


async def test_a_planted_session_does_not_survive_the_sign_in(client, pool):
    client.cookies.set("gongdao_session", "gds_planted", domain="gongdao.test")
    await enter(client)
    first = client.cookies["gongdao_session"]
    assert first != "gds_planted"
    client.headers["x-csrf-token"] = await token_of(client)
    await enter(client)
    assert client.cookies["gongdao_session"] != first
    assert await pool.fetchval("select count(*) from sessions") == 1


async def test_what_a_session_sends_needs_its_token(client, pool):
    await enter(client)
    for fields in ({}, {"csrf_token": ""}, {"csrf_token": "x" * 43}, {"csrf_token": "密"}):
        refused = await client.post("/sign-out", data=fields)
        assert refused.status_code == 422 and 'data-code="invalid"' in refused.text
    assert (await client.post("/sign-out", headers={"x-csrf-token": "no"})).status_code == 422
    assert (await client.get("/buyer/orders")).status_code == 200
    gone = await send(client, "/sign-out")
    assert (gone.status_code, gone.headers["location"]) == (303, "/sign-in")
    assert (await client.get("/buyer/orders")).status_code == 303
    assert await pool.fetchval("select count(*) from sessions") == 0


async def test_the_token_of_one_session_is_worth_nothing_in_another(pool, people):
    app = build(pool, HTTP)
    async with browser(app) as one, browser(app) as other:
        await enter(one)
        await enter(other)
        stolen = await token_of(one)
        refused = await other.post("/sign-out", data={"csrf_token": stolen})
        assert refused.status_code == 422


async def test_an_upload_carries_the_token_in_its_form_or_header(client):
    await enter(client)
    token, files = await token_of(client), {"data": ("a.png", b"x" * 9999)}
    sent = await client.post("/upload", files=files, data={"csrf_token": token})
    assert (sent.status_code, sent.text) == (201, "a.png: 9999")
    assert (await client.post("/upload", files=files, headers={"x-csrf-token": token})).is_success
    assert (await client.post("/upload", files=files)).status_code == 422
    lying = {"csrf_token": ("token", token.encode()), "data": ("a.png", b"x")}
    assert (await client.post("/upload", files=lying)).status_code == 422


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"sec-fetch-site": "cross-site"}, 422),
        ({"sec-fetch-site": "same-site"}, 422),
        ({"origin": HTTP}, 303),
        ({"origin": "http://evil.test"}, 422),
        ({"origin": "null"}, 422),
        ({}, 303),
    ],
)
async def test_another_site_can_neither_sign_in_nor_act(client, headers, status):
    del client.headers["origin"]
    data = {"name": "buyer", "password": PASSWORD}
    assert (await client.post("/sign-in", data=data, headers=headers)).status_code == status
    await enter(client)
    token = await token_of(client)
    acted = await client.post("/sign-out", data={"csrf_token": token}, headers=headers)
    assert acted.status_code == status


async def test_behind_a_proxy_the_public_address_counts(pool, people):
    async with browser(build(pool, HTTPS), "http://10.0.0.5:8000") as client:
        client.headers["origin"] = HTTPS
        assert (await enter(client)).status_code == 303


async def test_guards_ask_for_kind_and_permission(pool, people):
    expected = {
        "buyer": {"/buyer/orders": 200, "/shop/inbox": 403, "/queue": 403, "/shop/staff": 403},
        "agent": {"/buyer/orders": 403, "/shop/inbox": 200, "/queue": 403, "/shop/staff": 403},
        "owner": {"/shop/inbox": 200, "/shop/staff": 200, "/platform/staff": 403},
        "operator": {"/queue": 403, "/shop/staff": 403, "/platform/staff": 200},
    }
    app = build(pool, HTTP)
    for name, answers in expected.items():
        async with browser(app) as client:
            await enter(client, name)
            for path, status in answers.items():
                assert (await client.get(path)).status_code == status, (name, path)


async def test_a_disabled_agent_is_out_at_the_next_request(pool, people):
    app = build(pool, HTTP)
    async with browser(app) as agent, browser(app) as owner:
        await enter(agent, "agent")
        await enter(owner, "owner")
        path = f"/shop/staff/people/{people['agent']}"
        assert (await send(owner, f"{path}/disable")).headers["location"].endswith("=disabled")
        assert (await agent.get("/shop/inbox")).status_code == 303
        refused = await enter(agent, "agent")
        assert refused.status_code == 401
        assert (await send(owner, f"{path}/enable")).status_code == 303
        assert (await enter(agent, "agent")).status_code == 303


async def test_an_owner_makes_a_role_and_somebody_to_hold_it(client, pool):
    await enter(client, "owner")
    made = await send(client, "/shop/staff/roles", role_name="仓库",
                      permissions=["case.read", "case.money"], money_limit="20")  # fmt: skip
    assert made.headers["location"] == "/shop/staff?done=role"
    shown = (await client.get("/shop/staff?done=role")).text
    assert "¥20.00" in shown and "仓库" in shown
    role_id = await pool.fetchval("select id from roles where name = '仓库'")
    person = {"sign_in_name": "店:丽丽", "name": "丽丽", "role_id": str(role_id)}
    refused = await send(client, "/shop/staff/people", **person, password="short")
    assert refused.status_code == 422 and 'value="店:丽丽"' in refused.text
    made = await send(client, "/shop/staff/people", **person, password=PASSWORD)
    assert made.headers["location"] == "/shop/staff?done=person"
    again = await send(client, "/shop/staff/people", **person, password=PASSWORD)
    assert again.status_code == 409 and 'data-code="duplicate"' in again.text
    assert (await enter(client, "店:丽丽")).status_code == 422  # still signed in, without a token
    await send(client, "/sign-out")
    assert (await enter(client, "店:丽丽")).status_code == 303
    me = (await client.get("/api/v1/me")).json()
    assert (me["role"], me["party_role"], me["money_limit"]) == ("仓库", "seller", "20.00")
    assert me["permissions"] == ["case.money", "case.read"]


async def test_bad_fields_are_refused_in_the_page(client, people):
    await enter(client, "owner")
    for fields in (
        {"role_name": "", "permissions": "case.read"},
        {"role_name": "x"},
        {"role_name": "x", "permissions": "case.money", "money_limit": "1.234"},
        {"role_name": "x" * 2000, "permissions": "case.read"},
    ):
        assert (await send(client, "/shop/staff/roles", **fields)).status_code == 422, fields
    for permission in ("case.judge", "nothing"):
        refused = await send(client, "/shop/staff/roles", role_name="x", permissions=permission)
        assert refused.status_code == 403
    person = {"sign_in_name": "a\x00b", "name": "x", "role_id": "7", "password": PASSWORD}
    assert (await send(client, "/shop/staff/people", **person)).status_code == 422
    assert (await send(client, f"/shop/staff/people/{new_id()}/disable")).status_code == 404
    own = f"/shop/staff/people/{people['owner']}/disable"
    assert (await send(client, own)).status_code == 403


async def test_the_operator_appoints_an_arbiter(client, pool):
    await enter(client, "operator")
    role_id = await pool.fetchval("select id from roles where duty = 'arbiter'")
    made = await send(client, "/platform/staff/people", sign_in_name="judge", name="小二",
                      role_id=str(role_id), password=PASSWORD)  # fmt: skip
    assert made.headers["location"] == "/platform/staff?done=person"
    await send(client, "/sign-out")
    await enter(client, "judge")
    assert (await client.get("/queue")).text == "ok"


async def test_one_changes_the_password_and_the_other_devices_are_out(pool, people):
    app = build(pool, HTTP)
    async with browser(app) as here, browser(app) as there:
        await enter(here)
        await enter(there)
        for fields in (
            {"current": PASSWORD, "new": "another password", "again": "different one"},
            {"current": PASSWORD, "new": "short", "again": "short"},
        ):
            assert (await send(here, "/account/password", **fields)).status_code == 422
        good = {"new": "another password", "again": "another password"}
        assert (await send(here, "/account/password", current="no", **good)).status_code == 401
        changed = await send(here, "/account/password", current=PASSWORD, **good)
        assert changed.headers["location"] == "/account?done=password"
        assert (await here.get("/account")).status_code == 200
        assert (await there.get("/account")).status_code == 303


async def test_one_signs_out_elsewhere(pool, people):
    app = build(pool, HTTP)
    async with browser(app) as here, browser(app) as there, browser(app) as third:
        for each in (here, there, third):
            await enter(each)
        shown = (await here.get("/account")).text
        ids = re.findall(r"/account/sessions/([0-9a-f-]{36})/end", shown)
        assert len(ids) == 2 and "203.0.113.9" in shown
        await send(here, f"/account/sessions/{ids[0]}/end")
        left = [(await each.get("/account")).status_code for each in (here, there, third)]
        assert sorted(left) == [200, 200, 303] and left[0] == 200
        assert (await send(here, f"/account/sessions/{ids[0]}/end")).status_code == 404
        await send(here, "/account/sessions/end-others")
        left = [(await each.get("/account")).status_code for each in (here, there, third)]
        assert left == [200, 303, 303]


async def test_a_token_made_on_the_page_works_until_revoked(client, pool, people):
    await enter(client, "owner")
    made = await send(client, "/account/tokens", name="ERP", days="30", permissions="case.read")
    secret = re.search(r"<code data-secret>(gdt_[\w-]+)</code>", made.text)
    assert made.status_code == 200 and secret and made.headers["cache-control"] == "no-store"
    assert secret[1] not in (await client.get("/account")).text
    bearer = {"authorization": f"Bearer {secret[1]}"}
    async with browser(build(pool, HTTP)) as program:
        me = (await program.get("/api/v1/me", headers=bearer)).json()
        assert (me["permissions"], me["signed_in_by"]) == (["case.read"], "token")
        assert (await program.get("/shop/inbox", headers=bearer)).status_code == 403
        revoke = re.search(r"/account/tokens/[0-9a-f-]{36}/revoke", made.text)
        assert revoke
        assert (await send(client, revoke[0])).status_code == 303
        assert (await program.delete("/api/v1/tokens/x", headers=bearer)).status_code in (401, 404)
        answer = await program.post("/api/v1/tokens", headers=bearer, json={})
        assert answer.status_code == 401
    for fields in ({"name": "", "days": "30", "permissions": "case.read"},
                   {"name": "x", "days": "31", "permissions": "case.read"},
                   {"name": "x", "days": "30"}):  # fmt: skip
        assert (await send(client, "/account/tokens", **fields)).status_code == 422


async def test_tokens_over_the_api(client, pool, people):
    await enter(client, "owner")
    new = {"name": "ERP", "permissions": ["case.read", "order.read"], "days": 1}
    assert (await client.post("/api/v1/tokens", json=new)).status_code == 422  # no CSRF token
    client.headers["x-csrf-token"] = await token_of(client)
    made = (await client.post("/api/v1/tokens", json=new)).json()
    listed = (await client.get("/api/v1/tokens")).json()
    assert [each["id"] for each in listed] == [made["token"]["id"]]
    assert "secret" not in str(listed)
    app = build(pool, HTTP)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url=HTTP,
        headers={"authorization": f"bearer {made['secret']}"},
    ) as program:
        assert (await program.get("/api/v1/me")).json()["name"] == "owner"
        assert (await program.post("/api/v1/tokens", json=new)).status_code == 403
        path = f"/api/v1/tokens/{made['token']['id']}"
        assert (await program.delete(path)).status_code == 204
        assert (await program.delete(path)).status_code == 401
    for bad in ({**new, "more": 1}, {**new, "days": 0}, {**new, "permissions": []}, {"name": 1}):
        assert (await client.post("/api/v1/tokens", json=bad)).status_code in (400, 422)


async def test_a_token_is_no_cookie_and_a_session_no_bearer(client):
    await enter(client, "owner")
    session = client.cookies["gongdao_session"]
    refused = await client.post(
        "/api/v1/tokens", json={}, headers={"authorization": f"Bearer {session}"}
    )
    assert refused.status_code == 401
    for strange in ("Bearer", "Bearer ", "Bearer x" * 1000, "bearer \xff"):
        headers = {"authorization": strange.encode("latin-1")}
        answer = await client.post("/api/v1/tokens", json={}, headers=headers)
        assert answer.status_code == 401


async def test_a_session_ends_by_itself(client, pool):
    await enter(client)
    await pool.execute("update sessions set seen_at = seen_at - $1::interval", timedelta(days=14))
    assert (await client.get("/account")).status_code == 303


async def test_every_page_speaks_both_languages(client):
    for locale, words in (("zh", ("登录", "我的账号", "子账号")),
                          ("en", ("Sign in", "My account", "Sub-accounts"))):  # fmt: skip
        client.cookies.clear()
        client.cookies.set("gongdao_locale", locale)
        assert words[0] in (await client.get("/sign-in")).text
        await enter(client, "owner")
        assert words[1] in (await client.get("/account")).text
        staff = (await client.get("/shop/staff")).text
        assert words[2] in staff
        if locale == "zh":
            labels = [each.label for key, each in PERMISSIONS.items() if "shop" in each.kinds]
            assert not [label for label in labels if label in staff]
