"""The gate over HTTP: cookies, bearer tokens, other sites, kinds and permissions."""

from datetime import timedelta

import pytest

from .conftest import HTTP, HTTPS, PASSWORD, browser, build, enter, send, token_of


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)", ""]
)
async def test_next_never_leads_to_another_site(client, elsewhere):
    assert (await enter(client, next=elsewhere)).headers["location"] == "/orders"
    again = await client.get("/sign-in", params={"next": elsewhere})
    assert again.headers["location"] == "/orders"


async def test_the_cookie_over_http_and_https(pool, people):
    async with browser(build(pool, HTTP)) as client:
        device, cookie = sorted((await enter(client)).headers.get_list("set-cookie"))
        assert cookie.startswith("gongdao_session=gds_")
        assert device.startswith("gongdao_device=gdd_")
        for each in (device, cookie):
            assert "HttpOnly" in each and "SameSite=lax" in each and "Secure" not in each
    async with browser(build(pool, HTTPS), HTTPS) as client:
        device, cookie = sorted((await enter(client)).headers.get_list("set-cookie"))
        assert cookie.startswith("__Host-gongdao_session=gds_")
        assert device.startswith("__Host-gongdao_device=gdd_") and "Secure" in device
        assert "Secure" in cookie and "Path=/" in cookie and "Domain" not in cookie
        client.cookies.set("gongdao_session", cookie.split("=")[1].split(";")[0])
        client.cookies.delete("__Host-gongdao_session")
        assert (await client.get("/orders")).status_code == 303


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
    assert (await client.get("/orders")).status_code == 200
    gone = await send(client, "/sign-out")
    assert (gone.status_code, gone.headers["location"]) == (303, "/sign-in")
    assert (await client.get("/orders")).status_code == 303
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
        "buyer": {"/orders": 200, "/shop/inbox": 403, "/queue": 403, "/shop/staff": 403},
        "agent": {"/orders": 403, "/shop/inbox": 200, "/queue": 403, "/shop/staff": 403},
        "owner": {"/shop/inbox": 200, "/shop/staff": 200, "/platform/staff": 403},
        "operator": {"/queue": 403, "/shop/staff": 403, "/platform/staff": 200},
    }
    app = build(pool, HTTP)
    for name, answers in expected.items():
        async with browser(app) as client:
            await enter(client, name)
            for path, status in answers.items():
                assert (await client.get(path)).status_code == status, (name, path)


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


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("buyer", "/account/tokens"),
        ("buyer", "/account/password"),
        ("buyer", "/account/sessions/end-others"),
        ("owner", "/shop/staff/roles"),
        ("owner", "/shop/staff/people"),
    ],
)
async def test_a_token_does_not_outlive_itself_through_the_pages(client, name, path) -> None:
    await enter(client, name)
    csrf = {"x-csrf-token": await token_of(client)}
    wanted = ["case.read", "staff.manage"] if name == "owner" else ["case.read"]
    made = await client.post(
        "/api/v1/tokens", json={"name": "t", "permissions": wanted}, headers=csrf
    )
    client.cookies.clear()
    bearer = {"authorization": f"Bearer {made.json()['secret']}"}
    form = {"name": "next", "permissions": "case.read", "days": "365", "role_name": "x"}
    answer = await client.post(path, data=form, headers=bearer)
    assert (answer.status_code, 'data-code="wrong_role"' in answer.text) == (403, True)
