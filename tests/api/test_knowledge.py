"""What a shop knows, over HTTP: written, found, changed, taken in; and nobody else's."""

from typing import Any

import httpx
from tests.api.conftest import Callers

from gongdao.base.ids import new_id

ARTICLES, GAPS, TRAININGS = "articles", "gaps", "trainings"
BASE = "/api/v1/knowledge"
ANSWER: dict[str, Any] = {
    "kind": "answer",
    "title": "羊绒衫怎么洗",
    "body": {"text": "冷水手洗，平铺晾干。"},
    "state": "published",
}
SIZES: dict[str, Any] = {
    "kind": "sizes",
    "title": "文胸尺码表",
    "body": {
        "table": {
            "columns": ["尺码", "下胸围", "上胸围"],
            "rows": [["75B", "73-77", "87-89"], ["80B", "78-82", "92-94"]],
        }
    },
    "state": "published",
}
TRAINING: dict[str, Any] = {
    "title": "新品培训",
    "body": "先读说明。",
    "quiz": [{"prompt": "怎么洗？", "choices": ["手洗", "机洗"], "right": [0], "why": "见吊牌"}],
    "pass_mark": 100,
    "state": "published",
}


async def wrote(one: httpx.AsyncClient, what: str, body: dict[str, Any], **more: Any) -> Any:
    """What stands there after it was sent."""
    answer = await one.post(f"{BASE}/{what}", json=body, **more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def code(answer: httpx.Response) -> tuple[int, str]:
    """How something was refused."""
    return answer.status_code, answer.json()["code"]


async def test_an_article_is_written_found_changed_and_restored(callers: Callers) -> None:
    async with callers["owner"] as owner, callers["agent"] as agent:
        article = await wrote(owner, ARTICLES, ANSWER)
        one = f"{BASE}/articles/{article['id']}"
        found = (await agent.get(f"{BASE}/answers", params={"q": "羊绒衫怎么洗"})).json()["answers"]
        assert [each["article"] for each in found] == [article["id"]]
        other = ANSWER | {"body": {"text": "送干洗店。"}, "version": article["version"]}
        changed = await owner.put(one, json=other)
        assert changed.json()["body"]["text"] == "送干洗店。"
        assert code(await owner.put(one, json=other)) == (409, "version_conflict")
        back = {"restore": article["version"], "version": changed.json()["version"]}
        restored = await owner.post(f"{one}/restore", json=back)
        assert restored.json()["body"] == article["body"]
        versions = (await agent.get(f"{one}/versions")).json()["versions"]
        assert [each["version"] for each in versions] == [3, 2, 1]
        assert (await agent.get(one)).json()["version"] == 3


async def test_an_article_sent_twice_under_a_key_is_there_once(callers: Callers) -> None:
    key = {"headers": {"idempotency-key": "one"}}
    async with callers["owner"] as owner:
        first = await wrote(owner, ARTICLES, ANSWER, **key)
        assert (await wrote(owner, ARTICLES, ANSWER, **key))["id"] == first["id"]
        assert len((await owner.get(f"{BASE}/articles")).json()["articles"]) == 1


async def test_a_size_is_found_in_a_table_and_in_no_other_article(callers: Callers) -> None:
    async with callers["owner"] as owner, callers["agent"] as agent:
        table, plain = await wrote(owner, ARTICLES, SIZES), await wrote(owner, ARTICLES, ANSWER)
        body = {"measures": {"下胸围": 75, "上胸围": 88}}
        found = await agent.post(f"{BASE}/articles/{table['id']}/size", json=body)
        assert "75B" in found.json()["sizes"]
        assert found.json()["fits"]
        none = await agent.post(f"{BASE}/articles/{plain['id']}/size", json=body)
        assert code(none) == (422, "invalid")


async def test_what_is_exported_is_taken_in_again_as_the_same(callers: Callers) -> None:
    async with callers["owner"] as owner:
        await wrote(owner, ARTICLES, ANSWER)
        out = await owner.get(f"{BASE}/export")
        files = {"file": ("all.json", out.content, "application/json")}
        taken = await owner.post(f"{BASE}/import", files=files)
        report = taken.json()
        assert (report["new"], report["changed"], report["faults"]) == (0, 0, [])
        bad = {"file": ("all.csv", b"\xff\xfe\x00", "text/csv")}
        assert (await owner.post(f"{BASE}/import", files=bad)).status_code < 500


async def test_a_question_that_nobody_can_answer_is_kept_assigned_and_answered(
    callers: Callers,
) -> None:
    async with callers["owner"] as owner, callers["agent"] as agent:
        noted = await agent.post(f"{BASE}/gaps", json={"searched": "孕期能穿吗"})
        gap = noted.json()["gap"]["id"]
        assert [each["id"] for each in (await agent.get(f"{BASE}/gaps")).json()["gaps"]] == [gap]
        person = str(callers.town.people["agent"].person_id)
        given = await agent.put(f"{BASE}/gaps/{gap}/assignee", json={"person": person})
        assert given.json()["assigned_to"] == person
        stranger = str(callers.town.people["foreign agent"].person_id)
        refused = await owner.put(f"{BASE}/gaps/{gap}/assignee", json={"person": stranger})
        assert code(refused) == (404, "not_found")
        article = await wrote(owner, ARTICLES, ANSWER)
        body = {"article": article["id"]}
        answered = await owner.put(f"{BASE}/gaps/{gap}/answer", json=body)
        assert answered.json()["article"] == article["id"]
        assert (await agent.put(f"{BASE}/gaps/{gap}/answer", json=body)).status_code == 403


async def test_the_right_answers_of_a_training_are_seen_after_an_attempt(callers: Callers) -> None:
    async with callers["owner"] as owner, callers["agent"] as agent:
        training = await wrote(owner, TRAININGS, TRAINING)
        one = f"{BASE}/trainings/{training['id']}"
        shown = (await agent.get(one)).text
        assert "见吊牌" not in shown
        wrong = {"answers": [[1]], "version": training["version"]}
        attempt = await agent.post(f"{one}/attempts", json=wrong)
        assert attempt.status_code == 201
        assert not attempt.json()["passed"]
        late = await agent.post(f"{one}/attempts", json=wrong | {"version": 99})
        assert code(late) == (409, "version_conflict")


async def test_an_agent_reads_and_a_buyer_and_the_platform_do_not(callers: Callers) -> None:
    async with callers["agent"] as agent:
        assert (await agent.get(f"{BASE}/articles")).status_code == 200
        for what, body in ((ARTICLES, ANSWER), (TRAININGS, TRAINING)):
            assert (await agent.post(f"{BASE}/{what}", json=body)).status_code == 403
    for name in ("buyer", "arbiter", "operator", "auditor"):
        async with callers[name] as one:
            for what in ("articles", "gaps", "trainings", "papers", "answers", "export"):
                assert (await one.get(f"{BASE}/{what}")).status_code == 403, (name, what)


async def test_another_shop_finds_and_changes_nothing_of_it(callers: Callers) -> None:
    async with callers["owner"] as owner, callers["foreign owner"] as foreign:
        article = await wrote(owner, ARTICLES, SIZES)
        training = await wrote(owner, TRAININGS, TRAINING)
        gap = (await owner.post(f"{BASE}/gaps", json={"searched": "孕期能穿吗"})).json()["gap"][
            "id"
        ]
        tries = [
            foreign.get(f"{BASE}/articles/{article['id']}"),
            foreign.get(f"{BASE}/articles/{article['id']}/versions"),
            foreign.put(f"{BASE}/articles/{article['id']}", json=SIZES | {"version": 1}),
            foreign.post(f"{BASE}/articles/{article['id']}/restore",
                         json={"restore": 1, "version": 1}),
            foreign.post(f"{BASE}/articles/{article['id']}/size",
                         json={"measures": {"下胸围": 75}}),
            foreign.get(f"{BASE}/trainings/{training['id']}"),
            foreign.put(f"{BASE}/trainings/{training['id']}", json=TRAINING | {"version": 1}),
            foreign.post(f"{BASE}/trainings/{training['id']}/attempts",
                         json={"answers": [[0]], "version": 1}),
            foreign.get(f"{BASE}/gaps/{gap}"),
            foreign.put(f"{BASE}/gaps/{gap}/assignee", json={"person": None}),
            foreign.put(f"{BASE}/gaps/{gap}/answer", json={"article": None}),
            foreign.post(f"{BASE}/gaps/{gap}/tellings", json={"asking": str(new_id())}),
        ]  # fmt: skip
        for trying in tries:
            answer = await trying
            assert answer.status_code == 404, (answer.request.url, answer.text)
        for what in ("articles", "gaps", "trainings"):
            assert (await foreign.get(f"{BASE}/{what}")).json()[what] == []
