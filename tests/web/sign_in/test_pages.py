"""The pages of accounts, and the API beside them, over HTTP."""

import re

import httpx
from msgspec.structs import replace

from gongdao.accounts.principal import PERMISSIONS
from gongdao.base.ids import new_id
from gongdao.flows.demo.cast import LOGINS
from gongdao.flows.demo.cast import PASSWORD as DEMO_PASSWORD

from .conftest import HTTP, PASSWORD, browser, build, enter, send, token_of


async def test_a_stranger_is_sent_to_sign_in_and_comes_back(client):
    away = await client.get("/orders?page=2")
    assert away.status_code == 303
    assert away.headers["location"] == "/sign-in?next=%2Forders%3Fpage%3D2"
    shown = await client.get(away.headers["location"])
    assert 'name="next" value="/orders?page=2"' in shown.text
    back = await enter(client, next="/orders?page=2")
    assert (back.status_code, back.headers["location"]) == (303, "/orders?page=2")
    assert (await client.get("/orders")).text == "buyer"
    assert (await client.get("/sign-in")).headers["location"] == "/orders"


async def test_a_wrong_password_is_said_in_the_page_and_the_name_stays(client):
    refused = await enter(client, "Buyer", "wrong")
    assert refused.status_code == 401
    assert 'data-code="unauthenticated"' in refused.text
    assert 'value="Buyer"' in refused.text and 'value="wrong"' not in refused.text
    assert "set-cookie" not in refused.headers


async def test_only_a_demo_shows_who_one_can_be(pool, people):
    app = build(pool, HTTP)
    async with browser(app) as client:
        assert DEMO_PASSWORD not in (await client.get("/sign-in")).text
        app.state.config = replace(app.state.config, demo=True)
        shown = (await client.get("/sign-in")).text
        assert shown.count(f'name="password" value="{DEMO_PASSWORD}"') == len(LOGINS)
        assert all(f'name="name" value="{login.name}"' in shown for login in LOGINS)


async def test_a_lock_says_how_long_it_lasts(client):
    for _ in range(5):
        await enter(client, "buyer", "wrong")
    locked = await enter(client)
    assert locked.status_code == 429
    assert 0 < int(locked.headers["retry-after"]) <= 60
    assert 'data-code="rate_limited"' in locked.text


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
