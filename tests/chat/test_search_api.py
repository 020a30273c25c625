"""Search and excerpts over the API, as each side."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.chat.test_excerpt import Scene, scene
from tests.conftest import Serve

__all__ = ["scene"]


@pytest.fixture
async def asked(scene: Scene, serve: Serve, database_url: str) -> Any:
    with serve(database_url) as served:
        async with httpx.AsyncClient(base_url=f"{served.url}/api/v1", timeout=20) as client:

            async def ask(name: str, method: str, path: str, **more: Any) -> httpx.Response:
                headers = {"Authorization": f"Bearer {scene.town.tokens[name]}"}
                return await client.request(method, path, headers=headers, **more)

            yield ask


async def test_search_and_seal(scene: Scene, asked: Any) -> None:
    found = await asked("小安", "GET", "/conversations/search", params={"q": "燈壞"})
    assert found.status_code == 200, found.text
    (one,) = found.json()["found"]
    assert (one["text"], one["seq"], one["marks"]) == ("收到的灯坏了", 2, [[3, 5]])
    many = {
        "q": "退款",
        "kind": "text",
        "agent_id": str(scene.town.people["小安"].person_id),
        "since": "2026-03-01T00:00:00Z",
        "until": "2027-03-01T00:00:00+08:00",
        "limit": 1,
    }
    found = await asked("老板", "GET", "/conversations/search", params=many)
    assert [one["seq"] for one in found.json()["found"]] == [6]
    found = await asked("王强", "GET", "/conversations/search", params={"q": "退款"})
    assert (found.json()["found"], found.json()["next"]) == ([], None)
    address = f"/conversations/{scene.talk.id}/excerpts"
    choice = {"messages": [2, 4], "case_id": str(scene.case_id)}
    sealed = await asked("李梅", "POST", address, json=choice)
    assert sealed.status_code == 201, sealed.text
    again = await asked("李梅", "POST", address, json=choice)
    assert again.json() == sealed.json() and sealed.json()["evidence"] == 1
    listed = (await asked("李梅", "GET", address)).json()["excerpts"]
    assert [one["id"] for one in listed] == [sealed.json()["id"]]
    document = await asked("小安", "GET", f"/files/{sealed.json()['file_id']}")
    assert document.status_code == 200 and document.json()["format"] == "gongdao-excerpt/1"
    assert document.headers["content-disposition"].startswith("attachment")
    for path in (address, f"/files/{sealed.json()['file_id']}"):
        assert (await asked("王强", "GET", path)).status_code == 404


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"q": "x" * 4001},
        {"q": "x", "limit": 0},
        {"q": "x", "limit": 51},
        {"q": "x", "kind": "secret"},
        {"q": "x", "agent_id": "me"},
        {"q": "x", "since": "yesterday"},
        {"q": "x", "since": "2026-03-01T00:00:00"},
        {"q": "x", "after": "'; --"},
        {"q": "x", "after": "AAAA"},
    ],
)
async def test_what_makes_no_sense_is_refused(asked: Any, params: dict[str, Any]) -> None:
    answer = await asked("小安", "GET", "/conversations/search", params=params)
    assert answer.status_code in (400, 422), answer.text


@pytest.mark.parametrize("q", ["%00", "退" * 4000, "' OR 1=1 --", "<->|&!", "😀" * 1000, "\\"])
async def test_whatever_is_typed_is_answered(asked: Any, q: str) -> None:
    answer = await asked("小安", "GET", "/conversations/search", params={"q": q})
    assert answer.status_code in (200, 414), answer.text


async def test_choices_that_are_refused(scene: Scene, asked: Any) -> None:
    address = f"/conversations/{scene.talk.id}/excerpts"
    for choice, status in (
        ({"messages": []}, 422),
        ({"messages": [0]}, 422),
        ({"messages": [2], "more": 1}, 422),
        ({"messages": [99]}, 422),
        ({"messages": [3]}, 403),
        ({"messages": [2], "case_id": str(uuid4())}, 404),
    ):
        answer = await asked("李梅", "POST", address, json=choice)
        assert answer.status_code in (status, 400), answer.text
    assert (await asked("王强", "POST", address, json={"messages": [2]})).status_code == 404
