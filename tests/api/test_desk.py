"""The desk through the API: set up by the owner, lit on the storefront, handed over, explained."""

from datetime import timedelta
from uuid import uuid4

from httpx import AsyncClient
from joserfc import jwt
from joserfc.jwk import OctKey

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id

from .conftest import Callers

BASE = "/api/v1"


async def test_the_desk_through_the_api(callers: Callers) -> None:
    shop_id = callers.town.ids["shop_id"]
    async with callers["owner"] as owner, callers["buyer"] as buyer:
        assert (await owner.get(f"{BASE}/desk")).json()["state"] == "offline"
        me = (await owner.get(f"{BASE}/desk/agents")).json()
        assert any(row["role"] == "owner" for row in me)
        made = await owner.post(
            f"{BASE}/desk/groups", json={"name": "售后", "topic": "aftersale", "published": True}
        )
        assert made.status_code == 201
        group_id = made.json()["id"]
        own_id = str(callers.town.people["owner"].person_id)
        done = await owner.put(f"{BASE}/desk/agents/{own_id}", json={"nickname": "掌柜"})
        assert done.status_code == 204
        done = await owner.put(
            f"{BASE}/desk/groups/{group_id}/members", json={"weights": {own_id: None}}
        )
        assert done.json() == {"weights": {own_id: 200}}
        front = (await buyer.get(f"{BASE}/shops/{shop_id}/storefront")).json()
        assert [(each["name"], each["lit"]) for each in front["groups"]] == [("售后", False)]
        now = await owner.put(f"{BASE}/desk/state", json={"state": "online"})
        assert now.json()["state"] == "online"
        front = (await buyer.get(f"{BASE}/shops/{shop_id}/storefront")).json()
        assert front["groups"][0]["lit"] is True
        rules = (await owner.get(f"{BASE}/desk/rules")).json()
        assert rules["version"] == 0
        sent = {
            "seen": 0,
            "rules": {"capacity": 4, "hours": {"week": [{"days": [1], "periods": []}]}},
        }
        assert (await owner.put(f"{BASE}/desk/rules", json=sent)).json()["version"] == 1
        again = await owner.put(f"{BASE}/desk/rules", json=sent)
        assert (again.status_code, again.json()["code"]) == (409, "version_conflict")
        changes = (await owner.get(f"{BASE}/desk/changes")).json()
        assert [row["what"] for row in changes] == ["rules", "members", "agent", "group"]
        states = (await owner.get(f"{BASE}/desk/agents/{own_id}/states")).json()
        assert [row["state"] for row in states] == ["online"]
        assert (await owner.get(f"{BASE}/desk/queue")).json() == []
        assert (await owner.delete(f"{BASE}/desk/groups/{group_id}")).status_code == 204


async def test_a_conversation_is_handed_over_and_explained(callers: Callers) -> None:
    shop_id = callers.town.ids["shop_id"]
    async with callers["owner"] as owner, callers["buyer"] as buyer:
        await owner.put(f"{BASE}/desk/state", json={"state": "online"})
        opened = await buyer.post(f"{BASE}/conversations", json={"shop_id": str(shop_id)})
        assert opened.status_code == 201, opened.text
        talk_id = opened.json()["conversation"]["id"]
        why = (await owner.get(f"{BASE}/conversations/{talk_id}/routings")).json()
        assert [row["why"] for row in why] == ["weights"]
        assert why[0]["details"]["candidates"][0]["weight"] == 200
        body = {"to_agent": str(new_id()), "reason": ""}
        refused = await owner.post(f"{BASE}/conversations/{talk_id}/hand-over", json=body)
        assert refused.json()["code"] == "reason_required"
        body = {"to_agent": str(new_id()), "reason": "问安装"}
        refused = await owner.post(f"{BASE}/conversations/{talk_id}/hand-over", json=body)
        assert refused.json()["code"] == "not_found"
        hidden = await buyer.get(f"{BASE}/conversations/{talk_id}/routings")
        assert hidden.json()["code"] == "wrong_role"


async def test_whoever_may_not_is_refused(callers: Callers) -> None:
    async with callers["buyer"] as buyer, callers["arbiter"] as arbiter:
        for one in (buyer, arbiter):
            for path in ("/desk", "/desk/rules", "/desk/changes", "/desk/queue", "/desk/groups"):
                answer = await one.get(f"{BASE}{path}")
                assert (answer.status_code, answer.json()["code"]) == (403, "wrong_role"), path
            answer = await one.put(f"{BASE}/desk/state", json={"state": "online"})
            assert answer.status_code == 403
        wrong = await buyer.get(f"{BASE}/shops/{uuid4()}/storefront")
        assert wrong.json()["groups"] == [], "nobody is there"


async def test_a_shop_signs_its_customers_with_a_key_that_it_may_renew(callers: Callers) -> None:
    shop_id = str(callers.town.ids["shop_id"])

    async def meet(buyer: AsyncClient, key: str) -> int:
        until = int((utc_now() + timedelta(hours=1)).timestamp())
        claims = {"sub": "u-7", "exp": until, "aud": shop_id, "name": "老客户"}
        identity = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(key))
        body = {"shop_id": shop_id, "identity": identity}
        return (await buyer.post(f"{BASE}/widget/visitors", json=body)).status_code

    async with callers["owner"] as owner, callers["buyer"] as buyer:
        assert (await buyer.get(f"{BASE}/desk/widget-key")).status_code == 403
        first = (await owner.get(f"{BASE}/desk/widget-key")).json()["key"]
        assert await meet(buyer, first) == 201
        renewed = await owner.post(f"{BASE}/desk/widget-key", json={"reason": "离职交接"})
        second = renewed.json()["key"]
        assert second != first
        assert (await meet(buyer, first), await meet(buyer, second)) == (401, 201)
        silent = await owner.post(f"{BASE}/desk/widget-key", json={"reason": " "})
        assert silent.json()["code"] == "reason_required"


async def test_a_conversation_is_with_a_shop_or_about_a_case(callers: Callers) -> None:
    for body in ({}, {"shop_id": None, "case_id": None}):
        answer = await callers["buyer"].post("/api/v1/conversations", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
