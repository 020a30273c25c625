"""Scripts, bargains and manners over HTTP, with real people, orders and conversations."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.api.conftest import Callers, Town, callers, town

from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.chat.store import Opening, open_conversation
from gongdao.flows.talk.manners import require_manners
from gongdao.flows.talk.script_figures import uses_of_script

__all__ = ["callers", "town"]
BASE = "/api/v1/desk"
MINE: dict[str, Any] = {
    "step": "greet",
    "title": "欢迎来到山货铺",
    "text": "{buyer}您好，欢迎光临山货铺！",
}


async def talk_in(town: Town) -> UUID:
    """A conversation of the first shop with its buyer, about the order without a case."""
    opening = Opening(
        id=new_id(),
        shop_id=town.ids["shop_id"],
        buyer_id=town.people["buyer"].person_id,
        order_id=town.ids["bare order"],
    )
    _, is_new = await open_conversation(town.pool, opening, now=utc_now())
    assert is_new
    return opening.id


async def test_checked_while_it_is_typed(callers: Callers) -> None:
    said = {"text": "😀 签收即视为无异议，另外给您补偿50元"}
    answer = (await callers["agent"].post(f"{BASE}/check-text", json=said)).json()
    assert answer["blocked"] and [one["id"] for one in answer["remarks"]] == ["signing", "promise"]
    first = answer["remarks"][0]
    assert first["start"] == 3 and first["rule"] == "LAW-26" and first["source"], "UTF-16 units"
    owner = (await callers["owner"].post(f"{BASE}/check-text", json=said)).json()
    assert [one["id"] for one in owner["remarks"]] == ["signing"], "an owner has no limit"
    assert (await callers["buyer"].post(f"{BASE}/check-text", json=said)).status_code == 403


async def test_a_part_is_measured_by_the_order_of_the_talk(callers: Callers, town: Town) -> None:
    """The agent may give 5.00; a part of an order that nobody knows is asked for."""
    talk = str(await talk_in(town))
    order_fen: int = await town.pool.fetchval(
        "SELECT total_fen FROM orders WHERE id = $1", town.ids["bare order"]
    )
    percent = 500 * 100 // order_fen
    for share, conversation, minded in [
        (percent, talk, []), (percent + 1, talk, ["promise"]),
        (percent, None, ["promise-unmeasured"]), (percent, str(uuid4()), ["promise-unmeasured"]),
    ]:  # fmt: skip
        said = {"text": f"补您货款的{share}%", "conversation": conversation}
        answer = (await callers["agent"].post(f"{BASE}/check-text", json=said)).json()
        assert [one["id"] for one in answer["remarks"]] == minded, said
        assert not answer["blocked"]
    other = {"text": f"补您货款的{percent}%", "conversation": talk}
    answer = (await callers["foreign owner"].post(f"{BASE}/check-text", json=other)).json()
    assert answer["remarks"] == [], "an owner has no limit"


async def test_words_of_the_shop(callers: Callers) -> None:
    words = {"words": [{"word": "清仓货", "reason": "不这样称呼", "level": "block"}]}
    assert (await callers["agent"].put(f"{BASE}/words", json=words)).status_code == 403
    assert (await callers["owner"].put(f"{BASE}/words", json=words)).json() == words
    text = {"text": "这是清 仓 货"}
    assert (await callers["agent"].post(f"{BASE}/check-text", json=text)).json()["blocked"]
    other = (await callers["foreign owner"].post(f"{BASE}/check-text", json=text)).json()
    assert other == {"blocked": False, "remarks": []}
    short = {"words": [{"word": "。a", "reason": "x"}]}
    assert (await callers["owner"].put(f"{BASE}/words", json=short)).status_code == 422


async def test_found_suggested_filled_and_counted(callers: Callers, town: Town) -> None:
    agent, talk = callers["agent"], str(await talk_in(town))
    found = (await agent.get(f"{BASE}/scripts", params={"q": "qtwly"})).json()["scripts"]
    assert found[0]["ref"] == "solve.no-reason" and found[0]["owner"] == "library"
    heard = {"text": "什么时候能发货啊", "conversation": talk}
    suggested = (await agent.post(f"{BASE}/suggestions", json=heard)).json()["suggestions"]
    assert suggested == [], "this order has been sent"
    heard["text"] = "显示签收了，但是我没收到货"
    suggested = (await agent.post(f"{BASE}/suggestions", json=heard)).json()["suggestions"]
    assert suggested[0]["intent"] == "signed-not-received" and suggested[0]["why"]
    # In an English talk English scripts are found, whatever language the window has.
    await town.pool.execute("UPDATE chat_conversations SET locale = 'en'")
    suggested = (await agent.post(f"{BASE}/suggestions", json=heard)).json()["suggestions"]
    assert {one["script"]["locale"] for one in suggested} == {"en"}
    there = await agent.get(f"{BASE}/scripts", params={"conversation": talk})
    assert {one["locale"] for one in there.json()["scripts"]} == {"en"}
    await town.pool.execute("UPDATE chat_conversations SET locale = 'zh'")
    filled = (
        await agent.get(f"{BASE}/scripts/greet.back/filled", params={"conversation": talk})
    ).json()
    assert filled["text"].startswith("buyer您好") and not filled["blanks"], filled
    bare = (await agent.get(f"{BASE}/scripts/greet.back/filled")).json()
    assert [blank["name"] for blank in bare["blanks"]] == ["buyer", "product"]
    assert "{" not in bare["text"]
    said = {"script": "solve.no-reason", "conversation": talk, "client_id": str(uuid4())}
    for _ in range(2):
        assert (await agent.post(f"{BASE}/script-uses", json=said)).status_code == 200
    stranger = await callers["foreign owner"].post(f"{BASE}/script-uses", json=said)
    assert stranger.status_code == 404
    figures = (await callers["owner"].get(f"{BASE}/script-figures")).json()["figures"]
    assert [(one["script"], one["uses"], one["talks"]) for one in figures] == [
        ("solve.no-reason", 1, 1)
    ]
    uses = await uses_of_script(
        town.pool, town.ids["shop_id"], "solve.no-reason", since=figures_since()
    )
    assert [(use.agent, str(use.conversation_id)) for use in uses] == [("agent", talk)]


def figures_since() -> Any:
    return utc_now().replace(year=2020)


async def test_what_came_of_it(callers: Callers, town: Town) -> None:
    agent, talk = callers["agent"], await talk_in(town)
    for ref in ("greet.hello", "bargain.open"):
        said = {"script": ref, "conversation": str(talk), "client_id": str(uuid4())}
        assert (await agent.post(f"{BASE}/script-uses", json=said)).status_code == 200
    await town.pool.execute(
        "UPDATE script_uses SET at = (SELECT placed_at - interval '1 hour' FROM orders"
        " WHERE id = $1) WHERE script = 'greet.hello'",
        town.ids["bare order"],
    )
    await town.pool.execute("UPDATE chat_conversations SET grade = 4, graded_at = opened_at")
    figures = (await callers["owner"].get(f"{BASE}/script-figures")).json()["figures"]
    by_script = {one["script"]: one for one in figures}
    hello, open_ = by_script["greet.hello"], by_script["bargain.open"]
    assert (hello["ordered"], hello["paid"], hello["grade"], hello["grades"]) == (1, 1, 4.0, 1)
    assert hello["cases"] == 1 and (open_["ordered"], open_["cases"]) == (0, 0)


async def test_own_scripts_of_an_agent_and_of_the_shop(callers: Callers) -> None:
    agent, owner = callers["agent"], callers["owner"]
    assert (await agent.post(f"{BASE}/scripts", json=MINE | {"mine": False})).status_code == 403
    made = (await agent.post(f"{BASE}/scripts", json=MINE)).json()
    assert made["owner"] == "mine" and made["version"] == 1
    found = await agent.get(f"{BASE}/scripts", params={"q": "shanhuopu"})
    assert [one["ref"] for one in found.json()["scripts"]] == [made["ref"]]
    assert (await owner.get(f"{BASE}/scripts", params={"q": "shanhuopu"})).json()["scripts"] == []
    place = f"{BASE}/scripts/{made['ref']}"
    changed = MINE | {"title": "山货铺，您好", "version": 1}
    assert (await owner.put(place, json=changed)).status_code == 404, "it is another's"
    assert (await agent.put(place, json=changed)).json()["version"] == 2
    assert (await agent.put(place, json=changed)).status_code == 409
    assert (await agent.delete(place)).status_code == 204
    assert (await agent.get(f"{BASE}/scripts", params={"q": "山货铺"})).json()["scripts"] == []
    strange = MINE | {"text": "{name}您好"}
    assert (await agent.post(f"{BASE}/scripts", json=strange)).status_code == 422


async def test_in_the_place_of_one_of_the_library(callers: Callers) -> None:
    agent, owner = callers["agent"], callers["owner"]
    replacing = MINE | {"mine": False, "replaces": "greet.hello"}
    made = (await owner.post(f"{BASE}/scripts", json=replacing)).json()
    again = await owner.post(f"{BASE}/scripts", json=replacing)
    assert again.status_code == 409 and again.json()["code"] == "duplicate"
    filled = (await agent.get(f"{BASE}/scripts/greet.hello/filled")).json()
    assert filled["ref"] == made["ref"], "the library's key leads to what stands in its place"
    await agent.post(f"{BASE}/scripts", json=replacing | {"mine": True, "text": "嗨，您好！"})
    filled = (await agent.get(f"{BASE}/scripts/greet.hello/filled")).json()
    assert filled["text"] == "嗨，您好！", "one's own counts over the shop's"
    assert (await owner.delete(f"{BASE}/scripts/{made['ref']}")).status_code == 204
    gone = await owner.get(f"{BASE}/scripts/greet.hello/filled")
    assert gone.status_code == 404, "archived, it only takes the other one away"


async def product_of(town: Town) -> str:
    product_id = new_id()
    await town.pool.execute(
        "INSERT INTO products (id, shop_id, title, price_fen) VALUES ($1, $2, '文胸', 8800)",
        product_id,
        town.ids["shop_id"],
    )
    return str(product_id)


async def test_worked_case_11_over_http(callers: Callers, town: Town) -> None:
    product = await product_of(town)
    agent, owner = callers["agent"], callers["owner"]
    asked = {"goods": [{"product": product}], "asked": "88.00", "charged": "12.00"}
    unknown = (await agent.post(f"{BASE}/bargains", json=asked)).json()
    assert (unknown["verdict"], unknown["approver"], unknown["margin"]) == ("ask", "owner", None)
    costs = {"costs": [{"product": product, "cost": "70.00", "freight": "12.00"}]}
    assert (await agent.put(f"{BASE}/costs", json=costs)).status_code == 403
    assert (await callers["foreign owner"].put(f"{BASE}/costs", json=costs)).status_code == 404
    assert (await owner.put(f"{BASE}/costs", json=costs)).status_code == 200
    advice = (await agent.post(f"{BASE}/bargains", json=asked)).json()
    assert (advice["margin"], advice["lowest"]) == ("6.00", "82.00")
    assert (advice["verdict"], advice["approver"], advice["own_lowest"]) == ("ask", "lead", "95.00")
    assert {script["move"] for script in advice["scripts"]} == {"refuse"} and advice["why"]
    assert (await owner.post(f"{BASE}/bargains", json=asked)).json()["verdict"] == "accept"
    costs["costs"][0]["cost"] = "80.00"
    await owner.put(f"{BASE}/costs", json=costs)
    all_said = asked | {"said": ["refuse", "pull", "lead", "close"]}
    advice = (await owner.post(f"{BASE}/bargains", json=all_said)).json()
    assert (advice["verdict"], advice["margin"], advice["counter"]) == ("counter", "-4.00", "92.00")
    assert "bargain.add-a-bit" in [script["ref"] for script in advice["scripts"]]


async def test_rules_of_bargaining(callers: Callers) -> None:
    owner = callers["owner"]
    rules = (await owner.get(f"{BASE}/bargain-rules")).json()
    assert (rules["version"], rules["limits"]) == (0, {"agent": "5.00", "lead": "50.00"})
    rules |= {"limits": {"agent": "12.00"}, "reason": "旺季"}
    assert (await callers["agent"].put(f"{BASE}/bargain-rules", json=rules)).status_code == 403
    assert (await owner.put(f"{BASE}/bargain-rules", json=rules)).json()["version"] == 1
    assert (await owner.put(f"{BASE}/bargain-rules", json=rules)).status_code == 409


async def test_the_lead_is_asked(callers: Callers, town: Town) -> None:
    agent, owner, talk = callers["agent"], callers["owner"], str(await talk_in(town))
    ask = {"id": str(uuid4()), "conversation": talk, "what": "compensation", "gives": "50.00",
           "why": "外箱破损，买家愿意留下"}  # fmt: skip
    promise = {"text": "给您补偿50元", "conversation": talk}
    assert (await agent.post(f"{BASE}/check-text", json=promise)).json()["remarks"]
    for _ in range(2):
        assert (await agent.post(f"{BASE}/asks", json=ask)).status_code == 201
    other = await agent.post(f"{BASE}/asks", json=ask | {"gives": "60.00"})
    assert other.json()["code"] == "idempotency_conflict"
    second = await agent.post(f"{BASE}/asks", json=ask | {"id": str(uuid4())})
    assert second.json()["code"] == "duplicate", "one question at a time"
    waiting = (await owner.get(f"{BASE}/asks")).json()["asks"]
    assert [one["id"] for one in waiting] == [ask["id"]]
    assert (await callers["foreign owner"].get(f"{BASE}/asks")).json()["asks"] == []
    place, granted = f"{BASE}/asks/{ask['id']}/answer", {"answer": "granted", "amount": "50.00"}
    assert (await agent.post(place, json=granted)).status_code == 403
    assert (await callers["foreign owner"].post(place, json=granted)).status_code == 404
    for _ in range(2):
        assert (await owner.post(place, json=granted)).json()["granted"] == "50.00"
    refused = await owner.post(place, json={"answer": "refused"})
    assert refused.json()["code"] == "duplicate"
    assert (await agent.post(f"{BASE}/check-text", json=promise)).json()["remarks"] == []
    told = (await agent.get(f"{BASE}/asks", params={"conversation": talk})).json()["asks"]
    assert [one["answer"] for one in told] == ["granted"]


@pytest.mark.parametrize("who", ["agent", "owner"])
async def test_whoever_asked_takes_it_back(callers: Callers, town: Town, who: str) -> None:
    talk = str(await talk_in(town))
    ask = {"id": str(uuid4()), "conversation": talk, "what": "price", "gives": "9", "why": "x"}
    await callers["agent"].post(f"{BASE}/asks", json=ask)
    place = f"{BASE}/asks/{ask['id']}/answer"
    dropped = await callers[who].post(place, json={"answer": "dropped"})
    assert dropped.status_code == (200 if who == "agent" else 403)


async def test_a_blocked_text_is_refused_with_its_reason(town: Town) -> None:
    said = "您签收即视为无异议"
    with pytest.raises(Refusal) as refused:
        await require_manners(town.pool, town.people["agent"], said)
    assert refused.value.code == "not_eligible" and refused.value.rules == ("LAW-26",)
    assert refused.value.chinese and "无效" in refused.value.chinese
    assert await require_manners(town.pool, town.people["buyer"], said) == []
    warned = await require_manners(town.pool, town.people["agent"], "加我微信聊")
    assert [remark.level for remark in warned] == ["warn"]
